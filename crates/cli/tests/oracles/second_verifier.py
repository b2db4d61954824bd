"""Damages evidence in seeded ways, and says what tools/countersign_verify.py answers.

    second_verifier.py TOOL FOLDER SEED FIRST COUNT [BINARY]

With BINARY, the program itself, each case is given to `BINARY verify --json` too: printed is only what the two judge
otherwise, and how many there were of each verdict; the exit code is 1 if there is a difference.

FOLDER, which second_verifier_worlds.py makes, has `data` (the data folder of a log, with its keys), perhaps
`before-*` (the same, from before a renewal, with the keys that the log had then), `evidence` (packs, and folders of
loose files), `older` (the same, of an earlier state of the log), `stranger` (of another log of the same name), `*.key`
(of whoever signs) and `vkeys` (one line of the log, one of the stranger). Case N is written to FOLDER/cases; a line of
JSON on standard output tells of it: `case` (number), `what` was done, `key`, `files`, and the `reports` of the second
verifier.

Some cases are forged with the log's own keys: a node that lies, whose tree and signatures fit what it changed.
"""
import base64, collections, importlib.util, json, os, random, re, struct, subprocess, sys, zlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

spec = importlib.util.spec_from_file_location("second", sys.argv[1])
second = importlib.util.module_from_spec(spec)
spec.loader.exec_module(second)
Tag, cbor, sha256 = second.Tag, second.cbor, second.sha256


def head(major, n):
    size = 0 if n < 24 else 1 if n < 256 else 2 if n < 1 << 16 else 4 if n < 1 << 32 else 8
    return bytes([major << 5 | (23 + size.bit_length() if size else n)]) + n.to_bytes(8, "big")[8 - size:]


def encode(item):
    if item is None or type(item) is bool:
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[item]
    if type(item) is int:
        return head(0, item) if item >= 0 else head(1, -1 - item)
    if type(item) is Tag:
        return head(6, item.number) + encode(item.value)
    if type(item) is list:
        return head(4, len(item)) + b"".join(map(encode, item))
    if type(item) is dict:
        return head(5, len(item)) + b"".join(sorted(encode(key) + encode(value) for key, value in item.items()))
    raw = item.encode() if type(item) is str else item
    return head(3 if type(item) is str else 2, len(raw)) + raw


def hchacha20(key, nonce):
    """The key of XChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2)."""
    words = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def quarter(a, b, c, d):
        for one, two, three, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            words[one] = words[one] + words[two] & 0xffffffff
            mixed = words[three] ^ words[one]
            words[three] = (mixed << turn | mixed >> 32 - turn) & 0xffffffff
    for _ in range(10):
        for n in range(4):
            quarter(n, n + 4, n + 8, n + 12)
        for n in range(4):
            quarter(n, (n + 1) % 4 + 4, (n + 2) % 4 + 8, (n + 3) % 4 + 12)
    return struct.pack("<8I", *words[:4], *words[12:])


def unlocked(text, data):
    """The line that an encrypted key file holds (key-file.md); its unlock key lies in `DATA.unlock`."""
    _, _, name, encoded = text.split(":")
    raw, key = base64.b64decode(encoded), base64.b64decode(open(data + ".unlock").read().strip().split(":")[2])
    origin = re.search('^origin = "(.*)"', open(os.path.join(data, "countersign.toml")).read(), re.MULTILINE)[1]
    counted = [len(piece).to_bytes(8, "big") + piece for piece in (raw[:1], name.encode(), origin.encode())]
    cipher = ChaCha20Poly1305(hchacha20(key, raw[1:17]))
    domain = b"countersign/key-file/v1" + bytes(1)
    return cipher.decrypt(bytes(4) + raw[17:25], raw[25:], domain + b"".join(counted)).decode()


class Secret:
    def __init__(self, path, data=None):
        text = open(path).read().strip()
        text = unlocked(text, data) if text.startswith("countersign-key-file:") else text
        *_, algorithm, encoded = ("countersign-secret-key:1:Ed25519:" + text if ":" not in text else text).split(":")
        raw = base64.b64decode(encoded)
        if algorithm == "Ed25519":
            self.alg, self.key = -8, ed25519.Ed25519PrivateKey.from_private_bytes(raw)
            public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        else:
            self.alg, self.key = -7, ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
            public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.id = second.Key(self.alg, public).id
        self.text = ("Ed25519:" if self.alg == -8 else "ES256:") + base64.b64encode(public).decode()

    def sign(self, message):
        if self.alg == -8:
            return self.key.sign(message)
        r, s = utils.decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def packed(files):
    """A canonical archive of what is in the list, in the order of names; names may stand twice."""
    local, directory = b"", b""
    for name, raw in sorted(files):
        name = name.encode()
        common = struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 33, zlib.crc32(raw), len(raw), len(raw), len(name), 0)
        directory += b"PK\1\2\n\0" + common + bytes(10) + struct.pack("<I", len(local)) + name
        local += b"PK\3\4" + common + name + raw
    counts = (0, 0, len(files), len(files), len(directory), len(local), 0)
    return local + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", *counts)


def unpacked(data):
    return {name: raw for name, raw in second.archive(data).items()}


def mended(files, **other):
    """A pack whose manifest is that of its files; `other` replaces members of the manifest."""
    value = json.loads(files["manifest.json"])
    words = {row["name"].split("/")[0]: row for row in value["files"]}
    rest = {name: raw for name, raw in files.items() if name != "manifest.json"}
    rows = []
    for name, raw in sorted(rest.items()):
        row = words.get(name.split("/")[0], value["files"][0])
        rows.append({**row, "name": name, "bytes": len(raw), "sha256": sha256(raw).hex()})
    value = {**value, "files": rows, **other}
    about = "{" + json.dumps(value["about"], ensure_ascii=False)[1:-1] + "}"
    text = json.dumps({**value, "about": "ABOUT"}, indent=2, ensure_ascii=False).replace('"ABOUT"', about)
    return packed([*rest.items(), ("manifest.json", text.encode() + b"\n")])


