#!/usr/bin/env python3
"""Writes ../v1/discrepancy-ids.json and ../v1/finding-ids.json; nothing of the crates is used.

Ids of discrepancies are those of docs/formats/custody.md, section 7. What an id of a finding is
made of is said in finding-ids.json itself.
"""
import hashlib
import json
import struct
from datetime import datetime, timezone
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "v1"


def hashed(domain, pieces):
    text = domain.encode() + b"\0"
    for piece in pieces:
        text += struct.pack(">Q", len(piece)) + piece
    return text


def sha(text):
    return hashlib.sha256(text).hexdigest()


# ---- Discrepancies.


def gdti(company, kind, serial):
    digits = company + kind
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"urn:epc:id:gdti:{company}.{kind}.{serial}", f"https://id.gs1.org/253/{digits}{-total % 10}{serial}"


def discrepancies():
    cases = []

    def stage(name, kind, plan, line, stage, canonical=None):
        canonical = canonical or plan
        text = hashed("countersign/discrepancy/v1", [kind.encode(), canonical.encode(), line.encode(), stage.encode()])
        anchor = {"plan": plan, "canonical": canonical, "line": line, "stage": stage}
        cases.append({"name": name, "kind": kind, "anchor": anchor, "hashed": text.hex(), "id": sha(text)})

    def claim(name, kind, identity):
        text = hashed("countersign/discrepancy/v1", [kind.encode(), bytes.fromhex(identity)])
        cases.append({"name": name, "kind": kind, "anchor": {"claim": identity}, "hashed": text.hex(), "id": sha(text)})

    stage("a line of a manifest never arrived", "missing", "urn:x:m", "1", "arrive")
    stage("the same line came late", "late", "urn:x:m", "1", "arrive")
    stage("another plan", "missing", "urn:x:n", "1", "arrive")
    stage("another line", "missing", "urn:x:m", "2", "arrive")
    stage("another stage", "missing", "urn:x:m", "1", "depart")
    stage("the same bytes, cut at another place", "missing", "urn:x:m", "1arrive", "")
    stage("a count: the empty line", "missing", "urn:x:count:9", "", "count")
    stage("a count that nobody made", "late", "urn:x:count:9", "", "count")
    stage("a counted class, by its smallest line", "quantity_mismatch", "urn:x:m", "2", "depart")
    stage("a milestone out of a table", "late", "urn:countersign:key:1:order:O1", "P1", "pick-up")
    stage("a line that is no ASCII", "missing", "urn:x:m", "Zeile 1 · 箱", "arrive")
    spelt, canonical = gdti("4012345", "00001", "DESADV4711")
    stage("a plan with a GS1 key: its canonical form counts", "missing", spelt, "1", "arrive", canonical)
    stage("the same in canonical form", "missing", canonical, "1", "arrive")
    one = sha(b"claim")
    claim("custody moved without a signature", "custody_gap", one)
    claim("the smaller identity of two weights", "weight_mismatch", one)
    claim("taken where no plan sends it", "unexpected", one)
    claim("seen where it cannot be", "out_of_sequence", one)
    claim("one identity, two contents", "conflicting_claim", one)
    claim("another claim", "conflicting_claim", sha(b"another claim"))
    return cases


# ---- Findings.

DAY_MS = 86_400_000


def findings():
    cases = []

    def case(name, detector, group, spelled):
        text = hashed("countersign/finding/v1", [detector.encode(), spelled.encode()])
        cases.append({"name": name, "detector": detector, "group": group, "spelled": spelled, "hashed": text.hex(), "id": sha(text)})

    def matter(name, detector, kind, scope, spelled, stage=None):
        spelled = f"{kind} {spelled}" + ("" if stage is None else f" stage {stage}")
        case(name, detector, {"kind": kind, "scope": scope, "stage": stage}, spelled)

    def day(name, signer, tick):
        at = datetime.fromisoformat(tick.replace("Z", "+00:00")) - datetime(1970, 1, 1, tzinfo=timezone.utc)
        case(name, "clock_off", {"signer": signer, "tick": tick}, f"signer {signer} day {at.days}")

    plan = {"plan": "urn:x:m:1"}
    matter("what never arrived of one plan", "missing_units", "missing", plan, "plan urn:x:m:1", "arrive")
    matter("the same matter of another detector", "late_units", "missing", plan, "plan urn:x:m:1", "arrive")
    matter("another stage", "missing_units", "missing", plan, "plan urn:x:m:1", "depart")
    matter("all late lines of a plan", "late_units", "late", plan, "plan urn:x:m:1")
    matter("a stage with a space in it comes last", "late_units", "missing", plan, "plan urn:x:m:1", "gate out")
    sites = {"from": "urn:x:a", "to": "urn:x:b"}
    matter("between two sites", "unsigned_handover", "custody_gap", sites, "sites urn:x:a urn:x:b")
    matter("the way back", "unsigned_handover", "custody_gap", {"from": "urn:x:b", "to": "urn:x:a"}, "sites urn:x:b urn:x:a")
    matter("at one site", "unexpected_units", "unexpected", {"site": "urn:x:a"}, "site urn:x:a")
    matter("nowhere", "conflicting_claim", "conflicting_claim", {}, "nowhere")
    key = sha(b"a key")
    case("one chain", "broken_chain", {"key": key, "epoch": 7}, f"chain {key} 7")
    case("its next epoch", "broken_chain", {"key": key, "epoch": 8}, f"chain {key} 8")
    day("a signer's day", "device:dock-1", "2026-03-02T08:15:00Z")
    day("the same day: its first instant", "device:dock-1", "2026-03-02T00:00:00Z")
    day("the day before: its last millisecond", "device:dock-1", "2026-03-01T23:59:59.999Z")
    return cases


def write(name, made):
    (OUT / name).write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n")


write("discrepancy-ids.json", {
    "format": "custody/v1",
    "about": "docs/formats/custody.md, section 7, made from it by ../make/make.py; `hashed` is what SHA-256 is taken of (hex), a claim is named by its identity (hex)",
    "cases": discrepancies(),
})
write("finding-ids.json", {
    "format": "custody/v1",
    "about": "made by ../make/make.py. The id of a finding is SHA-256 over `countersign/finding/v1`, a zero byte, and two pieces, each with its length (8 bytes) in front: the detector, and what its members have in common as one text (`spelled`). Of discrepancies: the kind; `plan`, `sites`, `site` with their keys in canonical form, or `nowhere`; and, where they have one in common, ` stage ` and the stage. Of marks: `chain`, the key's id (hex) and the epoch; or `signer`, its name, `day` and the number of the day (UTC) since 1970 in which the tick lies",
    "cases": findings(),
})
