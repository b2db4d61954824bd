#!/usr/bin/env python3
"""Writes ../v1/vectors.json and ../v1/second-place.json from docs/formats/segment.md alone; nothing of the crates is used.

Needs `cryptography` for ChaCha20-Poly1305; HChaCha20 is written out below.
"""
import hashlib
import json
import struct
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

OUT = Path(__file__).resolve().parent.parent / "v1"
KINDS = {"blob": 1, "envelope": 2, "body": 3, "sealed": 4, "statement": 5, "batch": 6, "erasing": 0x7E, "wiped": 0x7F}


def u64(n):
    return struct.pack(">Q", n)


def check(kind, payload):
    text = b"countersign/record/v1\0"
    for piece in (bytes([kind]), u64(len(payload)), payload):
        text += u64(len(piece)) + piece
    return hashlib.sha256(text).digest()[:8]


def raw(kind, payload, checked, length=None):
    head = struct.pack(">I", len(payload) if length is None else length) + bytes([kind, 0, 0, 0]) + checked
    return head + payload + bytes(-len(payload) % 8)


def record(kind, payload):
    return raw(KINDS[kind], payload, check(KINDS[kind], payload))


def cbor(value):
    def head(major, n):
        if n < 24:
            return bytes([major << 5 | n])
        if n < 256:
            return bytes([major << 5 | 24, n])
        return bytes([major << 5 | 25]) + struct.pack(">H", n)

    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    return head(4, len(value)) + b"".join(cbor(one) for one in value)


def statement(index, text):
    return record("statement", u64(index) + text)


def batch(index, text, verdicts):
    return record("batch", cbor([index, text, verdicts]))


# ---- Sealed parts: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03).


def hchacha20(key, nonce):
    state = list(struct.unpack("<4I", b"expand 32-byte k")) + list(struct.unpack("<8I", key)) + list(struct.unpack("<4I", nonce))

    def rotated(n, by):
        return (n << by | n >> (32 - by)) & 0xFFFFFFFF

    def quarter(a, b, c, d):
        for x, y, z, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            state[z] = rotated(state[z] ^ state[x], by)

    for _ in range(10):
        for a in range(4):
            quarter(a, 4 + a, 8 + a, 12 + a)
        for a in range(4):
            quarter(a, 4 + (a + 1) % 4, 8 + (a + 2) % 4, 12 + (a + 3) % 4)
    return struct.pack("<8I", *(state[:4] + state[12:]))


# The draft's own example (section 2.2.1) says that this is HChaCha20.
assert hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927")).hex() == (
    "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
)


def xchacha(key, nonce, text, associated):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], text, associated)


def sealed(sealing_key, owner, fingerprint, parts):
    """`parts`: (ordinal, salt, bytes, the part's key, nonce of its wrapping)."""
    items = []
    for ordinal, salt, text, key, nonce in parts:
        associated = b"countersign/seal/v1\0" + owner + u64(ordinal)
        items.append([
            ordinal,
            nonce + xchacha(sealing_key, nonce, key, associated),
            xchacha(key, bytes(24), salt + text, associated),
        ])
    return cbor([owner, fingerprint, items])


SEALING_KEY = bytes(range(32))
OWNER = hashlib.sha256(b"owner").digest()
FINGERPRINT = hashlib.sha256(b"fingerprint").digest()
PARTS = [
    (1, bytes([0x11] * 32), b'"Li Wei"', bytes([0x22] * 32), bytes([0x33] * 24)),
    (3, bytes([0x44] * 32), b"", bytes([0x55] * 32), bytes([0x66] * 24)),
]
SEALED = sealed(SEALING_KEY, OWNER, FINGERPRINT, PARTS)

# ---- A segment with two commits and the beginning of a third.

LOG = hashlib.sha256(b"genesis").digest()
NUMBER = 3


def header(number, log):
    return b"CSGROUND" + struct.pack(">II", 1, number) + log + bytes(16)


class Segment:
    def __init__(self):
        self.bytes = header(NUMBER, LOG)
        self.records = []

    def add(self, kind, payload, whole=None):
        offset = len(self.bytes)
        self.bytes += record(kind, payload) if whole is None else whole
        self.records.append({"offset": offset, "kind": kind, "payload": payload.hex(), "end": len(self.bytes)})
        return offset