# The tree.

def tree(leaves):
    """Root and the path of each leaf."""
    if len(leaves) == 1:
        return leaves[0], [[]]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    (left, left_paths), (right, right_paths) = tree(leaves[:split]), tree(leaves[split:])
    paths = [path + [right] for path in left_paths] + [path + [left] for path in right_paths]
    return sha256(b"\1", left, right), paths


def entries_of(folder):
    """The entries that a log of less than 256 has published."""
    folder = os.path.join(folder, "log/tile/entries/000.p")
    raw = open(os.path.join(folder, max(os.listdir(folder), key=int)), "rb").read()
    return [raw[at + 2:at + 34] for at in range(0, len(raw), 34)]


def is_receipt(name):
    return name.endswith(".receipt")


class Forged:
    """Evidence whose log is made anew, by who has the log's keys, from statements, records and bodies that were
    changed: everything fits again."""
    def __init__(self, world, files):
        self.world, self.files = world, dict(files)
        self.receipts = {name: cbor(raw) for name, raw in files.items() if is_receipt(name)}
        self.statements, self.records, self.batches, self.before = {}, {}, {}, {}
        for receipt in self.receipts.values():
            self.statements[receipt[5]] = receipt[4]
            self.records[receipt[5]] = receipt[10]
            self.batches[receipt[8]] = receipt[7]
        self.genesis, self.entries = files["genesis.statement"], list(world.entries)
        self.before = dict(self.records)

    def statement_edited(self, index, edit):
        """`edit` takes header and payload and returns them with who signs."""
        value = cbor(self.statements[index]).value
        self.statements[index] = self.signed(*edit(cbor(value[0]), value[2]))

    def signed(self, header, payload, signer):
        protected = header if type(header) is bytes else encode(header)
        message = second.sig_structure("Signature1", protected, b"", payload)
        return encode(Tag(18, [protected, {}, payload, signer.sign(message)]))

    def several(self, header, payload, signers, wrong=None):
        protected, out = encode(header), []
        for signer in signers:
            own = encode({1: signer.alg, 4: signer.id})
            message = second.sig_structure("Signature", protected, own, b"", payload)
            out.append([own, {}, signer.sign(message + (b"x" if signer is wrong else b""))])
        return encode(Tag(98, [protected, {}, payload, out]))

    def node_says(self, raw, edit, signer=None):
        """A statement of the node, its payload (and header) edited by the dictionaries in place."""
        value = cbor(raw).value
        header, payload = cbor(value[0]), cbor(value[2])
        node = header[4]
        edit(header, payload)
        return self.signed(header, encode(payload), signer or self.world.by_id[node])

    def files_again(self):
        size = second.Checkpoint(self.files["genesis.tlog-proof"].partition(b"\n\n")[2]).size
        for receipt in self.receipts.values():
            index, at = receipt[5], receipt[8]
            if self.records[index] != self.before[index]:
                first, count = list(cbor(cbor(self.batches[at]).value[2]).values())[:2]
                root = second.root_of(sha256(b"\0", self.records[index]), index - first, count, receipt[11])
                self.before[index] = self.records[index]
                self.batches[at] = self.node_says(self.batches[at], lambda _, payload: payload.update({7: root}))
        for index, raw in [(0, self.genesis), *self.statements.items(), *self.batches.items()]:
            self.entries[index] = sha256(raw)
        root, paths = tree([sha256(b"\0", entry) for entry in self.entries[:size]])
        note = self.world.note(size, root)
        files = {name: raw for name, raw in self.files.items() if not is_receipt(name)}
        for name, receipt in self.receipts.items():
            index, at = receipt[5], receipt[8]
            changed = [self.statements[index], index, paths[index], self.batches[at], at, paths[at], self.records[index]]
            files[name] = encode(receipt[:4] + changed + [receipt[11], note])
        lines = [base64.b64encode(node).decode() + "\n" for node in paths[0]]
        files["genesis.tlog-proof"] = f"c2sp.org/tlog-proof@v1\nindex 0\n{''.join(lines)}\n".encode() + note
        files["genesis.statement"] = self.genesis
        if "checkpoint" in files:
            files["checkpoint"] = note
        return files


