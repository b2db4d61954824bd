#!/usr/bin/env python3
"""Verifies evidence packs and receipts of a Countersign log: a second implementation, from docs/formats alone.

    countersign_verify.py --key 'log.example/site-1+4fdc434f+AfIS…' [--json] pack.zip...
    countersign_verify.py --key @site-1.vkey 117.0.receipt genesis.statement genesis.tlog-proof *.body *.envelope

Each pack is checked by itself; all other files together, as `countersign export --receipt --with-all` names them.
Exit code: 0 proven, 1 disproven, 3 cannot tell, 2 wrong use. Left out: statements by passkeys and statements that
lie beside receipts (cannot tell), signatures of notes that are not Ed25519 (passed over), policies, whole logs,
whether a body is cut as its format asks, and what a claim about goods says. Needs `cryptography`.
"""
import argparse, base64, hashlib, hmac, json, os, re, struct, sys, unicodedata, zlib
from collections import namedtuple
from contextlib import contextmanager
from itertools import groupby

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

# Pattern of the name, media type, code and words of each file in a pack (pack.md §2, §3).
FILES = [row.split(" | ") for row in r"""
README\.txt | TEXT | not_evidence | An explanation. Not evidence: nothing proves what it says.
timeline\.json | application/json | not_evidence | \
The maker's account of what happened. Not evidence: nothing proves what it says.
genesis\.statement | application/cose | genesis | The log's first entry: which keys the log, its node and its administrators have.
genesis\.tlog-proof | TEXT | genesis_logged | That this was the log's first entry.
checkpoint | TEXT | checkpoint | \
What the log signed: how many entries it had, and their root. Everything else rests on it.
keys/HEX/(0|[1-9]\d{0,2})\.receipt | application/cbor | key_enrolled | \
That an administrator gave this key to a principal, and that this was logged.
receipts/N\.N\.receipt | application/cbor | claim_logged | \
That a claim was signed and logged, and what the node concluded of it on receipt.
conclusions/N\.N\.receipt | application/cbor | conclusion_logged | \
That the node concluded this and logged it. Not that it is so.
bodies/HEX\.body | application/cbor | claim_said | What a claim says. Parts may be withheld; the rest proves without them.
envelopes/HEX\.envelope | application/cbor | claim_context | What stood around claims in the document that brought them.
blobs/HEX | application/octet-stream | claim_mapping | The mapping file by which a table is read.
""".replace("\\\n", "").replace("HEX", "[0-9a-f]{64}").replace("N\\.N", r"(0|[1-9]\d*)\.(0|[1-9]\d*)")
    .replace("TEXT", "text/plain; charset=utf-8").strip().split("\n")]
CANNOT_TELL = """assurance_not_shown body_absent envelope_absent genesis_absent key_not_proven mapping_absent
    no_pinned_key not_read origin_not_pinned piece_without_receipt rests_on_checkpoint statement_absent
    subject_not_shown""".split()
ASSURANCE = ["import", "channel", "software_key", "hardware_key"]
MARKS = "chain_gap chain_broken equivocation locked clock_off body_absent signer_missing unknown_checkpoint".split()
OUTCOMES = {"duplicate": "t u u", "conflicting_claim": "t u u"}
OUTCOMES |= dict.fromkeys("effective unfoldable body_absent unauthorised".split(), "t")

class Fault(Exception):
    """Why a piece is not proven: a code with a page under docs/errors."""

def need(condition):
    """Parsers refuse with a ValueError; `read` turns it into the code of the piece."""
    if not condition:
        raise ValueError

def check(condition, code):
    if not condition:
        raise Fault(code)

def read(code, parser, *arguments):
    try:
        return parser(*arguments)
    except (ValueError, RecursionError):
        raise Fault(code) from None

def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()

def rising(values):
    return all(a < b for a, b in zip(values, values[1:]))

def unbase64(text):
    data = base64.b64decode(text.encode(), validate=True)
    need(base64.b64encode(data).decode() == text)
    return data

def is_name(text):
    return type(text) is str and 0 < len(text.encode()) <= 512 and not any(
        c in '{}<>"\\^`|' or c.isspace() or unicodedata.category(c) == "Cc" for c in text)

# Deterministic CBOR (statement.md): numbers, texts, bytes, lists, dicts, Tag, None, True, False.

Tag = namedtuple("Tag", "number value")

def cbor(data):
    value, end = cbor_item(data, 0, 0)
    need(end == len(data))
    return value