def segment():
    s = Segment()
    commits = []
    first = [
        s.add("blob", b"a mapping file"),
        s.add("envelope", b"an envelope"),
        s.add("body", b"a body"),
        s.add("sealed", SEALED),
    ]
    s.add("statement", u64(7) + b"statement 7")
    second = [
        s.add("body", b"another body, 24 bytes.."),
        s.add("wiped", bytes(5), raw(KINDS["wiped"], bytes(5), bytes(8))),
        s.add("body", b""),
        s.add("erasing", b"half \0\0\0", raw(KINDS["erasing"], b"half \0\0\0", bytes([9, 9, 9, 9, 0, 0, 0, 0]))),
    ]
    s.add("statement", u64(8) + b"statement 8")
    at = s.add("batch", cbor([9, b"batch 9", [b"verdict 7", b"verdict 8"]]))
    commits.append({
        "offset": 64,
        "statements": [
            {
                "index": 7, "statement": b"statement 7".hex(), "blobs": [b"a mapping file".hex()],
                "envelopes": [b"an envelope".hex()], "bodies": [b"a body".hex()], "sealed": [first[3]], "offset": first[0],
            },
            {
                "index": 8, "statement": b"statement 8".hex(), "blobs": [], "envelopes": [],
                "bodies": [b"another body, 24 bytes..".hex(), ""], "sealed": [second[1], second[3]], "offset": second[0],
            },
        ],
        "batch_index": 9, "batch": b"batch 9".hex(), "verdicts": [b"verdict 7".hex(), b"verdict 8".hex()],
        "batch_offset": at, "end": len(s.bytes),
    })
    begin = len(s.bytes)
    at = s.add("batch", cbor([10, b"batch 10", []]))
    commits.append({
        "offset": begin, "statements": [], "batch_index": 10, "batch": b"batch 10".hex(), "verdicts": [],
        "batch_offset": at, "end": len(s.bytes),
    })
    tail = len(s.bytes)
    body = s.add("body", b"never acknowledged")
    s.add("statement", u64(11) + b"statement 11")
    s.add("blob", b"of a statement that is not there")
    return {
        "comment": "Two commits, and a tail without its batch; then free space.",
        "number": NUMBER, "log": LOG.hex(), "bytes": (s.bytes + bytes(32)).hex(), "records": s.records, "commits": commits,
        "tail": {
            "offset": tail,
            "statements": [{
                "index": 11, "statement": b"statement 11".hex(), "blobs": [], "envelopes": [],
                "bodies": [b"never acknowledged".hex()], "sealed": [], "offset": body,
            }],
        },
    }


def headers():
    right = header(NUMBER, LOG)
    return [
        {"name": "as it is", "bytes": right.hex(), "accepted": True},
        {"name": "another name", "bytes": (b"CSGROUNX" + right[8:]).hex(), "accepted": False},
        {"name": "version 2", "bytes": (right[:8] + struct.pack(">I", 2) + right[12:]).hex(), "accepted": False},
        {"name": "of another segment", "bytes": header(NUMBER + 1, LOG).hex(), "accepted": False},
        {"name": "of another log", "bytes": header(NUMBER, hashlib.sha256(b"other").digest()).hex(), "accepted": False},
        {"name": "numbers little-endian", "bytes": (right[:8] + struct.pack("<II", 1, NUMBER) + right[16:]).hex(), "accepted": False},
        {"name": "the last byte is not zero", "bytes": (right[:63] + b"\x01").hex(), "accepted": False},
        {"name": "a byte short", "bytes": right[:63].hex(), "accepted": False},
    ]


def flipped(text, at, bit=0):
    return text[:at] + bytes([text[at] ^ 1 << bit]) + text[at + 1:]


# ---- Hostile bytes: records from offset 0, those that are read, and the error behind them.


