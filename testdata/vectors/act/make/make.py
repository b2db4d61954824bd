#!/usr/bin/env python3
"""Writes ../v1/vectors.json from docs/formats/act.md; the reading of each text is written by hand."""
import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent.parent / "plan" / "make"))
from own_objects import Cases, compact, lgtin, ms, pgln, sgln, sscc, without  # noqa: E402

OUT = HERE.parent / "v1" / "vectors.json"
SITE, SITE_KEY = sgln("4012345", "00001")
PARTY, PARTY_KEY = pgln("4012345", "00001")
UNIT, UNIT_KEY = sscc("4012345", "3111111111")
LOT, LOT_KEY = lgtin("4012345", "012345", "L7")
UUID = "0b2c1f5e-7a52-4c1e-9d55-0c4f1f0a9b11"
DIGEST = hashlib.sha256(b"a claim").hexdigest()
cases = Cases()

DEFINE = {"type": "Define", "object": "site", "value": {"id": SITE, "party": PARTY, "kind": "hub", "places": ["urn:x:dock"]}}
cases.read("a site is set", DEFINE, {"type": "Define", "object": "site", "id": SITE_KEY})
for kind, value, name in (
    ("lane", {"id": "a-b", "from": "urn:x:a", "to": "urn:x:b", "mode": "both"}, "a-b"),
    ("product", {"class": LOT}, LOT_KEY),
    ("tolerance", {"id": "default", "weight_kg": "0.25", "weight_ratio": 0.01}, "default"),
    ("principal", {"id": "device:dock-1", "role": "device", "key": "Ed25519:AAAA"}, "device:dock-1"),
):
    cases.read(f"a {kind} is set", {"type": "Define", "object": kind, "value": value}, {"type": "Define", "object": kind, "id": name})
cases.read("a lane is taken away", {"type": "Withdraw", "object": "lane", "id": "a-b"}, {"type": "Withdraw", "object": "lane", "id": "a-b"})
cases.read("a scenario tells the time", {"type": "ScenarioClock", "start": "2026-03-02T01:00:00+01:00"},
           {"type": "ScenarioClock", "start_ms": ms("2026-03-02T00:00:00Z")})
cases.read("an erasure, its reason sealed", compact({"type": "Erasure", "claim": DIGEST})[:-1] + ',"reason":«"asked by Li Wei"»}',
           {"type": "Erasure", "claim": DIGEST})

WRITE_OFF = {"type": "Proposal", "id": UUID, "action": "write_off", "units": [UNIT, "urn:x:u"], "expires": "2026-03-09T00:00:00Z"}
cases.read("a write-off is proposed, its reason sealed", compact(WRITE_OFF)[:-1] + ',"reason":«"burnt"»}', {
    "type": "Proposal", "id": UUID, "action": "write_off", "units": [UNIT_KEY, "urn:x:u"], "expires_ms": ms("2026-03-09T00:00:00Z")})
ADJUST = {"type": "Proposal", "id": UUID, "action": "stock_adjustment", "class": LOT, "place": SITE, "difference": "-2.50",
          "uom": "KGM", "expires": "2026-03-09T00:00:00Z"}
cases.read("an adjustment is proposed: two and a half kilograms less", ADJUST, {
    "type": "Proposal", "id": UUID, "action": "stock_adjustment", "class": LOT_KEY, "place": SITE_KEY, "difference": "-2.5",
    "uom": "KGM", "expires_ms": ms("2026-03-09T00:00:00Z")})
APPROVAL = {"type": "Approval", "proposal": UUID, "decision": "approve"}
cases.read("approved", compact(APPROVAL)[:-1] + ',"reason":«"I have seen it"»}',
           {"type": "Approval", "proposal": UUID, "approved": True})