def cbor_item(data, at, level):
    need(at < len(data) and level <= 32)
    (major, n), at = divmod(data[at], 32), at + 1
    if major == 7:
        need(20 <= n <= 22)
        return (False, True, None)[n - 20], at
    need(n < 28)
    if n > 23:
        size = 1 << n - 24
        n, at = int.from_bytes(data[at:at + size], "big"), at + size
        need(at <= len(data) and n >= (24 if size == 1 else 1 << 4 * size))
    if major < 2:
        return (n if major == 0 else -1 - n), at
    if major < 4:
        need(at + n <= len(data))
        return (data[at:at + n] if major == 2 else data[at:at + n].decode()), at + n
    if major == 6:
        value, at = cbor_item(data, at, level + 1)
        return Tag(n, value), at
    items, starts = [], []
    for _ in range(n if major == 4 else 2 * n):
        starts.append(at)
        item, at = cbor_item(data, at, level + 1)
        items.append(item)
    if major == 4:
        return items, at
    keys = [data[start:end] for start, end in zip(starts[::2], starts[1::2])]
    need(rising(keys))
    keys = [item if type(item) in (int, str) else raw for item, raw in zip(items[::2], keys)]
    return dict(zip(keys, items[1::2])), at

def sig_structure(*items):
    """CBOR of an array of texts and byte strings, each of less than 64 KiB: what COSE signs."""
    out = bytes([0x80 | len(items)])
    for item in items:
        raw, major = (item.encode(), 0x60) if type(item) is str else (item, 0x40)
        size = (len(raw) > 23) + (len(raw) > 255)
        out += bytes([major | (23 + size if size else len(raw))]) + len(raw).to_bytes(2, "big")[2 - size:] + raw
    return out

def fits(value, form):
    """u uint, i int, t text, b bytes (b32: of 32), h array of digests, a array, m map (m0: empty); ?: or null."""
    if form == "h":
        return type(value) is list and all(fits(item, "b32") for item in value)
    kind, size = {"u": int, "i": int, "t": str, "b": bytes, "a": list, "m": dict}[form[0]], form[1:].rstrip("?")
    return (form[-1] == "?" and value is None or type(value) is kind and (form[0] != "u" or value >= 0)
            and (not size or len(value) == int(size)))

def shape(value, forms):
    need(type(value) is list and len(value) == len(forms.split()) and all(map(fits, value, forms.split())))
    return value

def fields(value, forms, labels):
    """The values of a map that has exactly these labels."""
    need(type(value) is dict and list(value) == list(labels))
    return shape(list(value.values()), forms)

# Keys and signatures (statement.md §1).

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826
SMALL_ORDER = {0, 1, P - 1, ORDER_8, P - ORDER_8}  # the y of the points of small order

def ed25519_y(point):
    return int.from_bytes(point, "little") & (1 << 255) - 1

class Key:
    """A public key of algorithm -7 (ES256) or -8 (Ed25519); `id` is its COSE thumbprint."""
    def __init__(self, alg, raw):
        self.alg = alg
        if alg == -7:
            need(len(raw) == 65 and raw[0] == 4)
            self.public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
            self.id = sha256(b"\xa4\x01\x02\x20\x01\x21\x58\x20", raw[1:33], b"\x22\x58\x20", raw[33:])
        else:
            y = ed25519_y(raw)
            need(len(raw) == 32 and y < P and y not in SMALL_ORDER)
            x_squared = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
            need(pow(x_squared, (P - 1) // 2, P) == 1)
            self.public = ed25519.Ed25519PublicKey.from_public_bytes(raw)
            self.id = sha256(b"\xa3\x01\x01\x20\x06\x21\x58\x20", raw)

    @staticmethod
    def of_text(text):
        algorithm, _, encoded = text.partition(":")
        need(algorithm in ("ES256", "Ed25519"))
        return Key(-7 if algorithm == "ES256" else -8, unbase64(encoded))

    def verifies(self, signature, message):
        try:
            need(len(signature) == 64)
            if self.alg == -8:  # OpenSSL checks S, R's one encoding, and the equation without the cofactor
                need(ed25519_y(signature[:32]) not in SMALL_ORDER)
                return self.public.verify(signature, message) is None
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            return self.public.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256())) is None
        except (InvalidSignature, ValueError):
            return False

# The tree, checkpoints and proofs (log.md, and the C2SP pages that it names).

