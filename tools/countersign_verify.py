#!/usr/bin/env python3
"""Verifies evidence packs and loose receipts of a Countersign log: a second implementation, from docs/formats alone.

    countersign_verify.py --key 'log.example/site-1+4fdc434f+AfIS…' [--json] pack.zip...
    countersign_verify.py --key @site-1.vkey 117.0.receipt genesis.statement genesis.tlog-proof *.body *.envelope

Each pack is checked by itself, all other files together. Exit code: 0 proven, 1 disproven, 3 cannot tell, 2 wrong use.
Wrong use for this program: a policy (`--policy`), a data folder or mirror, a log key of another type than Ed25519.
Not judged: whether a body is cut as its format asks, and what a claim about goods says. Needs `cryptography`.
"""
import argparse, base64, hashlib, hmac, json, re, struct, sys, unicodedata, zlib
from collections import namedtuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

FILES = [row.split(" | ") for row in r"""
README\.txt | PLAIN | not_evidence | An explanation. Not evidence: nothing proves what it says.
timeline\.json | application/json | not_evidence | The maker's account of what happened. Not evidence: nothing proves what it says.
genesis\.statement | application/cose | genesis | The log's first entry: which keys the log, its node and its administrators have.
genesis\.tlog-proof | PLAIN | genesis_logged | That this was the log's first entry.
checkpoint | PLAIN | checkpoint | What the log signed: how many entries it had, and their root. Everything else rests on it.
keys/HEX/(0|[1-9]\d{0,2})\.receipt | CBOR | key_enrolled | That an administrator gave this key to a principal, and that this was logged.
receipts/NUMBER\.NUMBER\.receipt | CBOR | claim_logged | That a claim was signed and logged, and what the node concluded of it on receipt.
conclusions/NUMBER\.NUMBER\.receipt | CBOR | conclusion_logged | That the node concluded this and logged it. Not that it is so.
bodies/HEX\.body | CBOR | claim_said | What a claim says. Parts may be withheld; the rest proves without them.
envelopes/HEX\.envelope | CBOR | claim_context | What stood around claims in the document that brought them.
blobs/HEX | application/octet-stream | claim_mapping | The mapping file by which a table is read.
""".replace("PLAIN", "text/plain; charset=utf-8").replace("CBOR", "application/cbor").replace("HEX", "[0-9a-f]{64}")
    .replace("NUMBER", r"(0|[1-9]\d*)").strip().split("\n")]  # pattern of the name, media type, code, words (pack.md §2, §3)
CANNOT_TELL = set("assurance_not_shown body_absent envelope_absent genesis_absent key_not_proven mapping_absent no_pinned_key "
                  "origin_not_pinned piece_without_receipt rests_on_checkpoint statement_absent subject_not_shown".split())
ROLES, PRINCIPAL = "device service person administrator", "id role key assurance party place clock_offset_ms heartbeat"
ASSURANCE = ["import", "channel", "software_key", "hardware_key"]
MARKS = "chain_gap chain_broken equivocation locked clock_off body_absent signer_missing unknown_checkpoint".split()
OUTCOMES = {"effective": "t", "duplicate": "t u u", "conflicting_claim": "t u u", "unfoldable": "t", "body_absent": "t",
            "unauthorised": "t"}

class Fault(Exception):
    """Why a piece is not proven: a code with a page under docs/errors, and words."""

def need(condition, words):
    """Parsers refuse with a ValueError; `read` turns it into the code of the piece."""
    if not condition:
        raise ValueError(words)

def check(condition, code, words=""):
    if not condition:
        raise Fault(code, words)

def read(code, parser, *arguments):
    try:
        return parser(*arguments)
    except (ValueError, RecursionError) as why:
        raise Fault(code, str(why)) from None

def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()

def u64(number):
    return number.to_bytes(8, "big")

# Deterministic CBOR (statement.md): numbers, texts, bytes, lists, dicts, Tag, None, True, False.

Tag = namedtuple("Tag", "number value")

def cbor(data):
    value, end = cbor_item(data, 0, 0)
    need(end == len(data), "bytes behind the CBOR")
    return value

def cbor_item(data, at, level):
    need(at < len(data) and level <= 32, "CBOR that is cut off or too deep")
    major, n = data[at] >> 5, data[at] & 31
    if major == 7:
        need(n in (20, 21, 22), "a float or an unknown simple value")
        return {20: False, 21: True, 22: None}[n], at + 1
    size = 0 if n < 24 else 1 << n - 24
    at += 1 + size
    need(n < 28 and at <= len(data), "CBOR that is cut off, or of indefinite length")
    if size:
        n = int.from_bytes(data[at - size:at], "big")
        need(n >= (24 if size == 1 else 1 << 4 * size), "a number that is not in its shortest form")
    if major < 2:
        return (n if major == 0 else -1 - n), at
    if major < 4:
        need(at + n <= len(data), "CBOR that is cut off")
        return (data[at:at + n] if major == 2 else data[at:at + n].decode()), at + n
    if major == 6:
        value, at = cbor_item(data, at, level + 1)
        return Tag(n, value), at
    items, last = [] if major == 4 else {}, b""
    for _ in range(n):
        item, end = cbor_item(data, at, level + 1)
        if major == 4:
            items.append(item)
        else:
            need(last < data[at:end], "keys of a map that are not sorted, or come twice")
            last, key = data[at:end], item if type(item) in (int, str) else data[at:end]
            items[key], end = cbor_item(data, end, level + 1)
        at = end
    return items, at

