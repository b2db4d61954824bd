#!/usr/bin/env python3
"""Writes ../v1/guessable.json from docs/formats/body.md alone: bodies whose sealed value is easily guessed."""
import hashlib
import hmac
import json
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "v1" / "guessable.json"
FORMAT, MEDIA = "epcis-json", "application/json"
ENVELOPE = hashlib.sha256(b"an envelope").digest()
BODY_SALT, OTHER_BODY_SALT = bytes([0xB0] * 16), bytes([0xB1] * 16)
SALT, OTHER_SALT = hashlib.sha256(b"a salt").digest(), hashlib.sha256(b"another salt").digest()
BEFORE, AFTER = b'{"type":"ObjectEvent","ex:pin":', b"}"


def u64(n):
    return n.to_bytes(8, "big")


def head(major, n):
    return bytes([major << 5 | n]) if n < 24 else bytes([major << 5 | 24, n])


def cbor(value):
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value)) + value.encode()
    return head(4, len(value)) + b"".join(map(cbor, value))


def commitment(part):
    return hashlib.sha256(part[1]).digest() if part[0] == 0 else hmac.digest(part[2], part[1], "sha256")


def digest(body_salt, parts):
    text = b"countersign/claim/v1\0" + u64(len(FORMAT)) + FORMAT.encode() + u64(1) + u64(len(MEDIA)) + MEDIA.encode()
    text += body_salt + ENVELOPE + u64(0) + u64(len(parts))
    for part in parts:
        text += (b"\0" + u64(len(part[1])) if part[0] == 0 else b"\1") + commitment(part)
    return hashlib.sha256(text).digest()


def body(name, value, salt=SALT, body_salt=BODY_SALT):
    parts = [[0, BEFORE], [1, value, salt], [0, AFTER]] if salt else [[0, BEFORE + value + AFTER]]
    withheld = [part if part[0] == 0 else [1, commitment(part)] for part in parts]
    encode = lambda parts: cbor([FORMAT, 1, MEDIA, body_salt, ENVELOPE, 0, parts]).hex()
    return {
        "name": name, "value": value.decode(), "salt": salt.hex() if salt else None, "body_salt": body_salt.hex(),
        "claim": encode(parts), "withheld": encode(withheld), "digest": digest(body_salt, parts).hex(),
        "commitment": commitment(parts[1]).hex() if salt else None,
        "open_view": ((BEFORE + b"null" + AFTER) if salt else BEFORE + value + AFTER).decode(),
    }


PIN = b'"4711"'
BODIES = [
    body("a number of four digits, sealed", PIN),
    body("the same under another salt", PIN, OTHER_SALT),
    body("the same in a body with another salt of its own", PIN, body_salt=OTHER_BODY_SALT),
    body("another number under the same salt", b'"4712"'),
    body("the same number without quotes", b"4711"),
    body("a long name in its place", b'"A. Person of Somewhere, whom everybody knows"'),
    body("nothing in its place", b"null"),
    body("the number, open", PIN, None),
    body("the number, open, in a body with another salt of its own", PIN, None, OTHER_BODY_SALT),
]
WRONG_KEYS = [("no key: SHA-256 of the value", None), ("32 zero bytes", bytes(32)), ("the salt of the body", BODY_SALT + bytes(16)),
              ("the digest of the envelope", ENVELOPE), ("the digest of the claim", bytes.fromhex(BODIES[0]["digest"])), ("another salt", OTHER_SALT)]
GUESSES = [{"key": name, "bytes": None if key is None else key.hex(),
            "gives": (hashlib.sha256(PIN).digest() if key is None else hmac.digest(key, PIN, "sha256")).hex()} for name, key in WRONG_KEYS]
UNSALTED = digest(bytes(16), [[0, BEFORE + PIN + AFTER]]).hex()

# By hand: who differs from whom.
digests = [one["digest"] for one in BODIES]
assert len(set(digests)) == len(BODIES) and UNSALTED not in digests
commitments = [one["commitment"] for one in BODIES[:7]]
assert len(set(commitments)) == 6 and commitments[0] == commitments[2]
assert not {guess["gives"] for guess in GUESSES} & {commitments[0]} and GUESSES[-1]["gives"] == commitments[1]
assert len({one["open_view"] for one in BODIES[:7]}) == 1 and len({len(one["withheld"]) for one in BODIES[:7]}) == 1

OUT.write_text(json.dumps({
    "about": "Bodies with a value that is easily guessed (docs/formats/body.md), made by ../make/guessable.py. Bytes are hex. No two digests are alike. The sealed ones have one open view, and their withheld forms are equally long. `guesses`: what somebody gets who guesses the first value right but does not have its salt (of a short key zeros follow, as HMAC has it); none is its commitment. `unsalted_digest`: the digest that the open body would have with a salt of zeros",
    "envelope": ENVELOPE.hex(), "bodies": BODIES, "guesses": GUESSES, "unsalted_digest": UNSALTED,
}, indent=1) + "\n")