def root_of(leaf, index, size, path):
    """RFC 9162 §2.1.3.2: the root to which a path leads; None if index and size ask for another length."""
    node, last = leaf, size - 1
    for sibling in path if index < size else [b""]:
        if last <= 0 or index > last:
            return None
        if index & 1 or index == last:
            node = sha256(b"\x01", sibling, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\x01", node, sibling)
        index, last = index >> 1, last >> 1
    return node if last == 0 else None

class LogKey:
    """The key of a log as C2SP writes it: name+id+base64(type ‖ key), type 1 (Ed25519)."""
    def __init__(self, text):
        self.text, (self.name, key_id, encoded) = text, (text.split("+", 2) + ["", ""])[:3]
        raw = unbase64(encoded)
        need(self.name and not re.search(r"\s", self.name) and raw[:1] == b"\x01")
        self.key, self.id = Key(-8, raw[1:]), sha256(self.name.encode(), b"\n", raw)[:4]
        need(key_id == self.id.hex())

class Checkpoint:
    def __init__(self, raw):
        note, self.proven, self.signatures = raw.decode(), False, []
        text, blank, lines = note.rpartition("\n\n")
        need(len(raw) <= 1 << 20 and not any(c < " " and c != "\n" for c in note))
        need(blank and lines[-1:] == "\n" and lines.count("\n") <= 160)
        for line in lines[:-1].split("\n"):
            parts = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
            data = unbase64(parts[2]) if parts else b""
            need(len(data) > 4)
            self.signatures.append((parts[1], data[:4], data[4:]))
        self.text, lines = (text + "\n").encode(), text.split("\n")
        need(len(lines) >= 3 and all(lines) and re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]))
        self.origin, self.size, self.root = lines[0], int(lines[1]), unbase64(lines[2])
        need(self.size < 1 << 64 and len(self.root) == 32)

    def signed_by(self, pin):
        """None if the key did not sign, else whether all its signatures hold."""
        held = [pin.key.verifies(data, self.text) for *who, data in self.signatures if who == [pin.name, pin.id]]
        return all(held) if held else None

    def has(self, statement, index, path):
        return root_of(sha256(b"\0", sha256(statement)), index, self.size, path) == self.root

class Proof:
    """A `.tlog-proof`."""
    def __init__(self, raw):
        head, _, self.checkpoint = raw.partition(b"\n\n")
        first, *lines = head.decode().split("\n")
        if lines and lines[0].startswith("extra "):
            need(0 < len(unbase64(lines.pop(0)[6:])) <= 32768)
        need(first == "c2sp.org/tlog-proof@v1" and lines and re.fullmatch("index (0|[1-9][0-9]{0,19})", lines[0]))
        self.index, self.path = int(lines[0][6:]), [unbase64(line) for line in lines[1:]]
        need(fits(self.path, "h") and len(self.path) <= 64)

# Statements (statement.md), genesis, verdict records and receipts (genesis.md, batch.md, receipt.md).

class Statement:
    """A statement in its logged form: what its header says, and who signed which message."""
    def __init__(self, raw):
        value = cbor(raw)
        check(type(value) is not list or value[:1] != ["webauthn"], "not_read")
        need(len(raw) <= 61440 and type(value) is Tag and value.number in (18, 98))
        several = value.number == 98
        protected, _, self.payload, last = shape(value.value, "b m0 b a" if several else "b m0 b b")
        self.header(cbor(protected), {3, 15, -70001} | ({-70005} if several else {1, 4}))
        message = sig_structure("Signature1", protected, b"", self.payload)
        self.signers = {} if several else {self.required[0]: (self.alg, message, last)}
        for signer in last if several else []:
            own, _, signature = shape(signer, "b m0 b")
            alg, kid = fields(cbor(own), "i b32", [1, 4])
            need(alg in (-7, -8) and kid not in self.signers)
            self.signers[kid] = alg, sig_structure("Signature", protected, own, b"", self.payload), signature
        need(1 <= len(self.signers) <= 16)
        self.claims = cbor(self.payload) if self.kind == ["claims", 1] else [b""]
        need(self.kind != ["claims", 1] or fits(self.claims, "h") and 1 <= len(self.claims) <= 1024)
        need(len(set(self.claims)) == len(self.claims))

    def header(self, header, labels):
        need(type(header) is dict)
        self.labels = {label for label in header if type(label) is not int or not -1 << 63 <= label <= -80001}
        need(labels <= self.labels <= labels | {-70002, -70003, -70004})
        self.kind, self.chain, self.alg = shape(header[-70001], "t u"), header.get(-70002), header.get(1, -7)
        need(re.fullmatch("[a-z][a-z0-9-]{0,31}", self.kind[0]) and self.kind[1] >= 1)
        need(header[3] == f"application/vnd.countersign.{self.kind[0]}+cbor")
        need(type(header[15]) is dict and list(header[15]) == [1, 2, 3])
        self.issuer, self.subject, audience = header[15].values()
        self.audience = audience if type(audience) is list else [audience]
        need(all(map(is_name, [self.issuer, self.subject, *self.audience])))
        need(type(audience) is str or 2 <= len(audience) <= 8 and rising([name.encode() for name in audience]))
        self.required = header.get(-70005, [header.get(4)])
        need(type(self.alg) is int and self.alg in (-7, -8) and fits(self.required, "h"))
        need(-70005 not in header or 2 <= len(self.required) <= 8 and rising(self.required))
        _, counter, previous = shape(header.get(-70002, [0, 1, None]), "u u b32?")
        need(counter >= 1 and (previous is None) == (counter == 1))
        shape(header.get(-70003, [0, bytes(32)]), "u b32")
        need(fits(header.get(-70004, 0), "u") and header.get(-70004, 0) < 1 << 63)

    def verifies(self, key):
        alg, message, signature = self.signers[key.id]
        return alg == key.alg and key.verifies(signature, message)

    def is_of_node(self, kind, node, origin):
        said = (self.kind, self.issuer, self.subject, self.audience)
        return (said == ([kind, 1], "node", origin, [origin]) and list(self.signers) == self.required == [node.id]
                and self.verifies(node))