def fits(value, form):
    """u uint, i int, t text, b bytes (b32: of 32), h array of digests, a array, m map; with ?: or null."""
    if form == "h":
        return type(value) is list and all(fits(item, "b32") for item in value)
    kind, size = {"u": int, "i": int, "t": str, "b": bytes, "a": list, "m": dict}[form[0]], form[1:].rstrip("?")
    return (form[-1] == "?" and value is None
            or type(value) is kind and (form[0] != "u" or value >= 0) and (not size or len(value) == int(size)))

def shape(value, forms):
    forms = forms.split()
    need(type(value) is list and len(value) == len(forms) and all(map(fits, value, forms)), "not of the documented form")
    return value

def fields(value, labels, forms):
    """The values of a map that has exactly these labels."""
    need(type(value) is dict and list(value) == list(labels), "a map with other labels")
    return shape(list(value.values()), forms)

def cbor_text(item):
    """CBOR of a text or byte string of less than 64 KiB."""
    raw, major = (item.encode(), 0x60) if type(item) is str else (item, 0x40)
    size = (len(raw) > 23) + (len(raw) > 255)
    return bytes([major | (23 + size if size else len(raw))]) + len(raw).to_bytes(2, "big")[2 - size:] + raw

def sig_structure(*items):
    """CBOR of an array of texts and byte strings: what COSE signs."""
    return bytes([0x80 | len(items)]) + b"".join(map(cbor_text, items))

def is_name(text):
    return type(text) is str and 0 < len(text.encode()) <= 512 and not any(
        c in '{}<>"\\^`|' or c.isspace() or unicodedata.category(c) == "Cc" for c in text)

def rising(values):
    return all(a < b for a, b in zip(values, values[1:]))

def unbase64(text):
    data = base64.b64decode(text.encode(), validate=True)
    need(base64.b64encode(data).decode() == text, "not base64")
    return data

# Keys and signatures (statement.md §1).

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER_8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
SMALL_ORDER = {0, 1, P - 1, ORDER_8, P - ORDER_8}  # the y of the points of small order

def ed25519_y(point):
    return int.from_bytes(point, "little") & (1 << 255) - 1

class Key:
    """A public key of algorithm -7 (ES256) or -8 (Ed25519); `id` is its COSE thumbprint."""
    def __init__(self, alg, raw):
        self.alg = alg
        if alg == -7:
            need(len(raw) == 65 and raw[0] == 4, "not an uncompressed point of P-256")
            self.public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
            self.id = sha256(b"\xa4\x01\x02\x20\x01\x21\x58\x20", raw[1:33], b"\x22\x58\x20", raw[33:])
            return
        y = ed25519_y(raw)
        need(len(raw) == 32 and y < P and y not in SMALL_ORDER, "not a fit Ed25519 key")
        x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        need(pow(x2, (P - 1) // 2, P) == 1, "not a point of Curve25519")
        self.public = ed25519.Ed25519PublicKey.from_public_bytes(raw)
        self.id = sha256(b"\xa3\x01\x01\x20\x06\x21\x58\x20", raw)

    @staticmethod
    def of_text(text):
        algorithm, _, encoded = text.partition(":")
        need(algorithm in ("ES256", "Ed25519"), "a key of an unknown kind")
        return Key(-7 if algorithm == "ES256" else -8, unbase64(encoded))

    def verifies(self, signature, message, der=False):
        try:
            if self.alg == -8:  # OpenSSL checks S, R's one encoding, and the equation without the cofactor
                return ed25519_y(signature[:32]) not in SMALL_ORDER and self.public.verify(signature, message) is None
            if not der:
                need(len(signature) == 64, "not r ‖ s")
                signature = utils.encode_dss_signature(*(int.from_bytes(half, "big") for half in (signature[:32], signature[32:])))
            return self.public.verify(signature, message, ec.ECDSA(hashes.SHA256())) is None
        except (InvalidSignature, ValueError):
            return False

# The tree, checkpoints and proofs (log.md, and the C2SP pages that it names).

def root_of(leaf, index, size, path):
    """RFC 9162 §2.1.3.2: the root to which a path leads; None if it has another length than index and size ask for."""
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
        self.name, key_id, encoded = (text.split("+", 2) + ["", ""])[:3]
        raw = unbase64(encoded)
        need(self.name and not re.search(r"\s", self.name) and raw[:1] == b"\x01", "not name+id+base64 of an Ed25519 key")
        self.key, self.id = Key(-8, raw[1:]), sha256(self.name.encode(), b"\n", raw)[:4]
        need(key_id == self.id.hex(), "the id is not that of the key")

class Checkpoint:
    def __init__(self, raw):
        note = raw.decode()
        text, blank, signatures = note.rpartition("\n\n")
        need(len(raw) <= 1 << 20 and not any(c < " " and c != "\n" for c in note), "too long, or a control character")
        need(blank and signatures[-1:] == "\n" and signatures.count("\n") <= 160, "not a signed note")
        self.text, self.signatures, self.proven = (text + "\n").encode(), [], False
        for line in signatures[:-1].split("\n"):
            parts = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
            data = unbase64(parts[2]) if parts else b""
            need(len(data) > 4, "a line that is no signature")
            self.signatures.append((parts[1], data[:4], data[4:]))
        lines = text.split("\n")
        need(len(lines) >= 3 and all(lines) and re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]), "not the text of a checkpoint")
        self.origin, self.size, self.root = lines[0], int(lines[1]), unbase64(lines[2])
        need(self.size < 1 << 64 and len(self.root) == 32, "not the text of a checkpoint")

    def signed_by(self, key):
        """None if the key did not sign, else whether all its signatures hold."""
        held = [key.key.verifies(signature, self.text) for *who, signature in self.signatures if who == [key.name, key.id]]
        return all(held) if held else None

    def has(self, statement, index, path):
        return root_of(sha256(b"\0", sha256(statement)), index, self.size, path) == self.root

