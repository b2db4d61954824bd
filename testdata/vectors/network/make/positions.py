#!/usr/bin/env python3
"""Writes ../v1-positions/vectors.json: where sites lie, and what is counted as units (docs/formats/network.md)."""
import json
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "v1-positions" / "vectors.json"
SITE = {"id": "urn:x:a", "label": "urn:x:a", "party": "urn:x:p", "kind": "hub", "time_zone": "UTC", "places": []}
HEADS = {
    "product": ['class = "urn:x:things"'],
    "site": ['id = "urn:x:a"', 'party = "urn:x:p"', 'kind = "hub"'],
}
PRODUCT = {"class": "urn:x:things", "label": "urn:x:things"}
VALUES = {"site": SITE, "product": PRODUCT}


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
    "about": "docs/formats/network.md, made by ../make/positions.py; as ../v1/vectors.json, of `position`, `radius` and `counts`",
    "applied": [
        applied("where it lies", "", file("site", 'position = "geo:52.3105,4.7683"', "radius = 400"),
                ("+", define("site", position="geo:52.3105,4.7683", radius=400), [])),
        applied("the same, spelt otherwise", file("site", 'position = "geo:52.3105,4.76830"'),
                file("site", 'position = "GEO:52.31050,4.7683,3;crs=WGS84"', "radius = 250")),
        applied("a larger yard", file("site", 'position = "geo:-1,2;u=9"'), file("site", 'position = "geo:-1,2;u=9"', "radius = 5000"),
                ("~", define("site", position="geo:-1,2;u=9", radius=5000), [["radius", "250", "5000"]])),
        applied("nobody says where", file("site", 'position = "geo:1,2"'), file("site"),
                ("~", define("site"), [["position", "geo:1,2", ""], ["radius", "250", ""]])),
        applied("what a camera counts", file("product"), file("product", 'counts = "units"'),
                ("~", define("product", counts="units"), [["counts", "", "units"]])),
    ],
    "refused": [
        refused("a street", "site", "position", 'position = "Dam 1, Amsterdam"'),
        refused("off the Earth", "site", "position", 'position = "geo:91,0"'),
        refused("a radius of nothing", "site", "radius", "radius = 300"),
        refused("a point", "site", "radius", 'position = "geo:1,2"\nradius = 0'),
        refused("a province", "site", "radius", 'position = "geo:1,2"\nradius = 5001'),
        refused("a radius in words", "site", "radius", 'position = "geo:1,2"\nradius = "wide"'),
        refused("counts something else", "product", "counts", 'counts = "boxes"'),
    ],
}, indent=2) + "\n")
