#!/usr/bin/env python3
"""Verifies evidence packs and receipts of a Countersign log: a second implementation, from docs/formats alone.

    countersign_verify.py --key 'log.example/site-1+4fdc434f+AfIS…' [--json] pack.zip...
    countersign_verify.py --key @site-1.vkey 117.0.receipt genesis.statement genesis.tlog-proof *.body *.envelope

Each pack is checked by itself; all other files together, as `countersign export --receipt --with-all` names them.
Exit code: 0 proven, 1 disproven, 3 cannot tell, 2 wrong use. What it does not decide is never called proven:
statements by passkeys and statements that lie beside receipts are 'cannot tell'. Passed over are signatures of notes
that are not Ed25519. Left out: policies, whole logs, whether a body is cut as its format asks, and what a claim about
goods says. Codes of what cannot be read are named after the part, and are coarser than those of `countersign verify`.
Needs `cryptography`.
"""
import argparse, base64, hashlib, hmac, json, os, re, struct, sys, unicodedata, zlib
from collections import namedtuple
from contextlib import contextmanager
from itertools import groupby

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

# Name, media type, code and words of each file in a pack (pack.md §2, §3).
MEDIA = {"text": "text/plain; charset=utf-8", "octets": "application/octet-stream"}
WORDS = {"HEX": "[0-9a-f]{64}", "SMALL": r"(0|[1-9]\d{0,2})", "NUMBER": r"(0|[1-9]\d*)", ".": r"\."}
FILES = [line.split(None, 3) for line in """
README.txt text not_evidence An explanation. Not evidence: nothing proves what it says.
timeline.json json not_evidence The maker's account of what happened. Not evidence: nothing proves what it says.
genesis.statement cose genesis The log's first entry: which keys the log, its node and its administrators have.
genesis.tlog-proof text genesis_logged That this was the log's first entry.
checkpoint text checkpoint What the log signed: how many entries it had, and their root. Everything else rests on it.
keys/HEX/SMALL.receipt cbor key_enrolled That an administrator gave this key to a principal, and that this was logged.
receipts/PLACE.receipt cbor claim_logged That a claim was signed and logged, and what the node concluded of it on receipt.
conclusions/PLACE.receipt cbor conclusion_logged That the node concluded this and logged it. Not that it is so.
bodies/HEX.body cbor claim_said What a claim says. Parts may be withheld; the rest proves without them.
envelopes/HEX.envelope cbor claim_context What stood around claims in the document that brought them.
blobs/HEX octets claim_mapping The mapping file by which a table is read.
""".replace("PLACE", "NUMBER.NUMBER").strip().split("\n")]
for row in FILES:
    row[0] = re.sub(r"HEX|SMALL|NUMBER|\.", lambda word: WORDS[word[0]], row[0])
    row[1] = MEDIA.get(row[1], f"application/{row[1]}")
CANNOT_TELL = """assurance_not_shown body_absent envelope_absent genesis_absent key_not_proven mapping_absent
    no_pinned_key not_read origin_not_pinned piece_without_receipt rests_on_checkpoint statement_absent
    subject_not_shown""".split()
ASSURANCE = ["import", "channel", "software_key", "hardware_key"]
MARKS = "chain_gap chain_broken equivocation locked clock_off body_absent signer_missing unknown_checkpoint".split()
OUTCOMES = {"duplicate": "t u u", "conflicting_claim": "t u u"}
OUTCOMES |= dict.fromkeys("effective unfoldable body_absent unauthorised".split(), "t")

class Fault(Exception):
    """Why a piece is not proven: a code, most of which have a page under docs/errors."""

def need(condition, code=None):
    """Checks refuse with a code. Parsers without one: `read` makes the code of what was read."""
    if not condition:
        raise Fault(code) if code else ValueError

