#!/usr/bin/env python3
"""Writes discrepancy-ids.json and finding-ids.json of ../v1 and ../v1-sources; nothing of the crates
is used.

Ids of discrepancies are those of docs/formats/custody.md, section 7. What an id of a finding is
made of is said in finding-ids.json itself.
"""
import hashlib
import json
import struct
from datetime import datetime, timezone
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent


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


# ---- What is found of sources, and what belongs to no plan, by day (fold version 3).


def discrepancies_of_sources():
    cases = []

    def case(name, kind, anchor, pieces):
        text = hashed("countersign/discrepancy/v1", [kind.encode(), *pieces])
        cases.append({"name": name, "kind": kind, "anchor": anchor, "hashed": text.hex(), "id": sha(text)})

    def statement(name, kind, key, epoch, counter):
        pieces = [bytes.fromhex(key), struct.pack(">Q", epoch), struct.pack(">Q", counter)]
        case(name, kind, {"key": key, "epoch": epoch, "counter": counter}, pieces)

    def chain(name, kind, key, epoch, day):
        pieces = [bytes.fromhex(key), struct.pack(">Q", epoch), b"day", struct.pack(">q", day)]
        case(name, kind, {"key": key, "epoch": epoch, "day": day}, pieces)

    identity = sha(b"claim")
    case("a pallet without one of its cartons", "containment_change", {"claim": identity}, [bytes.fromhex(identity)])
    case("arrived, and nobody signed for it", "unaccepted", {"claim": identity}, [bytes.fromhex(identity)])
    stage = {"plan": "urn:x:m", "canonical": "urn:x:m", "line": "1", "stage": "arrive"}
    case("a line that arrived elsewhere", "wrong_place", stage, [b"urn:x:m", b"1", b"arrive"])
    one = sha(b"a key")
    statement("silent behind a statement", "source_silent", one, 7, 20514)
    statement("behind the next one", "source_silent", one, 7, 20515)
    statement("in another epoch", "source_silent", one, 8, 20514)
    statement("another key", "source_silent", sha(b"another key"), 7, 20514)
    chain("what never came of a chain, of one day", "suppressed_statement", one, 7, 20514)
    chain("of the day before", "suppressed_statement", one, 7, 20513)
    chain("before 1970", "suppressed_statement", one, 7, -1)
    return cases


def discrepancies_of_time():
    cases = []

    def case(name, kind, identity):
        pieces = [kind.encode(), bytes.fromhex(identity)]
        text = hashed("countersign/discrepancy/v1", pieces)
        cases.append({"name": name, "kind": kind, "anchor": {"claim": identity}, "hashed": text.hex(), "id": sha(text)})

    one, other = sha(b"claim"), sha(b"another claim")
    case("seen elsewhere too soon", "impossible_travel", one)
    case("by another claim", "impossible_travel", other)
    case("there and back too soon", "duplicate_identity", one)
    case("it stays too long from its first observation there", "dwell", one)
    case("recorded when its time was settled", "late_evidence", one)
    return cases


def discrepancies_of_doors():
    identity = sha(b"claim")
    text = hashed("countersign/discrepancy/v1", [b"seal_broken", bytes.fromhex(identity)])
    return [{"name": "found open", "kind": "seal_broken", "anchor": {"claim": identity}, "hashed": text.hex(), "id": sha(text)}]


def discrepancies_of_papers():
    cases = []

    def stage(name, kind, plan, line, stage):
        text = hashed("countersign/discrepancy/v1", [piece.encode() for piece in (kind, plan, line, stage)])
        anchor = {"plan": plan, "canonical": plan, "line": line, "stage": stage}
        cases.append({"name": name, "kind": kind, "anchor": anchor, "hashed": text.hex(), "id": sha(text)})

    stage("another seal came", "seal_mismatch", "urn:x:m", "2", "arrive")
    stage("it was never put on", "seal_mismatch", "urn:x:m", "2", "depart")
    stage("a count of pieces of a class", "inventory_variance", "urn:x:count:9", "https://id.gs1.org/01/09521234000013", "count")
    stage("the same in kilograms", "inventory_variance", "urn:x:count:9", "https://id.gs1.org/01/09521234000013", "count KGM")
    stage("a document", "proof_missing", "urn:x:customs:77", "", "document")
    stage("it came late", "late", "urn:x:customs:77", "", "document")
    stage("a plan that was changed", "record_tampering", "urn:x:m", "", "change")
    identity = sha(b"a declaration")
    text = hashed("countersign/discrepancy/v1", [b"record_tampering", bytes.fromhex(identity)])
    cases.append({"name": "taken back", "kind": "record_tampering", "anchor": {"claim": identity}, "hashed": text.hex(), "id": sha(text)})
    return cases


