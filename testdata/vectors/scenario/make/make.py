#!/usr/bin/env python3
"""Writes ../v1/vectors.json from docs/formats/scenario.md; nothing of the crates is used."""
import json
import struct
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "v1" / "vectors.json"
SUBMISSIONS = json.loads((HERE.parent.parent / "submission" / "v1" / "vectors.json").read_text())
NAMED = {case["name"]: bytes.fromhex(case["submission"]) for case in SUBMISSIONS["cases"]}
ONE, TWO = NAMED["all-bodies-absent"], NAMED["two-claims"]


def ms(text):
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((at - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds() * 1000)


# ---- scenario.json

PAGE = """{
  "format": "countersign-scenario",
  "version": 1,
  "origin": "demo.example/day",
  "seed": 42,
  "start": "2026-03-02T00:00:00Z",
  "end": "2026-03-03T00:00:00Z",
  "sizes": {"sites": 10, "devices": 65, "stock": 20000, "units": 20119, "claims": 13017, "submissions": 5022}
}"""
READ = {"origin": "demo.example/day", "seed": 42, "start_ms": ms("2026-03-02T00:00:00Z"), "end_ms": ms("2026-03-03T00:00:00Z")}
FIELDS = json.loads(PAGE)


def without(*names):
    return json.dumps({name: value for name, value in FIELDS.items() if name not in names})


def changed(**fields):
    return json.dumps({**FIELDS, **fields})


def padded(length):
    text = changed(comment="")
    return text.replace('"comment": ""', '"comment": "%s"' % ("x" * (length - len(text))))


def scenarios():
    cases = []

    def case(name, text, reads=None, **more):
        cases.append({"name": name, "text": text, "reads": reads, **more})

    case("the one of the page", PAGE, READ)
    case("without what may be absent", without("seed", "sizes"), {**READ, "seed": None})
    case("other fields are ignored", changed(weather="rain"), READ)
    case("a start that is the end, in local time", changed(start="2026-03-03T01:00:00+01:00"), {**READ, "start_ms": READ["end_ms"]})
    for length, reads in ((65_536, READ), (65_537, None)):
        short = padded(200 + len(changed(comment="")))
        assert len(padded(length)) == length
        # Written out it would be long: `x` within `comment` is repeated until the file has that many bytes.
        case(f"{length:,} bytes", short, reads, padded_to=length)
    for name in ("format", "version", "origin", "start", "end"):
        case(f"no {name}", without(name))
    case("nothing", "")
    case("a list", "[]")
    case("two objects", PAGE + PAGE)
    case("another format", changed(format="scenario"))
    case("version 2", changed(version=2))
    case("the version as a text", changed(version="1"))
    case("an origin that is none", changed(origin="demo example"))
    case("a start without an offset", changed(start="2026-03-02T00:00:00"))
    case("an end that is a day", changed(end="2026-03-03"))
    case("an end before the start", changed(end="2026-03-01T23:59:59.999Z"))
    return cases


# ---- submissions.bin


def record(at, text, length=None):
    return struct.pack(">QI", at, len(text) if length is None else length) + text


def records():
    cases = []

    def case(name, text, reads, error=None):
        reads = [{"at_ms": at, "submission": one.hex()} for at, one in reads]
        cases.append({"name": name, "bytes": text.hex(), "reads": reads, "error": error})

    at = ms("2026-03-02T08:15:00.250Z")
    one, two = record(at, ONE), record(at + 1, TWO)
    case("nothing is sent", b"", [])
    case("two submissions", one + two, [(at, ONE), (at + 1, TWO)])
    case("one comes twice, at one time", one + one, [(at, ONE), (at, ONE)])
    case("at the first instant of 1970", record(0, ONE), [(0, ONE)])
    case("times fall by a millisecond", two + one, [(at + 1, TWO)], "times_fall")
    case("nothing is read behind an error", two + one + record(at + 2, ONE), [(at + 1, TWO)], "times_fall")
    case("a length beyond 16 MiB", one + record(at, TWO, 16 * 1024 * 1024 + 1), [(at, ONE)], "too_long")
    case("the longest length", record(at, TWO, 0xFFFFFFFF), [], "too_long")
    case("16 MiB are announced, and do not come", record(at, TWO, 16 * 1024 * 1024), [], "cut_off")
    case("a byte is missing", one + two[:-1], [(at, ONE)], "cut_off")
    case("a record without its submission", one + two[:12], [(at, ONE)], "cut_off")
    case("a byte behind the last record", one + b"\0", [(at, ONE)], "cut_off")
    case("a line feed behind the last record", one + two + b"\n", [(at, ONE), (at + 1, TWO)], "cut_off")
    case("11 bytes of a head behind the last record", one + bytes(11), [(at, ONE)], "cut_off")
    case("12 zeros behind the last record: a time that falls", one + bytes(12), [(at, ONE)], "times_fall")
    case("the time little-endian", struct.pack("<Q", at) + one[8:], [], "no_time")
    case("a time with the highest bit", record(1 << 63, ONE), [], "no_time")
    case("the length little-endian", one[:8] + struct.pack("<I", len(ONE)) + ONE, [], "too_long")
    return cases


# ---- truth.jsonl

LINE = """{"id":"T-03","family":"pilferage","act":true,
 "units":["https://id.gs1.org/00/395212340000001233"],"classes":[],
 "places":["https://id.gs1.org/414/9521234000013"],"manifests":["urn:epcglobal:cbv:bt:9521234000006:D-000017"],
 "interval":{"from":"2026-03-02T09:10:00Z","until":"2026-03-02T11:55:00Z"},
 "value":{"amount":"198.61","currency":"EUR"},
 "detectable_from":{"at":"2026-03-02T12:54:16.363Z","cause":"deadline","of":"urn:epcglobal:cbv:bt:9521234000006:D-000017"},
 "kinds":["missing_units"],"allowed":[]}"""


def truths():
    row = json.loads(LINE)
    read = {name: row[name] for name in ("id", "family", "act", "units", "classes", "places", "manifests", "kinds", "allowed")}
    read |= {
        "from_ms": ms("2026-03-02T09:10:00Z"), "until_ms": ms("2026-03-02T11:55:00Z"), "cents": 19861,
        "detectable_from": {"at_ms": ms("2026-03-02T12:54:16.363Z"), "cause": "deadline", "of": row["detectable_from"]["of"]},
    }
    cases = []

    def case(name, row, reads=None, field=None):
        cases.append({"name": name, "line": json.dumps(row, separators=(",", ":")), "reads": reads, "field": field})

    def less(*names):
        return {name: value for name, value in row.items() if name not in names}

    case("the line of the page", row, read)
    may = ("classes", "units", "places", "manifests", "kinds", "allowed", "value")
    case("without what may be absent", less(*may), {**read, **{name: [] for name in may if name != "value"}} | {"cents": 0})
    case("innocent", {**row, "act": False, "detectable_from": None, "kinds": []}, {**read, "act": False, "detectable_from": None, "kinds": []})
    case("shown by a claim", {**row, "detectable_from": {**row["detectable_from"], "cause": "claim"}},
         {**read, "detectable_from": {**read["detectable_from"], "cause": "claim"}})
    for name in ("id", "family", "act", "interval"):
        case(f"no {name}", less(name), field=name)
    case("no end", {**row, "interval": {"from": row["interval"]["from"]}}, field="until")
    case("units that are no list", {**row, "units": "urn:x:u"}, field="units")
    case("a unit that is no text", {**row, "units": [1]}, field="units")
    case("an act that is a text", {**row, "act": "true"}, field="act")
    case("a time without an offset", {**row, "interval": {"from": "2026-03-02T09:10:00", "until": "2026-03-02T11:55:00Z"}}, field="from")
    case("another cause", {**row, "detectable_from": {**row["detectable_from"], "cause": "hunch"}}, field="cause")
    case("detectable as a text", {**row, "detectable_from": "2026-03-02T12:54:16Z"}, field="detectable_from")
    return cases


OUT.write_text(json.dumps({
    "format": "scenario/v1",
    "about": "docs/formats/scenario.md, made by ../make/make.py. `scenarios`: texts of scenario.json; `reads` is null where it is refused. `records`: bytes of submissions.bin (hex), what is read before the end, and the error there. `truths`: lines of truth.jsonl; `field` is the one that is refused",
    "scenarios": scenarios(), "records": records(), "truths": truths(),
}, indent=2) + "\n")
