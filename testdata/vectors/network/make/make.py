#!/usr/bin/env python3
"""Writes ../v1/vectors.json from docs/formats/network.md; the acts are written by hand."""
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent.parent / "plan" / "make"))
from own_objects import check_digit, pgln, sgln  # noqa: E402

OUT = HERE.parent / "v1" / "vectors.json"
AMS, RTM = sgln("4012345", "00001")[1], sgln("4012345", "00002")[1]
US, CARRIER = pgln("4012345", "00001")[1], pgln("4098765", "00001")[1]
PHONE = "https://id.gs1.org/01/" + check_digit("0401234512345")
KEY = "Ed25519:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="

# The example of the page, its key filled in.
PAGE = f"""
[[site]]
id = "urn:epc:id:sgln:4012345.00001.0"
label = "Amsterdam warehouse"
party = "urn:epc:id:pgln:4012345.00001"
kind = "warehouse"            # warehouse, hub, customer
time_zone = "Europe/Amsterdam"
places = ["urn:example:zone:a7", "urn:example:dock:1"]

[[lane]]
id = "ams-rtm"
from = "urn:epc:id:sgln:4012345.00001.0"
to = "urn:epc:id:sgln:4012345.00002.0"
carrier = "urn:epc:id:pgln:4098765.00001"
mode = "both"                 # whose signature a hand-over needs: both, giver, receiver, sighting
grace = "PT15M"               # how long after a deadline is still in time
pick_up_grace = "PT30M"       # how long after the giver the carrier may sign

[[product]]
class = "https://id.gs1.org/01/04012345123456"
label = "phone"
value = "649.00"
currency = "EUR"

[[tolerance]]
id = "default"
weight_kg = "0.25"            # the larger of the two counts
weight_ratio = "0.01"

[[principal]]
id = "device:dock-1"
role = "device"               # device, service, person, administrator
key = "{KEY}"
assurance = "software_key"    # or hardware_key
party = "urn:epc:id:pgln:4012345.00001"
place = "urn:example:dock:1"
clock_offset_ms = 0           # subtracted from its event times
heartbeat = "PT1M"            # how often it must be heard
grace = "PT8H"                # how late what it says may come
read_rate = "0.95"            # the share of what passes that it reports
"""
assert PHONE.endswith("04012345123456")


def define(table, /, **value):
    return {"type": "Define", "object": table, "value": value}


def withdraw(kind, name):
    return {"type": "Withdraw", "object": kind, "id": name}


SITE = define("site", id=AMS, label="Amsterdam warehouse", party=US, kind="warehouse", time_zone="Europe/Amsterdam",
              places=["urn:example:zone:a7", "urn:example:dock:1"])
LANE = {"id": "ams-rtm", "from": AMS, "to": RTM, "carrier": CARRIER, "mode": "both", "grace": "PT900S", "pick_up_grace": "PT1800S"}
PRODUCT = define("product", **{"class": PHONE, "label": "phone", "value": "649", "currency": "EUR"})
TOLERANCE = define("tolerance", id="default", weight_kg="0.25", weight_ratio="0.01")
PRINCIPAL = define("principal", id="device:dock-1", role="device", key=KEY, assurance="software_key", party=US,
                   place="urn:example:dock:1", heartbeat="PT60S", grace="PT28800S", read_rate="0.95")
ALL = [SITE, define("lane", **LANE), PRODUCT, TOLERANCE, PRINCIPAL]
applied, refused = [], []


def apply(name, before, after, acts):
    """`acts`: (sign, act, [(field, before, after)])."""
    made = []
    for sign, act, fields in acts:
        made.append({"sign": sign, "act": act, "fields": [list(field) for field in fields]})
    applied.append({"name": name, "before": before, "file": after, "acts": made})


def without_table(text, kind):
    kept = [part for part in text.split("\n\n") if f"[[{kind}]]" not in part]
    return "\n\n".join(kept)