class World:
    def __init__(self, folder):
        self.folder = folder
        self.packs, self.loose = self.evidence("evidence")
        self.older, self.stranger = (dict(enumerate(self.evidence(name)[0].values())) for name in ("older", "stranger"))
        self.vkeys = open(os.path.join(folder, "vkeys")).read().split()
        self.entries = entries_of(os.path.join(folder, "data"))
        self.secrets, keys = {}, []
        for data in sorted(name for name in os.listdir(folder) if re.fullmatch("data|before-[a-z]+", name)):
            data = os.path.join(folder, data)
            for name in sorted(os.listdir(os.path.join(data, "keys")), key=lambda name: (len(name), name)):
                number = re.fullmatch(r"(?:administrator|(?:statement|checkpoint|receipt)(?:-\d+)?)\.key", name)
                if number:
                    keys.append(Secret(os.path.join(data, "keys", name), data))
                    self.secrets[name.partition(".")[0].partition("-")[0]] = keys[-1]
        genesis = second.Genesis(next(iter(self.packs.values()))["genesis.statement"])
        named = {key.id for key in [genesis.node, *genesis.administrators]}
        self.genesis_keys = list({key.id: key for key in keys if key.id in named}.values())
        sources = (self.packs, self.loose, self.older, self.stranger)
        notes = {note_of(files) for source in sources for files in source.values()}
        pq_ids = {line.split()[2][:5] for note in notes for line in note.split(b"\n") if len(line) > 300}
        self.pq_line = re.compile("— ".encode() + rb"\S+ (" + b"|".join(re.escape(one) + rb"\S*" for one in sorted(pq_ids)) + b")")
        self.pq_lines = {line for note in notes for line in self.pq_line.findall(note)}
        self.people = {name[:-4]: Secret(os.path.join(folder, name))
                       for name in sorted(os.listdir(folder)) if name.endswith(".key")}
        self.by_id = {secret.id: secret for secret in [*keys, *self.people.values()]}

    def evidence(self, name):
        packs, loose, folder = {}, {}, os.path.join(self.folder, name)
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if name.endswith(".zip"):
                packs[name] = unpacked(open(path, "rb").read())
            else:
                loose[name] = {one: open(os.path.join(path, one), "rb").read() for one in sorted(os.listdir(path))}
        return packs, loose

    def beyond(self, raw):
        """Whether a line of the log's ML-DSA-44 keys is not as it was: the second verifier passes over such lines."""
        return any(line not in self.pq_lines for line in self.pq_line.findall(raw))

    def note(self, size, root):
        pin = second.LogKey(self.vkeys[0])
        text = f"{pin.name}\n{size}\n{base64.b64encode(root).decode()}\n"
        signature = base64.b64encode(pin.id + self.secrets["checkpoint"].sign(text.encode())).decode()
        return f"{text}\n— {pin.name} {signature}\n".encode()


# Damage of bytes and files. Each takes a random source, the world and files, and returns what was done and files.

def flip(rng, raw):
    if not raw:
        return b"\0"
    at = rng.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << rng.randrange(8) if rng.random() < .7 else rng.randrange(1, 256))]) + raw[at + 1:]


def pick(rng, files, pattern="", but=("manifest.json",)):
    """A file, each kind of file as likely as any other."""
    names = [name for name in sorted(files) if re.search(pattern, name) and name not in but]
    kinds = sorted({re.sub("[0-9a-f]{8,}|[0-9]+", "", name) for name in names})
    kind = rng.choice(kinds)
    return rng.choice([name for name in names if re.sub("[0-9a-f]{8,}|[0-9]+", "", name) == kind])


def byte_changed(rng, world, files):
    name = pick(rng, files)
    return f"a byte of {name}", {**files, name: flip(rng, files[name])}


def cut_off(rng, world, files):
    name = pick(rng, files)
    raw = files[name]
    return f"{name} cut", {**files, name: rng.choice([raw[:rng.randrange(len(raw) or 1)], raw + b"\0", raw + raw, b""])}


def left_out(rng, world, files):
    gone = {pick(rng, files) for _ in range(rng.randrange(1, 4))}
    return f"without {sorted(gone)}", {name: raw for name, raw in files.items() if name not in gone}


def swapped(rng, world, files):
    one = pick(rng, files)
    suffix = re.escape(os.path.splitext(one)[1]) + "$"  # of loose files the name says what they are
    other = pick(rng, files, rng.choice(["", suffix]) if "manifest.json" in files else suffix)
    return f"{one} and {other} swapped", {**files, one: files[other], other: files[one]}


def renamed(rng, world, files):
    name = pick(rng, files, "/|receipt|body")
    rest = {one: raw for one, raw in files.items() if one != name}
    folder, slash, base = name.rpartition("/")
    other = rng.choice([
        name.replace("receipts/", "conclusions/"), name.replace("conclusions/", "receipts/"),
        re.sub("[0-9a-f]{64}", "ab" * 32, name), re.sub(r"\d+\.receipt", "7.receipt", name), folder + slash + "0" + base,
        *([name.upper(), folder + slash + "0.0.receipt", name + ".body"] if "manifest.json" in files else [])])
    return f"{name} called {other}", {**rest, other: files[name]}


def foreign(rng, world, files):
    """Files of another evidence of the same log, of an older state, or of a stranger's log."""
    source = rng.choice([world.older, world.stranger, world.packs, world.loose])
    source = source[rng.choice(sorted(source))]
    name = pick(rng, source)
    add = {name} if rng.random() < .6 else {one for one in source if one.startswith(name.split("/")[0])}
    return f"{sorted(add)} of others", {**files, **{one: source[one] for one in add if one != "manifest.json"}}


def carried(rng, world, files, note):
    """The same checkpoint in all files, or in some of them."""
    def again(raw, name):
        if is_receipt(name):
            return encode(cbor(raw)[:12] + [note])
        if name.endswith("tlog-proof"):
            return raw.partition(b"\n\n")[0] + b"\n\n" + note
        return note if name == "checkpoint" else raw
    part = rng.random() < .2
    return {name: raw if part and rng.random() < .5 else again(raw, name) for name, raw in files.items()}


def note_of(files):
    return files["genesis.tlog-proof"].partition(b"\n\n")[2]


def checkpoint_exchanged(rng, world, files):
    source = rng.choice([world.older, world.stranger])
    note = note_of(source[rng.choice(sorted(source))])
    return "another checkpoint", carried(rng, world, files, note)


