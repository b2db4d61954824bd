#!/usr/bin/env python3
"""Writes ../v1/cuts.json: whole submissions, signed, whose bodies and envelopes are cut rightly or wrongly.

From docs/formats (submission, body, epcis-json, mapping, plan, statement) by tools/countersign_sign.py;
nothing of the crates is used. In texts a sealed value stands between « and », and ¦ ends an open part.
"""
import base64
import hashlib
import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "v1" / "cuts.json"
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parents[3] / "tools"))
from countersign_sign import Key, cbor, hashed, head, text, u64  # noqa: E402

ORIGIN, ISSUER = "faults.example/1", "admin-1"
SECRET = "countersign-secret-key:1:Ed25519:" + base64.b64encode(bytes([6] * 32)).decode()
with tempfile.NamedTemporaryFile("w") as file:
    file.write(SECRET + "\n")
    file.flush()
    KEY = Key(file.name)


def parts(marked):
    out = []
    for at, piece in enumerate(marked.split("«")):
        if at:
            value, piece = piece.split("»")
            out.append([1, value.encode(), hashlib.sha256(f"salt {at} of {marked}".encode()).digest()])
        out += [[0, one.encode()] for one in piece.split("¦") if one]
    return out


def submission(format, media, around, bodies, mapping=None):
    """`around` is the marked text of the envelope, with ◦ where a hole is."""
    kind = [format, 1, media]
    common = text(format) + u64(1) + text(media)
    holes, plain = [], around.replace("«", "").replace("»", "")
    for piece in plain.split("◦")[:-1]:
        holes.append((holes[-1] if holes else 0) + len(piece.encode()))
    digest_of_map = None if mapping is None else hashlib.sha256(mapping.encode()).digest()
    envelope = kind + [bytes([1] * 16), None, 0, digest_of_map, parts(around.replace("◦", "")), holes, None]
    digest = hashlib.sha256(b"countersign/envelope/v1\0" + common + envelope[3] + bytes(32) + u64(0) + (digest_of_map or bytes(32))
                            + hashed(envelope[7]) + u64(len(holes)) + b"".join(map(u64, holes)) + b"\xff" * 8).digest()
    made, claims = [], []
    for hole, marked in enumerate(bodies):
        body = kind + [bytes([2 + hole] * 16), digest, hole, parts(marked)]
        made.append(body)
        claims.append(hashlib.sha256(b"countersign/claim/v1\0" + common + body[3] + digest + u64(hole) + hashed(body[6])).digest())
    protected = cbor({1: KEY.alg, 3: "application/vnd.countersign.claims+cbor", 4: KEY.id, 15: {1: ISSUER, 2: "test", 3: ORIGIN}, -70001: ["claims", 1]})
    payload = cbor(claims)
    signature = KEY.sign(cbor(["Signature1", protected, b"", payload]))
    statement = head(6, 18) + cbor([protected, {}, payload, signature])
    blobs = [] if mapping is None else [mapping.encode()]
    return cbor({1: statement, 2: [cbor(envelope)], 3: [cbor(body) for body in made], 4: blobs})


CASES = []


def case(name, expect, *made):
    """`expect`: an error, or the status of each claim."""
    expect = {"error": expect} if isinstance(expect, str) else {"status": expect}
    CASES.append({"name": name, "submission": submission(*made).hex(), "expect": expect})


# ---- EPCIS events

EVENT = ('{"@context":{"ex":"https://ns.example.org/"},"type":"ObjectEvent","eventTime":"2026-03-02T08:15:00Z","eventTimeZoneOffset":"+00:00",'
         '"action":"OBSERVE","bizStep":"storing","epcList":["urn:x:1","urn:x:2"],"ex:driver":«{"name":"A. Person"}»,"ex:note":«"x"»}')


def event(name, expect, *changes, around="◦"):
    marked = EVENT
    for old, new in changes:
        assert marked.count(old) == 1, (name, old)
        marked = marked.replace(old, new)
    case("event: " + name, expect, "epcis-json", "application/json", around, [marked])


