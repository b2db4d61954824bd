#!/usr/bin/env python3
"""Verifies evidence packs and loose receipts of a Countersign log: a second implementation, from docs/formats alone.

    countersign_verify.py --key 'log.example/site-1+4fdc434f+AfIS…' [--json] pack.zip...
    countersign_verify.py --key @site-1.vkey 117.0.receipt genesis.statement genesis.tlog-proof *.body *.envelope

Each pack is checked by itself, all other files together. Exit code: 0 proven, 1 disproven, 3 cannot tell, 2 wrong use.
Wrong use for this program: a policy (`--policy`), a data folder or mirror, a log key of another type than Ed25519.
Not judged: whether a body is cut as its format asks, and what a claim about goods says. Needs `cryptography`.
"""
import argparse
import base64
import hashlib
import hmac
import json
import re
import struct
import sys
import unicodedata
import zlib
from collections import namedtuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

CANNOT_TELL = set("assurance_not_shown body_absent envelope_absent genesis_absent key_not_proven mapping_absent no_pinned_key "
                  "origin_not_pinned piece_without_receipt rests_on_checkpoint statement_absent subject_not_shown".split())
ROLES = ["device", "service", "person", "administrator"]
PRINCIPAL = {"id", "role", "key", "assurance", "party", "place", "clock_offset_ms", "heartbeat"}
ASSURANCE = ["import", "channel", "software_key", "hardware_key"]
MARKS = "chain_gap chain_broken equivocation locked clock_off body_absent signer_missing unknown_checkpoint".split()
OUTCOMES = {"effective": "t", "duplicate": "t u u", "conflicting_claim": "t u u", "unfoldable": "t", "body_absent": "t",
            "unauthorised": "t"}
HEX, DECIMAL, CBOR, TEXT = "[0-9a-f]{64}", "(0|[1-9][0-9]*)", "application/cbor", "text/plain; charset=utf-8"
FILES = [  # pattern of the name, media type, code in the manifest, words (pack.md §2, §3)
    (r"README\.txt", TEXT, "not_evidence", "An explanation. Not evidence: nothing proves what it says."),
    (r"timeline\.json", "application/json", "not_evidence",
     "The maker's account of what happened. Not evidence: nothing proves what it says."),
    (r"genesis\.statement", "application/cose", "genesis",
     "The log's first entry: which keys the log, its node and its administrators have."),
    (r"genesis\.tlog-proof", TEXT, "genesis_logged", "That this was the log's first entry."),
    (r"checkpoint", TEXT, "checkpoint",
     "What the log signed: how many entries it had, and their root. Everything else rests on it."),
    (rf"keys/{HEX}/(0|[1-9][0-9]{{0,2}})\.receipt", CBOR, "key_enrolled",
     "That an administrator gave this key to a principal, and that this was logged."),
    (rf"receipts/{DECIMAL}\.{DECIMAL}\.receipt", CBOR, "claim_logged",
     "That a claim was signed and logged, and what the node concluded of it on receipt."),
    (rf"conclusions/{DECIMAL}\.{DECIMAL}\.receipt", CBOR, "conclusion_logged",
     "That the node concluded this and logged it. Not that it is so."),
    (rf"bodies/{HEX}\.body", CBOR, "claim_said", "What a claim says. Parts may be withheld; the rest proves without them."),
    (rf"envelopes/{HEX}\.envelope", CBOR, "claim_context", "What stood around claims in the document that brought them."),
    (rf"blobs/{HEX}", "application/octet-stream", "claim_mapping", "The mapping file by which a table is read.")]


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


def sized(data):
    return len(data).to_bytes(8, "big") + data


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
        if major == 5:
            need(last < data[at:end], "keys of a map that are not sorted, or come twice")
            last, key = data[at:end], item if type(item) in (int, str) else data[at:end]
            items[key], end = cbor_item(data, end, level + 1)
        else:
            items.append(item)
        at = end
    return items, at


def fits(value, form):
    """u uint, i int, t text, b bytes (b32: of 32), h array of digests, a array, m map; with ?: or null."""
    if form == "h":
        return type(value) is list and all(fits(item, "b32") for item in value)
    kind = {"u": int, "i": int, "t": str, "b": bytes, "a": list, "m": dict}[form[0]]
    size = form[1:].rstrip("?")
    return (form[-1] == "?" and value is None
            or type(value) is kind and (form[0] != "u" or value >= 0) and (not size or len(value) == int(size)))


def shape(value, forms):
    forms = forms.split()
    need(type(value) is list and len(value) == len(forms) and all(map(fits, value, forms)), "not of the documented form")
    return value


def fields(value, labels, forms):
    """The values of a map that has exactly these labels."""
    need(type(value) is dict and list(value) == labels, "a map with other labels")
    return shape(list(value.values()), forms)


