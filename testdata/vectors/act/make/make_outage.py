#!/usr/bin/env python3
"""Writes ../v1-outage/vectors.json from docs/formats/act.md; the reading of each text is written by hand."""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent.parent / "plan" / "make"))
from own_objects import Cases, compact, ms, without  # noqa: E402

OUT = HERE.parent / "v1-outage" / "vectors.json"
FROM, UNTIL = "2026-03-02T08:00:00Z", "2026-03-03T00:30:00.250+01:00"
OUTAGE = {"type": "Outage", "from": FROM, "until": UNTIL}
cases = Cases()

READ = {"type": "Outage", "from_ms": ms(FROM), "until_ms": ms(UNTIL)}
cases.read("the node did not run", OUTAGE, READ)
cases.read("its reason sealed", compact(OUTAGE)[:-1] + ',"reason":«"Li Wei pulled the plug"»}', READ)
cases.read("no time at all", {**OUTAGE, "until": FROM}, {**READ, "until_ms": ms(FROM)})
cases.read("another type, by its case", {**OUTAGE, "type": "outage"}, {"type": "unknown", "name": "outage"})

for name in ("from", "until"):
    cases.refuse(f"without {name}", without(OUTAGE, name), name)
    cases.refuse(f"{name} a number", {**OUTAGE, name: 0}, name)
    cases.refuse(f"{name} null", {**OUTAGE, name: None}, name)
    cases.refuse(f"{name} without an offset", {**OUTAGE, name: "2026-03-02T08:00:00"}, name)
cases.refuse("it ends before it begins", {**OUTAGE, "until": "2026-03-02T07:59:59.999Z"}, "until")

OUT.parent.mkdir(exist_ok=True)
cases.write(OUT, "docs/formats/act.md, the act `Outage`, made by ../make/make_outage.py. `text` is one object; `sealed` are byte ranges in it; `view` is what is read: sealed values are null. Times are milliseconds since 1970. `refused`: the field that is named. Whether an act's signer may do it is not in question here")