def note_edited(rng, world, files):
    text, _, lines = note_of(files).decode().rpartition("\n\n")
    text, lines = text.split("\n"), lines.splitlines()
    ed25519_line = next(n for n, line in enumerate(lines) if len(line) < 300)
    what = rng.choice(["line gone", "line twice", "reversed", "stranger's line", "extension", "size", "root", "signature",
                       "name", "no line feed", "space", "only ours", "root in another spelling", "damaged copy"])
    flipped = lines[ed25519_line].rpartition(" ")[0] + " " + base64.b64encode(flip(
        rng, base64.b64decode(lines[ed25519_line].rpartition(" ")[2]))).decode()
    if what == "line gone":
        del lines[rng.randrange(len(lines))]
    elif what == "line twice":
        lines.append(rng.choice(lines))
    elif what == "reversed":
        lines.reverse()
    elif what == "stranger's line":
        lines.insert(rng.randrange(3), "— witness.example " + base64.b64encode(rng.randbytes(rng.choice([5, 68, 76]))).decode())
    elif what == "extension":
        text.append(rng.choice(["more", ""]))
    elif what == "size":
        text[1] = rng.choice(["0" + text[1], str(int(text[1]) + 1), str(2**64 - 1), str(2**64), "-1"])
    elif what == "root":
        text[2] = base64.b64encode(flip(rng, base64.b64decode(text[2]))).decode()
    elif what == "signature":
        lines[ed25519_line] = flipped
    elif what == "damaged copy":
        lines.append(flipped)
    elif what == "name":
        lines[ed25519_line] = lines[ed25519_line].replace("— ", "— x", 1)
    elif what == "only ours":
        lines = [lines[ed25519_line]]
    elif what == "root in another spelling":
        text[2] = text[2].rstrip("=")
    note = "\n".join(text) + "\n\n" + "\n".join(lines) + ("" if what == "no line feed" else "\n")
    note = note.replace(" ", "  ", 1) if what == "space" else note
    if rng.random() < .5 and what in ("extension", "size", "root"):
        raw = "\n".join(text) + "\n"
        pin = second.LogKey(world.vkeys[0])
        line = base64.b64encode(pin.id + world.secrets["checkpoint"].sign(raw.encode())).decode()
        note, what = f"{raw}\n— {pin.name} {line}\n", what + " and signed"
    return f"checkpoint: {what}", carried(rng, world, files, note.encode())


def receipt_edited(rng, world, files):
    name, other = pick(rng, files, "receipt$"), pick(rng, files, "receipt$")
    receipt, donor = cbor(files[name]), cbor(files[other])
    field = rng.randrange(13)
    value = receipt[field]
    if rng.random() < .3:
        receipt[field] = donor[field]
    elif type(value) is int:
        receipt[field] = rng.choice([value + 1, max(value - 1, 0), 0, 2**32, 2**63, 2**64 - 1, -1, receipt[5]])
    elif type(value) is bytes:
        receipt[field] = rng.choice([flip(rng, value), value[:-1], value + b"\0", b"", value.decode("latin-1")])
    elif type(value) is list:
        value = list(value) or [bytes(32)]
        change = rng.randrange(5)
        if change == 0:
            value.pop(rng.randrange(len(value)))
        elif change == 1:
            value.insert(rng.randrange(len(value) + 1), rng.choice([rng.randbytes(32), b"", rng.choice(value)]))
        elif change == 2:
            value.reverse()
        elif change == 3:
            value[rng.randrange(len(value))] = rng.randbytes(32)
        else:
            value = [bytes(32)] * 65
        receipt[field] = value
    else:
        receipt[field] = rng.choice(["", "countersign-claim-receipt2", None, True])
    if rng.random() < .05:
        receipt.append(0)
    return f"field {field} of {name}", {**files, name: encode(receipt)}


def parts_edited(rng, world, files):
    """A body or envelope changed, often under its new name."""
    name = pick(rng, files, "(body|envelope)$")
    value = cbor(files[name])
    is_body = name.endswith("body")
    at = rng.randrange(len(value))
    parts = value[6 if is_body else 7]
    what = rng.choice(["field", "withhold", "part", "split", "hole"])
    if what == "withhold" and any(len(part) == 3 for part in parts):
        part = next(part for part in parts if len(part) == 3)
        part[1:] = [second.hmac.digest(part[2], part[1], "sha256")]
    elif what == "part" and parts:
        part = rng.choice(parts)
        part[rng.randrange(len(part))] = rng.choice([b"", b"x", bytes(32), 0, 1, 2])
    elif what == "split" and parts and len(parts[0][1]) > 1:
        parts[:1] = [[0, parts[0][1][:1]], [0, parts[0][1][1:]]]
    elif what == "hole":
        at = 5 if is_body else 8
        value[at] = value[at] + 1 if is_body else rng.choice([[], [0], [3, 1], [2**63], [2**64 - 1], value[at] + [10**6]])
    else:
        what, value[at] = f"field {at}", rng.choice([None, 0, 2**64 - 1, bytes(32), rng.randbytes(32), bytes(16), "x", [], value[at]])
    raw = encode(value)
    files, digest = dict(files), None
    if rng.random() < .7:
        try:
            digest = (second.Body if is_body else second.Envelope)(raw).digest.hex()
        except (*second.WRONG, second.Unsure):
            pass
    if digest:
        del files[name]
        name = name.rpartition("/")[0] + "/" * ("/" in name) + digest + (".body" if is_body else ".envelope")
    return f"{name}: {what}", {**files, name: raw}


# Forgeries by who has the log's keys.

