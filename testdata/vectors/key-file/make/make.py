#!/usr/bin/env python3
"""Writes ../v1/vectors.json from docs/formats/key-file.md alone; nothing of the crates is used.

Needs `cryptography` (44 or later) for ChaCha20-Poly1305 and Argon2id; HChaCha20 is written out below.
"""
import base64
import json
import struct
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

OUT = Path(__file__).resolve().parent.parent / "v1"
ORIGIN = "log.example/1"
SIGNING = "countersign-secret-key:1:Ed25519:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk="
RAW = base64.b64encode(bytes([11] * 32)).decode()


def hchacha20(key, nonce):
    state = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key) + struct.unpack("<4I", nonce))

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            mixed = state[z] ^ state[x]
            state[z] = ((mixed << turn) | (mixed >> (32 - turn))) & 0xFFFFFFFF

    for _ in range(10):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<8I", *(state[:4] + state[12:]))


def associated(lock, name, origin):
    out = b"countersign/key-file/v1\0"
    for piece in (lock, name.encode(), origin.encode()):
        out += struct.pack(">Q", len(piece)) + piece
    return out


def line(name, body):
    return f"countersign-key-file:1:{name}:{base64.b64encode(body).decode()}"


def seal(name, plain, lock, key, nonce, origin=ORIGIN):
    sub = hchacha20(key, nonce[:16])
    cipher = ChaCha20Poly1305(sub).encrypt(bytes(4) + nonce[16:], plain, associated(lock, name, origin))
    return lock + nonce + cipher


def passphrase_lock(memory, passes, lanes, salt):
    return b"\x01" + struct.pack(">III", memory, passes, lanes) + salt


def stretched(passphrase, memory, passes, lanes, salt):
    return Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory).derive(passphrase)


KEY = bytes(range(32))
NONCE = bytes(range(100, 124))
SALT = bytes(range(200, 216))
UNLOCK = "countersign-unlock-key:1:" + base64.b64encode(KEY).decode()
COSTS = (64, 2, 2)
PASSPHRASE = "correct horse battery staple"

by_key = seal("statement", SIGNING.encode(), b"\0", KEY, NONCE)
by_passphrase = seal("sealing", RAW.encode(), passphrase_lock(*COSTS, SALT), stretched(PASSPHRASE.encode(), *COSTS, SALT), NONCE)
odd = "grüße\t \u00e4"
odd_lock = passphrase_lock(8, 1, 1, SALT[::-1])
by_odd = seal("a-9", b"x", odd_lock, stretched(odd.encode(), 8, 1, 1, SALT[::-1]), NONCE[::-1], "")

opens = [
    {"name": "by an unlock key", "text": line("statement", by_key) + "\n", "key": "statement", "origin": ORIGIN, "unlock": UNLOCK + "\n", "line": SIGNING},
    {"name": "by a passphrase", "text": line("sealing", by_passphrase), "key": "sealing", "origin": ORIGIN, "passphrase": PASSPHRASE, "line": RAW},
    {"name": "a passphrase of any characters, least costs, no origin", "text": line("a-9", by_odd), "key": "a-9", "origin": "", "passphrase": odd, "line": "x"},
]


def stays_locked(name, text, key="statement", origin=ORIGIN, unlock=UNLOCK):
    return {"name": name, "text": text, "key": key, "origin": origin, "unlock": unlock}


cheaper = bytearray(by_passphrase)
cheaper[1:5] = struct.pack(">I", 32)
flipped = bytearray(by_key)
flipped[-1] ^= 1
locked = [
    stays_locked("another unlock key", line("statement", by_key), unlock="countersign-unlock-key:1:" + base64.b64encode(bytes(32)).decode()),
    stays_locked("another log's", line("statement", by_key), origin="log.example/2"),
    stays_locked("renamed", line("receipt", by_key), key="receipt"),
    stays_locked("one bit of the tag", line("statement", bytes(flipped))),
    stays_locked("nonce exchanged", line("statement", by_key[:1] + bytes(24) + by_key[25:])),
    stays_locked("lengths not authenticated: name and origin run together", line("statement", seal("statementl", SIGNING.encode(), b"\0", KEY, NONCE, ORIGIN[1:]))),
    {"name": "costs lowered", "text": line("sealing", bytes(cheaper)), "key": "sealing", "origin": ORIGIN, "passphrase": PASSPHRASE},
    {"name": "another passphrase", "text": line("sealing", by_passphrase), "key": "sealing", "origin": ORIGIN, "passphrase": PASSPHRASE + " "},
]


def costs(memory, passes, lanes):
    return line("sealing", passphrase_lock(memory, passes, lanes, SALT) + by_passphrase[29:])


good = line("statement", by_key)
malformed = [
    {"name": "a key in the open", "text": SIGNING},
    {"name": "nothing", "text": ""},
    {"name": "version 2", "text": good.replace("file:1:", "file:2:")},
    {"name": "space before", "text": " " + good},
    {"name": "two line feeds", "text": good + "\n\n"},
    {"name": "carriage return", "text": good + "\r\n"},
    {"name": "no name", "text": line("", by_key)},
    {"name": "name with a capital", "text": line("Statement", by_key)},
    {"name": "name that begins with a digit", "text": line("1", by_key)},
    {"name": "name of 33 characters", "text": line("a" * 33, by_key)},
    {"name": "base64 without padding", "text": line("statement", by_key).rstrip("=")},
    {"name": "base64 of the URL alphabet", "text": line("a", bytes([0]) + b"\xff" * 60).replace("/", "_")},
    {"name": "lock unknown", "text": line("statement", b"\x02" + by_key[1:])},
    {"name": "lock cut off", "text": line("statement", by_passphrase[:20])},
    {"name": "ciphertext of nothing", "text": line("statement", by_key[: 1 + 24 + 16])},
    {"name": "513 bytes", "text": line("statement", seal("statement", b"x" * 513, b"\0", KEY, NONCE))},
    {"name": "no lanes", "text": costs(64, 2, 0)},
    {"name": "65 lanes", "text": costs(1024, 2, 65)},
    {"name": "no passes", "text": costs(64, 0, 2)},
    {"name": "65 passes", "text": costs(64, 65, 2)},
    {"name": "memory below eight KiB a lane", "text": costs(15, 2, 2)},
    {"name": "memory above 1 GiB", "text": costs(1048577, 2, 2)},
]
no_unlock = [
    {"name": "a passphrase", "text": PASSPHRASE},
    {"name": "31 bytes", "text": "countersign-unlock-key:1:" + base64.b64encode(KEY[1:]).decode()},
    {"name": "version 2", "text": UNLOCK.replace(":1:", ":2:")},
    {"name": "two line feeds", "text": UNLOCK + "\n\n"},
    {"name": "space behind", "text": UNLOCK + " "},
]
OUT.mkdir(exist_ok=True)
vectors = {"opens": opens, "locked": locked, "malformed": malformed, "no_unlock_key": no_unlock}
(OUT / "vectors.json").write_text(json.dumps(vectors, indent=1, ensure_ascii=False) + "\n")