class Genesis:
    def __init__(self, raw):
        self.raw, statement = raw, Statement(raw)
        payload = cbor(statement.payload)
        need(type(payload) is dict and payload.get(2) in (1, 2))
        self.origin, version, _, keys, receipt_key, node, administrators, self.predecessors, policy, _ = fields(
            payload, f"t u u {'ta'[payload[2] - 1]} t t a a t b16", range(1, 11))
        self.keys = keys if version == 2 else [keys]
        need(is_name(self.origin) and 1 <= len(policy.encode()) <= 4096 and 1 <= len(administrators) <= 64)
        need(all(map(is_name, self.predecessors)) and len(self.predecessors) <= 64)
        need(rising([name.encode() for name in self.predecessors]) and self.origin not in self.predecessors)
        need(all(type(key) is str for key in [*administrators, *self.keys]) and len(set(self.keys)) == len(self.keys))
        parts = [re.fullmatch(r"([^+]+)\+[0-9a-f]{8}\+(.+)", key, re.DOTALL) for key in self.keys]
        need(all(part and part[1] == self.origin for part in parts))
        raw_keys = [unbase64(part[2]) for part in parts]
        checkpoint_keys = [Key(-8, key[1:]) for key in raw_keys if key[:1] == b"\x01"]
        need(all(raw_keys) and (version == 1 or 2 <= len(self.keys) <= 8 and checkpoint_keys))
        self.ed25519 = [text for text, key in zip(self.keys, raw_keys) if key[:1] == b"\x01"]
        self.node, receipt_key, *self.administrators = map(Key.of_text, [node, receipt_key, *administrators])
        self.reserved = {key.id for key in [receipt_key, *checkpoint_keys]}
        ids = self.reserved | {key.id for key in [self.node, *self.administrators]}
        need(len(ids) == len(checkpoint_keys) + 2 + len(administrators))
        need(statement.is_of_node("genesis", self.node, self.origin) and statement.labels == {1, 3, 4, 15, -70001})

class Batch(Statement):
    def __init__(self, raw):
        super().__init__(raw)
        self.first, self.count, recorded, _, tick, _, self.root = fields(
            cbor(self.payload), "u u i u i b32? b32", range(1, 8))
        need(all(-1 << 63 <= time < 1 << 63 for time in (recorded, tick)))

class Record:
    """What the node concluded of a statement."""
    def __init__(self, raw):
        version, _, self.assurance, self.marks, self.outcomes = shape(cbor(raw), "u b16 t a a")
        need(version == 1 and self.assurance in ASSURANCE and all(mark in MARKS for mark in self.marks))
        need(rising([MARKS.index(mark) for mark in self.marks]))
        for outcome in self.outcomes:
            need(type(outcome) is list and outcome and type(outcome[0]) is str and outcome[0] in OUTCOMES)
            need(all(ordinal < 1 << 32 for ordinal in shape(outcome, OUTCOMES[outcome[0]])[2:]))

class Receipt:
    def __init__(self, raw):
        (kind, version, self.claim, self.ordinal, self.statement, self.index, self.path, self.batch, self.batch_index,
         self.batch_path, self.record, self.record_path, self.checkpoint) = shape(
             cbor(raw), "t u b32 u b u h b u h b h b")
        need((kind, version) == ("countersign-claim-receipt", 1) and self.ordinal < 1 << 32 and len(raw) <= 1310720)
        need(max(len(self.statement), len(self.batch)) <= 61440 and len(self.record) <= 65536)
        need(len(self.checkpoint) <= 1 << 20)
        need(max(map(len, (self.path, self.batch_path, self.record_path))) <= 64)

# Bodies and envelopes (body.md), and what acts say (act.md).

class Parts:
    """The parts of a body or envelope: what the digest takes in, the open view, the length if none is withheld."""
    def __init__(self, parts, filler):
        need(len(parts) <= 4096)
        self.digest, self.view, self.length, before = len(parts).to_bytes(8, "big"), b"", 0, None
        for part in parts:
            need(type(part) is list and part and type(part[0]) is int and part[0] in (0, 1))
            kind, data, *salt = shape(part, "u b" if part[0] == 0 else "u b b32" if len(part) == 3 else "u b32")
            need(kind == 1 or data and before != 0)
            commitment = hmac.digest(salt[0], data, "sha256") if salt else data if kind else sha256(data)
            self.digest += (b"\1" if kind else b"\0" + len(data).to_bytes(8, "big")) + commitment
            self.view += filler if kind else data
            self.length = None if self.length is None or kind and not salt else self.length + len(data)
            before = kind

