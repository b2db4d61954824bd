#!/usr/bin/env python3
"""Writes ../v1-suspect/vectors.json from docs/formats/act.md; the reading of each text is written by hand."""
import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent.parent / "plan" / "make"))
from own_objects import Cases, compact, ms, without  # noqa: E402

OUT = HERE.parent / "v1-suspect" / "vectors.json"
KEY = hashlib.sha256(b"a key").hexdigest()
FROM, TO = "2026-03-02T08:00:00Z", "2026-03-03T00:30:00.250+01:00"
SUSPECT = {"type": "Suspect", "key": KEY, "from": FROM, "to": TO}
cases = Cases()

READ = {"type": "Suspect", "key": KEY, "from_ms": ms(FROM), "to_ms": ms(TO)}
cases.read("a key is suspect for a time", SUSPECT, READ)
cases.read("its reason sealed", compact(SUSPECT)[:-1] + ',"reason":«"Li Wei lost it at the dock"»}', READ)
cases.read("for ever", without(SUSPECT, "to"), {**READ, "to_ms": None})
cases.read("for no time at all: taken back", {**SUSPECT, "to": FROM}, {**READ, "to_ms": ms(FROM)})
cases.read("another type, by its case", {**SUSPECT, "type": "suspect"}, {"type": "unknown", "name": "suspect"})

for name in ("key", "from"):
    cases.refuse(f"without {name}", without(SUSPECT, name), name)
cases.refuse("a key too short", {**SUSPECT, "key": KEY[:-2]}, "key")
cases.refuse("a key of another alphabet", {**SUSPECT, "key": "g" + KEY[1:]}, "key")
cases.refuse("a key in capitals", {**SUSPECT, "key": KEY.upper()}, "key")
cases.refuse("a principal in the place of the key", {**SUSPECT, "key": "device:dock-1"}, "key")
cases.refuse("from without an offset", {**SUSPECT, "from": "2026-03-02T08:00:00"}, "from")
cases.refuse("from a number", {**SUSPECT, "from": 0}, "from")
cases.refuse("to a number", {**SUSPECT, "to": 0}, "to")
cases.refuse("to null, which is not the same as absent", {**SUSPECT, "to": None}, "to")
cases.refuse("to without an offset", {**SUSPECT, "to": "2026-03-03"}, "to")
cases.refuse("it ends before it begins", {**SUSPECT, "to": "2026-03-02T07:59:59.999Z"}, "to")

OUT.parent.mkdir(exist_ok=True)
cases.write(OUT, "docs/formats/act.md, the act `Suspect`, made by ../make/make_suspect.py. `text` is one object; `sealed` are byte ranges in it; `view` is what is read: sealed values are null. Times are milliseconds since 1970; `to_ms` is null if there is no end. `refused`: the field that is named. Whether an act's signer may do it is not in question here")