class Proof:
    """A `.tlog-proof`."""
    def __init__(self, raw):
        head, _, self.checkpoint = raw.partition(b"\n\n")
        first, *lines = head.decode().split("\n")
        if lines and lines[0].startswith("extra "):
            need(0 < len(unbase64(lines.pop(0)[6:])) <= 32768, "extra data")
        need(first == "c2sp.org/tlog-proof@v1" and lines and re.fullmatch("index (0|[1-9][0-9]{0,19})", lines[0]), "no proof")
        self.index, self.path = int(lines[0][6:]), [unbase64(line) for line in lines[1:]]
        need(fits(self.path, "h") and len(self.path) <= 64, "a path that is none")

# Statements (statement.md), genesis, verdict records and receipts (genesis.md, batch.md, receipt.md).

class Statement:
    """A statement: its logged form `raw`, what its header says, and who signed which message."""
    def __init__(self, raw, logged=True):
        self.raw, value = raw, cbor(raw)
        need(len(raw) <= 61440, "beyond the limit")
        self.passkey, several = type(value) is list, type(value) is Tag and value.number == 98
        if self.passkey:
            name, version, protected, self.payload, device, client, last = shape(value, "t u b b b b b")
            need((name, version) == ("webauthn", 1), "not of the documented form")
        else:
            need(type(value) is Tag and value.number in (18, 98), "not of the documented form")
            protected, _, self.payload, last = shape(value.value, "b m b a" if several else "b m b b")
            self.raw = raw[:2 if several else 1] + b"\x84" + cbor_text(protected) + b"\xa0" + cbor_text(self.payload)
            self.raw += bytes([0x80 | len(last)]) if several and len(last) <= 16 else b"" if several else cbor_text(last)
        self.header(cbor(protected), {3, 15, -70001} | ({-70005} if several else {1, 4}))
        message = sig_structure("Signature1", protected, b"", self.payload)
        self.signers = {} if several else {self.kid: (self.alg, message, last)}
        if self.passkey:
            need(self.alg == -7 and self.chain is None, "a passkey signs by ES256, without a chain")
            said = passkey_said(device, client) == base64.urlsafe_b64encode(sha256(message)).decode().rstrip("=")
            self.signers[self.kid] = (-7, device + sha256(client), last if said else b"")
        for signer in last if several else []:
            own, _, signature = shape(signer, "b m b")
            alg, kid = fields(cbor(own), [1, 4], "i b32")
            need(alg in (-7, -8) and kid not in self.signers, "not of the documented form")
            self.raw += b"\x83" + cbor_text(own) + b"\xa0" + cbor_text(signature)
            self.signers[kid] = (alg, sig_structure("Signature", protected, own, b"", self.payload), signature)
        need(1 <= len(self.signers) <= 16, "1 to 16 signers")
        need(self.raw == raw or not logged and self.kind != "genesis", "not in its logged form")
        self.claims = cbor(self.payload) if (self.kind, self.version) == ("claims", 1) else [bytes(32)]
        need(fits(self.claims, "h") and 1 <= len(self.claims) <= 1024 and len(set(self.claims)) == len(self.claims), "claims")

    def header(self, header, labels):
        need(type(header) is dict, "not a header")
        self.labels = {label for label in header if type(label) is not int or label > -80001 or label < -1 << 63}
        need(labels <= self.labels <= labels | {-70002, -70003, -70004}, "labels of the header")
        self.kind, self.version = shape(header[-70001], "t u")
        need(re.fullmatch("[a-z][a-z0-9-]{0,31}", self.kind) and self.version >= 1, "kind")
        need(header[3] == f"application/vnd.countersign.{self.kind}+cbor", "content type")
        need(type(header[15]) is dict and list(header[15]) == [1, 2, 3], "CWT claims")
        self.issuer, self.subject, audience = header[15].values()
        self.audience = audience if type(audience) is list else [audience]
        need(all(map(is_name, [self.issuer, self.subject, *self.audience])), "names")
        need(type(audience) is str or 2 <= len(audience) <= 8 and rising([name.encode() for name in audience]), "audiences")
        self.alg, self.kid, self.chain = header.get(1, -7), header.get(4, b""), header.get(-70002)
        self.required = header.get(-70005, [self.kid])
        need(type(self.alg) is int and self.alg in (-7, -8) and fits(self.required, "h"), "algorithm or key id")
        need(-70005 not in header or 2 <= len(self.required) <= 8 and rising(self.required), "key ids that must sign")
        _, counter, previous = shape(header.get(-70002, [0, 1, None]), "u u b32?")
        need(counter >= 1 and (previous is None) == (counter == 1), "chain")
        shape(header.get(-70003, [0, bytes(32)]), "u b32")
        need(fits(header.get(-70004, 0), "u") and header.get(-70004, 0) < 1 << 63, "clock")

    def verifies(self, key):
        alg, message, signature = self.signers[key.id]
        return alg == key.alg and key.verifies(signature, message, self.passkey)

    def is_of_node(self, kind, node, origin):
        return ((self.kind, self.version, self.issuer, self.subject, self.audience) == (kind, 1, "node", origin, [origin])
                and list(self.signers) == self.required == [node.id] and not self.passkey and self.verifies(node))

def passkey_said(device, client):
    """The challenge of clientDataJSON."""
    need(37 <= len(device) <= 1024 and (len(device) > 37) == (device[32] & 0xc0 > 0), "authenticator data")
    said = strict_json(client)
    need(len(client) <= 4096 and said.get("type") == "webauthn.get" and device[32] & 1, "client data, or nobody was there")
    return said.get("challenge")

