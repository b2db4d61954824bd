#!/usr/bin/env python3
"""Writes ../v1/vectors.json from docs/formats/plan.md; the reading of each text is written by hand."""
from pathlib import Path

from own_objects import Cases, compact, lgtin, ms, sgln, sscc, without

OUT = Path(__file__).resolve().parent.parent / "v1" / "vectors.json"
FROM, FROM_KEY = sgln("4012345", "00001")
TO, TO_KEY = sgln("4012345", "00002")
UNIT, UNIT_KEY = sscc("4012345", "3111111111")
LOT, LOT_KEY = lgtin("4012345", "012345", "L7")
cases = Cases()


def unit(line, key, value=None, currency=None):
    return {"line": line, "unit": key, "class": None, "quantity": None, "uom": None, "value": value, "currency": currency}


def amount(line, key, quantity, uom, value=None, currency=None):
    return {"line": line, "unit": None, "class": key, "quantity": quantity, "uom": uom, "value": value, "currency": currency}


def manifest(id, lane, origin, end, depart, arrive, lines):
    return {"type": "Manifest", "id": id, "lane": lane, "from": origin, "to": end, "depart_by_ms": ms(depart), "arrive_by_ms": ms(arrive), "lines": lines}


# ---- The example of the page, as it stands there.

PAGE = """{
  "type": "Manifest",
  "id": "urn:example:desadv:4711",
  "eventTime": "2026-03-01T18:00:00+01:00",
  "lane": "ams-rtm",
  "from": "urn:epc:id:sgln:4012345.00001.0",
  "to": "urn:epc:id:sgln:4012345.00002.0",
  "departBy": "2026-03-02T08:00:00+01:00",
  "arriveBy": "2026-03-02T11:00:00+01:00",
  "lines": [
    {"line": "1", "unit": "urn:epc:id:sscc:4012345.3111111111", "value": "249.00", "currency": "EUR"},
    {"line": "2", "class": "urn:epc:class:lgtin:4012345.012345.L7", "quantity": "40", "uom": "C62"}
  ]
}"""
READ = manifest("urn:example:desadv:4711", "ams-rtm", FROM_KEY, TO_KEY, "2026-03-02T07:00:00Z", "2026-03-02T10:00:00Z",
                [unit("1", UNIT_KEY, "249", "EUR"), amount("2", LOT_KEY, "40", "C62")])
cases.read("the manifest of the page", PAGE, READ)
cases.read("the same with its keys in canonical form, in another order, without white space", {
    "lines": [
        {"currency": "EUR", "value": "249.00", "unit": UNIT_KEY, "line": "1"},
        {"uom": "C62", "quantity": "40", "class": LOT_KEY, "line": "2"},
    ],
    "arriveBy": "2026-03-02T11:00:00+01:00", "departBy": "2026-03-02T08:00:00+01:00", "to": TO_KEY, "from": FROM_KEY,
    "lane": "ams-rtm", "eventTime": "2026-03-01T18:00:00+01:00", "id": "urn:example:desadv:4711", "type": "Manifest",
}, READ)

SMALL = {"type": "Manifest", "id": "urn:x:m", "from": "urn:x:a", "to": "urn:x:b",
         "departBy": "2026-03-02T08:00:00Z", "arriveBy": "2026-03-02T11:00:00Z"}
LINE = {"line": "1", "unit": "urn:x:u"}


def small(*lines, **fields):
    return {**SMALL, **fields, "lines": list(lines)}


def small_read(*lines, lane=None):
    return manifest("urn:x:m", lane, "urn:x:a", "urn:x:b", "2026-03-02T08:00:00Z", "2026-03-02T11:00:00Z", list(lines))


cases.read("without a lane", small(LINE), small_read(unit("1", "urn:x:u")))
cases.read("pieces where no unit of measure stands; a quantity as a number",
           small({"line": "1", "class": "urn:x:c", "quantity": 40}), small_read(amount("1", "urn:x:c", "40", "C62")))
