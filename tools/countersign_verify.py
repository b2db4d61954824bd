#!/usr/bin/env python3
"""Verifies evidence packs and receipts of a Countersign log: a second implementation, from docs/formats alone.

    countersign_verify.py --key 'log.example/site-1+4fdc434f+AfIS…' [--json] pack.zip...
    countersign_verify.py --key @site-1.vkey 117.0.receipt genesis.statement genesis.tlog-proof *.body *.envelope

Each pack is checked by itself; all other files together, as `countersign export --receipt --with-all` names them.
Exit code: 0 proven, 1 disproven, 3 cannot tell, 2 wrong use. Of what is disproven the line of this program that found
it is told; what is missing has a code with a page under docs/errors. Not decided, so never called proven: statements
by passkeys, and statements that lie beside receipts. Passed over: signatures of notes that are not Ed25519. Left out:
policies, whole logs, whether a body is cut as its format asks, what a claim about goods says. Needs `cryptography`.
"""
import argparse, base64, hashlib, hmac, json, os, re, struct, sys, traceback, unicodedata, zlib
from collections import namedtuple
from contextlib import contextmanager
from itertools import groupby

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

# Name, media type, code and words of each file in a pack (pack.md §2, §3).
MEDIA = {"text": "text/plain; charset=utf-8", "octets": "application/octet-stream"}
PATTERNS = {"HEX": "[0-9a-f]{64}", "SMALL": r"(0|[1-9]\d{0,2})", "PLACE": r"(0|[1-9]\d*)\.(0|[1-9]\d*)", ".": r"\."}
FILES = [line.split(None, 3) for line in """
README.txt text not_evidence An explanation. Not evidence: nothing proves what it says.
timeline.json json not_evidence The maker's account of what happened. Not evidence: nothing proves what it says.
genesis.statement cose genesis The log's first entry: which keys the log, its node and its administrators have.
genesis.tlog-proof text genesis_logged That this was the log's first entry.
checkpoint text checkpoint What the log signed: how many entries it had, and their root. Everything else rests on it.
keys/HEX/SMALL.receipt cbor key_enrolled That an administrator gave this key to a principal, and that this was logged.
receipts/PLACE.receipt cbor claim_logged That a claim was signed and logged, and what the node concluded of it on \
receipt.
conclusions/PLACE.receipt cbor conclusion_logged That the node concluded this and logged it. Not that it is so.
bodies/HEX.body cbor claim_said What a claim says. Parts may be withheld; the rest proves without them.
envelopes/HEX.envelope cbor claim_context What stood around claims in the document that brought them.
blobs/HEX octets claim_mapping The mapping file by which a table is read.
""".strip().split("\n")]
FILES = [(re.compile(re.sub("HEX|SMALL|PLACE|[.]", lambda word: PATTERNS[word[0]], name)),
          MEDIA.get(media, f"application/{media}"), *rest) for name, media, *rest in FILES]
ASSURANCE = ["import", "channel", "software_key", "hardware_key"]
MARKS = "chain_gap chain_broken equivocation locked clock_off body_absent signer_missing unknown_checkpoint".split()
OUTCOMES = {"duplicate": "tuu", "conflicting_claim": "tuu", "effective": "t", "unfoldable": "t", "body_absent": "t",
            "unauthorised": "t"}
WRONG = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)  # raised by what is malformed

class Unsure(Exception):
    """What is missing: a code."""

def need(condition):
    if not condition:
        raise ValueError

def sure(condition, code):
    if not condition:
        raise Unsure(code)

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
    (major, n), at = divmod(data[at], 32), at + 1
    need(level <= 32 and (20 <= n <= 22 if major == 7 else n < 28))
    if n > 23:
        size = 1 << n - 24
        n, at = int.from_bytes(data[at:at + size], "big"), at + size
        need(at <= len(data) and n >= (24 if size == 1 else 1 << 4 * size))
    if major in (0, 1, 7):
        return (n, -1 - n)[major] if major < 7 else (False, True, None)[n - 20], at
    if major in (2, 3):
        need(at + n <= len(data))
        return data[at:at + n] if major == 2 else data[at:at + n].decode(), at + n
    items, raw = [], []
    for _ in range({4: n, 5: 2 * n, 6: 1}[major]):
        item, end = cbor_item(data, at, level + 1)
        items.append(item)
        raw.append(data[at:end])
        at = end
    if major != 5:
        return items if major == 4 else Tag(n, items[0]), at
    need(rising(raw[::2]))
    return {item if type(item) in (int, str) else raw: value
            for item, raw, value in zip(items[::2], raw[::2], items[1::2])}, at