class Genesis:
    def __init__(self, raw):
        statement = Statement(raw)
        self.origin, version, _, checkpoint_key, receipt_key, node, administrators, self.predecessors, policy, _ = fields(
            cbor(statement.payload), range(1, 11), "t u u t t t a a t b16")
        need(version == 1 and is_name(self.origin) and 1 <= len(policy.encode()) <= 4096, "version, origin or policy")
        need(1 <= len(administrators) <= 64 and len(self.predecessors) <= 64, "too many or too few")
        need(all(map(is_name, self.predecessors)) and self.origin not in self.predecessors
             and rising([name.encode() for name in self.predecessors]), "predecessors")
        need(all(type(key) is str for key in administrators), "keys of the administrators")
        self.key = LogKey(checkpoint_key)
        self.node, receipt_key, *self.administrators = map(Key.of_text, [node, receipt_key, *administrators])
        self.reserved = {receipt_key.id, self.key.key.id}
        need(len(self.reserved | {key.id for key in [self.node, *self.administrators]}) == 3 + len(administrators), "a key twice")
        need(self.key.name == self.origin and statement.is_of_node("genesis", self.node, self.origin), "not by its node")
        need(statement.labels == {1, 3, 4, 15, -70001}, "a chain, checkpoint or clock")

class Record:
    def __init__(self, raw):
        version, _, self.assurance, self.marks, self.outcomes = shape(cbor(raw), "u b16 t a a")
        need(version == 1 and self.assurance in ASSURANCE, "version or assurance")
        need(all(mark in MARKS for mark in self.marks) and rising([MARKS.index(mark) for mark in self.marks]), "marks")
        for outcome in self.outcomes:
            need(type(outcome) is list and outcome and type(outcome[0]) is str, "an outcome")
            need(all(ordinal < 1 << 32 for ordinal in shape(outcome, OUTCOMES.get(outcome[0], "u"))[2:]), "an outcome")

class Receipt:
    def __init__(self, raw):
        (kind, version, self.claim, self.ordinal, self.statement, self.index, self.path, self.batch, self.batch_index,
         self.batch_path, self.record, self.record_path, self.checkpoint) = shape(cbor(raw), "t u b32 u b u h b u h b h b")
        need((kind, version) == ("countersign-claim-receipt", 1) and self.ordinal < 1 << 32, "not a receipt of version 1")
        need(len(raw) <= 1310720 and max(len(self.statement), len(self.batch)) <= 61440 and len(self.record) <= 65536
             and len(self.checkpoint) <= 1 << 20 and max(map(len, (self.path, self.batch_path, self.record_path))) <= 64, "limits")

# Bodies and envelopes (body.md), and what acts say (act.md).

class Parts:
    """The parts of a body or envelope: what the digest takes in, the open view, and the length (None: withheld)."""
    def __init__(self, parts, filler):
        need(len(parts) <= 4096, "too many parts")
        self.digest, self.view, self.length, before = u64(len(parts)), b"", 0, None
        for part in parts:
            need(type(part) is list and part and type(part[0]) is int and part[0] in (0, 1), "a part of no kind")
            forms = "u b" if part[0] == 0 else "u b b32" if len(part) == 3 else "u b32"
            _, data, *salt = shape(part, forms)
            need(part[0] == 1 or data and before != 0, "an open part that is empty, or behind another")
            commitment = hmac.digest(salt[0], data, "sha256") if salt else data
            self.digest += b"\1" + commitment if part[0] else b"\0" + u64(len(data)) + sha256(data)
            self.view += filler if part[0] else data
            self.length = None if self.length is None or forms == "u b32" else self.length + len(data)
            before = part[0]

def hashed(domain, name, version, media, *rest):
    """The digest of a body or envelope: texts with their length, numbers as 8 bytes."""
    texts = [u64(len(text.encode())) + text.encode() for text in (name, media)]
    return sha256(domain, texts[0], u64(version), texts[1], *(u64(item) if type(item) is int else item for item in rest))

class Body:
    def __init__(self, raw):
        name, version, media, salt, self.envelope, self.hole, parts = shape(cbor(raw), "t u t b16 b32 u a")
        parts = Parts(parts, b"" if name == "table-row" else b"null")
        self.digest = hashed(b"countersign/claim/v1\0", name, version, media, salt, self.envelope, self.hole, parts.digest)
        try:
            self.said = strict_json(parts.view) if (name, version) == ("countersign-json", 1) else {}
        except (ValueError, RecursionError):
            self.said = {}

class Envelope:
    def __init__(self, raw):
        name, version, media, salt, self.head, section, self.mapping, parts, self.holes, rest = shape(
            cbor(raw), "t u t b16 b32? u b32? a a u?")
        parts = Parts(parts, b"")
        need(all(fits(hole, "u") for hole in self.holes) and sorted(self.holes) == self.holes, "holes")
        need(max([*self.holes, rest or 0]) <= (2**64 - 2 if parts.length is None else parts.length), "a hole behind the end")
        self.digest = hashed(b"countersign/envelope/v1\0", name, version, media, salt, self.head or bytes(32), section,
                             self.mapping or bytes(32), parts.digest, len(self.holes), *self.holes,
                             2**64 - 1 if rest is None else rest)

def strict_json(raw):
    """An object as epcis-json.md reads JSON: no name twice, no lone surrogate, no byte order mark, 32 levels."""
    def once(pairs):
        need(len(dict(pairs)) == len(pairs), "a name twice")
        return dict(pairs)

    def depth(value):
        inner = value.values() if type(value) is dict else value if type(value) is list else ()
        return max(map(depth, inner), default=-1) + 1
    value = json.loads(raw.decode(), object_pairs_hook=once, parse_constant=lambda name: need(False, name))
    need(type(value) is dict and depth(value) <= 33, "no object, or too deep")
    json.dumps(value, ensure_ascii=False).encode()
    return value