apply("the file of the page, to an empty network", "", PAGE, [("+", act, []) for act in ALL])
apply("the same file again", PAGE, PAGE, [])
respelt = PAGE
for old, new in (
    ("urn:epc:id:sgln:4012345.00001.0", AMS), ('"649.00"', "649"), ('"PT15M"', '"PT0.25H"'), ('"PT30M"', '"P0DT0H1800S"'),
    ('"0.25" ', "0.25 "), ('"0.01"', '"1e-2"'), ('assurance = "software_key"', ""), ("clock_offset_ms = 0", ""),
):
    assert old in respelt
    respelt = respelt.replace(old, new)
apply("the same, spelt otherwise, what may be absent left out", PAGE, respelt, [])
apply("the tables in another order", PAGE, "\n\n".join(reversed(PAGE.strip().split("\n\n"))), [])
apply("nothing any more: what goes goes in the other order", PAGE, "", [
    ("-", withdraw("principal", "device:dock-1"), []), ("-", withdraw("tolerance", "default"), []),
    ("-", withdraw("product", PHONE), []), ("-", withdraw("lane", "ams-rtm"), []), ("-", withdraw("site", AMS), []),
])
apply("a lane with another grace", PAGE, PAGE.replace("PT15M", "PT20M"), [
    ("~", define("lane", **{**LANE, "grace": "PT1200S"}), [("grace", "PT900S", "PT1200S")])])
apply("a lane without its carrier: half an hour stays", PAGE, PAGE.replace('carrier = "urn:epc:id:pgln:4098765.00001"', "").replace('pick_up_grace = "PT30M"', ""), [
    ("~", define("lane", **{name: one for name, one in LANE.items() if name != "carrier"}), [("carrier", CARRIER, "")])])
apply("another name is another object", PAGE, PAGE.replace('"ams-rtm"', '"rtm"'), [
    ("+", define("lane", **{**LANE, "id": "rtm"}), []), ("-", withdraw("lane", "ams-rtm"), [])])
apply("one goes, one comes", without_table(PAGE, "tolerance"), without_table(PAGE, "product"), [
    ("+", TOLERANCE, []), ("-", withdraw("product", PHONE), [])])

SMALL = '[[site]]\nid = "urn:x:a"\nparty = "urn:x:p"\nkind = "hub"\n'
apply("what is absent", "", SMALL + """
[[lane]]
id = "a-b"
from = "urn:x:a"
to = "urn:x:b"
mode = "sighting"
transit_max = "P1DT2H"

[[product]]
class = "urn:x:c"

[[principal]]
id = "p-17"
role = "person"
key = "%s"
clock_offset_ms = -1500
heartbeat = "PT0.5S"
read_rate = "1"
grace = "PT0S"
""" % KEY, [
    ("+", define("site", id="urn:x:a", label="urn:x:a", party="urn:x:p", kind="hub", time_zone="UTC", places=[]), []),
    ("+", define("lane", **{"id": "a-b", "from": "urn:x:a", "to": "urn:x:b", "mode": "sighting", "grace": "PT0S",
                            "pick_up_grace": "PT1800S", "transit_max": "PT93600S"}), []),
    ("+", define("product", **{"class": "urn:x:c", "label": "urn:x:c"}), []),
    ("+", define("principal", id="p-17", role="person", key=KEY, assurance="software_key", clock_offset_ms=-1500, heartbeat="PT0.500S"), []),
])


def refuse(name, text, **error):
    refused.append({"name": name, "file": text, "error": error})


def wrong(name, old, new, kind, field, number=1):
    assert PAGE.count(old) >= 1, old
    refuse(name, PAGE.replace(old, new, 1), table=kind, number=number, field=field)