def hostile():
    one = record("statement", u64(5) + b"s")  # 9 bytes of payload, 32 with head and padding
    two = record("body", b"body body")
    free = bytes(32)
    wiped = raw(KINDS["wiped"], bytes(9), bytes(8))
    begun = two[:4] + bytes([KINDS["erasing"]]) + two[5:]
    cases = []

    def case(name, text, kinds, error=None):
        cases.append({"name": name, "bytes": text.hex(), "kinds": kinds, "error": error})

    case("nothing", b"", [])
    case("free space alone", free, [])
    case("whole, then free space", one + two + free, ["statement", "body"])
    case("whole, up to the last byte", one + two, ["statement", "body"])
    for left in (31, 25, 24, 17, 16):
        case(f"the second record ends after {left} of 32 bytes", one + two[:left], ["statement"], ["cut_off", 32])
    case("only part of a head is left, as where a segment ends", one + two[:15], ["statement"])
    case("a length beyond the bytes", raw(3, b"x", check(3, b"x"), length=0xFFFFFFFF), [], ["cut_off", 0])
    case("a flipped bit of the length: 8 for 9", one + flipped(two, 3, 0) + free, ["statement"], ["damaged", 32])
    case("a flipped bit of the check", one + flipped(two, 8) + free, ["statement"], ["damaged", 32])
    case("a flipped bit of the payload", one + flipped(two, 24, 7) + free, ["statement"], ["damaged", 32])
    case("a flipped bit of the padding", one + flipped(two, 31) + free, ["statement"], ["padding", 32])
    case("a byte behind the kind is not zero", one + flipped(two, 7) + free, ["statement"], ["damaged", 32])
    case("one kind for another: a body called an envelope", one + two[:4] + b"\x02" + two[5:] + free, ["statement"], ["damaged", 32])
    case("a kind that is none: 7", one + raw(7, b"x", check(7, b"x")) + free, ["statement"], ["unknown_kind", 32])
    case("a kind that is none: 0, with a length", one + raw(0, b"x", check(0, b"x")) + free, ["statement"], ["unknown_kind", 32])
    case("no payload, but a kind: a record", record("blob", b"") + one + free, ["blob", "statement"])
    case("no payload, no kind, a check: free space", bytes(8) + check(0, b"") + one, [])
    case("the check of one payload before another", two[:16] + b"ydob ydob" + two[25:] + free, [], ["damaged", 0])
    case("the check without the lengths in front", raw(3, b"x", hashlib.sha256(b"countersign/record/v1\0\3" + u64(1) + b"x").digest()[:8]) + free, [], ["damaged", 0])
    case("the length little-endian", b"\x09\0\0\0" + two[4:] + free, [], ["cut_off", 0])
    case("an erasure that was begun: only the kind is written", begun + one + free, ["erasing", "statement"])
    case("torn: check and half of the payload are zeros", begun[:8] + bytes(12) + begun[20:] + one + free, ["erasing", "statement"])
    case("torn: all zeros, the kind not yet written", begun[:8] + bytes(24) + one + free, ["erasing", "statement"])
    case("torn, and the record goes on behind the bytes", begun[:24], [], ["cut_off", 0])
    case("torn, and its padding is not zero", flipped(begun, 31) + one, [], ["padding", 0])
    case("wiped", wiped + one + free, ["wiped", "statement"])
    case("wiped, and a byte of the payload is left", flipped(wiped, 20) + one + free, [], ["damaged", 0])
    case("wiped, and a byte of the check is left", flipped(wiped, 15) + one + free, [], ["damaged", 0])
    case("wiped, with the check of a whole record", record("wiped", bytes(9)) + one, [], ["damaged", 0])
    return cases


def refused_commits():
    free = bytes(32)
    cases = []

    def case(name, text, error):
        cases.append({"name": name, "bytes": (text + free).hex(), "error": error})

    # A statement with 1 byte of text: 9 bytes of payload, 32 in all.
    case("a tail without its batch: nothing", statement(1, b"s"), None)
    case("indexes with a gap", statement(1, b"s") + statement(3, b"s") + batch(4, b"b", []), ["order", 32])
    case("one index twice", statement(1, b"s") + statement(1, b"s") + batch(2, b"b", []), ["order", 32])
    case("the batch not directly behind the last statement", statement(1, b"s") + batch(3, b"b", [b"v"]), ["order", 32])
    case("a statement too short for its index", record("statement", bytes(7)), ["shape", 0])
    case("a batch that is no CBOR", statement(1, b"s") + record("batch", b"\xff"), ["shape", 32])
    case("a batch of two", statement(1, b"s") + record("batch", cbor([2, b"b"])), ["shape", 32])
    case("a batch whose verdicts are no byte strings", statement(1, b"s") + record("batch", cbor([2, b"b", [1]])), ["shape", 32])
    case("a batch whose index is not in its shortest form", statement(1, b"s") + record("batch", b"\x83\x18\x02\x41b\x80"), ["shape", 32])
    case("bytes behind the CBOR of a batch", statement(1, b"s") + record("batch", cbor([2, b"b", []]) + b"\0"), ["shape", 32])
    case("damage within a commit", statement(1, b"s") + flipped(statement(2, b"s"), 20) + batch(3, b"b", []), ["damaged", 32])
    return cases


def erasures():
    cases = []
    for length in (0, 5, 20):
        cases.append({
            "payload_length": length,
            "writes": [[4, "7e"], [8, bytes(8 + length).hex()], [4, "7f"]],
        })
    return cases