def hashed(domain, *items):
    """The digest of a body or envelope: texts with their length, numbers as 8 bytes."""
    for item in items:
        raw = item.encode() if type(item) is str else item
        domain += raw.to_bytes(8, "big") if type(item) is int else raw if type(item) is bytes else (
            len(raw).to_bytes(8, "big") + raw)
    return sha256(domain)

class Body:
    def __init__(self, raw):
        *head, self.envelope, self.hole, parts = shape(cbor(raw), "t u t b16 b32 u a")
        parts = Parts(parts, b"" if head[0] == "table-row" else b"null")
        self.digest = hashed(b"countersign/claim/v1\0", *head, self.envelope, self.hole, parts.digest)
        try:
            self.said = strict_json(parts.view) if head[:2] == ["countersign-json", 1] else {}
        except (ValueError, RecursionError):
            self.said = {}

class Envelope:
    def __init__(self, raw):
        *head, self.head, section, self.mapping, parts, self.holes, rest = shape(
            cbor(raw), "t u t b16 b32? u b32? a a u?")
        parts = Parts(parts, b"")
        need(all(fits(hole, "u") for hole in self.holes) and sorted(self.holes) == self.holes)
        need(max([*self.holes, rest or 0]) <= (2**64 - 1 if parts.length is None else parts.length))
        need(rest != 2**64 - 1 and bytes(32) not in (self.head, self.mapping))
        self.digest = hashed(
            b"countersign/envelope/v1\0", *head, self.head or bytes(32), section, self.mapping or bytes(32),
            parts.digest, len(self.holes), *self.holes, 2**64 - 1 if rest is None else rest)

class Blob:
    def __init__(self, raw):
        self.digest = sha256(raw)

def strict_json(raw):
    """An object as epcis-json.md reads JSON: no name twice, no lone surrogate, no byte order mark, 32 levels."""
    def once(pairs):
        need(len(dict(pairs)) == len(pairs))
        return dict(pairs)

    def depth(value):
        inner = value.values() if type(value) is dict else value if type(value) is list else ()
        return max(map(depth, inner), default=-1) + 1
    value = json.loads(raw.decode(), object_pairs_hook=once, parse_constant=lambda name: need(False))
    need(type(value) is dict and depth(value) <= 32)
    json.dumps(value, ensure_ascii=False).encode()
    return value