refuse("no TOML", "[[site]\n", toml=True)
refuse("a field twice", SMALL + 'kind = "hub"\n', toml=True)
refuse("a table that is no kind", SMALL + "[[ship]]\nid = 'x'\n", unknown_table="ship")
refuse("a field before all tables", "origin = 'x'\n" + SMALL, unknown_table="origin")
refuse("in the plural", SMALL.replace("[[site]]", "[[sites]]"), unknown_table="sites")
refuse("one table where a list of tables stands", SMALL.replace("[[site]]", "[site]"), not_a_list="site")
refuse("a text where a list of tables stands", "site = 'urn:x:a'\n", not_a_list="site")
refuse("the same site twice", SMALL + SMALL, twice=["site", "urn:x:a"])
refuse("the same site twice, in two spellings", "".join(SMALL.replace("urn:x:a", key) for key in (AMS, "urn:epc:id:sgln:4012345.00001.0")), twice=["site", AMS])
refuse("the second site is wrong", SMALL + SMALL.replace("urn:x:a", "urn:x:b").replace("hub", "moon"), table="site", number=2, field="kind")
refuse("a list of no tables", "site = [1]\n", table="site", number=1, field="id")
for old, kind, field in (
    ('party = "urn:epc:id:pgln:4012345.00001"\n', "site", "party"), ('kind = "warehouse"', "site", "kind"), ('mode = "both"', "lane", "mode"),
    ('from = "urn:epc:id:sgln:4012345.00001.0"', "lane", "from"), ('to = "urn:epc:id:sgln:4012345.00002.0"', "lane", "to"),
    ('class = "https://id.gs1.org/01/04012345123456"', "product", "class"), ('currency = "EUR"', "product", "currency"),
    ('weight_kg = "0.25"', "tolerance", "weight_kg"), ('weight_ratio = "0.01"', "tolerance", "weight_ratio"),
    ('role = "device"', "principal", "role"), (f'key = "{KEY}"', "principal", "key"),
):
    wrong(f"a {kind} without {field}", old, "", kind, field)
wrong("an unknown field of a site", 'kind = "warehouse"', 'kind = "warehouse"\ncolor = "red"', "site", "color")
wrong("an unknown field of a lane", 'mode = "both"', 'mode = "both"\nvia = "urn:x:c"', "lane", "via")
wrong("an unknown field of a product", 'label = "phone"', 'name = "phone"', "product", "name")
wrong("an unknown field of a tolerance", 'weight_kg = "0.25"', 'weight_kg = "0.25"\nweight_lb = "1"', "tolerance", "weight_lb")
wrong("an unknown field of a principal", 'role = "device"', 'role = "device"\nclock_offset = 0', "principal", "clock_offset")
wrong("a mode that is none", '"both"', '"all"', "lane", "mode")
wrong("a role that is none", '"device" ', '"king" ', "principal", "role")
wrong("an assurance that nobody may claim", '"software_key"', '"passkey"', "principal", "assurance")
wrong("a time zone that is none", "Europe/Amsterdam", "Europe/Amsterdum", "site", "time_zone")
wrong("a place that is none", '"urn:example:dock:1"]', '"dock 1"]', "site", "places[1]")
wrong("a place where a list of them stands", '["urn:example:zone:a7", "urn:example:dock:1"]', '"urn:example:zone:a7"', "site", "places")
wrong("a duration in words", '"PT15M"', '"15 minutes"', "lane", "grace")
wrong("a duration as a number", '"PT15M"', "15", "lane", "grace")
wrong("a duration in months, which are not equally long", '"PT30M"', '"P1M"', "lane", "pick_up_grace")
wrong("a duration back in time", '"PT1M"', '"PT-1M"', "principal", "heartbeat")
wrong("a rate in percent", 'read_rate = "0.95"', 'read_rate = "95"', "principal", "read_rate")
wrong("a source that reads nothing", 'read_rate = "0.95"', 'read_rate = "0"', "principal", "read_rate")
wrong("a rate finer than a millionth", 'read_rate = "0.95"', 'read_rate = "0.9500001"', "principal", "read_rate")
wrong("a weight in words", '"0.25"', '"a bit"', "tolerance", "weight_kg")
wrong("a name with a space", '"device:dock-1"', '"device dock-1"', "principal", "id")

OUT.write_text(json.dumps({
    "format": "network/v1",
    "about": "docs/formats/network.md, made by ../make/make.py. `applied`: the acts (in their order) by which `file` follows on the network of the file `before`; `sign` is + new, ~ changed, - withdrawn; `fields` says of a changed object which field was what and is what. `refused`: the table, which of them (from 1) and the field, or what is wrong with the file",
    "applied": applied, "refused": refused,
}, indent=2, ensure_ascii=False) + "\n")