FORMS = {
    "u": lambda item: type(item) is int and 0 <= item < 1 << 64,
    "i": lambda item: type(item) is int and -1 << 63 <= item < 1 << 63,
    "t": lambda item: type(item) is str,
    "n": is_name,
    "h": lambda item: type(item) is str and re.fullmatch("[0-9a-f]{64}", item),
    "b": lambda item: type(item) is bytes,
    "d": lambda item: type(item) is bytes and len(item) == 32,
    "s": lambda item: type(item) is bytes and len(item) == 16,
    "a": lambda item: type(item) is list,
    "e": lambda item: item == {},
    "0": lambda item: item is None or FORMS["d"](item),
    "D": lambda item: type(item) is list and all(map(FORMS["d"], item)),
    "T": lambda item: type(item) is list and all(map(FORMS["t"], item))}

def shape(value, forms, labels=()):
    """The items of an array, or the values of a map that has exactly these labels, each of the form of its letter."""
    items = list(value.values()) if labels else value
    need(list(value) == list(labels) if labels else type(value) is list)
    need(len(items) == len(forms) and all(FORMS[form](item) for form, item in zip(forms, items)))
    return items

def sig_structure(context, *parts):
    """CBOR of what COSE signs: a short text and byte strings of less than 64 KiB."""
    out = bytes([0x81 + len(parts), 0x60 + len(context)]) + context.encode()
    for raw in parts:
        size = (len(raw) > 23) + (len(raw) > 255)
        out += bytes([0x40 + (23 + size if size else len(raw))]) + len(raw).to_bytes(2, "big")[2 - size:] + raw
    return out

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
        self.alg, y = alg, ed25519_y(raw)
        if alg == -7:
            need(len(raw) == 65 and raw[0] == 4)
            self.public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
            self.id = sha256(b"\xa4\x01\x02\x20\x01\x21\x58\x20", raw[1:33], b"\x22\x58\x20", raw[33:])
        else:
            x_squared = (y * y - 1) * pow(D * y * y + 1, -1, P)
            need(len(raw) == 32 and y < P and y not in SMALL_ORDER and pow(x_squared, (P - 1) // 2, P) == 1)
            self.public = ed25519.Ed25519PublicKey.from_public_bytes(raw)
            self.id = sha256(b"\xa3\x01\x01\x20\x06\x21\x58\x20", raw)
    @staticmethod
    def of_text(text):
        algorithm, _, encoded = text.partition(":")
        return Key({"ES256": -7, "Ed25519": -8}[algorithm], unbase64(encoded))
    def verifies(self, signature, message):
        try:
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            if self.alg == -7:
                self.public.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
            else:  # OpenSSL checks S, R's one encoding, and the equation without the cofactor
                self.public.verify(signature, message)
            return len(signature) == 64 and (self.alg == -7 or ed25519_y(signature[:32]) not in SMALL_ORDER)
        except (InvalidSignature, ValueError):
            return False

# The tree, checkpoints and proofs (log.md, and the C2SP pages that it names).
def root_of(leaf, index, size, path):
    """The root to which a path leads (RFC 9162 §2.1.3); index and size ask for a path of one length."""
    need(index < size and bool(path) == (size > 1))
    if size == 1:
        return leaf
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return sha256(b"\x01", root_of(leaf, index, half, path[:-1]), path[-1])
    return sha256(b"\x01", path[-1], root_of(leaf, index - half, size - half, path[:-1]))

class LogKey:
    """A checkpoint key, name+id+base64(type ‖ key). `key` is None if it is not of type 1 (Ed25519)."""
    def __init__(self, text):
        self.text, parts = text, re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+(.+)", text, re.DOTALL)
        self.name, raw = parts[1], unbase64(parts[3])
        self.key, self.id = Key(-8, raw[1:]) if raw[0] == 1 else None, sha256(parts[1].encode(), b"\n", raw)[:4]
        self.well_formed = self.id.hex() == parts[2]
        self.usable = self.key and self.well_formed

class Checkpoint:
    FORM = re.compile(r"((.+)\n(0|[1-9][0-9]{0,19})\n(.+)\n(?:.+\n)*)\n((?:— [^\s+]+ \S+\n){1,160})")
    def __init__(self, raw):
        parts = self.FORM.fullmatch(raw.decode())
        need(len(raw) <= 1 << 20 and not re.search(r"[\0-\x09\x0b-\x1f]", parts[0]))
        self.text, self.origin, self.size, self.root = parts[1].encode(), parts[2], int(parts[3]), unbase64(parts[4])
        self.signatures = [(line.split(" ")[1], unbase64(line.split(" ")[2])) for line in parts[5].split("\n")[:-1]]
        need(self.size < 1 << 64 and len(self.root) == 32 and all(len(data) > 4 for _, data in self.signatures))
        self.proven = False
    def signed_by(self, pin):
        """Whether the key signed; all its signatures must hold."""
        held = [pin.key.verifies(data[4:], self.text) for name, data in self.signatures
                if (name, data[:4]) == (pin.name, pin.id)]
        need(all(held))
        return bool(held)
    def need_leaf(self, statement, index, path):
        need(root_of(sha256(b"\0", sha256(statement)), index, self.size, path) == self.root)

class Proof:
    """A `.tlog-proof`."""
    FORM = re.compile(r"c2sp\.org/tlog-proof@v1\n(?:extra (\S+)\n)?index (0|[1-9][0-9]{0,19})((?:\n\S+){0,64})")
    def __init__(self, raw):
        head, _, self.checkpoint = raw.partition(b"\n\n")
        parts = self.FORM.fullmatch(head.decode())
        self.index, self.path = int(parts[2]), [unbase64(line) for line in parts[3].split("\n")[1:]]
        need(len(unbase64(parts[1] or "")) <= 32768 and FORMS["D"](self.path))

# Statements (statement.md), genesis, renewals, verdict records and receipts (genesis.md, renewal.md, batch.md, …).
class Statement:
    """A statement in its logged form: what its header says, and who signed which message."""
    def __init__(self, raw):
        value = cbor(raw)
        sure(type(value) is not list or value[:1] != ["webauthn"], "not_read")
        several = {18: False, 98: True}[value.number]
        protected, _, self.payload, last = shape(value.value, "beba" if several else "bebb")
        header = cbor(protected)
        ours = {label for label in header if type(label) is not int or not -1 << 63 <= label <= -80001}
        labels = {3, 15, -70001} | ({-70005} if several else {1, 4})
        self.bare, self.chain = ours == labels, header.get(-70002)
        need(len(raw) <= 61440 and labels <= ours <= labels | {-70002, -70003, -70004})
        self.kind, audience = shape(header[-70001], "tu"), header[15].get(3)
        need(re.fullmatch("[a-z][a-z0-9-]{0,31}", self.kind[0]) and self.kind[1] >= 1)
        need(header[3] == f"application/vnd.countersign.{self.kind[0]}+cbor")
        self.issuer, self.subject, _ = shape(header[15], "nna" if type(audience) is list else "nnn", [1, 2, 3])
        self.audience = audience if type(audience) is list else [audience]
        need(type(audience) is str or 2 <= len(audience) <= 8 and rising([name.encode() for name in audience]))
        self.required, (_, counter, previous) = header.get(-70005, [header.get(4)]), header.get(-70002, [0, 1, None])
        need(all(map(is_name, self.audience)) and FORMS["D"](self.required) and rising(self.required))
        need(not several or 2 <= len(self.required) <= 8)
        shape(header.get(-70002, [0, 1, None]), "uu0")
        need(counter >= 1 and (previous is None) == (counter == 1))
        shape([*header.get(-70003, [0, bytes(32)]), header.get(-70004, 0), header.get(-70004, 0)], "udui")
        signers = [[encoded, *shape(cbor(encoded), "id", [1, 4]), signature] for encoded, _, signature in
                   (shape(signer, "beb") for signer in last)] if several else [[None, header[1], header[4], last]]
        need(1 <= len(signers) <= 16 and len({kid for _, _, kid, _ in signers}) == len(signers))
        need(all(type(alg) is int and alg in (-7, -8) for _, alg, _, _ in signers))
        self.signers = {kid: (alg, sig_structure("Signature", protected, encoded, b"", self.payload) if several else
                              sig_structure("Signature1", protected, b"", self.payload), signature)
                        for encoded, alg, kid, signature in signers}
        self.claims = cbor(self.payload) if self.kind == ["claims", 1] else [bytes(32)]
        need(FORMS["D"](self.claims) and 1 <= len(self.claims) <= 1024 and len(set(self.claims)) == len(self.claims))
    def verifies(self, key):
        alg, message, signature = self.signers[key.id]
        return alg == key.alg and key.verifies(signature, message)
    def is_of_node(self, kind, terms):
        said = (*self.kind, self.issuer, self.subject, *self.audience, *self.required, *self.signers)
        return (said == (kind, 1, "node", terms.origin, terms.origin, terms.node.id, terms.node.id)
                and self.verifies(terms.node))

class Terms:
    """The log's name and keys from an index on: what genesis says, and a renewal may say anew."""
    def __init__(self, origin, keys, receipt_key, node_key, others=()):
        self.origin, self.keys, self.checkpoint_keys = origin, keys, list(map(LogKey, keys))
        need(is_name(origin) and len(set(keys)) == len(keys))
        need(all(key.name == origin for key in self.checkpoint_keys))
        self.ed25519 = [key for key in self.checkpoint_keys if key.key]
        self.receipt_key, self.node = Key.of_text(receipt_key), Key.of_text(node_key)
        ids = [key.id for key in [self.node, *others, self.receipt_key, *(key.key for key in self.ed25519)]]
        self.ids, self.not_of_principals = set(ids), set(ids[1 + len(others):])
        need(len(self.ids) == len(ids))

class Genesis(Terms):
    def __init__(self, raw):
        self.raw, statement = raw, Statement(raw)
        payload = cbor(statement.payload)
        origin, version, _, keys, receipt_key, node_key, administrators, self.predecessors, policy, _ = shape(
            payload, "nuuTttTTts" if payload[2] == 2 else "nuutttTTts", range(1, 11))
        need(1 <= len(policy.encode()) <= 4096 and 1 <= len(administrators) <= 64)
        need(all(map(is_name, self.predecessors)) and len(self.predecessors) <= 64 and origin not in self.predecessors)
        need(rising([name.encode() for name in self.predecessors]))
        self.administrators = list(map(Key.of_text, administrators))
        super().__init__(origin, keys if version == 2 else [keys], receipt_key, node_key, self.administrators)
        need(version == 1 or version == 2 and 2 <= len(keys) <= 8 and self.ed25519)
        need(statement.is_of_node("genesis", self) and statement.bare)

class Renewal(Terms):
    """What an act of type `Renewal` says (renewal.md)."""
    def __init__(self, said):
        names = ["origin", "checkpointKeys", "nodeKey", "receiptKey"]
        origin, keys, node_key, receipt_key = shape([said[name] for name in names], "nTtt")
        super().__init__(origin, keys, receipt_key, node_key)
        need(len(keys) <= 8 and self.ed25519 and all(key.well_formed for key in self.checkpoint_keys))
        self.key, self.continues = self.node, said.get("continues")
        if "continues" in said:
            _, size, *_ = shape([self.continues.get(name) for name in ("origin", "size", "root")], "nuh")
            lost = {"to": size + 1, **self.continues.get("lost", {"from": size})}
            need(shape([lost["from"], lost["to"], self.continues.get("checkpoint", "")], "uut")[:1] == [size])
            need(lost["to"] > size)

class Batch(Statement):
    def __init__(self, raw):
        super().__init__(raw)
        need(self.kind == ["batch", 1])
        self.first, self.count, *_, self.root = shape(cbor(self.payload), "uuiui0d", range(1, 8))

class Record:
    """What the node concluded of a statement."""
    def __init__(self, raw):
        version, _, self.assurance, self.marks, self.outcomes = shape(cbor(raw), "ustTa")
        need(version == 1 and self.assurance in ASSURANCE and rising([MARKS.index(mark) for mark in self.marks]))
        for outcome in self.outcomes:
            need(type(outcome) is list and all(n < 1 << 32 for n in shape(outcome, OUTCOMES[outcome[0]])[2:]))

class Receipt:
    def __init__(self, raw):
        (kind, version, self.claim, self.ordinal, self.statement, self.index, self.path, self.batch, self.batch_index,
         self.batch_path, self.record, self.record_path, self.checkpoint) = shape(cbor(raw), "tudubuDbuDbDb")
        need((kind, version) == ("countersign-claim-receipt", 1) and self.ordinal < 1 << 32 and len(raw) <= 1310720)
        need(len(self.record) <= 65536 and max(map(len, (self.path, self.batch_path, self.record_path))) <= 64)

# Bodies and envelopes (body.md), and what acts say (act.md).
class Parts:
    """The parts of a body or envelope: what the digest takes in, the open view, the length if none is withheld."""
    def __init__(self, parts, filler):
        need(len(parts) <= 4096)
        self.digest, self.view, self.length, before = len(parts).to_bytes(8, "big"), b"", 0, None
        for part in parts:
            kind, data, *salt = shape(part, {0: "ub", 1: "ud"}[part[0]] if len(part) < 3 else "ubd")
            need(kind == 1 or data and before != 0 and not salt)
            commitment = hmac.digest(salt[0], data, "sha256") if salt else data if kind else sha256(data)
            self.digest += (b"\1" if kind else b"\0" + len(data).to_bytes(8, "big")) + commitment
            self.view += filler if kind else data
            self.length = None if self.length is None or kind and not salt else self.length + len(data)
            before = kind

def hashed(domain, *items):
    """The digest of a body or envelope: texts with their length, numbers as 8 bytes, null as 32 zero bytes."""
    for item in items:
        raw = bytes(32) if item is None else item.encode() if type(item) is str else item
        size = [len(raw).to_bytes(8, "big")] if type(item) is str else []
        domain += b"".join([*size, raw]) if type(raw) is bytes else raw.to_bytes(8, "big")
    return sha256(domain)

class Body:
    def __init__(self, raw):
        *head, self.envelope, self.hole, parts = shape(cbor(raw), "tutsdua")
        parts = Parts(parts, b"" if head[0] == "table-row" else b"null")
        self.digest = hashed(b"countersign/claim/v1\0", *head, self.envelope, self.hole, parts.digest)
        try:
            self.said = strict_json(parts.view) if head[:2] == ["countersign-json", 1] else {}
        except WRONG:
            self.said = {}
        self.gives = key_given(self.said)

class Envelope:
    def __init__(self, raw):
        fields = cbor(raw)
        *head, self.head, section, self.mapping, parts, self.holes, rest = shape(
            fields, "tuts0u0aa" + ("0" if fields[-1] is None else "u"))
        parts = Parts(parts, b"")
        need(all(map(FORMS["u"], self.holes)) and sorted(self.holes) == self.holes)
        need(max([*self.holes, rest or 0]) <= (2**64 - 1 if parts.length is None else parts.length))
        need(rest != 2**64 - 1 and bytes(32) not in (self.head, self.mapping))
        self.digest = hashed(b"countersign/envelope/v1\0", *head, self.head, section, self.mapping, parts.digest,
                             len(self.holes), *self.holes, 2**64 - 1 if rest is None else rest)

class Carrier:
    """A file `checkpoint`."""
    def __init__(self, raw):
        self.checkpoint = raw

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
    need(type(value) is dict and depth(value) <= 32 and json.dumps(value, ensure_ascii=False).encode())
    return value

Held = namedtuple("Held", "key principal role assurance in_force", defaults=[True])

def key_given(said):
    """What a `Define` of a principal or a `Renewal` gives, its key read; None if it is neither."""
    try:
        if said.get("type") == "Renewal":
            return Renewal(said)
        value = said["value"]
        need((said["type"], said["object"]) == ("Define", "principal") and value["role"] in
             ("device", "service", "person", "administrator"))
        need(set(value) <= set("id role key assurance party place clock_offset_ms heartbeat".split()))
        need(all(map(is_name, (value["id"], value.get("party", "x"), value.get("place", "x")))))
        need(re.fullmatch(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?", value.get("heartbeat", "P1D"), re.ASCII))
        assurance = ASSURANCE[ASSURANCE.index(value.get("assurance", "software_key"), 2)]
        return Held(Key.of_text(value["key"]), value["id"], value["role"], assurance)
    except WRONG:
        return None

# The archive and its manifest (pack.md §1 to §3).
def archive(data):
    """The files of a pack by name, if the archive is the one way to pack them."""
    files, at, parts, directory = {}, 0, b"", b""
    while data[at:at + 4] == b"PK\3\4" and at + 30 <= len(data):
        size, length = struct.unpack_from("<I4xH", data, at + 18)
        start = at + 30 + length
        files[data[at + 30:start]], at = data[start:start + size], start + size
    need(len(data) <= 1 << 28 and len(files) <= 20000 and len({name.lower() for name in files}) == len(files))
    for name, raw in sorted(files.items()):
        need(len(name) <= 128 and re.fullmatch(rb"[\w-][\w.-]*(/[\w-][\w.-]*)*", name) and len(raw) <= 1 << 24)
        common = struct.pack("<5H3I2H", 10, 0, 0, 0, 33, zlib.crc32(raw), len(raw), len(raw), len(name), 0)
        directory += b"PK\1\2\n\0" + common + bytes(10) + struct.pack("<I", len(parts)) + name
        parts += b"PK\3\4" + common + name + raw
    counts = (0, 0, len(files), len(files), len(directory), len(parts), 0)
    need(parts + directory + struct.pack("<4s4H2IH", b"PK\5\6", *counts) == data)
    return {name.decode(): content for name, content in files.items()}

def manifest(raw, files):
    """Origin, subject and newest index that manifest.json states; it must be the one manifest of these files."""
    value = strict_json(raw)
    origin, index, ((what, subject),) = *shape([value["origin"], value["made_at_index"]], "nu"), value["about"].items()
    need(FORMS[{"unit": "t", "finding": "h"}[what]](subject) and 1 <= len(subject.encode()) <= 512)
    listed = []
    for name in sorted(files):
        (media, code, words), = [rest for pattern, *rest in FILES if pattern.fullmatch(name)]
        listed.append({"name": name, "bytes": len(files[name]), "sha256": sha256(files[name]).hex(),
                       "media_type": media, "evidence": code, "words": words})
    text = json.dumps({"kind": "countersign-pack", "version": 1, "origin": origin, "about": 0,
                       "made_at_index": index, "files": listed}, indent=2, ensure_ascii=False)
    about = json.dumps({what: subject}, ensure_ascii=False)
    need(raw == (text.replace('"about": 0', f'"about": {about}', 1) + "\n").encode())
    return origin, what, subject, index

# What the files prove together (pack.md §4, receipt.md).
KINDS = {"receipt": Receipt, "tlog-proof": Proof, "statement": Genesis, "body": Body, "envelope": Envelope,
         "checkpoint": Carrier}

class Evidence:
    """A pack, or all loose files: the pieces of its report, and what was read of each file."""
    def __init__(self, pins):
        self.pins, self.pieces, self.about, self.genesis, self.terms = pins, [], None, None, []
        self.files, self.notes, self.findings, self.ring = {}, {}, set(), {}
    @contextmanager
    def piece(self, name):
        verdict, code = "proven", "proven"
        try:
            yield
        except Unsure as why:
            verdict, code = "cannot_tell", str(why)
        except WRONG as why:
            frames = [frame.lineno for frame in traceback.extract_tb(why.__traceback__) if frame.name != "need"]
            verdict, code = "disproven", f"line_{frames[-1]}"
        self.pieces.append({"name": name, "verdict": verdict, "code": code})
    def verdict(self):
        return min((piece["verdict"] for piece in self.pieces), key=["disproven", "cannot_tell", "proven"].index)
    def of(self, *kinds):
        return {name: item for name, item in self.files.items() if type(item) in kinds}
    def pack(self, data):
        files = archive(data)
        need({"manifest.json", "genesis.statement", "genesis.tlog-proof", "checkpoint"} <= set(files))
        self.about = manifest(files.pop("manifest.json"), files)
        for name in files.keys() - {"README.txt", "timeline.json"}:
            self.files[name] = KINDS.get(name.rpartition(".")[2], Blob)(files[name])
        need(all(item.checkpoint == files["checkpoint"] for item in self.of(Receipt, Proof).values()))
        need(all(item.digest.hex() in name for name, item in self.of(Body, Envelope, Blob).items()))
    def loose(self, name, raw):
        kind = KINDS.get(os.path.basename(name).rpartition(".")[2], Blob)
        sure(kind is not Genesis or Statement(raw).kind == ["genesis", 1], "not_read")
        self.files[name] = kind(raw)
    def judge(self):
        """All that can be read is there: what it proves together."""
        receipts, genesis, proofs, notes = (
            list(self.of(kind).items()) for kind in (Receipt, Genesis, Proof, Carrier))
        self.bodies, self.envelopes, self.blobs = (
            {item.digest: item for item in self.of(kind).values()} for kind in (Body, Envelope, Blob))
        self.claims = {receipt.claim for _, receipt in receipts}
        for name, item in notes + proofs + receipts:
            if item.checkpoint not in self.notes:
                with self.piece(name):
                    self.checkpoint(item.checkpoint)
        for name, _ in (genesis + proofs)[:1]:
            with self.piece(name):
                self.begin([item for _, item in genesis], [item for _, item in proofs])
        for _, group in groupby(sorted(receipts, key=lambda item: item[1].index), lambda item: item[1].index):
            before = self.ring
            for name, receipt in group:
                with self.piece(name):
                    self.receipt(name, receipt, before)
        for note in filter(None, self.notes.values() if self.genesis else ()):
            with self.piece("terms of the checkpoint"):
                self.signed_by_terms(note)
        used = {body.envelope for body in self.bodies.values() if body.digest in self.claims}
        used |= {digest for envelope in self.envelopes.values() for digest in (envelope.head, envelope.mapping)}
        for name, item in self.of(Body, Envelope, Blob).items():
            with self.piece(name):
                self.belongs(item, used)
        with self.piece("manifest.json"):
            sure(not self.about or self.about[1] == "unit" or self.about[2] in self.findings, "subject_not_shown")
    def checkpoint(self, raw):
        self.notes[raw] = None
        note = Checkpoint(raw)
        need(all((other.origin, other.size) != (note.origin, note.size) or other.root == note.root
                 for other in filter(None, self.notes.values())))
        self.notes[raw] = note
        need(not self.about or self.about[0] == note.origin and self.about[3] < note.size)
        sure(self.pins, "no_pinned_key")
        signed = [note.signed_by(pin) and pin.name == note.origin for pin in self.pins]
        sure(note.origin in [pin.name for pin in self.pins], "origin_not_pinned")
        need(any(signed))
        note.proven = True
    def begin(self, statements, proofs):
        """Genesis and its proof; from genesis the first keys are known."""
        notes = [self.notes[proof.checkpoint] for proof in proofs]
        need(all(notes))
        sure(statements, "statement_absent")
        sure(proofs, "piece_without_receipt")
        genesis, self.names = statements[0], {statements[0].origin}
        self.names |= {body.gives.origin for body in self.bodies.values() if type(body.gives) is Renewal}
        for proof, note in zip(proofs, notes):
            note.need_leaf(genesis.raw, 0, proof.path)
            need(proof.index == 0 and note.origin in self.names)
        self.genesis = genesis
        self.renew(0, genesis)
        for number, key in enumerate(genesis.administrators, 1):
            self.give(f"admin-{number}", Held(key, f"admin-{number}", "administrator", "software_key"))
        sure(all(note.proven for note in notes), "rests_on_checkpoint")
    def give(self, principal, held=None):
        """A principal has one key in force, or none (statement.md §9)."""
        self.ring = {kid: one._replace(in_force=one.in_force and one.principal != principal)
                     for kid, one in self.ring.items()} | ({held.key.id: held} if held else {})
    def renew(self, index, terms):
        self.terms.append((index, terms))
        self.give("node", Held(terms.node, "node", "service", "software_key"))
    def signed_by_terms(self, note):
        """The checkpoint is signed by the keys that the log had at its size, under its name (renewal.md)."""
        terms = [terms for start, terms in self.terms if terms.origin == note.origin and start < note.size]
        need(terms or not self.about and note.origin not in self.names)
        for keys in terms[-1:]:
            need(all(key.usable for key in keys.ed25519))
            need(all(pin.text in keys.keys for pin in self.pins if pin.name == note.origin and note.signed_by(pin)))
            signed = [note.signed_by(key) for key in keys.ed25519] + [  # of the others: whether they say that they did
                key.id in [data[:4] for _, data in note.signatures] for key in keys.checkpoint_keys if not key.key]
            need(any(signed) or not keys.ed25519)
    def receipt(self, name, receipt, before):
        folder, *place = name.removesuffix(".receipt").split("/") if self.about else [""]
        need(folder not in ("receipts", "conclusions") or place == [f"{receipt.index}.{receipt.ordinal}"])
        note, body = self.notes[receipt.checkpoint], self.bodies.get(receipt.claim)
        statement, batch, record = logged(receipt, note)
        said, gives = (body.said, body.gives) if body else (None, None)
        effective = record.outcomes[receipt.ordinal] == ["effective"]
        need(folder != "keys" or not body or gives and gives.key.id.hex() == place[0])
        need(folder != "conclusions" or not body or said["type"] == "Finding" and shape(
            [said["id"], said["transition"]], "hu")[1])
        sure(self.genesis and note.origin in self.names, "genesis_absent")
        by_node = [terms for terms in (self.terms[-1][1], gives)
                   if isinstance(terms, Terms) and batch.is_of_node("batch", terms)]
        need(by_node)
        issuer = self.issuer(statement, record, before)
        if folder == "conclusions":
            need(statement.issuer == "node")
            sure(effective, "key_not_proven")
            self.findings.add(body and said["id"])
        sure(body or folder != "keys", "body_absent")
        if body:
            done = effective and issuer.role == "administrator" and self.act(receipt.index, gives, said)
            need((done or folder != "keys") and self.terms[-1][1] in by_node)
        sure(note.proven, "rests_on_checkpoint")
        sure(body, "body_absent")
    def act(self, index, gives, said):
        """Gives or takes a key as an administrator's act says, if it may."""
        log_keys = {kid for _, terms in self.terms for kid in terms.not_of_principals}
        held, name, may = gives and self.ring.get(gives.key.id), said.get("id"), True
        if type(gives) is Renewal:
            may = self.may_follow(index, gives, set(self.ring) | log_keys)
            if may:
                self.renew(index, gives)
        elif gives:
            may = gives.principal != "node" and gives.key.id not in log_keys and (
                not held or held.principal == gives.principal and held.in_force)
            if may:
                self.give(gives.principal, gives)
        elif (said.get("type"), said.get("object")) == ("Withdraw", "principal") and name != "node":
            self.give(name)
        return may
    def may_follow(self, index, new, taken):
        """Rules 2 to 6 of renewal.md."""
        now, names = self.terms[-1][1], self.accepted()
        if new.continues:
            return ((new.continues["origin"], new.continues["size"]) == (now.origin, index) and len(names) <= 64
                    and new.origin not in names and not new.ids & taken)
        pairs = [(new.node, now.node), (new.receipt_key, now.receipt_key)]
        same = {one.id for one, before in pairs if one.id == before.id}
        same |= {key.key.id for key in new.ed25519 if key.text in now.keys}
        return new.origin == now.origin and set(new.keys) & set(now.keys) and not (new.ids - same) & taken
    def accepted(self):
        return {*self.genesis.predecessors, *(terms.origin for _, terms in self.terms)}
    def issuer(self, statement, record, ring):
        """Step 8 of receipt.md, by the rules of statement.md §9."""
        need(self.accepted() & set(statement.audience))
        signed = [kid for kid in statement.required if kid in statement.signers]
        known = [ring[kid] for kid in signed if kid in ring]
        sure(known, "key_not_proven")
        need(all(statement.verifies(held.key) for held in known))
        sure(len(known) == len(signed), "key_not_proven")
        issuer, = [held for held in known if held.principal == statement.issuer]
        need(issuer.in_force)
        need(statement.chain or issuer.principal == "node" or issuer.role not in ("device", "service"))
        need(len(signed) == len(statement.required) and all(held.in_force for held in known)
             or "signer_missing" in record.marks)
        sure(ASSURANCE.index(record.assurance) <= ASSURANCE.index(issuer.assurance), "assurance_not_shown")
        return issuer
    def belongs(self, item, used):
        if type(item) is Body:
            envelope = self.envelopes.get(item.envelope)
            need(item.digest in self.claims or self.about or self.claims <= set(self.bodies))
            sure(item.digest in self.claims, "piece_without_receipt")
            sure(envelope, "envelope_absent")
            need(item.hole < len(envelope.holes))
            sure(envelope.head in (None, *self.envelopes), "envelope_absent")
            sure(envelope.mapping in (None, *self.blobs), "mapping_absent")
        need(type(item) is not Blob or self.about or item.digest in used)
        sure(type(item) is Body or item.digest in used, "piece_without_receipt")
        sure(all(note and note.proven for note in self.notes.values()), "rests_on_checkpoint")

def logged(receipt, note):
    """Steps 3, 4, 5 and 7 of receipt.md."""
    statement = Statement(receipt.statement)
    note.need_leaf(receipt.statement, receipt.index, receipt.path)
    need(statement.kind == ["claims", 1] and statement.claims[receipt.ordinal] == receipt.claim)
    batch, record = Batch(receipt.batch), Record(receipt.record)
    note.need_leaf(receipt.batch, receipt.batch_index, receipt.batch_path)
    need(batch.first + batch.count == receipt.batch_index and batch.first <= receipt.index < receipt.batch_index)
    root = root_of(sha256(b"\0", receipt.record), receipt.index - batch.first, batch.count, receipt.record_path)
    need(root == batch.root and len(record.outcomes) == len(statement.claims))
    return statement, batch, record

def report(pins, named, packed):
    evidence = Evidence(pins)
    for name, raw in named:
        with evidence.piece(name):
            evidence.pack(raw) if packed else evidence.loose(name, raw)
    if evidence.verdict() != "disproven":
        evidence.judge()
    return {"kind": "countersign-verify-report", "version": 1, "subject": "pack" if packed else "receipts",
            "pinned": bool(pins), "verdict": evidence.verdict(), "pieces": evidence.pieces}

def reports(pins, named):
    """Of each pack one, and one of all other files."""
    packs, loose = ([file for file in named if (file[1][:2] == b"PK") is packed] for packed in (True, False))
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
        need(all(pin.usable for pin in pins))
    except (*WRONG, OSError) as why:
        parser.error(f"a key or file cannot be read: {why}")
    found = reports(pins, named)
    for made in found:
        pieces = [f"{piece['verdict']:12} {piece['name']} [{piece['code']}]" for piece in made["pieces"]]
        print(json.dumps(made) if options.json else "\n".join([*pieces, made["verdict"]]))
    worst = max(found, key=lambda made: ["proven", "cannot_tell", "disproven"].index(made["verdict"]))
    return {"proven": 0, "cannot_tell": 3, "disproven": 1}[worst["verdict"]]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