def principal_given(said):
    """The value of a `Define` of a principal, its key read; None if it is none."""
    value = said.get("value")
    try:
        need((said.get("type"), said.get("object")) == ("Define", "principal") and type(value) is dict, "another act")
        need(set(value) <= set(PRINCIPAL.split()) and value.get("role") in ROLES.split(), "other fields")
        need(value.get("assurance", "software_key") in ASSURANCE[2:], "assurance")
        need(all(is_name(text) for text in (value.get("id"), value.get("party", "x"), value.get("place", "x"))), "names")
        need(re.fullmatch(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?", value.get("heartbeat", "P1D"), re.ASCII), "heartbeat")
        return {**value, "key": Key.of_text(value["key"])}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None

def is_finding(said):
    return (said.get("type") == "Finding" and fits(said.get("transition"), "u") and 0 < said["transition"] < 1 << 64
            and fits(said.get("id"), "t64") and re.fullmatch("[0-9a-fA-F]+", said["id"]))

# The archive and its manifest (pack.md §1 to §3).

def archive(data):
    """The files of a pack by name, if the archive is the one way to pack them."""
    files, crcs, at = {}, {}, 0
    check(len(data) <= 1 << 28, "pack_too_large")
    while data[at:at + 4] == b"PK\3\4" and at + 30 <= len(data):
        crc, size, _, length = struct.unpack_from("<IIIH", data, at + 14)
        name, start = data[at + 30:at + 30 + length], at + 30 + length
        check(size <= 1 << 24 and len(files) < 20000, "pack_too_large", repr(name))
        files[name], crcs[name], at = data[start:start + size], crc, start + size
    parts, directory, offset = [], b"", 0
    for name in sorted(files):
        common = struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 33, crcs[name], len(files[name]), len(files[name]), len(name), 0)
        directory += b"PK\1\2\n\0" + common + bytes(10) + struct.pack("<I", offset) + name
        parts += [b"PK\3\4" + common + name, files[name]]
        offset += len(parts[-2]) + len(parts[-1])
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(files), len(files), len(directory), offset, 0)
    check(b"".join(parts) + directory + end == data, "archive_damaged", "not the one way to pack these files")
    segment = rb"[A-Za-z0-9_-][A-Za-z0-9._-]*"
    for name in files:
        check(len(name) <= 128 and re.fullmatch(segment + b"(/" + segment + b")*", name), "archive_damaged", f"the name {name}")
        check(zlib.crc32(files[name]) == crcs[name], "archive_file_damaged", name.decode())
    check(len({name.lower() for name in files}) == len(files), "archive_damaged", "two names differ in case alone")
    return {name.decode(): content for name, content in files.items()}

def manifest_text(origin, about, index, files):
    """manifest.json in its one spelling."""
    def text(value):
        short = {"\\b": "\\u0008", "\\f": "\\u000c"}
        return re.sub(r"\\.", lambda escape: short.get(escape[0], escape[0]), json.dumps(value, ensure_ascii=False))
    listed = []
    for name in sorted(files):
        media, code, words = next(rest for pattern, *rest in FILES if re.fullmatch(pattern, name))
        listed.append(f'    {{\n      "name": {text(name)},\n      "bytes": {len(files[name])},\n      "sha256": '
                      f'"{sha256(files[name]).hex()}",\n      "media_type": {text(media)},\n      "evidence": {text(code)},\n'
                      f'      "words": {text(words)}\n    }}')
    return (f'{{\n  "kind": "countersign-pack",\n  "version": 1,\n  "origin": {text(origin)},\n  "about": {{{text(about[0])}: '
            f'{text(about[1])}}},\n  "made_at_index": {index},\n  "files": [\n' + ",\n".join(listed) + "\n  ]\n}\n").encode()

def manifest(raw, files):
    """Origin, subject and newest index that manifest.json states; it must be the one manifest of these files."""
    code, value = "manifest_malformed", read("manifest_malformed", strict_json, raw)
    about, origin, index = value.get("about"), value.get("origin"), value.get("made_at_index")
    check((value.get("kind"), value.get("version")) == ("countersign-pack", 1), "manifest_unsupported")
    check(type(about) is dict and len(about) == 1 and is_name(origin) and fits(index, "u") and index < 1 << 64, code)
    (what, subject), = about.items()
    check(type(subject) is str and (what == "unit" and 1 <= len(subject.encode()) <= 512
                                    or what == "finding" and re.fullmatch("[0-9a-f]{64}", subject)), code, "about")
    check(raw == manifest_text(origin, (what, subject), index, files), "manifest_mismatch", "not the manifest of these files")
    return origin, what, subject, index

# What the files prove together (pack.md §4, receipt.md).

Held = namedtuple("Held", "key principal since")