def header_edited(rng, world, forged, name):
    receipt = forged.receipts[name]
    index = receipt[5]
    if cbor(forged.statements[index]).number != 18:
        return record_edited(rng, world, forged, name)
    what = rng.choice([
        "no chain", "audience", "audiences", "issuer", "another key", "own key for another", "version", "kind", "label",
        "free label", "crit", "clock", "seen", "chain", "content type", "claims twice", "more claims", "no claims", "subject",
        "unprotected", "signature", "several", "several, one unknown", "several, one missing",
        "several, one missing and marked", "several, one wrong", "several, issuer twice", "several and a stranger", "large"])
    others = [world.secrets["administrator"], world.secrets["statement"], world.secrets["receipt"], *world.people.values()]

    def edit(header, payload):
        signer = world.by_id[header[4]]
        claims = cbor(payload)
        if what == "no chain":
            header.pop(-70002, None)
        elif what == "audience":
            header[15][3] = rng.choice(["log.example/other", "", "a b", 7])
        elif what == "audiences":
            names = [header[15][3], "log.example/other"]
            header[15][3] = rng.choice([sorted(names), sorted(names)[::-1], names[:1], sorted([*names, "z"]), ["a", "b"]])
        elif what == "issuer":
            header[15][1] = rng.choice(["admin-1", "node", "person:one", "device:dock-1", "nobody", "x" * 513, "x\u200b", "x\u00a0y"])
        elif what == "another key":
            signer = rng.choice(others)
            header[1], header[4] = signer.alg, signer.id
        elif what == "own key for another":
            signer = rng.choice(others)
            header[1] = signer.alg
        elif what == "version":
            header[-70001][1] = rng.choice([0, 2])
        elif what == "kind":
            header[-70001][0] = rng.choice(["later", "batch", "Claims", ""])
            header[3] = f"application/vnd.countersign.{header[-70001][0]}+cbor"
        elif what == "label":
            header[rng.choice([-70009, 5, "x", -80000, -2**63 - 1, -70005])] = 1
        elif what == "free label":
            header[rng.choice([-80001, -2**63, -90000])] = rng.choice([1, None, {"x": [1]}, b"x"])
        elif what == "crit":
            header[2] = [-70001]
        elif what == "clock":
            header[-70004] = rng.choice([0, 2**63 - 1, 2**63, -1, "x"])
        elif what == "seen":
            header[-70003] = rng.choice([[0, bytes(32)], [1], [2**64 - 1, bytes(32)], [1, bytes(31)], None])
        elif what == "chain":
            header[-70002] = rng.choice([[0, 0, None], [0, 1, bytes(32)], [5, 2, None], [2**64 - 1, 1, None], [5, 9, bytes(32)], None])
        elif what == "content type":
            header[3] = "application/cbor"
        elif what == "claims twice":
            claims[-1:] = [claims[0], claims[0]]
        elif what == "more claims":
            claims.append(rng.choice([rng.randbytes(32), b"", 1]))
        elif what == "no claims":
            claims = rng.choice([[], [bytes(31)], {}, None])
        elif what == "subject":
            header[15][2] = rng.choice(["urn:x y", "", "ok", "x\u2028", "\u7d20", "x\x85"])
        elif what == "large":
            header[-80001] = bytes(rng.choice([50000, 61440, 61440 - 400]))
        return header, encode(claims), signer
    forged.statement_edited(index, edit)
    tag = cbor(forged.statements[index])
    if what == "unprotected":
        tag.value[1][rng.choice([4, -1, "x"])] = b"x"
        forged.statements[index] = encode(tag)
    elif what == "signature":
        tag.value[3] = rng.choice([bytes(64), flip(rng, tag.value[3]), tag.value[3][:-1], b"\1" + bytes(63), b""])
        forged.statements[index] = encode(tag)
    elif what.startswith("several"):
        header, payload = cbor(tag.value[0]), tag.value[2]
        issuer = world.by_id[header.pop(4)]
        del header[1]
        # Whoever did not sign, or wrongly, is one whose key genesis names: the others may not be enrolled here.
        genesis_keys = world.genesis_keys
        known = genesis_keys + list(world.people.values()) * (what == "several")
        second_one = rng.choice([one for one in known if one is not issuer])
        if what == "several, one unknown":
            second_one = world.secrets["receipt"]
        signers = [issuer, second_one]
        header[-70005] = sorted(signer.id for signer in signers)
        wrong = None
        if what.startswith("several, one missing"):
            signers = [rng.choice(signers)]
            if what.endswith("marked"):
                value = cbor(forged.records[index])
                value[3] = ["signer_missing"]
                forged.records[index] = encode(value)
        elif what == "several, one wrong":
            wrong = rng.choice(signers)
        elif what == "several, issuer twice":
            signers.append(issuer)
        elif what == "several and a stranger":
            signers.append(world.secrets["receipt"])
            wrong = signers[-1]
        rng.shuffle(signers)
        forged.statements[index] = forged.several(header, payload, signers, wrong)
    return what


def record_edited(rng, world, forged, name):
    receipt = forged.receipts[name]
    value = cbor(forged.records[receipt[5]])
    what = rng.choice(["outcome", "assurance", "marks", "version", "salt", "more outcomes"])
    if what == "outcome":
        value[4][receipt[3]] = rng.choice([
            ["unauthorised"], ["unfoldable"], ["body_absent"], ["duplicate", 2, 0], ["conflicting_claim", 2, 2**32 - 1],
            ["duplicate", 2, 2**32], ["effective", 1], ["later"], [], "effective", ["duplicate", -1, 0]])
    elif what == "assurance":
        value[2] = rng.choice(["import", "channel", "software_key", "hardware_key", "none"])
    elif what == "marks":
        marks = rng.sample([*second.MARKS, "other"], rng.randrange(1, 4))
        value[3] = sorted(marks, key=[*second.MARKS, "other"].index) if rng.random() < .8 else marks
    elif what == "version":
        value[0] = 2
    elif what == "salt":
        value[1] = value[1][1:]
    else:
        value[4].append(["effective"])
    forged.records[receipt[5]] = encode(value)
    return f"record: {what}"