def sig_structure(*items):
    """CBOR of an array of a text and byte strings: what COSE signs."""
    out = bytes([0x80 | len(items)])
    for item in items:
        raw, major = (item.encode(), 0x60) if type(item) is str else (item, 0x40)
        size = next(size for size in (0, 1, 2, 4) if len(raw) < (24 if size == 0 else 1 << 8 * size))
        out += bytes([major | (len(raw) if size == 0 else {1: 24, 2: 25, 4: 26}[size])]) + len(raw).to_bytes(size or 1, "big")[:size] + raw
    return out


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
        self.alg, self.raw = alg, raw
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
    if index >= size:
        return None
    for sibling in path:
        if last == 0:
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
        need(len(raw) <= 1 << 20 and not any(c < " " and c != "\n" for c in note), "too long, or a control character")
        text, blank, lines = note.rpartition("\n\n")
        need(blank and lines[-1:] == "\n" and lines.count("\n") <= 160, "not a signed note")
        self.raw, self.text, self.signatures, self.proven = raw, (text + "\n").encode(), [], False
        for line in lines[:-1].split("\n"):
            parts = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
            need(parts, "a line that is no signature")
            data = unbase64(parts[2])
            need(len(data) > 4, "a signature without bytes")
            self.signatures.append((parts[1], data[:4], data[4:]))
        lines = text.split("\n")
        need(len(lines) >= 3 and all(lines) and re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]), "not the text of a checkpoint")
        self.origin, self.size, self.root = lines[0], int(lines[1]), unbase64(lines[2])
        need(self.size < 1 << 64 and len(self.root) == 32, "not the text of a checkpoint")

    def signed_by(self, key):
        """None if the key did not sign, else whether all its signatures hold."""
        held = [key.key.verifies(signature, self.text) for name, key_id, signature in self.signatures
                if (name, key_id) == (key.name, key.id)]
        return all(held) if held else None

    def has(self, statement, index, path):
        return root_of(sha256(b"\0", sha256(statement)), index, self.size, path) == self.root


def tlog_proof(raw):
    """Index, path and the bytes of the checkpoint."""
    head, _, checkpoint = raw.partition(b"\n\n")
    first, *lines = head.decode().split("\n")
    if lines and re.fullmatch(r"extra \S+", lines[0]):
        need(len(unbase64(lines.pop(0)[6:])) <= 32768, "too much extra data")
    need(first == "c2sp.org/tlog-proof@v1" and lines and re.fullmatch("index (0|[1-9][0-9]{0,19})", lines[0]), "not a tlog-proof")
    path = [unbase64(line) for line in lines[1:]]
    need(fits(path, "h") and len(path) <= 64, "a path that is none")
    return int(lines[0][6:]), path, checkpoint


# Statements (statement.md), genesis, batches and verdict records (genesis.md, batch.md).