class Keyring:
    """Who had which key in which role at which index (statement.md §9)."""
    def __init__(self, genesis):
        self.reserved, self.keys, self.until, self.terms = genesis.reserved, {}, {}, []
        self.give({"id": "node", "role": "service", "key": genesis.node}, -1)
        for number, key in enumerate(genesis.administrators, 1):
            self.give({"id": f"admin-{number}", "role": "administrator", "key": key}, -1)

    def give(self, value, index):
        self.retire(value["id"], index, value["key"].id)
        self.keys.setdefault(value["key"].id, Held(value["key"], value["id"], index))
        self.terms.append((value["id"], index, value["role"], value.get("assurance", "software_key")))

    def retire(self, principal, index, but=None):
        for kid, held in self.keys.items():
            if held.principal == principal and kid != but:
                self.until.setdefault(kid, index)

    def known(self, kid, index):
        return self.keys[kid] if kid in self.keys and self.keys[kid].since < index else None

    def in_force(self, kid, index):
        return index <= self.until.get(kid, index)

    def term(self, principal, index):
        """Role and assurance by the last act below the index."""
        return [(role, assurance) for name, since, role, assurance in self.terms if name == principal and since < index][-1]

    def define(self, value, index):
        kid, held = value["key"].id, self.keys.get(value["key"].id)
        check(value["id"] != "node", "enrolment_refused", "reserved_name")
        check(kid not in self.reserved and (not held or held.principal == value["id"]), "enrolment_refused", "key_taken")
        check(kid not in self.until, "enrolment_refused", "revoked_key")
        self.give(value, index)

