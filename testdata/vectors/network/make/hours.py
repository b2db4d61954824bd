#!/usr/bin/env python3
"""Writes ../v1-hours/vectors.json: when a source must be heard (docs/formats/network.md)."""
import json
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "v1-hours" / "vectors.json"
HEAD = ['id = "device:gate"', 'role = "device"', 'key = "ES256:AAAA"']
VALUE = {"id": "device:gate", "role": "device", "key": "ES256:AAAA", "assurance": "software_key"}


def file(*fields):
    return "\n".join(["[[principal]]", *HEAD, *fields]) + "\n"


def define(**more):
    return {"type": "Define", "object": "principal", "value": {**VALUE, **more}}


def applied(name, before, after, *acts):
    acts = [{"sign": sign, "act": act, "fields": fields} for sign, act, fields in acts]
    return {"name": name, "before": before, "file": after, "acts": acts}


def refused(name, hours):
    error = {"table": "principal", "number": 1, "field": "hours"}
    return {"name": name, "file": file(f"hours = {json.dumps(hours)}"), "error": error}


OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps({
    "format": "network/v1",
    "about": "docs/formats/network.md, made by ../make/hours.py; as ../v1/vectors.json, of `hours`",
    "applied": [
        applied("office hours", "", file('heartbeat = "PT10M"', 'hours = "Mon-Tue 06:00-22:00, Sat 08:00-12:00"'),
                ("+", define(heartbeat="PT600S", hours="Mon 06:00-22:00, Tue 06:00-22:00, Sat 08:00-12:00"), [])),
        applied("the same, spelt otherwise", file('hours = "Mon 20:00-24:00,Tue 00:00-06:00"'),
                file('hours = "mon 20:00-06:00"')),
        applied("over the end of the week", "", file('hours = "Sun 20:00-06:00, Mon 05:00-07:00"'),
                ("+", define(hours="Mon 00:00-07:00, Sun 20:00-24:00"), [])),
        applied("always", file('hours = "Mon 06:00-07:00"'), file(),
                ("~", define(), [["hours", "Mon 06:00-07:00", ""]])),
    ],
    "refused": [
        refused("in words", "always"),
        refused("no such day", "Monday 06:00-07:00"),
        refused("no such time", "Mon 06:00-24:30"),
        refused("no time at all", "Mon 06:00-06:00"),
        refused("a number", 8),
    ],
}, indent=2) + "\n")