cases.read("a part of a kilogram, in the one spelling of decimals",
           small({"line": "1", "class": "urn:x:c", "quantity": "0.50", "uom": "KGM", "value": "12.30", "currency": "SEK"}),
           small_read(amount("1", "urn:x:c", "0.5", "KGM", "12.3", "SEK")))
cases.read("none at all", small({"line": "1", "class": "urn:x:c", "quantity": "0"}), small_read(amount("1", "urn:x:c", "0", "C62")))
cases.read("a private key", small({"line": "1", "unit": "urn:countersign:key:1:plate:LP-77"}),
           small_read(unit("1", "urn:countersign:key:1:plate:LP-77")))
SEALED = compact(small(LINE)).replace('"line":"1"', '"note":«{"driver":"Li Wei","name":"x"}»,"line":"1"')
SEALED = SEALED[:-1] + ',"name":«"Łódź 箱"», "reason" : «[ 1, 2 ]» ,"extra":{"deep":[{"reason":«null»,"reasons":"open"}]}}'
cases.read("sealed values at any depth, whole, of any kind", SEALED, small_read(unit("1", "urn:x:u")))
cases.read("a sealed field whose name is written with an escape", compact(small(LINE))[:-1] + ',"n\\u006fte":«"x"»}', small_read(unit("1", "urn:x:u")))

WRONG = FROM_KEY[:-1] + str((int(FROM_KEY[-1]) + 1) % 10)
cases.read("a wrong check digit is kept as its sender wrote it", {**small(LINE), "from": WRONG}, {**small_read(unit("1", "urn:x:u")), "from": WRONG})

COUNT = {"type": "CountPlan", "id": "urn:example:count:9", "eventTime": "2026-03-02T06:00:00Z",
         "place": "urn:example:zone:a7", "opens": "2026-03-02T15:00:00Z", "due": "2026-03-02T17:00:00Z"}
COUNT_READ = {"type": "CountPlan", "id": "urn:example:count:9", "place": "urn:example:zone:a7",
              "opens_ms": ms("2026-03-02T15:00:00Z"), "due_ms": ms("2026-03-02T17:00:00Z")}
cases.read("the count plan of the page", """{"type": "CountPlan", "id": "urn:example:count:9", "eventTime": "2026-03-02T06:00:00Z",
 "place": "urn:example:zone:a7", "opens": "2026-03-02T15:00:00Z", "due": "2026-03-02T17:00:00Z"}""", COUNT_READ)
cases.read("a count plan at a place with a GS1 key, in local time, without a time of its own",
           {**without(COUNT, "eventTime"), "place": FROM, "opens": "2026-03-02T16:00:00.000+01:00"}, {**COUNT_READ, "place": FROM_KEY})

ALIAS = {"type": "Alias", "unit": "urn:countersign:key:1:plate:LP-77", "sameAs": UNIT}
ALIAS_READ = {"type": "Alias", "unit": "urn:countersign:key:1:plate:LP-77", "same_as": UNIT_KEY, "holds": True}
cases.read("the alias of the page", ALIAS, ALIAS_READ)
cases.read("an alias that holds, said", {**ALIAS, "holds": True}, ALIAS_READ)
cases.read("an alias taken back", {**ALIAS, "holds": False}, {**ALIAS_READ, "holds": False})

# ---- Refused, with the field.

cases.refuse("no object", "[]", "type")
cases.refuse("no type", without(small(LINE), "type"), "type")
cases.refuse("a type that is no text", {**small(LINE), "type": 1}, "type")
for name in ("id", "from", "to", "departBy", "arriveBy", "lines"):
    cases.refuse(f"a manifest without {name}", without(small(LINE), name), name)
