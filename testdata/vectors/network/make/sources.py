#!/usr/bin/env python3
"""Writes ../v1-sources/vectors.json: how late and how complete a source is (docs/formats/network.md)."""
import json
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "v1-sources" / "vectors.json"
KEY = "Ed25519:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
DOCK = {"id": "device:dock-1", "role": "device", "key": KEY, "assurance": "software_key"}


def file(*fields):
    lines = ["[[principal]]", 'id = "device:dock-1"', 'role = "device"', f'key = "{KEY}"', *fields]
    return "\n".join(lines) + "\n"


def define(**more):
    return {"type": "Define", "object": "principal", "value": {**DOCK, **more}}


def applied(name, before, after, *acts):
    acts = [{"sign": sign, "act": act, "fields": fields} for sign, act, fields in acts]
    return {"name": name, "before": before, "file": after, "acts": acts}


def refused(name, field, line):
    return {"name": name, "file": file(line), "error": {"table": "principal", "number": 1, "field": field}}


GRACE, RATE = 'grace = "PT8H"', 'read_rate = "0.95"'
OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps({
    "format": "network/v1",
    "about": "docs/formats/network.md, made by ../make/sources.py; as ../v1/vectors.json, of `grace` and `read_rate`",
    "applied": [
        applied("how late and how complete a source is", "", file(GRACE, RATE),
                ("+", define(grace="PT28800S", read_rate="0.95"), [])),
        applied("the same, spelt otherwise", file(GRACE, RATE), file('grace = "PT480M"', "read_rate = 95e-2")),
        applied("what holds where nothing is said", file(), file('grace = "PT0S"', 'read_rate = "1.00"')),
        applied("a reader that was measured again", file(GRACE, RATE), file(GRACE, 'read_rate = "0.985"'),
                ("~", define(grace="PT28800S", read_rate="0.985"), [["read_rate", "0.95", "0.985"]])),
        applied("no grace any more", file(GRACE), file(), ("~", define(), [["grace", "PT28800S", ""]])),
    ],
    "refused": [
        refused("a rate in percent", "read_rate", 'read_rate = "95"'),
        refused("a source that reports nothing", "read_rate", 'read_rate = "0"'),
        refused("a rate below nothing", "read_rate", 'read_rate = "-0.5"'),
        refused("a rate finer than a millionth", "read_rate", 'read_rate = "0.9500001"'),
        refused("a rate in words", "read_rate", 'read_rate = "most"'),
        refused("a grace in words", "grace", 'grace = "8 hours"'),
        refused("a grace back in time", "grace", 'grace = "PT-1M"'),
    ],
}, indent=2) + "\n")