DRIVER = '«{"name":"A. Person"}»'
event("cut as its format asks", ["effective"])
event("the list of units is hidden", "bad_cut", ('["urn:x:1","urn:x:2"]', '«["urn:x:1","urn:x:2"]»'))
event("one unit is hidden", "bad_cut", ('"urn:x:2"', '«"urn:x:2"»'))
event("the time is hidden", "bad_cut", ('"2026-03-02T08:15:00Z"', '«"2026-03-02T08:15:00Z"»'))
event("the step is hidden", "bad_cut", ('"storing"', '«"storing"»'))
event("the type is hidden", "bad_cut", ('"ObjectEvent"', '«"ObjectEvent"»'))
event("the names are hidden", "bad_cut", ('{"ex":"https://ns.example.org/"}', '«{"ex":"https://ns.example.org/"}»'))
event("all is hidden", "bad_cut", *[(mark, "") for mark in (DRIVER, '«"x"»')], ("{\"@context\"", "«{\"@context\""), ('"ex:note":}', '"ex:note":1}»'), ('"ex:driver":,', '"ex:driver":1,'))
event("a personal value is open", "bad_cut", (DRIVER, DRIVER[1:-1]))
event("only what is within a personal value is sealed", "bad_cut", (DRIVER, '{"name":«"A. Person"»}'))
event("half of a value is sealed", "bad_cut", (DRIVER, '{"name":"A. «Person"}»'))
event("a value without its quotes is sealed", "bad_cut", ('«"x"»', '"«x»"'))
event("white space in front of a value is sealed with it", "bad_cut", ('«"x"»', '« "x"»'))
event("white space in front of a value is open", ["effective"], ('«"x"»', ' «"x"»'))
event("a name is sealed with its value", "bad_cut", ('"ex:note":«"x"»', '«"ex:note":"x"»'))
event("two values and what is between them are one part", "bad_cut", ('»,"ex:note":«', ',"ex:note":'))
event("a sealed part of no bytes too many", "bad_cut", ('"bizStep"', '«»"bizStep"'))
event("a number is sealed in two parts", "bad_cut", ('«"x"»', '«1»«2»'))
event("two open parts are neighbours", "bad_body", ('"bizStep"', '¦"bizStep"'))
case("event: no JSON, sealed whole", ["unfoldable"], "epcis-json", "application/json", "◦", ["«call A. Person»"])
case("event: no JSON, open", "bad_cut", "epcis-json", "application/json", "◦", ["call A. Person"])
case("event: a name twice, cut as if it were once", "bad_cut", "epcis-json", "application/json", "◦", ['{"type":"ObjectEvent","type":"ObjectEvent"}'])
case("two events, one of them cut wrongly: nothing is taken", "bad_cut", "epcis-json", "application/json", "◦\n◦\n",
     [EVENT, EVENT.replace(DRIVER, DRIVER[1:-1])])

HEAD = '{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0",%s"epcisBody":{"eventList":[◦]}}'
event("in a document", ["effective"], around=HEAD % '"ex:clerk":«"B. Person"»,')
event("in a document, its personal value open", "bad_cut", around=HEAD % '"ex:clerk":"B. Person",')
event("in a document, its version hidden", "bad_cut", around=(HEAD % "").replace('"2.0"', '«"2.0"»'))
event("in a document, its names hidden", "bad_cut", around=(HEAD % "").replace('["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]', '«["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]»'))

# ---- Rows of a table: the map names unit and at; driver and note are sealed, also where they are empty.

MAP = 'format = "countersign-mapping/1"\n[sighting]\nunit = { column = "unit", scheme = "plate" }\ntime = "at"\n'


def row(name, expect, *marked):
    case("row: " + name, expect, "table-row", "text/csv", "unit,driver,at,note\n" + "◦\n" * len(marked), list(marked), MAP)


row("cut as its format asks", ["effective", "effective"], 'A,«"Li, Wei"»,2026-03-02T08:00:00Z,«»', "B,«»,2026-03-02T08:00:00Z,«x»")
row("a column that the map names is hidden", "bad_cut", "«A»,«Li»,2026-03-02T08:00:00Z,«»")
row("the time is hidden", "bad_cut", "A,«Li»,«2026-03-02T08:00:00Z»,«»")
row("a column that the map does not name is open", "bad_cut", "A,Li,2026-03-02T08:00:00Z,«»")
row("an empty cell without its part", "bad_cut", "A,«Li»,2026-03-02T08:00:00Z,")
row("a cell without its quotes is sealed", "bad_cut", 'A,"«Li»",2026-03-02T08:00:00Z,«»')
row("a separator is sealed with a cell", "bad_cut", "A«,Li»,2026-03-02T08:00:00Z,«»")

# ---- Plans and acts

PLAN = '{"type":"CountPlan","id":"urn:x:count","place":"urn:x:a","opens":"2026-03-02T15:00:00Z","due":"2026-03-02T17:00:00Z","note":«"ask A. Person"»}'


def plan(name, expect, old="", new=""):
    case("plan: " + name, expect, "countersign-json", "application/json", "◦", [PLAN.replace(old, new) if old else PLAN])


plan("cut as its format asks", ["effective"])
plan("the place is hidden", "bad_cut", '"urn:x:a"', '«"urn:x:a"»')
plan("the note is open", "bad_cut", '«"ask A. Person"»', '"ask A. Person"')
plan("a field that nobody knows is hidden", "bad_cut", '"due"', '"lane":«"a-b"»,"due"')
plan("a field that nobody knows is open", ["effective"], '"due"', '"lane":"a-b","due"')
case("plan: words around it", "bad_cut", "countersign-json", "application/json", "see: ◦", [PLAN])

OUT.write_text(json.dumps({
    "about": "Submissions of a log's administrator whose bodies and envelopes are cut rightly or wrongly (docs/formats/body.md, section 1), made by ../make/cuts.py. Each comes to a new log of that origin. `status` is that of each claim",
    "origin": ORIGIN, "issuer": ISSUER, "secret": SECRET, "cases": CASES,
}, indent=1, ensure_ascii=False) + "\n")