def batch_edited(rng, world, forged, name):
    at, done = forged.receipts[name][8], []
    signer = rng.choice([None] * 6 + [world.secrets["administrator"]])

    def edit(header, payload):
        label = rng.choice([1, 2, 3, 4, 5, 6, 7, 8, -1, -2])
        done.append(label)
        if label == -1:
            header[15][rng.choice([1, 2, 3])] = rng.choice(["other", "node"])
        elif label == -2:
            header[-70001][1] = 2
        elif label in (6, 7):
            payload[label] = rng.choice([None, bytes(32), bytes(31)])
        else:
            payload[label] = rng.choice([
                0, 1, payload.get(label, 0) + 1, max(payload.get(label, 0) - 1, 0), 2**63 - 1, 2**63, -2**63, -2**63 - 1,
                2**64 - 1])
    forged.batches[at] = forged.node_says(forged.batches[at], edit, signer)
    return f"batch: {done}"


def genesis_edited(rng, world, forged, name):
    pin, stranger = world.vkeys
    name = pin.partition("+")[0]
    pq, *pqs = (f"{name}+{sha256(name.encode(), bytes([10]), key).hex()[:8]}+{base64.b64encode(key).decode()}"
                for key in (bytes([6]) + bytes([n]) * 1312 for n in range(9)))
    signer = rng.choice([None] * 8 + [world.secrets["administrator"]])

    def edit(header, payload):
        label = rng.choice([1, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9, 10, 11, -1, -2, -3])
        if label == -1:
            header[rng.choice([-70002, -70003, -70004, -80001])] = 1
        elif label == -2:
            header[15][rng.choice([1, 2, 3])] = rng.choice(["other", "node"])
        elif label == -3:
            header[-70001][1] = 2
        elif label == 4:
            payload[2], payload[4] = rng.choice([
                (1, pin), (2, [pin]), (2, [pin, pin]), (2, [pq, pin]), (2, [stranger, pq]), (1, stranger), (1, pq), (2, pin),
                (1, [pin, pq]), (2, [pin, stranger]), (2, [stranger, pin]),
                (2, [pin, re.sub(r"\+[0-9a-f]{8}\+", "+00000000+", stranger)]),
                (2, [pin, "other+00000000+BgA="]), (2, [pin] + pqs[:7]),
                (2, [pin] + pqs), (3, [pin, pq]), (2, pqs[:2])])
        elif label in (5, 6):
            payload[label] = rng.choice([world.secrets["statement"].text, world.secrets["administrator"].text, "", "Ed25519:AAAA"])
        elif label == 7:
            admin, more = payload[7][0], [one.text for one in world.people.values()]
            payload[7] = rng.choice([[], [admin, admin], [admin, more[0]], [more[0], admin], [more[1]], [admin, payload[5]], [1]])
        elif label == 8:
            payload[8] = rng.choice([["a"], ["b", "a"], ["a", "a"], [payload[1]], ["a b"], [chr(97) + str(n) for n in range(65)], [1]])
        elif label == 9:
            payload[9] = rng.choice(["", "x" * 4096, "x" * 4097, 9])
        else:
            payload[label] = rng.choice(["other", 0, 2, bytes(16), bytes(15), payload.get(label)])
    forged.genesis = forged.node_says(forged.genesis, edit, signer)
    return "genesis"


def said_otherwise(rng, world, forged, name):
    """What a claim of our own format says, changed and signed again."""
    receipt = forged.receipts[name]
    bodies = {second.Body(raw).digest: (one, raw) for one, raw in forged.files.items() if one.endswith("body")}
    if receipt[2] not in bodies:
        return record_edited(rng, world, forged, name)
    file, raw = bodies[receipt[2]]
    value = cbor(raw)
    said = second.Body(raw).said
    if not said or cbor(forged.statements[receipt[5]]).number != 18:
        return record_edited(rng, world, forged, name)
    path, target = "", said
    if type(said.get("value")) is dict and rng.random() < .8:
        path, target = "value.", said["value"]
    field = rng.choice([*sorted(target), "more"])
    keys = [secret.text for secret in [*world.secrets.values(), *world.people.values()]]
    target[field] = rng.choice({
        "role": ["administrator", "device", "service", "person", "king"], "key": keys, "type": ["Withdraw", "Finding", "Define", "x"],
        "id": ["node", "admin-1", "device:dock-1", "person:one", "a b", "AB" * 32, "ab" * 32, ""],
        "assurance": ["hardware_key", "software_key", "channel", 1], "object": ["site", "principal"], "transition": [0, 2, 2**64, "1", 1.0],
        "party": ["urn:x", "", 5], "place": ["urn:x", ""], "heartbeat": ["PT1M", "P", "1M"], "more": ["x", 1],
    }.get(field, [None, 1, "x"]))
    if rng.random() < .1:
        del target[field]
    text = json.dumps(said, ensure_ascii=False).encode()
    if rng.random() < .15:
        text = rng.choice([b"[" + text + b"]", b"\xef\xbb\xbf" + text, text[:-1] + b',"type":"Define"}', text + b" ", b"\xff",
                           *(text[:-1] + b',"x":' + b"[" * deep + inner + b"]" * deep + b"}" for deep in (30, 31, 32, 33) for inner in (b"", b"1")),
                           text[:-1] + b',"x":"\\ud800"}', text[:-1] + b',"x":NaN}', text[:-1] + b',"x":1e999}', text[:-1] + b',"x":01}'])
    head = {}
    if rng.random() < .1:
        head[rng.choice([0, 1])] = rng.choice(["table-row", 2, "countersign-json"])
    given = said_again(world, forged, name, text, head)
    if given is False:
        return record_edited(rng, world, forged, name)
    if name.startswith("keys/") and given and rng.random() < .8:
        forged.receipts[f"keys/{given.key.id.hex()}/0.receipt"] = forged.receipts.pop(name)
    return f"what it says: {path}{field}"


