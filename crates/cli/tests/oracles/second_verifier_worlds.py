"""Makes the folders that second_verifier.py damages, with the program itself.

    second_verifier_worlds.py BINARY FOLDER

Makes FOLDER/plain (a log without renewals), FOLDER/rotated (between rotation and retirement of its keys),
FOLDER/retired (behind both), FOLDER/linked (goes on under another name, with entries lost). FOLDER must not exist.
"""
import json, os, re, shutil, subprocess, sys

UNIT, LINKED = "urn:epc:id:sscc:4012345.3111111111", "other.example/2"
EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../../examples")
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
SITES = """
[[site]]
id = "urn:x:site:a"
party = "urn:x:party:a"
kind = "warehouse"
places = ["urn:x:a:dock"]
[[site]]
id = "urn:x:site:b"
party = "urn:x:party:b"
kind = "hub"
[[lane]]
id = "a-b"
from = "urn:x:site:a"
to = "urn:x:site:b"
mode = "both"
"""
MANIFEST = {"type": "Manifest", "id": "urn:x:m:1", "eventTime": "2026-03-01T18:00:00+01:00", "from": "urn:x:site:a",
            "to": "urn:x:site:b", "departBy": "2026-03-02T12:00:00Z", "arriveBy": "2026-03-02T18:00:00Z",
            "lines": [{"line": "1", "unit": UNIT, "value": "249.00", "currency": "EUR"}]}


def principal(name, role, key, rest=""):
    return f'[[principal]]\nid = "{name}"\nrole = "{role}"\nkey = "{key}"\n{rest}'


class Maker:
    def __init__(self, binary, folder):
        self.binary, self.folder, self.events = os.path.abspath(binary), os.path.abspath(folder), 0
        os.makedirs(folder)
        self.public = {name: json.loads(self.run(*command, "new", "--out", name + ".key", "--json"))["key"]
                       for name, command in (("dock-1", ["device"]), ("p1", ["key"]), ("p2", ["key"]))}

    def run(self, *arguments):
        return subprocess.run([self.binary, *arguments], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    def network(self, assurance, role, data, *key):
        self.write("net.toml", SITES + principal(
            "device:dock-1", "device", self.public["dock-1"], f'party = "urn:x:party:a"\nassurance = "{assurance}"\n')
            + principal("person:one", role, self.public["p1"]) + principal("person:two", "person", self.public["p2"]))
        self.run("apply", "--data", data, *key, "net.toml")

    def event(self, step):
        self.events += 1
        return self.write("event.json", json.dumps({
            "@context": [CONTEXT], "type": "ObjectEvent", "eventID": f"urn:uuid:0192c0de-0000-7000-8000-{self.events:012}",
            "eventTime": f"2026-03-02T08:{self.events:02}:00Z", "eventTimeZoneOffset": "+00:00", "action": "OBSERVE",
            "bizStep": step, "readPoint": {"id": "urn:x:a:dock"}, "epcList": [UNIT], "rdfs:comment": "Li Wei"}))

    def events_taken(self, data, origin):
        """One that a device signed, one that the node took in."""
        self.run("device", "sign", "--key", "dock-1.key", "--issuer", "device:dock-1", "--audience", origin,
                 "--out", "event.sub", self.event("departing"))
        self.run("submit", "--data", data, "event.sub")
        self.run("capture", "--data", data, self.event("storing"))

    def begun(self, data, origin):
        self.network("software_key", "administrator", data)
        self.write("manifest.json", json.dumps(MANIFEST))
        self.run("say", "--data", data, "--key", "p1.key", "manifest.json")
        self.events_taken(data, origin)

    def exported(self, data, folder):
        os.makedirs(os.path.join(self.folder, folder))
        for name, *what in (("unit", "--unit", UNIT), ("disclosed", "--unit", UNIT, "--disclose")):
            self.run("export", "--data", data, *what, "--out", f"{folder}/{name}.zip")
        finding = self.run("findings", "--data", data, "--json").split("\n")[0]
        if finding:
            self.run("export", "--data", data, "--finding", json.loads(finding)["id"], "--out", f"{folder}/finding.zip")
        claims = sorted(set(re.findall(r"\b\d+\.0\b", self.run("trace", "--data", data, UNIT))), key=float)
        for claim in claims[:1] + claims[-2:]:
            self.run("export", "--data", data, "--receipt", claim, "--with-all", "--out", f"{folder}/claim-{claim}")

    def vkey(self, data):
        with open(os.path.join(self.folder, data, "keys/log.vkeys"), encoding="utf-8") as file:
            return file.readline().strip()

    def copied(self, data, world, name):
        """A copy of a data folder as `name` of a world, with what unlocks its keys."""
        os.makedirs(os.path.join(self.folder, world), exist_ok=True)
        for end in ("", ".unlock"):
            copy = shutil.copytree if not end else shutil.copy
            copy(os.path.join(self.folder, data + end), os.path.join(self.folder, world, name + end))

    def world(self, name, data):
        self.copied(data, name, "data")
        self.exported(data, f"{name}/evidence")
        for shared in ("older", "stranger"):
            shutil.copytree(os.path.join(self.folder, shared), os.path.join(self.folder, name, shared))
        for key in self.public:
            shutil.copy(os.path.join(self.folder, key + ".key"), os.path.join(self.folder, name))
        self.write(f"{name}/vkeys", f"{self.vkey(data)}\n{self.vkey('other')}\n")


def main(binary, folder):
    make = Maker(binary, folder)
    origin = json.loads(make.run("init", "log", "--json"))["origin"]
    make.run("init", "other", "--origin", origin)
    make.begun("other", origin)
    make.exported("other", "stranger")
    os.remove(os.path.join(make.folder, "dock-1.key.chain"))
    make.begun("log", origin)
    make.exported("log", "older")
    make.network("hardware_key", "person", "log", "--key", "p1.key")
    make.events_taken("log", origin)
    make.run("capture", "--data", "log", "--map", f"{EXAMPLES}/mappings/wms-scans.toml", f"{EXAMPLES}/data/wms-scans.csv")
    make.world("plain", "log")
    make.run("key", "rotate", "--data", "log")
    make.events_taken("log", origin)
    make.world("rotated", "log")
    make.run("key", "retire", "--data", "log")
    make.events_taken("log", origin)
    make.world("retired", "log")
    make.copied("log", "copy", "log")
    make.events_taken("log", origin)
    make.run("restore", "copy/log", "linked-log", "--key", "log/keys/administrator.key", "--origin", LINKED,
             "--known", "log/log/checkpoint", "--copy-unlock", "copy/log.unlock")
    make.events_taken("linked-log", LINKED)
    make.events_taken("linked-log", origin)
    make.world("linked", "linked-log")
    for name in ("retired", "linked"):
        make.copied("rotated/data", name, "before-retirement")


if __name__ == "__main__":
    main(*sys.argv[1:])