def sealed_records():
    ordinals = cbor(OWNER) + cbor(FINGERPRINT)
    assert SEALED[1:1 + len(ordinals)] == ordinals
    begin = 1 + len(ordinals)
    text = SEALED
    cases = [
        {"name": "the owner is another", "payload": flipped(text, 4).hex()},
        {"name": "the first ordinal is 2", "payload": (text[:begin + 2] + b"\x02" + text[begin + 3:]).hex()},
        {"name": "a bit of the wrapping's nonce", "payload": flipped(text, begin + 6).hex()},
        {"name": "a bit of the wrapped key", "payload": flipped(text, begin + 40).hex()},
        {"name": "a bit of the last text", "payload": flipped(text, len(text) - 1).hex()},
        {"name": "cut off", "payload": text[:-1].hex()},
        {"name": "a byte behind it", "payload": (text + b"\0").hex()},
        {"name": "what was made for one ordinal stands under the other", "payload": swapped().hex()},
        {"name": "zeros, as after an erasure", "payload": bytes(len(text)).hex()},
    ]
    return {
        "sealing_key": SEALING_KEY.hex(), "owner": OWNER.hex(), "fingerprint": FINGERPRINT.hex(),
        "parts": [
            {"ordinal": o, "salt": s.hex(), "bytes": t.hex(), "key": k.hex(), "nonce": n.hex()} for o, s, t, k, n in PARTS
        ],
        "payload": SEALED.hex(), "refused": cases,
    }


def swapped():
    (a, *x), (b, *y) = PARTS
    # Wrapped keys and texts made for one ordinal, standing under the other.
    made = sealed(SEALING_KEY, OWNER, FINGERPRINT, [(a, *x), (b, *y)])
    other = sealed(SEALING_KEY, OWNER, FINGERPRINT, [(b, *x), (a, *y)])
    assert len(made) == len(other)
    one = bytearray(other)
    begin = 1 + len(cbor(OWNER)) + len(cbor(FINGERPRINT)) + 2
    assert one[begin] == b
    one[begin] = a
    at = bytes(one).index(bytes([0x83, a, 0x58]), begin + 1)
    one[at + 1] = b
    return bytes(one)


# ---- The second place: two slots of 4,096 bytes.


def slot(number, value):
    text = u64(number) + struct.pack(">I", len(value)) + value
    return text + hashlib.sha256(text).digest()


def second_place():
    one, two, three = slot(1, b"one"), slot(2, b"two"), slot(3, b"three")
    cases = []

    def case(name, slots, value, lost=False):
        value = None if value is None else value.hex()
        cases.append({"name": name, "slots": [slots[0].hex(), slots[1].hex()], "value": value, "lost": lost})

    case("blank", (b"", b""), None)
    case("the first value", (one, b""), b"one")
    case("the second value", (one, two), b"two")
    case("the third, in the first slot again", (three, two), b"three")
    case("the newest is torn: its check is not there yet", (three[:14], two), b"two")
    case("the newest is torn: its number is of old, its value new", (one[:8] + three[8:], two), b"two")
    case("the newest has a flipped bit", (flipped(three, 13), two), b"two")
    case("a slot without a number does not count", (slot(0, b"zero"), two), b"two")
    case("a length beyond the slot", (u64(9) + b"\xff\xff\xff\xff" + bytes(64), two), b"two")
    case("one is spoiled, the other blank: the value is lost", (flipped(one, 12), b""), None, True)
    case("both are spoiled: the value is lost", (flipped(one, 12), flipped(two, 12)), None, True)
    case("only a slot without a number: the value is lost", (slot(0, b"zero"), b""), None, True)
    swaps = {
        "comment": "values swapped in one after the other, from blank slots; the slots after each",
        "steps": [
            {"value": b"one".hex(), "slots": [one.hex(), ""]},
            {"value": b"two".hex(), "slots": [one.hex(), two.hex()]},
            {"value": b"three".hex(), "slots": [three.hex(), two.hex()]},
            {"value": "", "slots": [three.hex(), slot(4, b"").hex()]},
        ],
    }
    return {
        "format": "segment/v1",
        "about": "docs/formats/segment.md, The second place; made from it by ../make/make.py; of each slot (hex) the bytes up to its zeros",
        "slot_bytes": 4096, "cases": cases, "swaps": swaps,
    }


def write(name, made):
    (OUT / name).write_text(json.dumps(made, indent=2) + "\n")


write("second-place.json", second_place())
write("vectors.json", {
    "format": "segment/v1",
    "about": "docs/formats/segment.md, made from it by ../make/make.py; bytes are hex, numbers of offsets and lengths are bytes",
    "headers": {"number": NUMBER, "log": LOG.hex(), "cases": headers()},
    "segment": segment(),
    "hostile_records": {"comment": "records from offset 0: the kinds that are read, then the error and the offset of its record", "cases": hostile()},
    "commits": {"comment": "a commit read from offset 0: the error and the offset of its record, or null where there is none yet", "cases": refused_commits()},
    "erasures": {"comment": "writes in their order: offset in the record, bytes", "cases": erasures()},
    "sealed": sealed_records(),
})