def said_again(world, forged, name, text, head):
    """A claim says `text`, with other fields of its body, and is signed again; what key it gives, False if none can."""
    receipt = forged.receipts[name]
    old = receipt[2]
    file, raw = next((one, raw) for one, raw in forged.files.items()
                     if one.endswith("body") and second.Body(raw).digest == old)
    value = cbor(raw)
    value[6] = [[0, text]]
    for place, other in head.items():
        value[place] = other
    try:
        body = second.Body(encode(value))
    except second.WRONG:
        return False
    del forged.files[file]
    forged.files[file.replace(old.hex(), body.digest.hex())] = encode(value)

    def edit(header, payload):
        claims = encode([body.digest if claim == old else claim for claim in cbor(payload)])
        return header, claims, world.by_id[header[4]]
    forged.statement_edited(receipt[5], edit)
    for one in forged.receipts.values():
        one[2] = body.digest if one[2] == old else one[2]
    return body.gives


def renewal_edited(rng, world, forged, name):
    """The act by which the log got other keys: by whom it may not, or says what it may not, or is left out."""
    bodies = {body.digest: (one, body.said) for one, raw in forged.files.items() if one.endswith("body")
              for body in [second.Body(raw)] if type(body.gives) is second.Renewal}
    names = [one for one, receipt in forged.receipts.items()
             if receipt[2] in bodies and cbor(forged.statements[receipt[5]]).number == 18]
    if not names:
        return header_edited(rng, world, forged, name)
    name = rng.choice(names)
    receipt = forged.receipts[name]
    file, said = bodies[receipt[2]]
    header = cbor(cbor(forged.batches[receipt[8]]).value[0])
    nodes = [one for one in world.by_id.values() if one.id != header[4] and one not in world.people.values()]
    pins = [vkey for vkey in said["checkpointKeys"] if len(vkey) < 200]
    what = rng.choice(["signer", "signer", "batch", "batch", "batch named otherwise", "left out", "left out", "keys", "keys",
                       "node key", "node key", "receipt key", "origin", "continues", "continues", "continues"])
    if what == "signer":
        one = rng.choice(sorted(world.people))
        issuer = {"dock-1": "device:dock-1", "p1": "person:one", "p2": "person:two"}[one]

        def edit(header, payload):
            header[1], header[4], header[15][1] = world.people[one].alg, world.people[one].id, issuer
            header[-70002] = [77, 1, None]
            return header, payload, world.people[one]
        forged.statement_edited(receipt[5], edit)
        return f"renewal by {one}"
    if what.startswith("batch"):
        signer = rng.choice(nodes)

        def edit(header, payload):
            if what == "batch":
                header[1], header[4] = signer.alg, signer.id
            if what != "batch" or rng.random() < .3:
                header[15][2] = header[15][3] = rng.choice([said.get("continues", {}).get("origin", "other"), "other"])
        forged.batches[receipt[8]] = forged.node_says(forged.batches[receipt[8]], edit, signer if what == "batch" else None)
        return f"renewal: {what} {signer.text}"
    if what == "left out":
        if rng.random() < .7:
            del forged.receipts[name]
        if rng.random() < .7:
            del forged.files[file]
        return f"renewal {what}"
    if what == "keys":
        said["checkpointKeys"] = rng.choice([
            pins[:1], said["checkpointKeys"][:2], said["checkpointKeys"][2:], said["checkpointKeys"][::-1], pins[::-1],
            pins * 2, pins + [world.vkeys[1]], [re.sub(r"\+[0-9a-f]{8}\+", "+00000000+", pins[0]), *pins[1:]],
            [*pins, re.sub(r"\+[0-9a-f]{8}\+", "+00000000+", said["checkpointKeys"][1])],
            [said["checkpointKeys"][1]], [], pins + [pins[0].replace("+", "x+", 1)], pins * 5, "x", [1]])
    elif what in ("node key", "receipt key"):
        field = what.split()[0] + "Key"
        said[field] = rng.choice([*(one.text for one in world.by_id.values()), said["nodeKey"], said["receiptKey"],
                                  "Ed25519:" + pins[0].split("+", 2)[2], "", "ES256:AAAA", 1,
                                  "Ed25519:" + base64.b64encode(base64.b64decode(pins[0].split("+", 2)[2])[1:]).decode()])
    elif what == "origin":
        other = rng.choice(["other", "", "a b", "other.example/2", *(vkey.partition("+")[0] for vkey in world.vkeys)])
        said["checkpointKeys"] = [one.replace(said["origin"] + "+", other + "+", 1) for one in said["checkpointKeys"]] \
            if rng.random() < .5 else said["checkpointKeys"]
        said["origin"] = other
    elif "continues" not in said or rng.random() < .1:
        said["continues"] = rng.choice([{}, None, {"origin": said["origin"], "size": receipt[5], "root": "ab" * 32}, 1, []])
    else:
        size, goes_on = receipt[5], said["continues"]
        field = rng.choice(["origin", "size", "size", "root", "checkpoint", "lost", "lost", "all"])
        goes_on[field] = rng.choice({
            "origin": ["other", "", said["origin"], 1], "size": [size + 1, size - 1, 0, str(size), float(size), 2**64],
            "root": ["ab" * 32, "AB" * 32, "", None, 1], "checkpoint": ["", "x", 1, None],
            "lost": [{}, {"from": size}, {"from": size + 1}, {"from": size, "to": size}, {"from": size, "to": size + 9}, None,
                     {"from": size, "to": 2**64}, {"to": size + 1}, {"from": str(size)}, 1, []],
            "all": [1]}[field])
        if field == "all":
            del said["continues"]
    given = said_again(world, forged, name, json.dumps(said, ensure_ascii=False).encode(), {})
    if name.startswith("keys/") and given:
        number = 0 if rng.random() < .9 else 7
        forged.receipts[f"keys/{given.key.id.hex()}/{number}.receipt"] = forged.receipts.pop(name)
    if given and rng.random() < .8:
        def edit(header, payload):
            header[1], header[4] = given.node.alg, given.node.id
            header[15][2] = header[15][3] = given.origin
        signer = world.by_id.get(given.node.id)
        if signer:
            forged.batches[receipt[8]] = forged.node_says(forged.batches[receipt[8]], edit, signer)
    return f"renewal: {what} {json.dumps(said.get('continues'))[:90] if what == 'continues' else ''}"


