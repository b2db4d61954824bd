#!/usr/bin/env python3
"""Signs one EPCIS event and writes the submission: a second implementation, from docs/formats alone.

    countersign_sign.py key device.key
    countersign_sign.py sign --key device.key --issuer dock-1 --audience log.example/site-1 \\
        --event event.json --seal 'example:driver="J. Jansen"' --out event.submission

`key` makes a P-256 key file if there is none, and prints the public key. `sign` prints the digest that
the next statement names: give it back with `--previous`, and `--counter` one higher. Needs `cryptography`.
"""
import argparse
import base64
import hashlib
import hmac
import json
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PREFIX = "countersign-secret-key:1:"


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    size = next(size for size in (1, 2, 4, 8) if n < 1 << 8 * size)
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + n.to_bytes(size, "big")


def cbor(value):
    """Deterministic CBOR (RFC 8949 §4.2.1)."""
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    pairs = sorted((cbor(key), cbor(item)) for key, item in value.items())
    return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)


def u64(n):
    return n.to_bytes(8, "big")


def text(value):
    return u64(len(value.encode())) + value.encode()


class Key:
    """A key file: statement.md §1."""

    def __init__(self, path):
        with open(path, encoding="ascii") as file:
            self.name, secret = file.read().strip().removeprefix(PREFIX).split(":")
        secret = base64.b64decode(secret, validate=True)
        if self.name == "ES256":
            self.alg, self.key = -7, ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
            self.point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            cose_key = {1: 2, -1: 1, -2: self.point[1:33], -3: self.point[33:]}
        else:
            self.alg, self.key = -8, ed25519.Ed25519PrivateKey.from_private_bytes(secret)
            self.point = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            cose_key = {1: 1, -1: 6, -2: self.point}
        self.id = hashlib.sha256(cbor(cose_key)).digest()

    def sign(self, message):
        if self.alg == -8:
            return self.key.sign(message)
        r, s = utils.decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    @staticmethod
    def make(path):
        secret = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32, "big")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{PREFIX}ES256:{base64.b64encode(secret).decode()}\n")


def hashed(parts):
    """The parts of a body as they enter its digest: body.md §3."""
    out = u64(len(parts))
    for kind, value, *salt in parts:
        if kind == 0:
            out += b"\0" + u64(len(value)) + hashlib.sha256(value).digest()
        else:
            out += b"\1" + hmac.digest(salt[0], value, "sha256")
    return out


def cut(event, sealed):
    """The parts of an event to which sealed members are added at its end."""
    parts = [[0, event]]
    for name, value in sealed:
        last = parts.pop()[1].removesuffix(b"}").rstrip()
        comma = b"" if last.endswith(b"{") else b","
        parts += [[0, last + comma + json.dumps(name).encode() + b":"], [1, value.encode(), os.urandom(32)], [0, b"}"]]
    return parts


def submission(key, event, args):
    """The smallest submission: submission.md §4. Returns it and the sig digest of its statement."""
    kind = [args.format, 1, "application/json"]
    common = text(kind[0]) + u64(1) + text(kind[2])
    envelope = kind + [os.urandom(16), None, 0, None, [], [0], None]
    digest = hashlib.sha256(b"countersign/envelope/v1\0" + common + envelope[3] + bytes(32) + u64(0) + bytes(32)
                            + hashed([]) + u64(1) + u64(0) + b"\xff" * 8).digest()
    body = kind + [os.urandom(16), digest, 0, cut(event, [seal.split("=", 1) for seal in args.seal])]
    claim = hashlib.sha256(b"countersign/claim/v1\0" + common + body[3] + digest + u64(0) + hashed(body[6])).digest()
    audience = sorted(set(args.audience), key=str.encode)
    protected = cbor({
        1: key.alg, 3: "application/vnd.countersign.claims+cbor", 4: key.id,
        15: {1: args.issuer, 2: args.subject or args.issuer, 3: audience[0] if len(audience) == 1 else audience},
        -70001: ["claims", 1],
        -70002: [args.epoch, args.counter, bytes.fromhex(args.previous) if args.previous else None],
    })
    payload = cbor([claim])
    signed = cbor(["Signature1", protected, b"", payload])
    statement = head(6, 18) + cbor([protected, {}, payload, key.sign(signed)])
    return cbor({1: statement, 2: [cbor(envelope)], 3: [cbor(body)], 4: []}), hashlib.sha256(signed).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("key").add_argument("key")
    sign = commands.add_parser("sign")
    for name in ("key", "issuer", "event", "out"):
        sign.add_argument(f"--{name}", required=True)
    sign.add_argument("--audience", action="append", required=True, help="origin of a log; up to 8")
    sign.add_argument("--seal", action="append", default=[], metavar="NAME=JSON", help="a sealed member of the event")
    sign.add_argument("--format", default="epcis-json", help="epcis-json, or countersign-json for plans")
    sign.add_argument("--subject", help="what it is about; the issuer if absent")
    sign.add_argument("--epoch", type=int, default=0)
    sign.add_argument("--counter", type=int, default=1)
    sign.add_argument("--previous", help="what the statement before printed; absent at counter 1")
    args = parser.parse_args()
    if args.command == "key" and not os.path.exists(args.key):
        Key.make(args.key)
    key = Key(args.key)
    if args.command == "key":
        print(f"{key.name}:{base64.b64encode(key.point).decode()}")
        return
    with open(args.event, "rb") as file:
        written, digest = submission(key, file.read().strip(), args)
    with open(args.out, "wb") as file:
        file.write(written)
    print(digest)


if __name__ == "__main__":
    main()