class Evidence:
    """All files of a pack, or all loose files. `files`: for each kind a list of names with what was read."""
    def __init__(self, report, pins, files, pack=None):
        self.pins, self.files, self.pack, self.notes, self.logs, self.findings = pins, files, pack, {}, {}, set()
        self.bodies = {body.digest: body for _, body in files["body"]}
        self.envelopes = {envelope.digest: envelope for _, envelope in files["envelope"]}
        self.blobs = {sha256(raw) for _, raw in files["blob"]}
        receipts = sorted(files["receipt"], key=lambda item: (item[1].index, item[1].ordinal))
        self.claims = {receipt.claim for _, receipt in receipts}
        for name, raw in files["checkpoint"] + [(name, item.checkpoint) for name, item in receipts + files["proof"]]:
            if raw not in self.notes:
                self.notes[raw] = None
                report.piece(name, "checkpoint", self.checkpoint, raw)
        for name, statement in files["statement"]:
            report.piece(name, "genesis", self.statement, statement)
        for name, proof in files["proof"]:
            report.piece(name, "genesis_logged", self.proof, proof)
        for name, receipt in receipts:
            report.piece(name, "claim_logged", self.receipt, name, receipt)
            if receipt.claim not in self.bodies:
                report.piece(name, "claim_said", check, False, "body_absent")
        for name, body in files["body"]:
            report.piece(name, "claim_said", self.body, body)
        used = {envelope.head for envelope in self.envelopes.values()}
        used |= {body.envelope for body in self.bodies.values() if body.digest in self.claims}
        for name, envelope in files["envelope"]:
            report.piece(name, "claim_context", self.belongs, envelope.digest in used)
        mappings = {envelope.mapping for envelope in self.envelopes.values()}
        for name, raw in files["blob"]:
            report.piece(name, "claim_mapping", self.belongs, sha256(raw) in mappings)
        if pack and pack[1] == "finding":
            report.piece("manifest.json", "conclusion_logged", check, pack[2] in self.findings, "subject_not_shown")

    def belongs(self, used):
        check(used, "piece_without_receipt", "nothing here needs it")
        check(all(note and note.proven for note in self.notes.values()), "rests_on_checkpoint")

    def checkpoint(self, raw):
        note = read("checkpoint_unreadable", Checkpoint, raw)
        for other in filter(None, self.notes.values()):
            check((other.origin, other.size) != (note.origin, note.size) or other.root == note.root, "checkpoints_conflict")
        self.notes[raw] = note
        check(not self.pack or self.pack[0] == note.origin, "origin_mismatch", "manifest and checkpoint name different logs")
        check(not self.pack or self.pack[3] < note.size, "manifest_beyond_checkpoint")
        check(self.pins, "no_pinned_key")
        signed = [note.signed_by(pin) for pin in self.pins]
        check(False not in signed, "checkpoint_signature_wrong")
        ours = [found for found, pin in zip(signed, self.pins) if pin.name == note.origin]
        check(ours, "origin_not_pinned")
        check(True in ours, "checkpoint_not_by_pinned_key")
        note.proven = True

    def proves(self, proof, statement):
        note = self.notes[proof.checkpoint]
        return note and note.has(statement.raw, proof.index, proof.path)

    def stray_proof(self):
        """Whether a proof here is of no statement here: then it is taken for that of a statement without one."""
        return not all(any(self.proves(proof, statement) for _, statement in self.files["statement"])
                       for _, proof in self.files["proof"])

    def statement(self, statement):
        """Genesis first of all; any other statement proves no more than that it was logged."""
        proofs = [proof for _, proof in self.files["proof"] if self.proves(proof, statement)]
        notes = [self.notes[proof.checkpoint] for proof in proofs]
        if statement.kind == "genesis":
            genesis = read("genesis_wrong", Genesis, statement.raw)
            check(proofs or self.pack or self.stray_proof(), "piece_without_receipt", "its proof is not here")
            check(any(proof.index == 0 for proof in proofs), "genesis_not_first")
            check(all(note.origin == genesis.origin for note in notes), "origin_mismatch")
            ours = [note for note in self.notes.values() if note and note.origin == genesis.origin]
            check(all(note.signed_by(genesis.key) for note in ours), "checkpoint_not_by_genesis_key")
            check(all(pin.id == genesis.key.id for pin in self.pins if pin.name == genesis.origin), "checkpoint_not_by_genesis_key")
            self.logs[genesis.origin] = genesis, Keyring(genesis)
        check(proofs or not self.stray_proof(), "statement_not_logged")
        check(proofs, "piece_without_receipt", "its proof is not here")
        check(all(note.proven for note in notes), "rests_on_checkpoint")

    def proof(self, proof):
        check(self.notes[proof.checkpoint], "checkpoint_unreadable")
        if not any(self.proves(proof, statement) for _, statement in self.files["statement"]):
            raise Fault("genesis_not_first" if self.pack else "statement_absent")
        check(self.notes[proof.checkpoint].proven, "rests_on_checkpoint")

    def receipt(self, name, receipt):
        folder, *place = name.removesuffix(".receipt").split("/") if self.pack else [""]
        check(folder not in ("receipts", "conclusions") or place == [f"{receipt.index}.{receipt.ordinal}"], "name_mismatch")
        note = self.notes[receipt.checkpoint]
        check(note, "checkpoint_unreadable")
        statement, batch, record = self.logged(receipt, note)
        said = self.bodies[receipt.claim].said if receipt.claim in self.bodies else None
        value = principal_given(said or {})
        check(folder != "keys" or said is None or value and value["key"].id.hex() == place[0], "enrolment_unreadable")
        check(folder != "conclusions" or said is None or is_finding(said), "conclusion_unreadable")
        check(note.origin in self.logs, "genesis_absent")
        genesis, ring = self.logs[note.origin]
        check(batch.is_of_node("batch", genesis.node, genesis.origin), "batch_not_by_node")
        self.signers(statement, receipt.index, record, genesis, ring)
        check(folder != "conclusions" or statement.issuer == "node", "conclusion_not_by_node")
        effective = record.outcomes[receipt.ordinal] == ["effective"]
        check(folder != "conclusions" or effective, "key_not_proven", "the node recorded that the finding has no effect")
        if folder == "conclusions" and said:
            self.findings.add(said["id"].lower())
        try:  # an act without effect gives no key; in keys/ that contradicts
            check(value or folder != "keys", "body_absent")
            check(effective, "enrolment_refused", "the node recorded that it has no effect")
            check(ring.term(statement.issuer, receipt.index)[0] == "administrator", "enrolment_refused", "not_authorised")
            if value:
                ring.define(value, receipt.index)
            elif said and (said.get("type"), said.get("object")) == ("Withdraw", "principal") and said.get("id") != "node":
                ring.retire(said.get("id"), receipt.index)
        except Fault:
            if folder == "keys":
                raise
        check(note.proven, "rests_on_checkpoint")

    def logged(self, receipt, note):
        """Steps 3, 4, 5 and 7 of receipt.md."""
        statement = read("statement_unreadable", Statement, receipt.statement)
        check(note.has(receipt.statement, receipt.index, receipt.path), "statement_not_logged")
        check((statement.kind, statement.version) == ("claims", 1)
              and statement.claims[receipt.ordinal:][:1] == [receipt.claim], "claim_not_in_statement")
        batch = read("batch_unreadable", Statement, receipt.batch)
        first, count, recorded, _, tick, _, root = read(
            "batch_unreadable", lambda: fields(cbor(batch.payload), range(1, 8), "u u i u i b32? b32"))
        check((batch.kind, batch.version) == ("batch", 1) and all(abs(2 * time + 1) < 1 << 64 for time in (recorded, tick)),
              "batch_unreadable")
        check(note.has(receipt.batch, receipt.batch_index, receipt.batch_path), "batch_not_logged")
        check(first + count == receipt.batch_index and first <= receipt.index < receipt.batch_index, "batch_not_covering")
        leaf = sha256(b"\0", receipt.record)
        check(root_of(leaf, receipt.index - first, count, receipt.record_path) == root, "record_not_in_batch")
        record = read("record_unreadable", Record, receipt.record)
        check(len(record.outcomes) == len(statement.claims), "record_contradicts")
        return statement, batch, record

    def signers(self, statement, index, record, genesis, ring):
        """Step 8 of receipt.md, by the rules of statement.md §9."""
        check({genesis.origin, *genesis.predecessors} & set(statement.audience), "statement_refused", "wrong_audience")
        known = {kid: ring.known(kid, index) for kid in statement.required}
        signed = {kid: known[kid] for kid in statement.signers if known.get(kid)}
        check(signed, "key_not_proven", "nothing here proves whose key signed")
        check(all(statement.verifies(held.key) for held in signed.values()), "signature_wrong")
        issuers = [kid for kid, held in signed.items() if held.principal == statement.issuer]
        check(issuers or all(known.values()), "key_not_proven")
        check(len(issuers) == 1, "signer_not_issuer")
        check(ring.in_force(issuers[0], index), "statement_refused", "revoked_key")
        role, assurance = ring.term(statement.issuer, index)
        check(statement.chain or statement.passkey or role not in ("device", "service") or statement.issuer == "node",
              "statement_refused", "chain_missing")
        missing = [kid for kid in statement.required if kid not in statement.signers or not ring.in_force(kid, index)]
        check(not missing or "signer_missing" in record.marks, "record_contradicts", "a required signature is missing")
        check(all(known.values()), "key_not_proven", "nothing here proves whose key a required signer has")
        check(ASSURANCE.index(record.assurance) <= ASSURANCE.index(assurance), "assurance_not_shown")

    def body(self, body):
        check(body.digest in self.claims or self.pack or self.claims <= set(self.bodies), "body_differs", "of no claim here")
        check(body.digest in self.claims, "piece_without_receipt")
        envelope = self.envelopes.get(body.envelope)
        check(envelope, "envelope_absent")
        check(body.hole < len(envelope.holes), "hole_missing")
        check(envelope.head is None or envelope.head in self.envelopes, "envelope_absent", "the first section")
        check(envelope.mapping is None or envelope.mapping in self.blobs, "mapping_absent")
        self.belongs(True)

# The report (pack.md §5) and the command.

