#!/usr/bin/env python3
"""Writes ../v1/said-twice.json: two events, and whether they are one claim and say the same.

From docs/formats/epcis-json.md, sections 5, 7 and 8, by the functions of make.py. What a log makes of
the second (`status`) is written by hand: epcis-json.md section 7, segment.md (fingerprint of sealed parts).
"""
import hashlib
import json
import struct
import sys

sys.dont_write_bytecode = True
from make import CS, EVENT, OUT, cut, fingerprint, parse, prefixes, with_nulls  # noqa: E402

ISSUER = "urn:x:issuer"
ID = "urn:uuid:7d0e9d6c-0d2b-4a73-9e0e-0c6b9d1c5a11"


def identity(issuer, event_id, declared=""):
    text = b"countersign/claim-id/event/v1\0"
    for piece in (issuer, event_id, declared):
        text += struct.pack(">Q", len(piece.encode())) + piece.encode()
    return hashlib.sha256(text).hexdigest()


def said(text, issuer):
    node, sealed = parse(text), []
    own = dict(node[3]).get("@context")
    names = prefixes({}, json.loads(text[own[1]:own[2]]) if own else {})
    cut(node, EVENT, names, sealed)
    event = json.loads(text)
    declared = event.get("errorDeclaration", {}).get("declarationTime", "")
    return {
        "issuer": issuer, "event": text, "sealed": sealed, "view": with_nulls(text, sealed),
        "identity": identity(issuer, event["eventID"], declared), "fingerprint": fingerprint(node, names),
    }


def event(rest="", units='["urn:x:1","urn:x:2"]', event_id=ID, time="2026-03-02T08:15:00.250+01:00"):
    context = json.dumps(CS, separators=(",", ":"))
    return ('{"@context":%s,"type":"ObjectEvent","eventID":"%s","eventTime":"%s","eventTimeZoneOffset":"+01:00","action":"OBSERVE",'
            '"bizStep":"departing","epcList":%s%s}' % (context, event_id, time, units, rest))


def declared(time):
    return ',"errorDeclaration":{"declarationTime":"%s","reason":"did_not_occur"}' % time


CASES = []


def case(name, first, second, identity, content, status, other_issuer=False):
    """`identity` and `content`: the same or not, by hand; checked against what is computed."""
    one, two = said(first, ISSUER), said(second, "urn:x:other" if other_issuer else ISSUER)
    assert (one["identity"] == two["identity"]) == identity, name
    assert (one["fingerprint"] == two["fingerprint"]) == content, name
    CASES.append({"name": name, "first": one, "second": two, "same_identity": identity, "same_fingerprint": content, "status": status})


PLAIN = event()
case("word for word", PLAIN, PLAIN, True, True, "duplicate")
case("members and units in another order, spelt otherwise, with white space", PLAIN,
     '{ "epcList" : ["urn:x:2", "urn:x:1"],\n"bizStep":"https://ref.gs1.org/cbv/BizStep-departing","\\u0061ction":"OBSERVE","eventTimeZoneOffset":"+01:00",'
     '"eventTime":"2026-03-02T07:15:00.25Z","\\u0065ventID":"urn:uuid:7d0e9d6c-0d2b-4a73-9e0e-0c6b9d1c5a11","type":"ObjectEvent"}', True, True, "duplicate")
case("recorded later", PLAIN, event(',"recordTime":"2026-03-02T09:00:00Z"'), True, True, "duplicate")
case("one unit fewer", PLAIN, event(units='["urn:x:1"]'), True, False, "conflicting_claim")
case("one unit more", PLAIN, event(units='["urn:x:1","urn:x:2","urn:x:3"]'), True, False, "conflicting_claim")
case("another unit", PLAIN, event(units='["urn:x:1","urn:x:9"]'), True, False, "conflicting_claim")
case("a millisecond later", PLAIN, event(time="2026-03-02T08:15:00.251+01:00"), True, False, "conflicting_claim")
case("the same instant, another offset", PLAIN, PLAIN.replace('"eventTimeZoneOffset":"+01:00"', '"eventTimeZoneOffset":"+02:00"'), True, False, "conflicting_claim")
case("another step", PLAIN, PLAIN.replace('"departing"', '"storing"'), True, False, "conflicting_claim")
case("another action", PLAIN, PLAIN.replace('"OBSERVE"', '"DELETE"'), True, False, "conflicting_claim")
SECRET = event(',"ex:driver":{"name":"A. Person","shifts":[1,2]}')
case("a sealed value says something else: the open fields do not show it", SECRET, SECRET.replace("A. Person", "B. Person"), True, True, "conflicting_claim")
case("a sealed value spelt otherwise", SECRET, SECRET.replace('{"name":"A. Person","shifts":[1,2]}', '{ "shifts" : [ 1, 2 ],\n"name":"\\u0041. Person" }'), True, True, "duplicate")
case("a sealed value is there no more", SECRET, PLAIN, True, True, "conflicting_claim")
case("a sealed value comes in", PLAIN, SECRET, True, True, "conflicting_claim")
case("another event id", PLAIN, event(event_id=ID[:-1] + "2"), False, True, "effective")
case("an event id in capitals is another text", PLAIN, event(event_id=ID.replace("7d0e", "7D0E")), False, True, "effective")
case("declared wrong: a claim of its own", PLAIN, event(declared("2026-03-03T00:00:00Z")), False, False, "effective")
case("declared wrong twice, at one time", event(declared("2026-03-03T00:00:00Z")), event(declared("2026-03-03T00:00:00Z")), True, True, "duplicate")
case("declared wrong again later", event(declared("2026-03-03T00:00:00Z")), event(declared("2026-03-03T00:00:01Z")), False, False, "effective")
case("the time of a declaration is a text", event(declared("2026-03-03T00:00:00Z")), event(declared("2026-03-03T00:00:00.000Z")), False, True, "effective")
case("the same id of another issuer", PLAIN, PLAIN, False, True, "effective", other_issuer=True)
case("the same id of another issuer, another content", PLAIN, event(units='["urn:x:9"]'), False, False, "effective", other_issuer=True)

(OUT / "said-twice.json").write_text(json.dumps({
    "page": "docs/formats/epcis-json.md",
    "about": "`identity` is SHA-256 over `countersign/claim-id/event/v1`, a zero byte, and three pieces, each with its length (8 bytes) in front: the issuer, the event id, and the text of `declarationTime` (or nothing). `status` is what the second is in a log that has the first",
    "cases": CASES,
}, indent=1, ensure_ascii=False) + "\n")