def read(parser, *arguments):
    try:
        return parser(*arguments)
    except (ValueError, RecursionError):
        raise Fault(f"{parser.__name__.lower()}_unreadable") from None

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
    need(20 <= n <= 22 if major == 7 else n < 28)
    if n > 23:
        size = 1 << n - 24
        n, at = int.from_bytes(data[at:at + size], "big"), at + size
        need(at <= len(data) and n >= (24 if size == 1 else 1 << 4 * size))
    if major in (0, 1, 7):
        return (n, -1 - n)[major] if major < 7 else (False, True, None)[n - 20], at
    if major in (2, 3):
        need(at + n <= len(data))
        return (data[at:at + n] if major == 2 else data[at:at + n].decode()), at + n
    items, starts = [], []
    for _ in range({4: n, 5: 2 * n, 6: 1}[major]):
        starts.append(at)
        item, at = cbor_item(data, at, level + 1)
        items.append(item)
    if major != 5:
        return (items if major == 4 else Tag(n, items[0])), at
    keys = [data[start:end] for start, end in zip(starts[::2], starts[1::2])]
    need(rising(keys))
    keys = [item if type(item) in (int, str) else raw for item, raw in zip(items[::2], keys)]
    return dict(zip(keys, items[1::2])), at

def fits(value, form):
    """u uint, i int, t text, b bytes (b32: of 32), n name, h digests, s texts, a array, m map (m0: empty); ?: or null."""
    if form in ("h", "s"):
        return type(value) is list and all(fits(item, "b32" if form == "h" else "t") for item in value)
    kind = {"u": int, "i": int, "t": str, "n": str, "b": bytes, "a": list, "m": dict}[form[0]]
    size = form[1:].rstrip("?")
    return form[-1] == "?" and value is None or (
        type(value) is kind and (form[0] != "u" or value >= 0) and (form[0] != "n" or is_name(value))
        and (not size or len(value) == int(size)))

def shape(value, forms, labels=None):
    """The items of an array, or the values of a map that has exactly these labels."""
    need(type(value) is (dict if labels else list) and (not labels or list(value) == list(labels)))
    items, forms = list(value.values()) if labels else value, forms.split()
    need(len(items) == len(forms) and all(map(fits, items, forms)))
    return items