class Statement:
    """A statement in its logged form: what its header says, and who signed which message."""

    def __init__(self, raw):
        self.raw, value = raw, cbor(raw)
        need(len(raw) <= 61440, "beyond the limit")
        self.passkey, several = type(value) is list, type(value) is Tag and value.number == 98
        required, optional = {1, 3, 4, 15, -70001}, {-70002, -70003, -70004}
        if self.passkey:
            name, version, protected, self.payload, device, client, last = shape(value, "t u b b b b b")
            optional = {-70003, -70004}
            need((name, version) == ("webauthn", 1), "not of the documented form")
        else:
            need(type(value) is Tag and value.number in (18, 98), "not of the documented form")
            protected, unprotected, self.payload, last = shape(value.value, "b m b a" if several else "b m b b")
            need(unprotected == {}, "not in its logged form")
        self.header(cbor(protected), {3, 15, -70001, -70005} if several else required, optional)
        message = sig_structure("Signature1", protected, b"", self.payload)
        self.signers = {} if several else {self.kid: (self.alg, message, last)}
        if self.passkey:
            need(self.alg == -7, "a passkey signs by ES256")
            said = passkey_said(device, client) == base64.urlsafe_b64encode(sha256(message)).decode().rstrip("=")
            self.signers[self.kid] = (-7, device + sha256(client), last if said else b"")
        for signer in last if several else []:
            own, unprotected, signature = shape(signer, "b m b")
            alg, kid = fields(cbor(own), [1, 4], "i b32")
            need(unprotected == {} and alg in (-7, -8) and kid not in self.signers, "not of the documented form")
            self.signers[kid] = (alg, sig_structure("Signature", protected, own, b"", self.payload), signature)
        need(1 <= len(self.signers) <= 16, "1 to 16 signers")
        self.claims = None
        if (self.kind, self.version) == ("claims", 1):
            self.claims = cbor(self.payload)
            need(fits(self.claims, "h") and 1 <= len(self.claims) <= 1024 and len(set(self.claims)) == len(self.claims), "claims")

    def header(self, header, required, optional):
        need(type(header) is dict, "not a header")
        own = self.labels = {label for label in header if type(label) is not int or label > -80001 or label < -1 << 63}
        need(required <= own <= required | optional, "labels of the header")
        (self.kind, self.version), (self.issuer, self.subject, audience) = (
            shape(header[-70001], "t u"), [header[15].get(label) for label in (1, 2, 3)] if fits(header[15], "m3") else [None] * 3)
        need(re.fullmatch("[a-z][a-z0-9-]{0,31}", self.kind) and self.version >= 1, "kind")
        need(header[3] == f"application/vnd.countersign.{self.kind}+cbor", "content type")
        self.audience = audience if type(audience) is list else [audience]
        need(all(map(is_name, [self.issuer, self.subject, *self.audience])), "names")
        need(type(audience) is str or 2 <= len(audience) <= 8 and rising([name.encode() for name in audience]), "audiences")
        self.alg, self.kid, self.chain = header.get(1, -7), header.get(4, b""), header.get(-70002)
        self.required = header.get(-70005, [self.kid])
        need(self.alg in (-7, -8) and type(self.alg) is int and fits(self.required, "h"), "algorithm or key id")
        need(-70005 not in header or 2 <= len(self.required) <= 8 and rising(self.required), "key ids that must sign")
        if -70002 in header:
            _, counter, previous = shape(self.chain, "u u b32?")
            need(counter >= 1 and (previous is None) == (counter == 1), "chain")
        if -70003 in header:
            shape(header[-70003], "u b32")
        need(0 <= shape([header.get(-70004, 0)], "u")[0] < 1 << 63, "clock")

    def verifies(self, key):
        alg, message, signature = self.signers[key.id]
        return alg == key.alg and key.verifies(signature, message, self.passkey)

    def is_of_node(self, kind, node, origin):
        return ((self.kind, self.version, self.issuer, self.subject, self.audience) == (kind, 1, "node", origin, [origin])
                and list(self.signers) == self.required == [node.id] and not self.passkey and self.verifies(node))


def passkey_said(device, client):
    """The challenge of clientDataJSON."""
    need(len(device) >= 37 and len(client) <= 4096, "authenticator or client data")
    need(len(device) <= 1024 and (len(device) > 37) == (device[32] & 0xc0 > 0), "authenticator data")
    said = json.loads(client)
    need(type(said) is dict and said.get("type") == "webauthn.get" and device[32] & 1, "client data, or nobody was there")
    return said.get("challenge")


class Genesis:
    def __init__(self, raw):
        statement = Statement(raw)
        (self.origin, version, _, checkpoint_key, receipt_key, node, administrators, self.predecessors, policy, _) = fields(
            cbor(statement.payload), list(range(1, 11)), "t u u t t t a a t b16")
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
        need(statement.labels == {1, 3, 4, 15, -70001}, "chain, checkpoint or clock")


class Record:
    def __init__(self, raw):
        version, _, self.assurance, self.marks, self.outcomes = shape(cbor(raw), "u b16 t a a")
        need(version == 1 and self.assurance in ASSURANCE, "version or assurance")
        need(all(mark in MARKS for mark in self.marks) and rising([MARKS.index(mark) for mark in self.marks]), "marks")
        for outcome in self.outcomes:
            need(type(outcome) is list and outcome and outcome[0] in OUTCOMES, "what became of a claim")
            need(all(ordinal < 1 << 32 for ordinal in shape(outcome, OUTCOMES[outcome[0]])[2:]), "what became of a claim")


class Receipt:
    def __init__(self, raw):
        need(len(raw) <= 1310720, "beyond the limit")
        (kind, version, self.claim, self.ordinal, self.statement, self.index, self.path, self.batch, self.batch_index,
         self.batch_path, self.record, self.record_path, self.checkpoint) = shape(cbor(raw), "t u b32 u b u h b u h b h b")
        need((kind, version) == ("countersign-claim-receipt", 1) and self.ordinal < 1 << 32, "not a receipt of version 1")
        need(len(self.statement) <= 61440 and len(self.batch) <= 61440 and len(self.record) <= 65536
             and len(self.checkpoint) <= 1 << 20 and max(map(len, (self.path, self.batch_path, self.record_path))) <= 64, "limits")


# Bodies and envelopes (body.md).