def findings_by_day():
    cases = []

    def matter(name, detector, kind, scope, day, spelled):
        spelled = f"{kind} {spelled} day {day}"
        text = hashed("countersign/finding/v1", [detector.encode(), spelled.encode()])
        group = {"kind": kind, "scope": scope, "day": day, "stage": None}
        cases.append({"name": name, "detector": detector, "group": group, "spelled": spelled, "hashed": text.hex(), "id": sha(text)})

    sites = {"from": "urn:x:a", "to": "urn:x:b"}
    matter("between two sites on one day", "unsigned_handover", "custody_gap", sites, 20514, "sites urn:x:a urn:x:b")
    matter("the day after", "unsigned_handover", "custody_gap", sites, 20515, "sites urn:x:a urn:x:b")
    matter("at one site", "source_silent", "source_silent", {"site": "urn:x:a"}, 20514, "site urn:x:a")
    matter("of a source that stands nowhere", "source_silent", "source_silent", {"source": "device:van-7"}, 20514, "source device:van-7")
    matter("what it kept back", "suppressed_statement", "suppressed_statement", {"source": "device:van-7"}, 20514, "source device:van-7")
    matter("nowhere", "conflicting_claim", "conflicting_claim", {}, 20514, "nowhere")
    return cases


def write(name, made):
    (OUT / name).parent.mkdir(exist_ok=True)
    (OUT / name).write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n")


write("v1/discrepancy-ids.json", {
    "format": "custody/v1",
    "about": "docs/formats/custody.md, section 7, made from it by ../make/make.py; `hashed` is what SHA-256 is taken of (hex), a claim is named by its identity (hex)",
    "cases": discrepancies(),
})
write("v1/finding-ids.json", {
    "format": "custody/v1",
    "about": "made by ../make/make.py. The id of a finding is SHA-256 over `countersign/finding/v1`, a zero byte, and two pieces, each with its length (8 bytes) in front: the detector, and what its members have in common as one text (`spelled`). Of discrepancies: the kind; `plan`, `sites`, `site` with their keys in canonical form, or `nowhere`; and, where they have one in common, ` stage ` and the stage. Of marks: `chain`, the key's id (hex) and the epoch; or `signer`, its name, `day` and the number of the day (UTC) since 1970 in which the tick lies",
    "cases": findings(),
})
write("v1-sources/discrepancy-ids.json", {
    "format": "custody/v1",
    "about": "docs/formats/custody.md, section 7, made from it by ../make/make.py: anchors in the chain of a key (hex), `epoch` and `counter` of a statement, or `epoch` and `day` (days since 1970, UTC); numbers are eight bytes, big-endian, and `day` stands before the day",
    "cases": discrepancies_of_sources(),
})
write("v1-times/discrepancy-ids.json", {
    "format": "custody/v1",
    "about": "docs/formats/custody.md, section 7, made from it by ../make/make.py: kinds about how long anything took; a claim is named by its identity (hex)",
    "cases": discrepancies_of_time(),
})
write("v1-doors/discrepancy-ids.json", {
    "format": "custody/v1",
    "about": "docs/formats/custody.md, section 7, made from it by ../make/make.py: doors and seals; a claim is named by its identity (hex)",
    "cases": discrepancies_of_doors(),
})
write("v1-papers/discrepancy-ids.json", {
    "format": "custody/v1",
    "about": "docs/formats/custody.md, section 7, made from it by ../make/make.py: seals, counts of classes, documents, corrections",
    "cases": discrepancies_of_papers(),
})
write("v1-sources/finding-ids.json", {
    "format": "custody/v1",
    "about": "made by ../make/make.py. As ../v1/finding-ids.json, for what belongs to no plan: behind the scope stands ` day ` and the number of the day since 1970 (UTC); a source that stands nowhere is a scope `source`, its name",
    "cases": findings_by_day(),
})