def sig_structure(*items):
    """CBOR of an array of texts and byte strings, each of less than 64 KiB: what COSE signs."""
    out = bytes([0x80 | len(items)])
    for item in items:
        raw, major = (item.encode(), 0x60) if type(item) is str else (item, 0x40)
        size = (len(raw) > 23) + (len(raw) > 255)
        out += bytes([major | (23 + size if size else len(raw))]) + len(raw).to_bytes(2, "big")[2 - size:] + raw
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
        self.alg = alg
        if alg == -7:
            need(len(raw) == 65 and raw[0] == 4)
            self.public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
            self.id = sha256(b"\xa4\x01\x02\x20\x01\x21\x58\x20", raw[1:33], b"\x22\x58\x20", raw[33:])
        else:
            y = ed25519_y(raw)
            need(len(raw) == 32 and y < P and y not in SMALL_ORDER)
            need(pow((y * y - 1) * pow(D * y * y + 1, -1, P), (P - 1) // 2, P) == 1)  # there is an x
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
    """The root to which a path leads (RFC 9162 §2.1.3); None if index and size ask for a path of another length."""
    if index >= size or size > 1 and not path or size == 1 and path:
        return None
    if size == 1:
        return leaf
    half = 1 << (size - 1).bit_length() - 1
    below = root_of(leaf, index % half, half if index < half else size - half, path[:-1])
    return below and sha256(b"\x01", *((below, path[-1]) if index < half else (path[-1], below)))

class LogKey:
    """A checkpoint key as C2SP writes it: name+id+base64(type ‖ key). `key` is None if it is not of type 1 (Ed25519)."""
    def __init__(self, text):
        parts = re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+(.+)", text, re.DOTALL)
        need(parts)
        raw = unbase64(parts[3])
        need(raw)
        self.text, self.name, self.id = text, parts[1], sha256(parts[1].encode(), b"\n", raw)[:4]
        self.key, self.usable = Key(-8, raw[1:]) if raw[0] == 1 else None, raw[0] == 1 and self.id.hex() == parts[2]

class Checkpoint:
    FORM = re.compile(r"((.+)\n(0|[1-9][0-9]{0,19})\n(.+)\n(?:.+\n)*)\n((?:— [^\s+]+ \S+\n){1,160})")
    def __init__(self, raw):
        parts = self.FORM.fullmatch(raw.decode())
        need(parts and len(raw) <= 1 << 20 and not re.search(r"[\0-\x09\x0b-\x1f]", parts[0]))
        self.text, self.origin, self.size, self.root = parts[1].encode(), parts[2], int(parts[3]), unbase64(parts[4])
        signatures = [line.split(" ") for line in parts[5].split("\n")[:-1]]
        self.signatures = [(name, unbase64(text)) for _, name, text in signatures]
        need(self.size < 1 << 64 and len(self.root) == 32 and all(len(data) > 4 for _, data in self.signatures))
        self.proven = False

    def signed_by(self, pin):
        """None if the key did not sign, else whether all its signatures hold."""
        held = [pin.key.verifies(data[4:], self.text) for name, data in self.signatures
                if (name, data[:4]) == (pin.name, pin.id)]
        return all(held) if held else None

    def has(self, statement, index, path):
        return root_of(sha256(b"\0", sha256(statement)), index, self.size, path) == self.root

class Proof:
    """A `.tlog-proof`."""
    FORM = re.compile(r"c2sp\.org/tlog-proof@v1\n(?:extra (\S+)\n)?index (0|[1-9][0-9]{0,19})((?:\n\S+){0,64})")
    def __init__(self, raw):
        head, _, self.checkpoint = raw.partition(b"\n\n")
        parts = self.FORM.fullmatch(head.decode())
        need(parts and (parts[1] is None or len(unbase64(parts[1])) <= 32768))
        self.index, self.path = int(parts[2]), [unbase64(line) for line in parts[3].split("\n")[1:]]
        need(fits(self.path, "h"))

# Statements (statement.md), genesis, renewals, verdict records and receipts (genesis.md, renewal.md, batch.md, …).
class Statement:
    """A statement in its logged form: what its header says, and who signed which message."""
    def __init__(self, raw):
        value = cbor(raw)
        need(type(value) is not list or value[:1] != ["webauthn"], "not_read")
        need(len(raw) <= 61440 and type(value) is Tag and value.number in (18, 98))
        several = value.number == 98
        protected, _, self.payload, last = shape(value.value, "b m0 b a" if several else "b m0 b b")
        self.header(cbor(protected), {3, 15, -70001} | ({-70005} if several else {1, 4}))
        message = sig_structure("Signature1", protected, b"", self.payload)
        self.signers = {} if several else {self.required[0]: (self.alg, message, last)}
        for own, _, signature in [shape(signer, "b m0 b") for signer in last] if several else []:
            alg, kid = shape(cbor(own), "i b32", [1, 4])
            need(alg in (-7, -8) and kid not in self.signers)
            self.signers[kid] = alg, sig_structure("Signature", protected, own, b"", self.payload), signature
        need(1 <= len(self.signers) <= 16)
        self.claims = cbor(self.payload) if self.kind == ["claims", 1] else [bytes(32)]
        need(fits(self.claims, "h") and 1 <= len(self.claims) <= 1024 and len(set(self.claims)) == len(self.claims))

    def header(self, header, labels):
        need(type(header) is dict)
        self.labels = {label for label in header if type(label) is not int or not -1 << 63 <= label <= -80001}
        need(labels <= self.labels <= labels | {-70002, -70003, -70004})
        self.kind, self.chain = shape(header[-70001], "t u"), header.get(-70002)
        need(re.fullmatch("[a-z][a-z0-9-]{0,31}", self.kind[0]) and self.kind[1] >= 1)
        need(header[3] == f"application/vnd.countersign.{self.kind[0]}+cbor" and type(header[15]) is dict)
        audience = header[15].get(3)
        self.issuer, self.subject, _ = shape(header[15], "n n a" if type(audience) is list else "n n n", [1, 2, 3])
        self.audience = audience if type(audience) is list else [audience]
        need(type(audience) is str or 2 <= len(audience) <= 8)
        need(all(map(is_name, self.audience)) and rising([name.encode() for name in self.audience]))
        self.alg, self.required = header.get(1, -7), header.get(-70005, [header.get(4)])
        need(fits(self.alg, "i") and self.alg in (-7, -8) and fits(self.required, "h"))
        need(-70005 not in header or 2 <= len(self.required) <= 8 and rising(self.required))
        _, counter, previous = shape(header.get(-70002, [0, 1, None]), "u u b32?")
        need(counter >= 1 and (previous is None) == (counter == 1))
        need(shape(header.get(-70003, [0, bytes(32)]), "u b32") and fits(header.get(-70004, 0), "u"))
        need(header.get(-70004, 0) < 1 << 63)

    def verifies(self, key):
        alg, message, signature = self.signers[key.id]
        return alg == key.alg and key.verifies(signature, message)

    def is_of_node(self, kind, terms):
        said = (self.kind, self.issuer, self.subject, self.audience)
        return (said == ([kind, 1], "node", terms.origin, [terms.origin]) and self.verifies(terms.node)
                if list(self.signers) == self.required == [terms.node.id] else False)

class Terms:
    """The log's name and keys from an index on: what genesis says and a renewal may say anew."""
    def __init__(self, origin, keys, receipt_key, node_key, others=()):
        self.origin, self.keys, checkpoint_keys = origin, keys, list(map(LogKey, keys))
        need(is_name(origin) and len(set(keys)) == len(keys) and all(key.name == origin for key in checkpoint_keys))
        self.ed25519 = [key for key in checkpoint_keys if key.key]
        self.receipt_key, self.node = Key.of_text(receipt_key), Key.of_text(node_key)
        self.not_of_principals = {key.id for key in [self.receipt_key, *(key.key for key in self.ed25519)]}
        ids = [self.node.id, *(key.id for key in others), *self.not_of_principals]
        need(len(set(ids)) == len(ids) == len(self.ed25519) + len(others) + 2)

class Genesis(Terms):
    def __init__(self, raw):
        self.raw, self.statement = raw, Statement(raw)
        need(self.statement.kind == ["genesis", 1])
        payload = cbor(self.statement.payload)
        version = payload.get(2) if type(payload) is dict else None
        origin, _, _, keys, receipt_key, node_key, administrators, self.predecessors, policy, _ = shape(
            payload, f"n u u {'s' if version == 2 else 't'} t t s s t b16", range(1, 11))
        need(1 <= len(policy.encode()) <= 4096 and 1 <= len(administrators) <= 64)
        need(all(map(is_name, self.predecessors)) and len(self.predecessors) <= 64 and origin not in self.predecessors)
        need(rising([name.encode() for name in self.predecessors]))
        self.administrators = list(map(Key.of_text, administrators))
        super().__init__(origin, keys if version == 2 else [keys], receipt_key, node_key, self.administrators)
        need(version == 1 or version == 2 and 2 <= len(keys) <= 8 and self.ed25519)
        need(self.statement.is_of_node("genesis", self) and self.statement.labels == {1, 3, 4, 15, -70001})

class Renewal(Terms):
    """What an act of type `Renewal` says (renewal.md)."""
    def __init__(self, said):
        origin, keys, node_key, receipt_key = (said.get(name) for name in
                                               ("origin", "checkpointKeys", "nodeKey", "receiptKey"))
        need(fits(keys, "s") and fits(node_key, "t") and fits(receipt_key, "t") and is_name(origin))
        super().__init__(origin, keys, receipt_key, node_key)
        need(len(keys) <= 8 and self.ed25519 and all(key.usable for key in self.ed25519))
        self.key, self.continues = self.node, said.get("continues")
        if "continues" in said:
            name, size, root = (self.continues.get(field) for field in ("origin", "size", "root"))
            need(is_name(name) and is_u64(size) and fits(root, "t") and re.fullmatch("[0-9a-f]{64}", root))
            need(fits(self.continues.get("checkpoint", ""), "t"))
            lost = self.continues.get("lost", {"from": size})
            need(lost["from"] == size and is_u64(lost["from"]) and is_u64(lost.get("to", size + 1)))
            need(lost.get("to", size + 1) > size)

class Batch(Statement):
    def __init__(self, raw):
        super().__init__(raw)
        self.first, self.count, recorded, _, tick, _, self.root = shape(
            cbor(self.payload), "u u i u i b32? b32", range(1, 8))
        need(all(-1 << 63 <= time < 1 << 63 for time in (recorded, tick)))

class Record:
    """What the node concluded of a statement."""
    def __init__(self, raw):
        version, _, self.assurance, self.marks, self.outcomes = shape(cbor(raw), "u b16 t s a")
        need(version == 1 and self.assurance in ASSURANCE and set(self.marks) <= set(MARKS))
        need(rising([MARKS.index(mark) for mark in self.marks]))
        for outcome in self.outcomes:
            need(fits(outcome, "a") and fits(outcome[0] if outcome else None, "t") and outcome[0] in OUTCOMES)
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
            need(fits(part, "a") and part and fits(part[0], "u") and part[0] < 2)
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
        size = len(raw).to_bytes(8, "big") if type(item) is str else b""
        domain += raw.to_bytes(8, "big") if type(item) is int else size + raw
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
        self.gives = key_given(self.said)

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

class Carrier:
    """The file `checkpoint` of a pack."""
    def __init__(self, raw):
        self.checkpoint = raw

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

def is_u64(value):
    return fits(value, "u") and value < 1 << 64

Held = namedtuple("Held", "key principal role assurance in_force")

def key_given(said):
    """What a `Define` of a principal or a `Renewal` gives, its key read; None if it is neither."""
    try:
        if said.get("type") == "Renewal":
            return Renewal(said)
        value = said["value"]
        need((said.get("type"), said.get("object")) == ("Define", "principal") and type(value) is dict)
        need(set(value) <= set("id role key assurance party place clock_offset_ms heartbeat".split()))
        need(value["role"] in ("device", "service", "person", "administrator"))
        need(value.get("assurance", "software_key") in ASSURANCE[2:])
        need(all(map(is_name, (value["id"], value.get("party", "x"), value.get("place", "x")))))
        need(re.fullmatch(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?", value.get("heartbeat", "P1D"), re.ASCII))
        return Held(Key.of_text(value["key"]), value["id"], value["role"], value.get("assurance", "software_key"), True)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None

def is_finding(said):
    return (said.get("type") == "Finding" and is_u64(said.get("transition")) and said["transition"] > 0
            and fits(said.get("id"), "t64") and re.fullmatch("[0-9a-f]{64}", said["id"]))

# The archive and its manifest (pack.md §1 to §3).
def archive(data):
    """The files of a pack by name, if the archive is the one way to pack them."""
    files, at, parts, directory = {}, 0, b"", b""
    need(len(data) <= 1 << 28)
    while data[at:at + 4] == b"PK\3\4" and at + 30 <= len(data):
        size, length = struct.unpack_from("<I4xH", data, at + 18)
        start = at + 30 + length
        files[data[at + 30:start]], at = data[start:start + size], start + size
    need(len(files) <= 20000 and len({name.lower() for name in files}) == len(files))
    for name in sorted(files):
        size = len(files[name])
        need(len(name) <= 128 and re.fullmatch(rb"[\w-][\w.-]*(/[\w-][\w.-]*)*", name) and size <= 1 << 24)
        common = struct.pack("<5H3I2H", 10, 0, 0, 0, 33, zlib.crc32(files[name]), size, size, len(name), 0)
        directory += b"PK\1\2\n\0" + common + bytes(10) + struct.pack("<I", len(parts)) + name
        parts += b"PK\3\4" + common + name + files[name]
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(files), len(files), len(directory), len(parts), 0)
    need(parts + directory + end == data)
    return {name.decode(): content for name, content in files.items()}

def manifest(raw, files):
    """Origin, subject and newest index that manifest.json states; it must be the one manifest of these files."""
    value = strict_json(raw)
    need((value.get("kind"), value.get("version")) == ("countersign-pack", 1), "manifest_unsupported")
    origin, about, index = value.get("origin"), value.get("about"), value.get("made_at_index")
    need(is_name(origin) and is_u64(index) and type(about) is dict and len(about) == 1)
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
    need(raw == text.encode(), "manifest_mismatch")
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
        code = "proven"
        try:
            yield
        except Fault as why:
            code = str(why)
        verdict = "proven" if code == "proven" else "cannot_tell" if code in CANNOT_TELL else "disproven"
        self.pieces.append({"name": name, "verdict": verdict, "code": code})

    def verdict(self):
        return min((piece["verdict"] for piece in self.pieces), key=["disproven", "cannot_tell", "proven"].index)

    def of(self, *kinds):
        return {name: item for name, item in self.files.items() if type(item) in kinds}

    def pack(self, data):
        files = read(archive, data)
        need(all(name == "manifest.json" or any(re.fullmatch(row[0], name) for row in FILES) for name in files),
             "pack_file_unknown")
        need({"manifest.json", "genesis.statement", "genesis.tlog-proof", "checkpoint"} <= set(files),
             "pack_file_missing")
        self.about = read(manifest, files.pop("manifest.json"), files)
        for name in files.keys() - {"README.txt", "timeline.json"}:
            self.files[name] = read(KINDS.get(name.rpartition(".")[2], Blob), files[name])
        need(all(item.checkpoint == files["checkpoint"] for item in self.of(Receipt, Proof).values()),
             "checkpoint_mixed")
        need(all(item.digest.hex() in name for name, item in self.of(Body, Envelope, Blob).items()), "body_differs")

    def judge(self):
        """All that can be read is there: what it proves together."""
        receipts, parts = self.of(Receipt), self.of(Body, Envelope, Blob)
        self.bodies, self.envelopes, self.blobs = (
            {item.digest: item for item in self.of(kind).values()} for kind in (Body, Envelope, Blob))
        self.claims = {receipt.claim for receipt in receipts.values()}
        for name, item in self.of(Carrier, Proof, Receipt).items():
            if item.checkpoint not in self.notes:
                with self.piece(name):
                    self.checkpoint(item.checkpoint)
        for name in [*self.of(Genesis), *self.of(Proof)][:1]:
            with self.piece(name):
                self.begin(list(self.of(Genesis).values()), list(self.of(Proof).values()))
        for _, group in groupby(sorted(receipts.items(), key=lambda item: item[1].index), lambda item: item[1].index):
            before = self.ring
            for name, receipt in group:
                with self.piece(name):
                    self.receipt(name, receipt, before)
        with self.piece("checkpoint"):
            for note in filter(None, self.notes.values() if self.genesis else ()):
                self.by_terms(note)
        used = {body.envelope for body in self.bodies.values() if body.digest in self.claims}
        used |= {digest for envelope in self.envelopes.values() for digest in (envelope.head, envelope.mapping)}
        for name, item in parts.items():
            with self.piece(name):
                self.belongs(item, used)
        with self.piece("manifest.json"):
            need(not self.about or self.about[1] == "unit" or self.about[2] in self.findings, "subject_not_shown")

    def checkpoint(self, raw):
        note = self.notes[raw] = None
        note = read(Checkpoint, raw)
        for other in filter(None, self.notes.values()):
            same = (other.origin, other.size) == (note.origin, note.size)
            need(not same or other.root == note.root, "checkpoints_conflict")
        self.notes[raw] = note
        need(not self.about or self.about[0] == note.origin, "origin_mismatch")
        need(not self.about or self.about[3] < note.size, "manifest_beyond_checkpoint")
        need(self.pins, "no_pinned_key")
        signed = [note.signed_by(pin) for pin in self.pins]
        need(False not in signed, "checkpoint_signature_wrong")
        ours = [found for found, pin in zip(signed, self.pins) if pin.name == note.origin]
        need(ours, "origin_not_pinned")
        need(True in ours, "checkpoint_not_by_pinned_key")
        note.proven = True

    def begin(self, statements, proofs):
        """Genesis and its proof; from genesis the first keys are known."""
        notes = [self.notes[proof.checkpoint] for proof in proofs]
        need(all(notes), "checkpoint_unreadable")
        need(statements, "statement_absent")
        need(proofs, "piece_without_receipt")
        genesis = statements[0]
        need(all(proof.index == 0 and note.has(genesis.raw, 0, proof.path) for proof, note in zip(proofs, notes)),
             "genesis_not_first")
        self.names = {genesis.origin} | {body.gives.origin for body in self.bodies.values()
                                         if type(body.gives) is Renewal}
        need(all(note.origin in self.names for note in notes), "origin_mismatch")
        self.genesis, self.terms = genesis, [(0, genesis)]
        self.give(Held(genesis.node, "node", "service", "software_key", True))
        for number, key in enumerate(genesis.administrators, 1):
            self.give(Held(key, f"admin-{number}", "administrator", "software_key", True))
        need(all(note.proven for note in notes), "rests_on_checkpoint")

    def give(self, held):
        """A principal has one key in force (statement.md §9)."""
        self.take(held.principal)
        self.ring[held.key.id] = held

    def take(self, principal):
        self.ring = {kid: held._replace(in_force=held.in_force and held.principal != principal)
                     for kid, held in self.ring.items()}

    def by_terms(self, note):
        """The checkpoint is signed by the keys that the log had at its size, under its name (renewal.md)."""
        terms = [terms for start, terms in self.terms if terms.origin == note.origin and start < note.size][-1:]
        need(terms or not self.about and note.origin not in self.names, "origin_mismatch")
        for keys in terms:
            need(all(key.usable for key in keys.ed25519), "genesis_unreadable")
            pins = [pin for pin in self.pins if pin.name == note.origin and note.signed_by(pin) is not None]
            signed = [note.signed_by(key) for key in keys.ed25519]
            need(all(pin.text in keys.keys for pin in pins), "checkpoint_not_by_genesis_key")
            need(False not in signed and (True in signed or not signed), "checkpoint_not_by_genesis_key")

    def receipt(self, name, receipt, before):
        folder, *place = name.removesuffix(".receipt").split("/") if self.about else [""]
        need(folder not in ("receipts", "conclusions") or place == [f"{receipt.index}.{receipt.ordinal}"],
             "name_mismatch")
        note, body = self.notes[receipt.checkpoint], self.bodies.get(receipt.claim)
        need(note, "checkpoint_unreadable")
        statement, batch, record = logged(receipt, note)
        gives = body and body.gives
        need(folder != "keys" or not body or gives and gives.key.id.hex() == place[0], "enrolment_unreadable")
        need(folder != "conclusions" or not body or is_finding(body.said), "conclusion_unreadable")
        need(self.genesis and note.origin in self.names, "genesis_absent")
        by_node = [terms for terms in (self.terms[-1][1], gives)
                   if isinstance(terms, Terms) and batch.is_of_node("batch", terms)]
        need(by_node, "batch_not_by_node")
        issuer = self.issuer(statement, record, before)
        effective = record.outcomes[receipt.ordinal] == ["effective"]
        if folder == "conclusions":
            need(statement.issuer == "node", "conclusion_not_by_node")
            need(effective, "key_not_proven")
            self.findings.add(body and body.said["id"])
        need(body or folder != "keys", "body_absent")
        refused = body and self.act(receipt.index, gives, body.said, effective and issuer.role == "administrator")
        need(folder != "keys" or not refused, "enrolment_refused")
        need(self.terms[-1][1] in by_node, "batch_not_by_node")
        need(note.proven, "rests_on_checkpoint")
        need(body, "body_absent")

    def act(self, index, gives, said, allowed):
        """Gives or takes a key as an act says. True if it may not: an act without effect."""
        kept = {kid for _, terms in self.terms for kid in terms.not_of_principals}
        held = self.ring.get(gives.key.id) if gives else None
        if not allowed or type(gives) is Renewal and not self.may_follow(index, gives, kept):
            return True
        if type(gives) is Renewal:
            self.terms.append((index, gives))
            self.give(Held(gives.node, "node", "service", "software_key", True))
        elif gives:
            if gives.principal == "node" or gives.key.id in kept or held and (
                    held.principal != gives.principal or not held.in_force):
                return True
            self.give(gives)
        elif (said.get("type"), said.get("object")) == ("Withdraw", "principal") and said.get("id") != "node":
            self.take(said.get("id"))
        return False

    def may_follow(self, index, new, kept):
        """The rules of renewal.md, but who may."""
        now, names = self.terms[-1][1], self.accepted()
        same = {now.node.id} if new.node.id == now.node.id else set()
        same |= {now.receipt_key.id} if new.receipt_key.id == now.receipt_key.id else set()
        same |= {key.key.id for key in new.ed25519 if key.text in now.keys}
        if new.continues:
            says = new.continues["origin"] == now.origin and new.continues["size"] == index
            same = set()
            says = says and new.origin not in names and len(names) <= 64
        else:
            says = new.origin == now.origin and set(new.keys) & set(now.keys)
        return says and not ({new.node.id} | new.not_of_principals) - same & (set(self.ring) | kept)

    def accepted(self):
        return {*self.genesis.predecessors, *(terms.origin for _, terms in self.terms)}

    def issuer(self, statement, record, ring):
        """Step 8 of receipt.md, by the rules of statement.md §9."""
        need(self.accepted() & set(statement.audience), "statement_refused")
        signed = [kid for kid in statement.required if kid in statement.signers]
        known = [ring[kid] for kid in signed if kid in ring]
        need(known, "key_not_proven")
        need(all(statement.verifies(held.key) for held in known), "signature_wrong")
        need(len(known) == len(signed), "key_not_proven")
        issuers = [held for held in known if held.principal == statement.issuer]
        need(len(issuers) == 1, "signer_not_issuer")
        issuer, = issuers
        need(issuer.in_force, "statement_refused")
        need(statement.chain or issuer.principal == "node" or issuer.role not in ("device", "service"),
             "statement_refused")
        missing = len(signed) < len(statement.required) or not all(held.in_force for held in known)
        need(not missing or "signer_missing" in record.marks, "record_contradicts")
        need(ASSURANCE.index(record.assurance) <= ASSURANCE.index(issuer.assurance), "assurance_not_shown")
        return issuer

    def belongs(self, item, used):
        if type(item) is Body:
            envelope = self.envelopes.get(item.envelope)
            need(item.digest in self.claims or self.about or self.claims <= set(self.bodies), "body_differs")
            need(item.digest in self.claims, "piece_without_receipt")
            need(envelope, "envelope_absent")
            need(item.hole < len(envelope.holes), "hole_missing")
            need(envelope.head in (None, *self.envelopes), "envelope_absent")
            need(envelope.mapping in (None, *self.blobs), "mapping_absent")
        need(type(item) is Body or item.digest in used, "file_unknown" if type(item) is Blob and not self.about
             else "piece_without_receipt")
        need(all(note and note.proven for note in self.notes.values()), "rests_on_checkpoint")

def logged(receipt, note):
    """Steps 3, 4, 5 and 7 of receipt.md."""
    statement = read(Statement, receipt.statement)
    need(note.has(receipt.statement, receipt.index, receipt.path), "statement_not_logged")
    need(statement.kind == ["claims", 1] and statement.claims[receipt.ordinal:][:1] == [receipt.claim],
         "claim_not_in_statement")
    batch = read(Batch, receipt.batch)
    need(note.has(receipt.batch, receipt.batch_index, receipt.batch_path), "batch_not_logged")
    need(batch.first + batch.count == receipt.batch_index and batch.first <= receipt.index < receipt.batch_index,
         "batch_not_covering")
    root = root_of(sha256(b"\0", receipt.record), receipt.index - batch.first, batch.count, receipt.record_path)
    need(root == batch.root, "record_not_in_batch")
    record = read(Record, receipt.record)
    need(len(record.outcomes) == len(statement.claims), "record_contradicts")
    return statement, batch, record

def report(pins, named, packed):
    evidence = Evidence(pins)
    for name, raw in named:
        with evidence.piece(name):
            kind = KINDS.get(os.path.basename(name).rpartition(".")[2], Blob)
            need(packed or kind is not Genesis or read(Statement, raw).kind == ["genesis", 1], "not_read")
            evidence.pack(raw) if packed else evidence.files.update({name: read(kind, raw)})
    if evidence.verdict() != "disproven":
        evidence.judge()
    return {"kind": "countersign-verify-report", "version": 1, "subject": "pack" if packed else "receipts",
            "pinned": bool(pins), "verdict": evidence.verdict(), "pieces": evidence.pieces}

def reports(pins, named):
    """Of each pack one, and one of all other files."""
    packs, loose = ([file for file in named if (file[1][:2] == b"PK") is packed] for packed in (True, False))
    return [report(pins, [pack], True) for pack in packs] + ([report(pins, loose, False)] if loose else [])

def pinned(text):
    key = LogKey(open(text[1:], encoding="utf-8").read().strip() if text[:1] == "@" else text)
    need(key.usable)
    return key

def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", action="append", default=[], help="name+id+base64, or @FILE; may be given again")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each report")
    parser.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        pins, named = list(map(pinned, options.key)), [(name, open(name, "rb").read()) for name in options.files]
    except (ValueError, OSError) as why:
        parser.error(str(why))
    found = reports(pins, named)
    for made in found:
        pieces = [f"{piece['verdict']:12} {piece['name']} [{piece['code']}]" for piece in made["pieces"]]
        print(json.dumps(made) if options.json else "\n".join([*pieces, made["verdict"]]))
    return max(({"proven": 0, "cannot_tell": 3, "disproven": 1}[made["verdict"]] for made in found), key=[0, 3, 1].index)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
