#!/usr/bin/env python3
"""Writes ../v1-papers/vectors.json from docs/formats/plan.md: seals, and documents that are due."""
from pathlib import Path

from own_objects import Cases, ms, without

OUT = Path(__file__).resolve().parent.parent / "v1-papers" / "vectors.json"
cases = Cases()

SMALL = {"type": "Manifest", "id": "urn:x:m", "from": "urn:x:a", "to": "urn:x:b",
         "departBy": "2026-03-02T08:00:00Z", "arriveBy": "2026-03-02T11:00:00Z"}
SEAL = {"line": "2", "unit": "urn:countersign:key:1:seal:71"}


def load(**seal):
    return {**SMALL, "lines": [{**SEAL, **seal}, {"line": "1", "unit": "urn:x:u"}]}


def load_read(*seals):
    line = {"class": None, "quantity": None, "uom": None, "value": None, "currency": None}
    lines = [{"line": "2", "unit": SEAL["unit"], **line}, {"line": "1", "unit": "urn:x:u", **line}]
    made = {"type": "Manifest", "id": "urn:x:m", "lane": None, "from": "urn:x:a", "to": "urn:x:b",
            "depart_by_ms": ms(SMALL["departBy"]), "arrive_by_ms": ms(SMALL["arriveBy"]), "lines": lines}
    return {**made, "seals": list(seals)} if seals else made


cases.read("a line with a seal", load(seal=True), load_read("2"))
cases.read("it is none", load(seal=False), load_read())
cases.read("nothing is said", load(), load_read())
for value in ["yes", 1, None, {}]:
    cases.refuse(f"a seal is {value!r}", load(seal=value), "lines[0].seal")
counted = {"line": "1", "class": "urn:x:c", "quantity": "4", "seal": True}
cases.refuse("an amount is no seal", {**SMALL, "lines": [counted]}, "lines[0].seal")
cases.read("an amount that is none", {**SMALL, "lines": [{**counted, "seal": False}]}, {
    **load_read(), "lines": [{"line": "1", "unit": None, "class": "urn:x:c", "quantity": "4", "uom": "C62",
                              "value": None, "currency": None}]})

# ---- The example of the page.

DOCUMENT = {"type": "DocumentPlan", "id": "urn:example:customs:77", "eventTime": "2026-03-02T06:00:00Z",
            "for": "urn:example:desadv:4711", "due": "2026-03-02T07:30:00Z"}
READ = {"type": "DocumentPlan", "id": "urn:example:customs:77", "for": "urn:example:desadv:4711",
        "due_ms": ms("2026-03-02T07:30:00Z")}
cases.read("the document of the page", DOCUMENT, READ)
cases.read("for no load", without(DOCUMENT, "for"), {**READ, "for": None})
cases.read("at no time of its own", without(DOCUMENT, "eventTime"), READ)
cases.read("due in another zone", {**DOCUMENT, "due": "2026-03-02T08:30:00+01:00"}, READ)
for name in ["id", "due"]:
    cases.refuse(f"without {name}", without(DOCUMENT, name), name)
cases.refuse("for what is no key", {**DOCUMENT, "for": "4711"}, "for")
cases.refuse("for nothing", {**DOCUMENT, "for": ""}, "for")
cases.refuse("due at noon", {**DOCUMENT, "due": "noon"}, "due")
cases.write(OUT, "docs/formats/plan.md, made by ../make/papers.py: seals and documents; as ../v1")