def principal_given(said):
    """The value of a `Define` of a principal, its key read; None if it is none."""
    try:
        value = said["value"]
        need((said.get("type"), said.get("object")) == ("Define", "principal") and type(value) is dict)
        need(set(value) <= set("id role key assurance party place clock_offset_ms heartbeat".split()))
        need(value["role"] in ("device", "service", "person", "administrator"))
        need(value.get("assurance", "software_key") in ASSURANCE[2:])
        need(all(map(is_name, (value["id"], value.get("party", "x"), value.get("place", "x")))))
        need(re.fullmatch(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?", value.get("heartbeat", "P1D"), re.ASCII))
        return {**value, "key": Key.of_text(value["key"])}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None

def is_finding(said):
    return (said.get("type") == "Finding" and fits(said.get("transition"), "u") and 0 < said["transition"] < 1 << 64
            and fits(said.get("id"), "t64") and re.fullmatch("[0-9a-f]{64}", said["id"]))

# The archive and its manifest (pack.md §1 to §3).

def archive(data):
    """The files of a pack by name, if the archive is the one way to pack them."""
    files, at, parts, directory, offset = {}, 0, b"", b"", 0
    need(len(data) <= 1 << 28)
    while data[at:at + 4] == b"PK\3\4" and at + 30 <= len(data):
        size, length = struct.unpack_from("<I4xH", data, at + 18)
        start = at + 30 + length
        files[data[at + 30:start]], at = data[start:start + size], start + size
    need(len(files) <= 20000)
    for name in sorted(files):
        size = len(files[name])
        need(len(name) <= 128 and re.fullmatch(rb"[\w-][\w.-]*(/[\w-][\w.-]*)*", name) and size <= 1 << 24)
        crc = zlib.crc32(files[name])
        common = struct.pack("<5H3I2H", 10, 0, 0, 0, 33, crc, size, size, len(name), 0)
        directory += b"PK\1\2\n\0" + common + bytes(10) + struct.pack("<I", len(parts)) + name
        parts += b"PK\3\4" + common + name + files[name]
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(files), len(files), len(directory), len(parts), 0)
    need(parts + directory + end == data and len({name.lower() for name in files}) == len(files))
    return {name.decode(): content for name, content in files.items()}

def manifest(raw, files):
    """Origin, subject and newest index that manifest.json states; it must be the one manifest of these files."""
    value = strict_json(raw)
    check((value.get("kind"), value.get("version")) == ("countersign-pack", 1), "manifest_unsupported")
    origin, about, index = value.get("origin"), value.get("about"), value.get("made_at_index")
    need(is_name(origin) and fits(index, "u") and index < 1 << 64 and type(about) is dict and len(about) == 1)
    (what, subject), = about.items()
    need(type(subject) is str and (what == "unit" and 1 <= len(subject.encode()) <= 512
                                   or what == "finding" and re.fullmatch("[0-9a-f]{64}", subject)))
    listed = []
    for name in sorted(files):
        media, code, words = next(rest for pattern, *rest in FILES if re.fullmatch(pattern, name))
        listed.append({"name": name, "bytes": len(files[name]), "sha256": sha256(files[name]).hex(),
                       "media_type": media, "evidence": code, "words": words})
    text = json.dumps({"kind": "countersign-pack", "version": 1, "origin": origin, "about": 0,
                       "made_at_index": index, "files": listed}, indent=2, ensure_ascii=False)
    text = text.replace('"about": 0', f'"about": {json.dumps(about, ensure_ascii=False)}', 1) + "\n"
    check(raw == text.encode(), "manifest_mismatch")
    return origin, what, subject, index

# What the files prove together (pack.md §4, receipt.md).

Held = namedtuple("Held", "key principal role assurance in_force")

def given(ring, principal, key, role, assurance):
    """The keys by id, with a key given to a principal (statement.md §9)."""
    return {**taken(ring, principal), key.id: Held(key, principal, role, assurance, True)}

def taken(ring, principal):
    return {kid: held._replace(in_force=held.in_force and held.principal != principal) for kid, held in ring.items()}

PARSERS = {"receipt": (Receipt, "receipt_malformed"), "tlog-proof": (Proof, "proof_unreadable"),
           "statement": (Genesis, "genesis_wrong"), "body": (Body, "body_unreadable"),
           "envelope": (Envelope, "envelope_unreadable"), "checkpoint": (bytes, ""), "blob": (Blob, "")}

class Evidence:
    """A pack, or all loose files: the pieces of its report, and what was read of its files, by kind and name."""
    def __init__(self, pins):
        self.pins, self.pieces, self.about, self.genesis = pins, [], None, None
        self.files, self.notes, self.findings = {kind: {} for kind in PARSERS}, {}, set()

    @contextmanager
    def piece(self, name):
        code = "proven"
        try:
            yield
        except Fault as why:
            code = str(why)
        verdict = "proven" if code == "proven" else "cannot_tell" if code in CANNOT_TELL else "disproven"
        self.pieces.append({"name": name, "verdict": verdict, "code": code})

    def verdict(self):
        return min((piece["verdict"] for piece in self.pieces), key=["disproven", "cannot_tell", "proven"].index)

    def take(self, name, kind, raw):
        parser, code = PARSERS[kind]
        self.files[kind][name] = read(code, parser, raw)

    def pack(self, data):
        files = read("archive_damaged", archive, data)
        check(all(name == "manifest.json" or any(re.fullmatch(row[0], name) for row in FILES) for name in files),
              "pack_file_unknown")
        check({"manifest.json", "genesis.statement", "genesis.tlog-proof", "checkpoint"} <= set(files),
              "pack_file_missing")
        self.about = read("manifest_malformed", manifest, files.pop("manifest.json"), files)
        for name in files.keys() - {"README.txt", "timeline.json"}:
            self.take(name, "blob" if name.startswith("blobs/") else name.rpartition(".")[2], files[name])
        carriers = {**self.files["receipt"], **self.files["tlog-proof"]}
        check(all(item.checkpoint == files["checkpoint"] for item in carriers.values()), "checkpoint_mixed")
        for kind, code in (("body", "body_differs"), ("envelope", "envelope_differs"), ("blob", "mapping_differs")):
            check(all(item.digest.hex() in name for name, item in self.files[kind].items()), code)

    def judge(self):
        """All that can be read is there: what it proves together."""
        receipts, proofs = self.files["receipt"], self.files["tlog-proof"]
        self.bodies, self.envelopes, self.blobs = (
            {item.digest: item for item in self.files[kind].values()} for kind in ("body", "envelope", "blob"))
        self.claims = {receipt.claim for receipt in receipts.values()}
        carried = {name: item.checkpoint for name, item in {**proofs, **receipts}.items()}
        for name, raw in {**self.files["checkpoint"], **carried}.items():
            if raw not in self.notes:
                with self.piece(name):
                    self.checkpoint(raw)
        for name in [*self.files["statement"], *proofs][:1]:
            with self.piece(name):
                self.begin(list(self.files["statement"].values()), list(proofs.values()))
        for _, group in groupby(sorted(receipts.items(), key=lambda item: item[1].index), lambda item: item[1].index):
            before = self.ring if self.genesis else {}
            for name, receipt in group:
                with self.piece(name):
                    self.receipt(name, receipt, before)
        used = {body.envelope for body in self.bodies.values() if body.digest in self.claims}
        used |= {envelope.head for envelope in self.envelopes.values()}
        used |= {envelope.mapping for envelope in self.envelopes.values()}
        for name, item in {**self.files["body"], **self.files["envelope"], **self.files["blob"]}.items():
            with self.piece(name):
                self.belongs(item, used)
        with self.piece("manifest.json"):
            check(not self.about or self.about[1] == "unit" or self.about[2] in self.findings, "subject_not_shown")

    def checkpoint(self, raw):
        note = self.notes[raw] = None
        note = read("checkpoint_unreadable", Checkpoint, raw)
        for other in filter(None, self.notes.values()):
            same = (other.origin, other.size) == (note.origin, note.size)
            check(not same or other.root == note.root, "checkpoints_conflict")
        self.notes[raw] = note
        check(not self.about or self.about[0] == note.origin, "origin_mismatch")
        check(not self.about or self.about[3] < note.size, "manifest_beyond_checkpoint")
        check(self.pins, "no_pinned_key")
        signed = [note.signed_by(pin) for pin in self.pins]
        check(False not in signed, "checkpoint_signature_wrong")
        ours = [found for found, pin in zip(signed, self.pins) if pin.name == note.origin]
        check(ours, "origin_not_pinned")
        check(True in ours, "checkpoint_not_by_pinned_key")
        note.proven = True

    def begin(self, statements, proofs):
        """Genesis and its proof; from genesis the first keys are known."""
        notes = [self.notes[proof.checkpoint] for proof in proofs]
        check(all(notes), "checkpoint_unreadable")
        check(statements, "statement_absent")
        check(proofs, "piece_without_receipt")
        genesis = statements[0]
        check(all(proof.index == 0 and note.has(genesis.raw, 0, proof.path) for proof, note in zip(proofs, notes)),
              "genesis_not_first")
        check(all(note.origin == genesis.origin for note in notes), "origin_mismatch")
        pins = [pin for pin in self.pins if pin.name == genesis.origin]
        check(all(pin.text in genesis.keys for pin in pins), "checkpoint_not_by_genesis_key")
        keys = [read("genesis_wrong", LogKey, text) for text in genesis.ed25519]
        for note in filter(None, self.notes.values()):
            signed = [note.signed_by(key) for key in keys] if note.origin == genesis.origin else [True]
            check(False not in signed and (True in signed or not keys), "checkpoint_not_by_genesis_key")
        self.genesis, self.ring = genesis, given({}, "node", genesis.node, "service", "software_key")
        for number, key in enumerate(genesis.administrators, 1):
            self.ring = given(self.ring, f"admin-{number}", key, "administrator", "software_key")
        check(all(note.proven for note in notes), "rests_on_checkpoint")

    def receipt(self, name, receipt, before):
        folder, *place = name.removesuffix(".receipt").split("/") if self.about else [""]
        check(folder not in ("receipts", "conclusions") or place == [f"{receipt.index}.{receipt.ordinal}"],
              "name_mismatch")
        note, body = self.notes[receipt.checkpoint], self.bodies.get(receipt.claim)
        check(note, "checkpoint_unreadable")
        statement, batch, record = logged(receipt, note)
        value = body and principal_given(body.said)
        if body and folder == "keys":
            check(value and value["key"].id.hex() == place[0], "enrolment_unreadable")
        check(not body or folder != "conclusions" or is_finding(body.said), "conclusion_unreadable")
        check(self.genesis and self.genesis.origin == note.origin, "genesis_absent")
        check(batch.is_of_node("batch", self.genesis.node, note.origin), "batch_not_by_node")
        issuer = self.issuer(statement, record, before)
        effective = record.outcomes[receipt.ordinal] == ["effective"]
        if folder == "conclusions":
            check(statement.issuer == "node", "conclusion_not_by_node")
            check(effective, "key_not_proven")
            self.findings.add(body and body.said["id"])
        check(body or folder != "keys", "body_absent")
        refused = self.act(value, body.said, effective and issuer.role == "administrator") if body else None
        check(folder != "keys" or not refused, "enrolment_refused")
        check(note.proven, "rests_on_checkpoint")
        check(body, "body_absent")

    def act(self, value, said, allowed):
        """Gives or takes a key as an act says. True if it may not: an act without effect."""
        held = self.ring.get(value["key"].id) if value else None
        if not allowed or value and (value["id"] == "node" or value["key"].id in self.genesis.reserved
                                     or held and (held.principal != value["id"] or not held.in_force)):
            return True
        if value:
            assurance = value.get("assurance", "software_key")
            self.ring = given(self.ring, value["id"], value["key"], value["role"], assurance)
        elif (said.get("type"), said.get("object")) == ("Withdraw", "principal") and said.get("id") != "node":
            self.ring = taken(self.ring, said.get("id"))
        return False

    def issuer(self, statement, record, ring):
        """Step 8 of receipt.md, by the rules of statement.md §9."""
        check({self.genesis.origin, *self.genesis.predecessors} & set(statement.audience), "statement_refused")
        signed = [kid for kid in statement.required if kid in statement.signers]
        known = [ring[kid] for kid in signed if kid in ring]
        check(known, "key_not_proven")
        check(all(statement.verifies(held.key) for held in known), "signature_wrong")
        check(len(known) == len(signed), "key_not_proven")
        issuers = [held for held in known if held.principal == statement.issuer]
        check(len(issuers) == 1, "signer_not_issuer")
        issuer, = issuers
        check(issuer.in_force, "statement_refused")
        check(statement.chain or issuer.principal == "node" or issuer.role not in ("device", "service"),
              "statement_refused")
        missing = len(signed) < len(statement.required) or not all(held.in_force for held in known)
        check(not missing or "signer_missing" in record.marks, "record_contradicts")
        check(ASSURANCE.index(record.assurance) <= ASSURANCE.index(issuer.assurance), "assurance_not_shown")
        return issuer

    def belongs(self, item, used):
        if type(item) is Body:
            envelope = self.envelopes.get(item.envelope)
            known, strays = item.digest in self.claims, self.about or self.claims <= set(self.bodies)
            check(known or strays, "body_differs")
            check(known, "piece_without_receipt")
            check(envelope, "envelope_absent")
            check(item.hole < len(envelope.holes), "hole_missing")
            check(envelope.head in (None, *self.envelopes), "envelope_absent")
            check(envelope.mapping in (None, *self.blobs), "mapping_absent")
        check(type(item) is Body or item.digest in used, "file_unknown" if type(item) is Blob and not self.about
              else "piece_without_receipt")
        check(all(note and note.proven for note in self.notes.values()), "rests_on_checkpoint")

def logged(receipt, note):
    """Steps 3, 4, 5 and 7 of receipt.md."""
    statement = read("statement_unreadable", Statement, receipt.statement)
    check(note.has(receipt.statement, receipt.index, receipt.path), "statement_not_logged")
    check(statement.kind == ["claims", 1] and statement.claims[receipt.ordinal:][:1] == [receipt.claim],
          "claim_not_in_statement")
    batch = read("batch_unreadable", Batch, receipt.batch)
    check(note.has(receipt.batch, receipt.batch_index, receipt.batch_path), "batch_not_logged")
    check(batch.first + batch.count == receipt.batch_index and batch.first <= receipt.index < receipt.batch_index,
          "batch_not_covering")
    root = root_of(sha256(b"\0", receipt.record), receipt.index - batch.first, batch.count, receipt.record_path)
    check(root == batch.root, "record_not_in_batch")
    record = read("record_unreadable", Record, receipt.record)
    check(len(record.outcomes) == len(statement.claims), "record_contradicts")
    return statement, batch, record

def report(pins, named, packed):
    evidence = Evidence(pins)
    for name, raw in named:
        with evidence.piece(name):
            suffix = os.path.basename(name).rpartition(".")[2]
            if suffix == "statement":
                check(read("genesis_wrong", Statement, raw).kind == ["genesis", 1], "not_read")
            evidence.pack(raw) if packed else evidence.take(name, suffix if suffix in PARSERS else "blob", raw)
    if evidence.verdict() != "disproven":
        evidence.judge()
    return {"kind": "countersign-verify-report", "version": 1, "subject": "pack" if packed else "receipts",
            "pinned": bool(pins), "verdict": evidence.verdict(), "pieces": evidence.pieces}

def reports(pins, named):
    """Of each pack one, and one of all other files."""
    packs = [file for file in named if file[1][:2] == b"PK"]
    loose = [file for file in named if file[1][:2] != b"PK"]
    return [report(pins, [pack], True) for pack in packs] + ([report(pins, loose, False)] if loose else [])

def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", action="append", default=[], help="name+id+base64, or @FILE; may be given again")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each report")
    parser.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        texts = [open(key[1:], encoding="utf-8").read().strip() if key[:1] == "@" else key for key in options.key]
        pins, named = list(map(LogKey, texts)), [(name, open(name, "rb").read()) for name in options.files]
    except (ValueError, OSError) as why:
        parser.error(str(why))
    found = reports(pins, named)
    for made in found:
        pieces = [f"{piece['verdict']:12} {piece['name']} [{piece['code']}]" for piece in made["pieces"]]
        print(json.dumps(made) if options.json else "\n".join([*pieces, made["verdict"]]))
    return max(({"proven": 0, "cannot_tell": 3, "disproven": 1}[made["verdict"]] for made in found), key=[0, 3, 1].index)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
