#!/usr/bin/env python3
"""Signs the claims of a scenario that was written by hand: docs/formats/scenario.md.

    countersign_scenario.py DIR

Reads `claims.jsonl` (one object a line, in the order of sending: `sent`, `issuer`, `format`, `claim`) and
`scenario.json`, makes a key for each principal of `network.toml`, writes the public keys there and the
statements to `submissions.bin`. The secret keys are thrown away. Needs `cryptography`.
"""
import argparse
import base64
import datetime
import json
import os
import pathlib
import re
import tempfile

import countersign_sign


def milliseconds(time):
    moment = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    return (moment - datetime.datetime.fromtimestamp(0, datetime.timezone.utc)) // datetime.timedelta(milliseconds=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=pathlib.Path)
    folder = parser.parse_args().dir
    origin = json.loads((folder / "scenario.json").read_text())["origin"]
    network = (folder / "network.toml").read_text()
    keys = {}
    with tempfile.TemporaryDirectory() as secrets:
        for name in re.findall(r'\[\[principal\]\]\nid = "([^"]+)"', network):
            path = os.path.join(secrets, "key")
            countersign_sign.Key.make(path)
            keys[name] = countersign_sign.Key(path)
            os.remove(path)
    for name, key in keys.items():
        public = f"{key.name}:{base64.b64encode(key.point).decode()}"
        principal = rf'(id = "{re.escape(name)}"\nrole = "[a-z]+"\nkey = )"[^"]*"'
        network = re.sub(principal, lambda found, public=public: f'{found[1]}"{public}"', network)
    (folder / "network.toml").write_text(network)
    chains = dict.fromkeys(keys, (0, None))
    with open(folder / "submissions.bin", "wb") as out:
        for line in (folder / "claims.jsonl").read_text().splitlines():
            said = json.loads(line)
            issuer = said["issuer"]
            counter, previous = chains[issuer]
            args = argparse.Namespace(format=said["format"], audience=[origin], issuer=issuer, subject=None, epoch=1,
                                      counter=counter + 1, previous=previous, seal=[])
            claim = json.dumps(said["claim"], separators=(",", ":")).encode()
            written, digest = countersign_sign.submission(keys[issuer], claim, args)
            chains[issuer] = (counter + 1, digest)
            out.write(milliseconds(said["sent"]).to_bytes(8, "big") + len(written).to_bytes(4, "big") + written)


if __name__ == "__main__":
    main()