class Parts:
    """The parts of a body or envelope: what the digest takes in, the open view, and the length (None: withheld)."""

    def __init__(self, parts, filler):
        need(len(parts) <= 4096, "too many parts")
        self.digest, self.view, self.length, before = len(parts).to_bytes(8, "big"), b"", 0, None
        for part in parts:
            need(type(part) is list and part and part[0] in (0, 1) and type(part[0]) is int, "a part of no kind")
            if part[0] == 0:
                _, data = shape(part, "u b")
                need(data and before != 0, "an open part that is empty, or behind another")
                self.digest += b"\0" + len(data).to_bytes(8, "big") + sha256(data)
            elif len(part) == 3:
                _, data, salt = shape(part, "u b b32")
                self.digest += b"\1" + hmac.digest(salt, data, "sha256")
            else:
                self.digest += b"\1" + shape(part, "u b32")[1]
                data = None
            self.view += data if part[0] == 0 else filler
            self.length = None if data is None or self.length is None else self.length + len(data)
            before = part[0]


class Body:
    def __init__(self, raw):
        name, version, media, salt, self.envelope, self.hole, parts = shape(cbor(raw), "t u t b16 b32 u a")
        self.format = (name, version)
        self.parts = Parts(parts, b"" if name == "table-row" else b"null")
        self.digest = sha256(b"countersign/claim/v1\0", sized(name.encode()), version.to_bytes(8, "big"), sized(media.encode()),
                             salt, self.envelope, self.hole.to_bytes(8, "big"), self.parts.digest)

    def said(self):
        """The members of an object of our own, in the open view; {} if it is none."""
        try:
            return strict_json(self.parts.view) if self.format == ("countersign-json", 1) else {}
        except (ValueError, RecursionError):
            return {}


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


class Envelope:
    def __init__(self, raw):
        name, version, media, salt, self.head, section, self.mapping, parts, self.holes, rest = shape(
            cbor(raw), "t u t b16 b32? u b32? a a u?")
        parts = Parts(parts, b"")
        need(all(fits(hole, "u") for hole in self.holes) and sorted(self.holes) == self.holes, "holes")
        need(max([*self.holes, rest or 0]) < 2**64 - 1, "a hole behind the end")
        need(parts.length is None or max([*self.holes, rest or 0]) <= parts.length, "a hole behind the end")
        numbers = [section, len(self.holes), *self.holes, 2**64 - 1 if rest is None else rest]
        section, *numbers = (number.to_bytes(8, "big") for number in numbers)
        self.digest = sha256(b"countersign/envelope/v1\0", sized(name.encode()), version.to_bytes(8, "big"), sized(media.encode()),
                             salt, self.head or bytes(32), section, self.mapping or bytes(32), parts.digest, *numbers)


# The archive and its manifest (pack.md §1 to §3).

def archive(data):
    """The files of a pack, by name, if the archive is the one way to pack them."""
    check(len(data) <= 1 << 28, "pack_too_large")
    files, crcs, at = {}, {}, 0
    while data[at:at + 4] == b"PK\3\4" and at + 30 <= len(data):
        crc, size, _, length, extra = struct.unpack_from("<IIIHH", data, at + 14)
        name, start = data[at + 30:at + 30 + length], at + 30 + length
        check(size <= 1 << 24 and len(files) < 20000, "pack_too_large", repr(name))
        files[name], crcs[name], at = data[start:start + size], crc, start + size
    out, directory = [], []
    for name in sorted(files):
        common = struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 33, crcs[name], len(files[name]), len(files[name]), len(name), 0)
        directory.append(b"PK\1\2\n\0" + common + bytes(10) + struct.pack("<I", sum(map(len, out))) + name)
        out += [b"PK\3\4" + common + name, files[name]]
    listing = b"".join(directory)
    end = struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, len(files), len(files), len(listing), sum(map(len, out)), 0)
    check(b"".join(out) + listing + end == data, "archive_damaged", "not the one way to pack these files")
    check(len({name.lower() for name in files}) == len(files), "archive_damaged", "two names differ in case alone")
    for name in files:
        check(len(name) <= 128 and re.fullmatch(rb"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", name), "archive_damaged", f"name {name}")
        check(zlib.crc32(files[name]) == crcs[name], "archive_file_damaged", name.decode())
    return {name.decode(): content for name, content in files.items()}


def manifest_text(origin, about, index, files):
    """manifest.json in its one spelling."""
    def text(value):
        return json.dumps(value, ensure_ascii=False).replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    out = (f'{{\n  "kind": "countersign-pack",\n  "version": 1,\n  "origin": {text(origin)},\n  "about": {{{text(about[0])}: '
           f'{text(about[1])}}},\n  "made_at_index": {index},\n  "files": [\n')
    listed = []
    for name in sorted(files, key=str.encode):
        media, code, words = next(rest for pattern, *rest in FILES if re.fullmatch(pattern, name))
        listed.append(f'    {{\n      "name": {text(name)},\n      "bytes": {len(files[name])},\n      "sha256": "{sha256(files[name]).hex()}",\n'
                      f'      "media_type": "{media}",\n      "evidence": "{code}",\n      "words": {text(words)}\n    }}')
    return (out + ",\n".join(listed) + ("\n" if listed else "") + "  ]\n}\n").encode()