cases.read("rejected", {**APPROVAL, "decision": "reject"}, {"type": "Approval", "proposal": UUID, "approved": False})
cases.read("an import begins", {"type": "ImportOpened", "id": UUID}, {"type": "ImportOpened", "id": UUID})
cases.read("an import ends", {"type": "ImportClosed", "id": UUID}, {"type": "ImportClosed", "id": UUID})
FINDING = {"type": "Finding", "id": DIGEST, "transition": 2, "status": "retracted", "kind": "missing_units"}
cases.read("a finding moved", FINDING, {"type": "Finding", "id": DIGEST, "transition": 2})
cases.read("a type of a later release is kept", {"type": "Recall", "units": ["urn:x:u"]}, {"type": "unknown", "name": "Recall"})
cases.read("types are told apart by case", {"type": "define"}, {"type": "unknown", "name": "define"})

cases.refuse("an empty type", {"type": ""}, "type")
cases.refuse("an object that is no kind", {**DEFINE, "object": "ship"}, "object")
cases.refuse("no value", without(DEFINE, "value"), "value")
cases.refuse("a field of the value is missing", {**DEFINE, "value": {"id": SITE, "kind": "hub"}}, "value.party")
cases.refuse("a field of the value is unknown", {**DEFINE, "value": {**DEFINE["value"], "color": "red"}}, "value.color")
cases.refuse("places that are no list", {**DEFINE, "value": {**DEFINE["value"], "places": "urn:x:dock"}}, "value.places")
cases.refuse("a place that is none", {**DEFINE, "value": {**DEFINE["value"], "places": ["urn:x:dock", ""]}}, "value.places[1]")
cases.refuse("withdrawn: what?", {"type": "Withdraw", "object": "lane"}, "id")
cases.refuse("withdrawn: of which kind?", {"type": "Withdraw", "id": "a-b"}, "object")
cases.refuse("a clock without a start", {"type": "ScenarioClock"}, "start")
cases.refuse("a start without an offset", {"type": "ScenarioClock", "start": "2026-03-02T00:00:00"}, "start")
cases.refuse("an erasure of nothing", {"type": "Erasure"}, "claim")
cases.refuse("a digest too short", {"type": "Erasure", "claim": DIGEST[:-2]}, "claim")
cases.refuse("a digest of another alphabet", {"type": "Erasure", "claim": "g" + DIGEST[1:]}, "claim")
for name in ("id", "action", "units", "expires"):
    cases.refuse(f"a write-off without {name}", without(WRITE_OFF, name), name)
cases.refuse("no unit to write off", {**WRITE_OFF, "units": []}, "units")
cases.refuse("units that are no list", {**WRITE_OFF, "units": "urn:x:u"}, "units")
cases.refuse("a unit that is no key", {**WRITE_OFF, "units": ["urn:x:u", 7]}, "units")
cases.refuse("an action that is none", {**WRITE_OFF, "action": "give_away"}, "action")
for name in ("class", "place", "difference", "uom"):
    cases.refuse(f"an adjustment without {name}", without(ADJUST, name), name)
cases.refuse("an adjustment in words", {**ADJUST, "difference": "two"}, "difference")
cases.refuse("an approval of nothing", without(APPROVAL, "proposal"), "proposal")
cases.refuse("neither yes nor no", {**APPROVAL, "decision": "maybe"}, "decision")
cases.refuse("a decision as a truth value", {**APPROVAL, "decision": True}, "decision")
cases.refuse("an import without an id", {"type": "ImportOpened"}, "id")
cases.refuse("a finding without an id", without(FINDING, "id"), "id")
cases.refuse("a move without a number", without(FINDING, "transition"), "transition")
cases.refuse("moves are numbered from 1", {**FINDING, "transition": 0}, "transition")
cases.refuse("a move before the first", {**FINDING, "transition": -1}, "transition")
cases.refuse("a move and a half", {**FINDING, "transition": 1.5}, "transition")

cases.write(OUT, "docs/formats/act.md, made by ../make/make.py. `text` is one object; `sealed` are byte ranges in it; `view` is what is read: sealed values are null. Times are milliseconds since 1970. `refused`: the field that is named. Whether an act's signer may do it is not in question here")
