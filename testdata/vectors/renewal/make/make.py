#!/usr/bin/env python3
"""Writes ../v1/vectors.json from docs/formats/renewal.md and genesis.md alone; nothing of the crates is used.

Needs `cryptography` for Ed25519.
"""
import base64
import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

OUT = Path(__file__).resolve().parent.parent / "v1"
NAME, OLD, NEW = "log.example/site-1", "log.example/before", "log.example/site-1-b"
AT, ROOT = 40, "ab" * 32


def public(seed):
    return Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32)).public_key().public_bytes_raw()


def key(seed):
    return "Ed25519:" + base64.b64encode(public(seed)).decode()


def vkey(name, seed, kind=1, wrong=None):
    body = bytes([kind]) + public(seed)
    digest = wrong or hashlib.sha256(name.encode() + b"\n" + body).hexdigest()[:8]
    return f"{name}+{digest}+{base64.b64encode(body).decode()}"


def head(major, n):
    return bytes([major << 5 | n]) if n < 24 else bytes([major << 5 | 24, n]) if n < 256 else bytes([major << 5 | 25]) + n.to_bytes(2, "big")


def cbor(value):
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in sorted(value.items()))


# Seeds: 1 node, 2 administrator, 3 receipts, 4 and 5 checkpoints, from 10 on new keys.
GENESIS = cbor({1: NAME, 2: 2, 3: 1, 4: [vkey(NAME, 4), vkey(NAME, 5)], 5: key(3), 6: key(1), 7: [key(2)], 8: [OLD], 9: "policy", 10: bytes(16)})


def act(origin=NAME, checkpoints=None, node=1, receipt=3, continues=None, **more):
    checkpoints = [vkey(NAME, 10), vkey(NAME, 4)] if checkpoints is None else checkpoints
    out = {"type": "Renewal", "origin": origin, "checkpointKeys": checkpoints, "nodeKey": key(node), "receiptKey": key(receipt)}
    return out | ({"continues": continues} if continues else {}) | more


def goes_on(**change):
    return {"origin": NAME, "size": AT, "root": ROOT} | change


def linked(**change):
    return act(**({"origin": NEW, "checkpoints": [vkey(NEW, 10)], "node": 11, "receipt": 12, "continues": goes_on()} | change))


def case(name, acts, expect="ok", signer=2):
    acts = acts if isinstance(acts, list) else [acts]
    return {"name": name, "signer": key(signer), "acts": [json.dumps(one) for one in acts], "expect": expect}


right = [
    case("a checkpoint key joins", act()),
    case("everything is new but one checkpoint key", act(node=11, receipt=12)),
    case("the first goes", act(checkpoints=[vkey(NAME, 5)])),
    case("joins, then stays alone", [act(), act(checkpoints=[vkey(NAME, 10)])]),
    case("a reason, sealed", act(reason="yearly")),
    case("a key of another type beside", act(checkpoints=[vkey(NAME, 4), vkey(NAME, 13, kind=6)])),
    case("linked", linked()),
    case("linked, with what is lost", linked(continues=goes_on(lost={"from": AT, "to": 55}))),
    case("linked, nobody knows how much is lost", linked(continues=goes_on(lost={"from": AT}, checkpoint="a note\n"))),
    case("linked, and rotated at once", [linked(), act(origin=NEW, checkpoints=[vkey(NEW, 10), vkey(NEW, 14)], node=11, receipt=12)]),
]
refused = [
    case("by a stranger", act(), "not_authorised", signer=20),
    case("by the node", act(), "not_authorised", signer=1),
    case("none of before stays", act(checkpoints=[vkey(NAME, 10)]), "bad_renewal"),
    case("no checkpoint key", act(checkpoints=[]), "bad_renewal"),
    case("nine checkpoint keys", act(checkpoints=[vkey(NAME, 4)] + [vkey(NAME, seed) for seed in range(30, 38)]), "bad_renewal"),
    case("one twice", act(checkpoints=[vkey(NAME, 4), vkey(NAME, 4)]), "bad_renewal"),
    case("wrong hash", act(checkpoints=[vkey(NAME, 4), vkey(NAME, 10, wrong="00000000")]), "bad_renewal"),
    case("named like another log", act(checkpoints=[vkey(NAME, 4), vkey(OLD, 10)]), "bad_renewal"),
    case("Ed25519 gone", [act(checkpoints=[vkey(NAME, 4), vkey(NAME, 13, kind=6)]), act(checkpoints=[vkey(NAME, 13, kind=6)])], "bad_renewal"),
    case("another name without what it goes on from", act(origin=NEW, checkpoints=[vkey(NEW, 10)]), "bad_renewal"),
    case("the same name with it", act(continues=goes_on()), "bad_renewal"),
    case("a name of before", linked(origin=OLD, checkpoints=[vkey(OLD, 10)]), "bad_renewal"),
    case("another size", linked(continues=goes_on(size=AT - 1)), "bad_renewal"),
    case("another log", linked(continues=goes_on(origin=OLD)), "bad_renewal"),
    case("linked, checkpoint key of before", linked(checkpoints=[vkey(NEW, 4)]), "key_taken"),
    case("linked, node key of before", linked(node=1), "key_taken"),
    case("linked, receipt key of before", linked(receipt=3), "key_taken"),
    case("the administrator's key as the node's", act(node=2), "key_taken"),
    case("a checkpoint key as the node's", act(node=5), "key_taken"),
    case("one new key for two things", act(node=10), "bad_renewal"),
    case("a key that went comes back", [act(checkpoints=[vkey(NAME, 5)]), act(checkpoints=[vkey(NAME, 5), vkey(NAME, 4)])], "key_taken"),
    case("no key at all", act() | {"nodeKey": "Ed25519:AAAA"}, "bad_key"),
]
unreadable = [
    case("size as text", linked(continues=goes_on(size=str(AT))), "continues.size"),
    case("size with a fraction", linked(continues=goes_on(size=40.0)), "continues.size"),
    case("size below 0", linked(continues=goes_on(size=-1)), "continues.size"),
    case("root of 63 digits", linked(continues=goes_on(root=ROOT[1:])), "continues.root"),
    case("root in capitals", linked(continues=goes_on(root=ROOT.upper())), "continues.root"),
    case("lost from elsewhere", linked(continues=goes_on(lost={"from": AT + 1})), "continues.lost.from"),
    case("lost to nothing", linked(continues=goes_on(lost={"from": AT, "to": AT})), "continues.lost.to"),
    case("without node key", {k: v for k, v in act().items() if k != "nodeKey"}, "nodeKey"),
    case("keys that are none", act(checkpoints=[7]), "checkpointKeys"),
    case("no name", act(origin="with space"), "origin"),
]
OUT.mkdir(exist_ok=True)
vectors = {"genesis": GENESIS.hex(), "first_index": AT, "right": right, "refused": refused, "unreadable": unreadable}
(OUT / "vectors.json").write_text(json.dumps(vectors, indent=1) + "\n")