cases.refuse("an id with a space", small(LINE, id="urn:x:m 1"), "id")
cases.refuse("an empty lane", small(LINE, lane=""), "lane")
cases.refuse("a lane that is null", small(LINE, lane=None), "lane")
cases.refuse("a place with a GS1 key of a wrong length", {**small(LINE), "from": "urn:epc:id:sgln:4012345.0001.0"}, "from")
cases.refuse("a time without an offset", small(LINE, departBy="2026-03-02T08:00:00"), "departBy")
cases.refuse("a day alone", small(LINE, arriveBy="2026-03-02"), "arriveBy")
cases.refuse("30 February", small(LINE, arriveBy="2026-02-30T08:00:00Z"), "arriveBy")
cases.refuse("no line", small(), "lines")
cases.refuse("lines that are no list", {**small(LINE), "lines": LINE}, "lines")
cases.refuse("a line without its name", small({"unit": "urn:x:u"}), "lines[0].line")
cases.refuse("a name that is a number", small({"line": 1, "unit": "urn:x:u"}), "lines[0].line")
cases.refuse("a line about nothing", small(LINE, {"line": "2"}), "lines[1].class")
cases.refuse("a class without an amount", small(LINE, {"line": "2", "class": "urn:x:c"}), "lines[1].quantity")
cases.refuse("less than none", small({"line": "1", "class": "urn:x:c", "quantity": "-1"}), "lines[0].quantity")
cases.refuse("an amount in words", small({"line": "1", "class": "urn:x:c", "quantity": "ten"}), "lines[0].quantity")
cases.refuse("more digits than a decimal has", small({"line": "1", "class": "urn:x:c", "quantity": "1" * 29}), "lines[0].quantity")
cases.refuse("a unit of measure that is no code", small({"line": "1", "class": "urn:x:c", "quantity": "1", "uom": "kg"}), "lines[0].uom")
cases.refuse("a value without its currency", small({**LINE, "value": "5"}), "lines[0].currency")
cases.refuse("a currency that is no code", small({**LINE, "value": "5", "currency": "euro"}), "lines[0].currency")
cases.refuse("a unit that is no key", small({"line": "1", "unit": "{}"}), "lines[0].unit")
for name in ("id", "place", "opens", "due"):
    cases.refuse(f"a count plan without {name}", without(COUNT, name), name)
for name in ("unit", "sameAs"):
    cases.refuse(f"an alias without {name}", without(ALIAS, name), name)
cases.refuse("taken back by a text", {**ALIAS, "holds": "false"}, "holds")
cases.refuse("neither said nor taken back", {**ALIAS, "holds": None}, "holds")
# What is sealed is null in the open view, which alone is read.
cases.refuse("hidden by its name", compact(COUNT).replace('"place"', '"note"'), "place")

# ---- Bytes that are no JSON of one reading.

cases.hostile_bytes("nothing", b"", "invalid_json")
cases.hostile_bytes("cut off", compact(ALIAS).encode()[:-1], "invalid_json")
cases.hostile_bytes("two objects", compact(ALIAS).encode() * 2, "invalid_json")
cases.hostile_bytes("a field twice", compact(ALIAS).encode()[:-1] + b',"holds":false,"holds":true}', "duplicate_key")
cases.hostile_bytes("a field twice, once with an escape", compact(ALIAS).encode()[:-1] + b',"holds":false,"h\\u006flds":true}', "duplicate_key")
cases.hostile_bytes("no UTF-8", b'{"type":"Alias\xff"}', "invalid_utf8")
cases.hostile_bytes("half a surrogate pair", b'{"type":"Alias\\ud800"}', "invalid_json")
cases.hostile_bytes("a number with a leading zero", b'{"type":"Alias","holds":01}', "invalid_json")
cases.hostile_bytes("a byte order mark", b"\xef\xbb\xbf" + compact(ALIAS).encode(), "invalid_json")
cases.hostile_bytes("40 deep", b'{"type":' + b"[" * 40 + b"]" * 40 + b"}", "too_deep")

cases.write(OUT, "docs/formats/plan.md, made by ../make/make.py. `text` is one object; `sealed` are byte ranges in it; `view` is what is read: sealed values are null. Times are milliseconds since 1970. `refused`: the field that is named, of the open view. `hostile`: bytes (hex) and their code")