def manifest(raw, files):
    """Origin, subject and newest index that manifest.json states; it must be of just these files."""
    value = read("manifest_malformed", lambda: json.loads(raw.decode()))
    check(type(value) is dict and type(value.get("about")) is dict and len(value["about"]) == 1 and type(value.get("files")) is list, "manifest_malformed")
    check((value.get("kind"), value.get("version")) == ("countersign-pack", 1), "manifest_unsupported")
    (what, subject), = value["about"].items()
    origin, index = value.get("origin"), value.get("made_at_index")
    check(is_name(origin) and fits(index, "u") and index < 1 << 64 and type(subject) is str, "manifest_malformed")
    check(what == "unit" and 1 <= len(subject.encode()) <= 512 or what == "finding" and re.fullmatch(HEX, subject), "manifest_malformed", "about")
    check(raw == manifest_text(origin, (what, subject), index, files), "manifest_mismatch", "not the one manifest of these files")
    return origin, what, subject, index


# Evidence: what the files prove together (pack.md §4, receipt.md).

def is_finding(said):
    return (said.get("type") == "Finding" and fits(said.get("transition"), "u") and 0 < said["transition"] < 1 << 64
            and re.fullmatch("[0-9a-fA-F]{64}", str(said.get("id"))))


def principal_given(said):
    """The value of a `Define` of a principal, its key read; None if it is none."""
    value = said.get("value")
    if (said.get("type"), said.get("object")) != ("Define", "principal") or type(value) is not dict:
        return None
    try:
        need(is_name(value.get("id")) and value.get("role") in ROLES and type(value.get("key")) is str, "id, role, key")
        need(value.get("assurance", "software_key") in ASSURANCE[2:] and set(value) <= PRINCIPAL, "assurance, or other fields")
        need(all(is_name(value.get(name, "x")) for name in ("party", "place")), "party or place")
        need(re.fullmatch(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?", value.get("heartbeat", "P1D")), "heartbeat")
        return {**value, "key": Key.of_text(value["key"])}
    except (ValueError, TypeError):
        return None


class Keyring:
    """Who had which key at which index (statement.md §9)."""

    def __init__(self, genesis):
        self.reserved, self.keys, self.roles = genesis.reserved, {}, {}
        self.give("node", genesis.node, "service", "software_key", -1)
        for number, key in enumerate(genesis.administrators, 1):
            self.give(f"admin-{number}", key, "administrator", "software_key", -1)

    def give(self, principal, key, role, assurance, index):
        for held in self.keys.values():
            if held["principal"] == principal and held["until"] is None and held["key"].id != key.id:
                held["until"] = index
        self.keys.setdefault(key.id, {"key": key, "principal": principal, "since": index, "until": None, "assurance": []})
        self.keys[key.id]["assurance"].append((index, assurance))
        self.roles.setdefault(principal, []).append((index, role))

    def known(self, kid, index):
        return self.keys[kid] if kid in self.keys and self.keys[kid]["since"] < index else None

    def role(self, principal, index):
        return [role for since, role in self.roles.get(principal, []) if since < index][-1:]

    def withdraw(self, principal, index):
        for held in self.keys.values():
            if principal != "node" and held["principal"] == principal and held["until"] is None:
                held["until"] = index
        if principal != "node":
            self.roles[principal] = self.roles.get(principal, []) + [(index, None)]

    def define(self, value, index):
        name, key = value["id"], value["key"]
        held = self.keys.get(key.id)
        check(name != "node", "enrolment_refused", "reserved_name")
        check(key.id not in self.reserved and (held is None or held["principal"] == name), "enrolment_refused", "key_taken")
        check(held is None or held["until"] is None, "enrolment_refused", "revoked_key")
        self.give(name, key, value["role"], value.get("assurance", "software_key"), index)


class Evidence:
    """All files of a pack, or all loose files. `files`: for each kind a list of names with what was read."""

    def __init__(self, report, pins, files, pack=None):
        self.report, self.pins, self.files, self.pack = report, pins, files, pack
        self.notes, self.logs, self.findings = {}, {}, set()
        self.bodies = {body.digest: body for _, body in files["body"]}
        self.envelopes = {envelope.digest: envelope for _, envelope in files["envelope"]}
        self.blobs = {sha256(raw) for _, raw in files["blob"]}
        receipts = sorted(files["receipt"], key=lambda item: (item[1].index, item[1].ordinal, item[0]))
        self.claims = {receipt.claim for _, receipt in receipts}
        for name, raw in (files["checkpoint"] + [(name, receipt.checkpoint) for name, receipt in receipts]
                          + [(name, proof[2]) for name, proof in files["proof"]]):
            if raw not in self.notes:
                self.notes[raw] = None
                report.piece(name, "what the log signed: how many entries it had, and their root", self.checkpoint, raw)
        self.logged()
        for name, receipt in receipts:
            report.piece(name, "that the claim was signed and logged, and what the node made of it", self.receipt, name, receipt)
            if receipt.claim not in self.bodies:
                report.piece(name, "what the claim says", check, False, "body_absent", "its body is not here")
        for name, body in files["body"]:
            report.piece(name, "what a claim says", self.body, body)
        heads = {envelope.head for envelope in self.envelopes.values()}
        for name, envelope in files["envelope"]:
            used = envelope.digest in heads | {body.envelope for body in self.bodies.values() if body.digest in self.claims}
            report.piece(name, "what stood around claims", self.belongs, used)
        mappings = {envelope.mapping for envelope in self.envelopes.values()}
        for name, raw in files["blob"]:
            report.piece(name, "how a table is read", self.belongs, sha256(raw) in mappings)
        if pack and pack[1] == "finding":
            report.piece("manifest.json", "that the node recorded the finding", check, pack[2] in self.findings, "subject_not_shown")

    def belongs(self, used):
        check(used, "piece_without_receipt", "nothing here needs it")
        check(all(note and note.proven for note in self.notes.values()), "rests_on_checkpoint")

    def checkpoint(self, raw):
        note = self.notes[raw] = read("checkpoint_unreadable", Checkpoint, raw)
        for other in self.notes.values():
            check(not other or (other.origin, other.size) != (note.origin, note.size) or other.root == note.root, "checkpoints_conflict")
        if self.pack:
            check(self.pack[0] == note.origin, "origin_mismatch", "manifest and checkpoint name different logs")
            check(self.pack[3] < note.size, "manifest_beyond_checkpoint")
        check(self.pins, "no_pinned_key")
        signed = [note.signed_by(pin) for pin in self.pins]
        check(False not in signed, "checkpoint_signature_wrong")
        ours = [found for found, pin in zip(signed, self.pins) if pin.name == note.origin]
        check(ours, "origin_not_pinned")
        check(True in ours, "checkpoint_not_by_pinned_key")
        note.proven = True

    def logged(self):
        """Statements with their proofs: genesis first of all."""
        proofs = [(name, self.notes[raw], index, path) for name, (index, path, raw) in self.files["proof"]]
        for name, statement in self.files["statement"]:
            mine = [proof for proof in proofs if proof[1] and proof[1].has(statement.raw, proof[2], proof[3])]
            if statement.kind == "genesis":
                self.report.piece(name, "which keys the log, its node and its administrators have", self.genesis, statement, mine, proofs)
            else:
                self.report.piece(name, "that the statement was logged", self.belongs, mine)
        raws = [statement.raw for _, statement in self.files["statement"]]
        for name, note, index, path in proofs:
            self.report.piece(name, "that a statement is this entry of the log", self.proof, note, index, path, raws)

    def proof(self, note, index, path, raws):
        check(note, "checkpoint_unreadable")
        check(raws, "statement_absent")
        check(any(note.has(raw, index, path) for raw in raws), "genesis_not_first" if self.pack else "statement_not_logged")
        check(note.proven, "rests_on_checkpoint")

    def genesis(self, statement, mine, proofs):
        genesis = read("genesis_wrong", Genesis, statement.raw)
        check(proofs, "piece_without_receipt", "its proof is not here")
        check(any(index == 0 for _, _, index, _ in mine), "genesis_not_first")
        check(all(note.origin == genesis.origin for _, note, _, _ in mine), "origin_mismatch")
        for note in self.notes.values():
            if note and note.origin == genesis.origin:
                check(note.signed_by(genesis.key), "checkpoint_not_by_genesis_key")
        check(all(pin.id == genesis.key.id for pin in self.pins if pin.name == genesis.origin), "checkpoint_not_by_genesis_key")
        self.logs[genesis.origin] = genesis, Keyring(genesis)
        check(all(note.proven for _, note, _, _ in mine), "rests_on_checkpoint")

    def receipt(self, name, receipt):
        folder, *place = name.replace(".receipt", "").split("/") if self.pack else [""]
        check(folder not in ("receipts", "conclusions") or place == [f"{receipt.index}.{receipt.ordinal}"], "name_mismatch")
        note = self.notes[receipt.checkpoint]
        check(note, "checkpoint_unreadable")
        statement, batch, record = self.logged_claim(receipt, note)
        said = self.bodies[receipt.claim].said() if receipt.claim in self.bodies else None
        value = principal_given(said or {})
        if folder == "keys":
            check(said is None or value and value["key"].id.hex() == place[0], "enrolment_unreadable")
        check(folder != "conclusions" or said is None or is_finding(said), "conclusion_unreadable")
        check(note.origin in self.logs, "genesis_absent")
        genesis, ring = self.logs[note.origin]
        check(batch.is_of_node("batch", genesis.node, genesis.origin), "batch_not_by_node")
        key = self.signers(statement, receipt.index, record, genesis, ring)
        check(folder != "conclusions" or key["principal"] == "node", "conclusion_not_by_node")
        effective = record.outcomes[receipt.ordinal] == ["effective"]
        try:
            check(value or folder != "keys", "body_absent")
            check(effective, "enrolment_refused", "the node recorded that it has no effect")
            check(ring.role(statement.issuer, receipt.index) == ["administrator"], "enrolment_refused", "not_authorised")
            if value:
                ring.define(value, receipt.index)
            elif said and (said.get("type"), said.get("object")) == ("Withdraw", "principal"):
                ring.withdraw(said.get("id"), receipt.index)
        except Fault:
            if folder == "keys":
                raise
        check(folder != "conclusions" or effective, "key_not_proven", "the node recorded that it has no effect")
        if folder == "conclusions" and note.proven and said:
            self.findings.add(said["id"].lower())
        check(note.proven, "rests_on_checkpoint")

    def logged_claim(self, receipt, note):
        """Steps 3, 4, 5 and 7 of receipt.md."""
        statement = read("statement_unreadable", Statement, receipt.statement)
        check(note.has(receipt.statement, receipt.index, receipt.path), "statement_not_logged")
        check(statement.claims and statement.claims[receipt.ordinal:][:1] == [receipt.claim], "claim_not_in_statement")
        batch = read("batch_unreadable", Statement, receipt.batch)
        check((batch.kind, batch.version) == ("batch", 1), "batch_unreadable")
        first, count, recorded, _, tick, _, root = read("batch_unreadable", lambda: fields(cbor(batch.payload), list(range(1, 8)), "u u i u i b32? b32"))
        check(all(-1 << 63 <= time < 1 << 63 for time in (recorded, tick)), "batch_unreadable")
        check(note.has(receipt.batch, receipt.batch_index, receipt.batch_path), "batch_not_logged")
        check(first + count == receipt.batch_index and first <= receipt.index < receipt.batch_index, "batch_not_covering")
        leaf = sha256(b"\0", receipt.record)
        check(root_of(leaf, receipt.index - first, count, receipt.record_path) == root, "record_not_in_batch")
        record = read("record_unreadable", Record, receipt.record)
        check(len(record.outcomes) == len(statement.claims), "record_contradicts")
        return statement, batch, record

    def signers(self, statement, index, record, genesis, ring):
        """Step 8 of receipt.md, by the rules of statement.md §9. The key of the issuer."""
        check({genesis.origin, *genesis.predecessors} & set(statement.audience), "statement_refused", "wrong_audience")
        known = {kid: ring.known(kid, index) for kid in statement.required}
        signed = [known[kid] for kid in statement.signers if known.get(kid)]
        check(signed, "key_not_proven")
        check(all(statement.verifies(held["key"]) for held in signed), "signature_wrong")
        issuers = [held for held in signed if held["principal"] == statement.issuer]
        check(issuers or all(known.values()), "key_not_proven")
        check(len(issuers) == 1, "signer_not_issuer")
        held, = issuers
        check(held["until"] is None or index <= held["until"], "statement_refused", "revoked_key")
        machine = ring.role(statement.issuer, index)[0] in ("device", "service") and statement.issuer != "node"
        check(statement.chain or statement.passkey or not machine, "statement_refused", "chain_missing")
        missing = [kid for kid in statement.required if kid not in statement.signers
                   or known[kid] and known[kid]["until"] is not None and index > known[kid]["until"]]
        check("signer_missing" in record.marks or not missing, "record_contradicts")
        check(all(known.values()), "key_not_proven")
        surest = [assurance for since, assurance in held["assurance"] if since < index][-1]
        check(ASSURANCE.index(record.assurance) <= ASSURANCE.index(surest), "assurance_not_shown")
        return held

    def body(self, body):
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
        self.subject, self.pins, self.pieces = subject, pins, []

    def piece(self, name, claim, work, *arguments):
        code, words = "proven", ""
        try:
            work(*arguments)
        except Fault as why:
            code, words = why.args
        verdict = "proven" if code == "proven" else "cannot_tell" if code in CANNOT_TELL else "disproven"
        self.pieces.append({"name": name, "claim": claim, "verdict": verdict, "code": code, "detail": words})

    def verdict(self):
        found = {piece["verdict"] for piece in self.pieces}
        return next(verdict for verdict in ("disproven", "cannot_tell", "proven") if verdict in found)


PARSERS = {"receipt": Receipt, "checkpoint": bytes, "proof": tlog_proof, "statement": Statement, "body": Body,
           "envelope": Envelope, "blob": bytes}
UNREADABLE = {"receipt": "receipt_malformed", "proof": "proof_unreadable", "statement": "statement_unreadable",
              "body": "body_unreadable", "envelope": "envelope_unreadable"}


def kind_of(raw):
    """What a loose file is, by its first bytes; a blob if it is nothing else."""
    if raw.startswith(b"c2sp.org/tlog-proof"):
        return "proof"
    if raw[:1] in (b"\xd2", b"\xd8") or raw.startswith(b"\x87\x68webauthn"):
        return "statement"
    if raw[:1] in (b"\x8d", b"\x87", b"\x8a"):
        return {0x8d: "receipt", 0x87: "body", 0x8a: "envelope"}[raw[0]]
    return "checkpoint" if "\n\n— ".encode() in raw else "blob"


def verify_pack(name, data, pins):
    report, files, meta = Report("pack", pins), {kind: [] for kind in PARSERS}, []

    def unpack():
        content = archive(data)
        for known in content:
            check(known == "manifest.json" or any(re.fullmatch(pattern, known) for pattern, *_ in FILES), "pack_file_unknown", known)
        for needed in ("manifest.json", "genesis.statement", "genesis.tlog-proof", "checkpoint"):
            check(needed in content, "pack_file_missing", needed)
        meta.extend(manifest(content.pop("manifest.json"), content))
        for known, raw in content.items():
            kind = {"keys": "receipt", "receipts": "receipt", "conclusions": "receipt", "bodies": "body", "envelopes": "envelope",
                    "blobs": "blob", "genesis.statement": "statement", "genesis.tlog-proof": "proof",
                    "checkpoint": "checkpoint"}.get(known.split("/")[0])
            if kind:
                try:
                    files[kind].append((known, read(UNREADABLE.get(kind), PARSERS[kind], raw)))
                except Fault:
                    if kind == "receipt": raise
                    report.piece(known, "", read, UNREADABLE[kind], PARSERS[kind], raw)
        for known, receipt in files["receipt"]:
            check(receipt.checkpoint == content["checkpoint"], "checkpoint_mixed", known)
        for known, proof in files["proof"]:
            check(proof[2] == content["checkpoint"], "checkpoint_mixed", known)
        for kind, code in (("body", "body_differs"), ("envelope", "envelope_differs"), ("blob", "mapping_differs")):
            for known, piece in files[kind]:
                digest = sha256(piece) if kind == "blob" else piece.digest
                if digest.hex() not in known:
                    report.piece(known, "", check, False, code)
    report.piece(name, "that the pack is whole and written in its one way", unpack)
    if report.pieces[-1]["code"] == "proven":
        Evidence(report, pins, files, meta)
    return report


def verify_loose(named, pins):
    report, files = Report("receipts", pins), {kind: [] for kind in PARSERS}
    for name, raw in named:
        kind = kind_of(raw)
        report.piece(name, f"that the file is a {kind}", lambda: files[kind].append((name, read(UNREADABLE.get(kind), PARSERS[kind], raw))))
    mappings = {envelope.mapping for _, envelope in files["envelope"]}
    for name, raw in files["blob"]:
        if sha256(raw) not in mappings:
            report.piece(name, "", check, False, "file_unknown")
    Evidence(report, pins, files)
    return report


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--policy")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args(arguments)
    if options.policy:
        parser.error("this program reads no policies: give --key")
    try:
        pins = [LogKey(open(key[1:]).read().strip() if key[0] == "@" else key) for key in options.key]
        named = [(name, open(name, "rb").read()) for name in options.files]
    except (ValueError, OSError) as why:
        parser.error(str(why))
    packs = [item for item in named if item[1].startswith(b"PK")]
    reports = [verify_pack(*item, pins) for item in packs]
    loose = [item for item in named if item not in packs]
    if loose:
        reports.append(verify_loose(loose, pins))
    for report in reports:
        if options.json:
            print(json.dumps({"kind": "countersign-verify-report", "version": 1, "subject": report.subject, "pinned": bool(pins),
                              "verdict": report.verdict(), "pieces": report.pieces}))
        else:
            for piece in report.pieces:
                print(f"{piece['verdict']:12} {piece['name']}: {piece['claim']} [{piece['code']}] {piece['detail']}")
            print(report.verdict())
    return {"proven": 0, "disproven": 1, "cannot_tell": 3}[min((r.verdict() for r in reports), key=["disproven", "cannot_tell", "proven"].index)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
