"""Asks scitt-cose. One JSON object a line comes in, one answer a line goes out; bytes are in hex."""

import json
import sys

import scitt_cose
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from scitt_cose.receipt import HDR_KID


def verify(question):
    """What comes of a receipt, an entry and a key (PEM)."""
    result = scitt_cose.verify_receipt(
        bytes.fromhex(question["receipt"]),
        leaf_entry_hex=question["entry"],
        log_public_key_pem=question["key"],
    )
    kid = result.protected_header_ext.get(HDR_KID)
    return {
        "ok": result.ok,
        "root": result.root,
        "size": result.tree_size,
        "index": result.leaf_index,
        "issuer": result.issuer,
        "subject": result.subject,
        "kid": kid.hex() if isinstance(kid, bytes) else None,
        "errors": result.errors,
    }


def make(question):
    """A receipt of their making, and the key (PEM) that signed it."""
    seed = bytes.fromhex(question["seed"])
    if question["alg"] == "ES256":
        key = ec.derive_private_key(int.from_bytes(seed, "big"), ec.SECP256R1())
    else:
        key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    entries = question["entries"]
    receipt = scitt_cose.build_receipt(
        leaf_entry_hex=entries[question["index"]],
        leaf_index=question["index"],
        tree_entries_hex=entries,
        alg=question["alg"],
        log_private_key_pem=key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
        iss="log.example/site-2",
        sub="shipment-8",
        kid=b"key",
    )
    public = key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    return {"receipt": receipt.hex(), "key": public.decode()}


def statement(question):
    """What comes of a statement with receipts, and a key (PEM)."""
    data = bytes.fromhex(question["statement"])
    said = scitt_cose.parse_signed_statement(data, public_key_pem=question["key"])
    payload = said["payload"]
    return {
        "ok": said["signature_verified"],
        "payload": payload.hex() if payload is not None else None,
        "receipts": [receipt.hex() for receipt in scitt_cose.extract_receipts(data)],
    }


def root(question):
    """Whether a consistency proof holds in their tree."""
    return {"ok": scitt_cose.verify_consistency(**question["proof"])}


ANSWERS = {"verify": verify, "make": make, "statement": statement, "root": root}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(ANSWERS[asked["do"]](asked)))
