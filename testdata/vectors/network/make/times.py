#!/usr/bin/env python3
"""Writes ../v1-times/vectors.json: how long things may take (docs/formats/network.md)."""
import json
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "v1-times" / "vectors.json"
SITE = {"id": "urn:x:a", "label": "urn:x:a", "party": "urn:x:p", "kind": "hub", "time_zone": "UTC", "places": []}
LANE = {"id": "a-b", "from": "urn:x:a", "to": "urn:x:b", "mode": "sighting", "grace": "PT0S", "pick_up_grace": "PT1800S"}
TOLERANCE = {"id": "default", "weight_kg": "0.25", "weight_ratio": "0.01"}
HEADS = {
    "site": ['id = "urn:x:a"', 'party = "urn:x:p"', 'kind = "hub"'],
    "lane": ['id = "a-b"', 'from = "urn:x:a"', 'to = "urn:x:b"', 'mode = "sighting"'],
    "tolerance": ['id = "default"', 'weight_kg = "0.25"', 'weight_ratio = "0.01"'],
}
VALUES = {"site": SITE, "lane": LANE, "tolerance": TOLERANCE}


def file(table, *fields):
    return "\n".join([f"[[{table}]]", *HEADS[table], *fields]) + "\n"


def define(table, **more):
    return {"type": "Define", "object": table, "value": {**VALUES[table], **more}}


def applied(name, before, after, *acts):
    acts = [{"sign": sign, "act": act, "fields": fields} for sign, act, fields in acts]
    return {"name": name, "before": before, "file": after, "acts": acts}


def refused(name, table, field, line):
    return {"name": name, "file": file(table, line), "error": {"table": table, "number": 1, "field": field}}


OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps({
    "format": "network/v1",
    "about": "docs/formats/network.md, made by ../make/times.py; as ../v1/vectors.json, of `dwell_max`, `transit_min` and `settles_after`",
    "applied": [
        applied("how long goods may stay", "", file("site", 'dwell_max = "P2D"'),
                ("+", define("site", dwell_max="PT172800S"), [])),
        applied("the same, spelt otherwise", file("site", 'dwell_max = "P2D"'), file("site", 'dwell_max = "PT48H"')),
        applied("how long a way takes", file("lane"), file("lane", 'transit_min = "PT40M"'),
                ("~", define("lane", transit_min="PT2400S"), [["transit_min", "", "PT2400S"]])),
        applied("a way that takes no time any more", file("lane", 'transit_min = "PT40M"'), file("lane"),
                ("~", define("lane"), [["transit_min", "PT2400S", ""]])),
        applied("when all is settled", file("tolerance"), file("tolerance", 'settles_after = "P90D"'),
                ("~", define("tolerance", settles_after="PT7776000S"), [["settles_after", "", "PT7776000S"]])),
    ],
    "refused": [
        refused("a stay in words", "site", "dwell_max", 'dwell_max = "two days"'),
        refused("a way back in time", "lane", "transit_min", 'transit_min = "PT-1M"'),
        refused("settled by a number", "tolerance", "settles_after", "settles_after = 90"),
    ],
}, indent=2) + "\n")