class Report:
    def __init__(self, subject, pins):
        self.subject, self.pins, self.pieces, self.files = subject, pins, [], {kind: [] for kind in PARSERS}

    def piece(self, name, claim, work, *arguments):
        code, words = "proven", ""
        try:
            work(*arguments)
        except Fault as why:
            code, words = (*why.args, "")[:2]
        verdict = "proven" if code == "proven" else "cannot_tell" if code in CANNOT_TELL else "disproven"
        claim = next((words for *_, kind, words in FILES if kind == claim), claim)
        self.pieces.append({"name": name, "claim": claim, "verdict": verdict, "code": code, "detail": words})
        return code == "proven"

    def take(self, name, kind, raw):
        parser, code = PARSERS[kind]
        loose = [False] if kind == "statement" and self.subject == "receipts" else []  # receipt.md: its entry is made here
        self.files[kind].append((name, read(code, parser, raw, *loose)))

    def verdict(self):
        found = {piece["verdict"] for piece in self.pieces}
        return next(verdict for verdict in ("disproven", "cannot_tell", "proven") if verdict in found)

PARSERS = {"receipt": (Receipt, "receipt_malformed"), "proof": (Proof, "proof_unreadable"), "checkpoint": (bytes, ""),
           "statement": (Statement, "genesis_wrong"), "body": (Body, "body_unreadable"), "blob": (bytes, ""),
           "envelope": (Envelope, "envelope_unreadable")}
KIND = {"keys": "receipt", "receipts": "receipt", "conclusions": "receipt", "bodies": "body", "envelopes": "envelope",
        "blobs": "blob", "genesis.statement": "statement", "genesis.tlog-proof": "proof", "checkpoint": "checkpoint"}

def verify_pack(name, data, pins):
    report, about = Report("pack", pins), []

    def whole():
        content = archive(data)
        for known in content:
            check(known == "manifest.json" or any(re.fullmatch(row[0], known) for row in FILES), "pack_file_unknown", known)
        for needed in ("manifest.json", "genesis.statement", "genesis.tlog-proof", "checkpoint"):
            check(needed in content, "pack_file_missing", needed)
        about.extend(manifest(content.pop("manifest.json"), content))
        content = [(known, KIND[known.split("/")[0]], raw) for known, raw in content.items() if known.split("/")[0] in KIND]
        for known, kind, raw in content:
            if kind in ("receipt", "proof", "checkpoint"):
                report.take(known, kind, raw)
        for known, piece in report.files["receipt"] + report.files["proof"]:
            check(piece.checkpoint == report.files["checkpoint"][0][1], "checkpoint_mixed", known)
        return [item for item in content if item[1] not in ("receipt", "proof", "checkpoint")]
    rest = []
    if report.piece(name, "That the pack is whole, and written in its one way.", lambda: rest.extend(whole())):
        for known, kind, raw in rest:
            if report.piece(known, f"That this is a {kind}.", report.take, known, kind, raw) and "/" in known:
                piece = report.files[kind][-1][1]
                digest = sha256(raw) if kind == "blob" else piece.digest
                code = {"body": "body_differs", "envelope": "envelope_differs", "blob": "mapping_differs"}[kind]
                report.piece(known, "That its name is its digest.", check, digest.hex() in known, code)
        Evidence(report, pins, report.files, about)
    return report

def verify_loose(named, pins):
    report = Report("receipts", pins)
    for name, raw in named:
        kind = {b"\xd2": "statement", b"\xd8": "statement", b"\x8d": "receipt", b"\x87": "body", b"\x8a": "envelope"}.get(raw[:1])
        kind = ("statement" if raw.startswith(b"\x87\x68webauthn") else "proof" if raw.startswith(b"c2sp.org/tlog-proof")
                else kind or ("checkpoint" if "\n\n— ".encode() in raw else "blob"))
        report.piece(name, f"That this is a {kind}.", report.take, name, kind, raw)
    mappings = {envelope.mapping for _, envelope in report.files["envelope"]}
    for name, raw in report.files["blob"]:
        report.piece(name, "That this is evidence.", check, sha256(raw) in mappings, "file_unknown")
    Evidence(report, pins, report.files)
    return report

def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", action="append", default=[], help="name+id+base64, or @FILE; may be given again")
    parser.add_argument("--policy", help="not read by this program")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each report")
    parser.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args(arguments)
    if options.policy:
        parser.error("this program reads no policies: give --key")
    try:
        pins = [LogKey(open(key[1:], encoding="utf-8").read().strip() if key[:1] == "@" else key) for key in options.key]
        named = [(name, open(name, "rb").read()) for name in options.files]
    except (ValueError, OSError) as why:
        parser.error(str(why))
    reports = [verify_pack(name, raw, pins) for name, raw in named if raw[:2] == b"PK"]
    loose = [(name, raw) for name, raw in named if raw[:2] != b"PK"]
    reports += [verify_loose(loose, pins)] if loose else []
    for report in reports:
        lines = {"kind": "countersign-verify-report", "version": 1, "subject": report.subject, "pinned": bool(pins),
                 "verdict": report.verdict(), "pieces": report.pieces}
        print(json.dumps(lines) if options.json else "\n".join(
            f"{piece['verdict']:12} {piece['name']}: {piece['claim']} [{piece['code']}] {piece['detail']}"
            for piece in report.pieces) + f"\n{report.verdict()}. Never proven: that claims are true, that nothing was left out,"
            " that a key was not revoked since, the time beyond the node's word.")
    return max(({"proven": 0, "cannot_tell": 3, "disproven": 1}[report.verdict()] for report in reports), key=[0, 3, 1].index)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
