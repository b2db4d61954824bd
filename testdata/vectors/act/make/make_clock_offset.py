#!/usr/bin/env python3
"""Writes ../v1-clock-offset/vectors.json from docs/formats/act.md; the reading of each text is written by hand."""
import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent.parent / "plan" / "make"))
from own_objects import Cases, compact, without  # noqa: E402

OUT = HERE.parent / "v1-clock-offset" / "vectors.json"
KEY = hashlib.sha256(b"a key").hexdigest()
OFFSET = {"type": "ClockOffset", "key": KEY, "epoch": 3, "counter": 17, "offsetMs": 3600250}
cases = Cases()

READ = {"type": "ClockOffset", "key": KEY, "epoch": 3, "counter": 17, "offset_ms": 3600250}
cases.read("a clock is an hour ahead", OFFSET, READ)
cases.read("behind", {**OFFSET, "offsetMs": -1}, {**READ, "offset_ms": -1})
cases.read("right", {**OFFSET, "offsetMs": 0}, {**READ, "offset_ms": 0})
cases.read("minus nothing", compact({**OFFSET, "offsetMs": 0}).replace(':0}', ':-0}'), {**READ, "offset_ms": 0})
cases.read("as the network says", without(OFFSET, "offsetMs"), {**READ, "offset_ms": None})
cases.read("ever", {**OFFSET, "epoch": 0, "counter": 0}, {**READ, "epoch": 0, "counter": 0})
cases.read("the last of all statements", {**OFFSET, "counter": 2**64 - 1}, {**READ, "counter": 2**64 - 1})
cases.read("the furthest ahead", {**OFFSET, "offsetMs": 2**63 - 1}, {**READ, "offset_ms": 2**63 - 1})
cases.read("its reason sealed", compact(OFFSET)[:-1] + ',"reason":«"Li Wei set it by hand"»}', READ)
cases.read("another type, by its case", {**OFFSET, "type": "clockOffset"}, {"type": "unknown", "name": "clockOffset"})

for name in ("key", "epoch", "counter"):
    cases.refuse(f"without {name}", without(OFFSET, name), name)
cases.refuse("a key too short", {**OFFSET, "key": KEY[:-2]}, "key")
cases.refuse("a key in capitals", {**OFFSET, "key": KEY.upper()}, "key")
cases.refuse("an epoch that is a string", {**OFFSET, "epoch": "3"}, "epoch")
cases.refuse("an epoch below nothing", {**OFFSET, "epoch": -1}, "epoch")
cases.refuse("a counter with an exponent", compact(OFFSET).replace('17', '1e1'), "counter")
cases.refuse("a counter too large", {**OFFSET, "counter": 2**64}, "counter")
cases.refuse("an offset in parts of a millisecond", compact(OFFSET).replace('3600250', '0.5'), "offsetMs")
cases.refuse("an offset that is a string", {**OFFSET, "offsetMs": "1000"}, "offsetMs")
cases.refuse("an offset too large", {**OFFSET, "offsetMs": 2**63}, "offsetMs")
cases.refuse("offsetMs null, which is not the same as absent", {**OFFSET, "offsetMs": None}, "offsetMs")

OUT.parent.mkdir(exist_ok=True)
cases.write(OUT, "docs/formats/act.md, the act `ClockOffset`, made by ../make/make_clock_offset.py. `text` is one object; `sealed` are byte ranges in it; `view` is what is read: sealed values are null. `offset_ms` is null where it is absent. `refused`: the field that is named. Whether an act's signer may do it is not in question here")