def nothing_changed(rng, world, forged, name):
    return "nothing"


FORGERIES = [header_edited] * 4 + [record_edited, record_edited, batch_edited, genesis_edited, genesis_edited,
                                   said_otherwise, said_otherwise, said_otherwise, nothing_changed, renewal_edited,
                                   renewal_edited, renewal_edited]


def forged_log(rng, world, files):
    forged, what = Forged(world, files), []
    for _ in range(1 if rng.random() < .85 else 2):
        name = pick(rng, forged.receipts)
        what.append(f"{name}: {rng.choice(FORGERIES)(rng, world, forged, name)}")
    return "forged: " + "; ".join(what), forged.files_again()


DAMAGES = [byte_changed, cut_off, left_out, left_out, swapped, renamed, foreign, checkpoint_exchanged, note_edited,
           receipt_edited, receipt_edited, parts_edited] + [forged_log] * 12


def manifest_edited(rng, files):
    value = json.loads(files["manifest.json"])
    what = rng.choice(["about", "origin", "index", "version", "words", "space", "order", "kind"])
    if what == "about":
        about = rng.choice([{"unit": "x"}, {"finding": "ab" * 32}, {"finding": "AB" * 32}, {"unit": ""}, {"unit": "x" * 513}, {"other": "x"},
                            {"unit": 'a"b\\\u00e9'}, {"unit": "x", "finding": "ab" * 32}, {}])
        return f"about {about}", mended(files, about=about)
    if what == "origin":
        return what, mended(files, origin=rng.choice(["other", "", "a b"]))
    if what == "index":
        index = rng.choice([0, value["made_at_index"] + 1, 2**64 - 1, 2**64, -1, 1.0, "1", True])
        return f"index {index}", mended(files, made_at_index=index)
    if what in ("version", "kind"):
        return what, mended(files, **{what: 2})
    text = files["manifest.json"].decode()
    if what == "words":
        text = text.replace(*rng.choice([("Not evidence", "Evidence"), ('"application/cbor"', '"text/plain"'), ("claim_logged", "claim_said")]))
    elif what == "space":
        text = text.replace(*rng.choice([('": ', '":'), ("\n", "\r\n"), ("    ", "\t")]))
    else:
        rows = value["files"]
        rng.shuffle(rows)
        text = text.replace("}\n", "} \n", 1)
    return what, packed([*((name, raw) for name, raw in files.items() if name != "manifest.json"), ("manifest.json", text.encode())])


def pack_damaged(rng, world, files):
    way = rng.random()
    if way < .12:
        raw = packed(list(files.items()))
        at = rng.randrange(len(raw))
        return rng.choice([("a byte", flip(rng, raw)), ("a byte", flip(rng, raw)), ("cut", b"PK" + raw[2:at]), ("longer", raw + b"\0"),
                           ("in front", b"PK" + raw), ("a gap", raw[:at] + b"\0" + raw[at:])])
    if way < .18:
        name = pick(rng, files)
        return f"{name} twice", packed([*files.items(), (name, flip(rng, files[name]))])
    if way < .26:
        return manifest_edited(rng, files)
    what, files = rng.choice(DAMAGES)(rng, world, files)
    return what, mended(files)


def case(seed, number, world):
    rng = random.Random(f"{seed}/{number}")
    while True:
        made = one_case(rng, number, world)
        if not any(map(world.beyond, made[2].values())):
            return made


def one_case(rng, number, world):
    key = None if rng.random() < .08 else world.vkeys[0 if rng.random() < .95 else 1]
    if number % 4:
        name = rng.choice(sorted(world.packs))
        what, raw = pack_damaged(rng, world, world.packs[name])
        return key, f"{name}: {what}", {f"{number}.zip": raw}
    name = rng.choice(sorted(world.loose))
    what, files = rng.choice(DAMAGES)(rng, world, world.loose[name])
    return key, f"{name}: {what}", {f"{number}/{one.replace('/', '-')}": raw for one, raw in files.items() if one != "manifest.json"}


def cases_written(folder, seed, first, count):
    world = World(folder)
    for number in range(int(first), int(first) + int(count)):
        key, what, files = case(seed, number, world)
        named = []
        for name, raw in files.items():
            path = os.path.join(folder, "cases", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(raw)
            named.append((path, raw))
        reports = second.reports([second.LogKey(key)] if key else [], named)
        yield {"case": number, "what": what, "key": key, "files": [path for path, _ in named], "reports": reports}


def told(report):
    return report["verdict"], sorted({piece["code"] for piece in report["pieces"]} - {"proven"})


def main(folder, seed, first, count, binary=None):
    verdicts, differences = collections.Counter(), 0
    for made in cases_written(folder, seed, first, count):
        if not binary:
            print(json.dumps(made))
        elif made["files"]:
            key = ["--key", made["key"]] if made["key"] else []
            run = subprocess.run([binary, "verify", "--json", *key, *made["files"]], capture_output=True, text=True)
            reports = [json.loads(line) for line in run.stdout.splitlines()]
            verdicts.update(report["verdict"] for report in reports)
            if [one["verdict"] for one in reports] != [one["verdict"] for one in made["reports"]]:
                differences += 1
                print(made["case"], made["what"], *made["files"][:1], "\n    second:", *map(told, made["reports"]),
                      "\n    program:", *map(told, reports), run.stderr)
    if binary:
        print(f"{sum(verdicts.values())} cases, {dict(verdicts)}, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[2:]))
