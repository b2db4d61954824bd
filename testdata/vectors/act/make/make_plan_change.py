#!/usr/bin/env python3
"""Writes ../v1-plan-change/vectors.json from docs/formats/act.md; the reading of each text is written by hand."""
import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent.parent / "plan" / "make"))
from own_objects import Cases, compact, ms, without  # noqa: E402

OUT = HERE.parent / "v1-plan-change" / "vectors.json"
UUID = "0195f000-0000-7000-8000-000000000001"
CLAIM = hashlib.sha256(b"a claim").hexdigest()
EXPIRES = "2026-03-09T00:00:00Z"
CHANGE = {"type": "Proposal", "id": UUID, "action": "plan_change", "plan": "urn:x:m:1", "claim": CLAIM, "expires": EXPIRES}
cases = Cases()

READ = {"type": "Proposal", "id": UUID, "action": "plan_change", "plan": "urn:x:m:1", "claim": CLAIM, "expires_ms": ms(EXPIRES)}
cases.read("another manifest is to stand", CHANGE, READ)
cases.read("its reason sealed", compact(CHANGE)[:-1] + ',"reason":«"Li Wei read the wrong order"»}', READ)
cases.read("a plan with a GS1 key", {**CHANGE, "plan": "urn:epc:id:gdti:4012345.00001.DESADV4711"},
           {**READ, "plan": "https://id.gs1.org/253/4012345000016DESADV4711"})

for name in ("plan", "claim", "id", "expires"):
    cases.refuse(f"without {name}", without(CHANGE, name), name)
cases.refuse("a claim by its place", {**CHANGE, "claim": "12.0"}, "claim")
cases.refuse("a claim in capitals", {**CHANGE, "claim": CLAIM.upper()}, "claim")
cases.refuse("a claim too short", {**CHANGE, "claim": CLAIM[:-2]}, "claim")
cases.refuse("a plan that is no URI", {**CHANGE, "plan": "m 1"}, "plan")
cases.refuse("an action by its case", {**CHANGE, "action": "PlanChange"}, "action")

OUT.parent.mkdir(exist_ok=True)
cases.write(OUT, "docs/formats/act.md, the action `plan_change` of a proposal, made by ../make/make_plan_change.py. `text` is one object; `sealed` are byte ranges in it; `view` is what is read: sealed values are null. Times are milliseconds since 1970. `refused`: the field that is named. Whether an act's signer may do it is not in question here")
