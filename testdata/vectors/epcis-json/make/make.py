#!/usr/bin/env python3
"""Writes ../v1/events.json and ../v1/documents.json from docs/formats/epcis-json.md alone.

Nothing of the crate is used here: cuts, views, fingerprints, facts and sections are computed a
second time, by the page. What is wrong with an event is written down by hand.
"""
import hashlib
import json
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "v1"
OURS = "urn:countersign:ns:1:"

# ---- JSON with spans: (kind, start, end, value) where value is a list, or a list of (name, node).


def parse(text):
    node, at = value(text, space(text, 0))
    assert space(text, at) == len(text)
    return node


def space(text, at):
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def value(text, at):
    start = at
    if text[at] == "{":
        members, at = [], space(text, at + 1)
        while text[at] != "}":
            name, end = json.decoder.scanstring(text, at + 1)
            at = space(text, space(text, end) + 1)
            node, at = value(text, at)
            members.append((name, node))
            at = space(text, at)
            if text[at] == ",":
                at = space(text, at + 1)
        return ("object", start, at + 1, members), at + 1
    if text[at] == "[":
        elements, at = [], space(text, at + 1)
        while text[at] != "]":
            node, at = value(text, at)
            elements.append(node)
            at = space(text, at)
            if text[at] == ",":
                at = space(text, at + 1)
        return ("array", start, at + 1, elements), at + 1
    if text[at] == '"':
        decoded, end = json.decoder.scanstring(text, at + 1)
        return ("text", start, end, decoded), end
    end = re.compile(r"[-+.0-9a-zA-Z]+").match(text, at).end()
    word = text[at:end]
    kind = {"true": "bool", "false": "bool", "null": "null"}.get(word, "number")
    return (kind, start, end, word), end


# ---- The tables of section 5: (name, rule); a rule is a kind, ("set", rule), ("one", rule) or an object.

DECLARATION = [("declarationTime", "time"), ("reason", "term"), ("correctiveEventIDs", ("set", "verbatim"))]
PERSISTENT = [("set", ("set", "term")), ("unset", ("set", "term"))]
PLACE = [("id", "uri")]
TRANSACTION = [("type", "term"), ("bizTransaction", "uri")]
SOURCE = [("type", "term"), ("source", "uri")]
DESTINATION = [("type", "term"), ("destination", "uri")]
QUANTITY = [("epcClass", "uri"), ("quantity", "number"), ("uom", "uom")]
WEIGHT = [("value", "decimal"), ("uom", "uom")]
METADATA = [("time", "time"), ("startTime", "time"), ("endTime", "time"), ("deviceID", "uri"),
            ("deviceMetadata", "uri"), ("dataProcessingMethod", "uri"), ("bizRules", "uri"), ("rawData", "sealed")]
REPORT = [("type", "term"), ("exception", "term"), ("time", "time"), ("deviceID", "uri"), ("deviceMetadata", "uri"),
          ("dataProcessingMethod", "uri"), ("bizRules", "uri"), ("microorganism", "uri"), ("chemicalSubstance", "uri"),
          ("coordinateReferenceSystem", "uri"), ("component", "term"), ("value", "number"), ("minValue", "number"),
          ("maxValue", "number"), ("meanValue", "number"), ("sDev", "number"), ("percRank", "number"),
          ("percValue", "number"), ("uom", "text"), ("booleanValue", "bool"), ("stringValue", "sealed"),
          ("hexBinaryValue", "sealed"), ("uriValue", "sealed"), ("rawData", "sealed")]
SENSOR = [("sensorMetadata", METADATA), ("sensorReport", ("set", REPORT))]
EVENT = [("@context", "any"), ("type", "text"), ("eventTime", "time"), ("eventTimeZoneOffset", "offset"),
         ("recordTime", "time"), ("eventID", "verbatim"), ("certificationInfo", ("one", "uri")),
         ("errorDeclaration", DECLARATION), ("action", "text"), ("bizStep", "term"), ("disposition", "term"),
         ("persistentDisposition", PERSISTENT), ("readPoint", PLACE), ("bizLocation", PLACE),
         ("bizTransactionList", ("set", TRANSACTION)), ("sourceList", ("set", SOURCE)),
         ("destinationList", ("set", DESTINATION)), ("sensorElementList", ("set", SENSOR)), ("ilmd", "sealed"),
         ("epcList", ("units", "uri")), ("quantityList", ("set", QUANTITY)), ("parentID", "uri"),
         ("childEPCs", ("units", "uri")), ("childQuantityList", ("set", QUANTITY)), ("inputEPCList", ("units", "uri")),
         ("inputQuantityList", ("set", QUANTITY)), ("outputEPCList", ("units", "uri")),
         ("outputQuantityList", ("set", QUANTITY)), ("transformationID", "uri"), ("weight", WEIGHT),
         ("seal", ("one", "text")), ("actor", "text"), ("counterparty", "uri"), ("transfer", "uri"),
         ("value", "decimal"), ("currency", "text")]
OWN = 29
ASIDE = {"@context", "recordTime", "eventID"}
VOCABULARY = [("type", "text"), ("vocabularyElementList", ("set", [
    ("id", "text"), ("attributes", ("set", [("id", "text"), ("attribute", "sealed")])), ("children", ("set", "text"))]))]
HEAD = [("@context", "any"), ("id", "text"), ("type", "text"), ("schemaVersion", "text"), ("creationDate", "text"),
        ("instanceIdentifier", "text"), ("sender", "text"), ("receiver", "text"),
        ("epcisHeader", [("epcisMasterData", [("vocabularyList", ("set", VOCABULARY))])]),
        ("epcisBody", [("eventList", "events"), ("queryResults", [("queryName", "text"), ("subscriptionID", "text"),
                       ("resultsBody", [("eventList", "events"), ("vocabularyList", ("set", VOCABULARY))])])])]

PREFIXES = {"cbv": "https://ref.gs1.org/cbv/", "gs1": "https://gs1.org/voc/", "epcis": "https://ref.gs1.org/epcis/"}


def prefixes(*contexts):
    out = dict(PREFIXES)
    for context in contexts:
        for part in context if isinstance(context, list) else [context]:
            if isinstance(part, dict):
                out.update({k: v for k, v in part.items() if isinstance(v, str) and v[-1] in ":/?#[]@"})
    return out


def resolve(text, names):
    prefix, colon, local = text.partition(":")
    if colon and prefix in names and not local.startswith("//"):
        return names[prefix] + local
    return text


def member_of(name, table, names):
    for at, (known, rule) in enumerate(table):
        if table is EVENT and at >= OWN:
            if ":" in name and resolve(name, names) == OURS + known:
                return at, rule
        elif name == known:
            return at, rule
    return None, "sealed"


# ---- The cut.

KIND = {"number": {"number"}, "decimal": {"number", "text"}, "bool": {"bool"}, "sealed": set(), "events": {"array"},
        "any": {"object", "array", "text", "number", "bool", "null"}}


def cut(node, rule, names, out):
    kind, start, end, inside = node
    if isinstance(rule, list):
        if kind != "object":
            return out.append((start, end))
        for name, member in inside:
            cut(member, member_of(name, rule, names)[1], names, out)
    elif isinstance(rule, tuple) and (rule[0] != "one" or kind == "array"):
        if kind != "array":
            return out.append((start, end))
        for element in inside:
            cut(element, rule[1], names, out)
    else:
        rule = rule[1] if isinstance(rule, tuple) else rule
        if kind not in KIND.get(rule, {"text"}):
            out.append((start, end))


def with_nulls(text, sealed):
    out, at = "", 0
    for start, end in sealed:
        out, at = out + text[at:start] + "null", end
    return out + text[at:]


# ---- Canonical keys: the kinds that the cases use.

def check_digit(digits):
    total = sum(int(d) * (3 if at % 2 == 0 else 1) for at, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def key(text):
    base = "https://id.gs1.org/"
    parts = text.split(":")
    if text.startswith("urn:epc:"):
        scheme, body = parts[3], parts[4].split(".", 2)
        if scheme == "sscc":
            return base + "00/" + check_digit(body[1][0] + body[0] + body[1][1:])
        if scheme in ("sgtin", "lgtin"):
            gtin = check_digit(body[1][0] + body[0] + body[1][1:])
            return base + "01/" + gtin + ("/21/" if scheme == "sgtin" else "/10/") + body[2]
        if scheme == "sgln":
            return base + "414/" + check_digit(body[0] + body[1]) + ("/254/" + body[2] if body[2] != "0" else "")
        if scheme == "pgln":
            return base + "417/" + check_digit(body[0] + body[1])
        raise ValueError(text)
    link = re.search(r"^https?://[^/]+/(?:.*/)?((?:00|414|417)/\d{13,18}(?:/254/\w+)?|01/\d{14}/(?:21|10)/\w+)(?:[?#].*)?$", text)
    return base + link.group(1) if link else text


# ---- The fingerprint.

def instant(text):
    main, fraction, zone = re.match(r"^(.{19})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$", text).groups()
    minutes = 0 if zone == "Z" else (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 60 + int(zone[4:]))
    leap = main.endswith(":60")
    moment = datetime.fromisoformat(main[:-2] + "59" if leap else main).replace(tzinfo=timezone.utc)
    moment += timedelta(seconds=1 if leap else 0) - timedelta(minutes=minutes)
    ms = 0 if leap else int((fraction or "0").ljust(3, "0")[:3])
    return round((moment - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds()) * 1000 + ms


def plain(text):
    number = Decimal(text)
    out = format(number, "f")
    out = out.rstrip("0").rstrip(".") if "." in out else out
    return "0" if number == 0 else out


def term(text, names):
    full = resolve(text, names)
    short = re.match(r"^https://ref\.gs1\.org/cbv/(?:BizStep|Disp|BTT|SDT|ER|Comp)-(\w+)$|^https?://(?:www\.)?gs1\.org/voc/(\w+)$", full)
    return next(g for g in short.groups() if g) if short else full


def length(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def framed(data):
    return length(len(data)) + data


def spelt(node, rule, names):
    kind, _, _, inside = node
    if isinstance(rule, list):
        return obj(inside, rule, names)
    if isinstance(rule, tuple):
        elements = inside if kind == "array" else [node]
        values = sorted(spelt(e, rule[1], names) for e in elements)
        if rule[0] == "units":
            values = sorted(set(values))
        return b"".join(framed(v) for v in values)
    if rule == "time":
        return instant(inside).to_bytes(8, "big", signed=True)
    if rule == "offset":
        minutes = (1 if inside[0] == "+" else -1) * (int(inside[1:3]) * 60 + int(inside[4:]))
        return minutes.to_bytes(2, "big", signed=True)
    if rule == "uri":
        canonical = key(resolve(inside, names))
        base = "https://id.gs1.org/"
        return (b"\x01" + canonical[len(base):].encode()) if canonical.startswith(base) else canonical.encode()
    if rule == "term":
        return term(inside, names).encode()
    if rule in ("number", "decimal"):
        return plain(inside).encode()
    if rule == "bool":
        return b"\x01" if inside == "true" else b"\x00"
    if rule == "uom":
        return b"C62" if inside == "EA" else inside.encode()
    return inside.encode()


def obj(members, table, names):
    found = {}
    for name, node in members:
        at, rule = member_of(name, table, names)
        if at is not None and rule != "sealed" and not (table is EVENT and name in ASIDE):
            found[at] = framed(spelt(node, rule, names))
    return b"".join(bytes([at + 1]) + data for at, data in sorted(found.items()))


def fingerprint(node, names):
    return hashlib.sha256(b"countersign/epcis-event/v1\0" + obj(node[3], EVENT, names)).hexdigest()


# ---- The facts.

GIVES, TAKES = {"departing", "shipping", "consigning"}, {"accepting", "arriving", "receiving", "unloading"}
KILOGRAMS = {"KGM": "1", "GRM": "0.001", "MGM": "0.000001", "TNE": "1000", "LBR": "0.45359237", "ONZ": "0.028349523125"}


def facts(event, names):
    own = {resolve(k, names)[len(OURS):]: v for k, v in event.items() if resolve(k, names).startswith(OURS)}
    uri = lambda text: key(resolve(text, names))
    units = next((event[n] for n in ("epcList", "childEPCs", "inputEPCList") if n in event), [])
    lists = [event[n] for n in ("quantityList", "childQuantityList", "inputQuantityList") if n in event]
    amount = lambda q: f"{plain(str(q['quantity']))} {'C62' if q.get('uom', 'EA') == 'EA' else q['uom']}" if "quantity" in q else None
    step = term(event["bizStep"], names) if "bizStep" in event else None
    possess = lambda n, f: next((uri(s[f]) for s in event.get(n, []) if term(s["type"], names) == "possessing_party"), None)
    out = {
        "time_ms": instant(event["eventTime"]),
        "step": step,
        "disposition": term(event["disposition"], names) if "disposition" in event else None,
        "units": sorted({uri(u) for u in units}),
        "parent": uri(event["parentID"]) if "parentID" in event else None,
        "outputs": sorted({uri(u) for u in event.get("outputEPCList", [])}),
        "quantities": [[uri(q["epcClass"]), amount(q)] for q in (lists[0] if lists else [])],
        "place": uri(event["readPoint"]["id"]) if "readPoint" in event else None,
        "location": uri(event["bizLocation"]["id"]) if "bizLocation" in event else None,
        "from": possess("sourceList", "source"),
        "to": possess("destinationList", "destination"),
        "documents": [uri(d["bizTransaction"]) for d in event.get("bizTransactionList", [])],
        "weights": [],
        "value": f"{plain(str(own['value']))} {own['currency']}" if "value" in own else None,
    }
    if "counterparty" in own and step in GIVES and out["to"] is None:
        out["to"] = uri(own["counterparty"])
    if "counterparty" in own and step in TAKES and out["from"] is None:
        out["from"] = uri(own["counterparty"])
    if "transfer" in own and uri(own["transfer"]) not in out["documents"]:
        out["documents"].append(uri(own["transfer"]))
    reports = [r for s in event.get("sensorElementList", []) for r in s["sensorReport"]]
    scales = [r for r in reports if term(r.get("type", ""), names) == "Mass" and "value" in r] + [own[n] for n in ("weight",) if n in own]
    for scale in scales:
        if scale["uom"] in KILOGRAMS:
            kilograms = plain(str(Decimal(str(scale["value"])) * Decimal(KILOGRAMS[scale["uom"]])))
            out["weights"].append([kilograms, "exception" in scale])
    return out


# ---- The cases: name, context of the document, event, and what is wrong with it (by hand).

def event(rest, kind="ObjectEvent", action='"action":"OBSERVE",'):
    return ('{"type":"%s","eventID":"urn:uuid:7d0e9d6c-0d2b-4a73-9e0e-0c6b9d1c5a11","eventTime":"2026-03-02T08:15:00.250+01:00",'
            '"eventTimeZoneOffset":"+01:00",%s%s}' % (kind, action, rest))


CS = {"cs": OURS, "ex": "https://ns.example.org/"}
EVENTS = [
    ("departing", None, event('"bizStep":"departing","disposition":"in_transit","epcList":["urn:epc:id:sscc:4012345.3111111111",'
     '"https://example.org/00/340123451111111128?x=1"],"readPoint":{"id":"urn:epc:id:sgln:4012345.00005.dock7"},'
     '"bizLocation":{"id":"https://id.gs1.org/414/4012345000054"},"bizTransactionList":[{"type":"desadv",'
     '"bizTransaction":"urn:countersign:key:1:manifest:M-100"}],"sourceList":[{"type":"possessing_party",'
     '"source":"urn:epc:id:pgln:4012345.00005"}],"destinationList":[{"type":"possessing_party","destination":"urn:epc:id:pgln:4023333.00005"}]'), []),
    ("departing_spelt_otherwise", CS, '{ "destinationList":[{"destination":"https://id.gs1.org/417/4023333000055","type":"cbv:SDT-possessing_party"}],'
     '"sourceList":[{"type":"https://ref.gs1.org/cbv/SDT-possessing_party","source":"https://x.example/417/4012345000054"}],'
     '"bizTransactionList":[{"type":"desadv","bizTransaction":"urn:countersign:key:1:manifest:M-100"}],'
     '"bizLocation":{"id":"urn:epc:id:sgln:4012345.00005.0"},"readPoint":{"id":"https://id.gs1.org/414/4012345000054/254/dock7","ex:note":"by the gate"},'
     '"epcList":["https://id.gs1.org/00/340123451111111128","https://id.gs1.org/00/340123451111111111"],'
     '"disposition":"https://ref.gs1.org/cbv/Disp-in_transit","bizStep":"cbv:BizStep-departing","\\u0061ction":"OBSERVE",'
     '"recordTime":"2026-03-02T08:20:00Z","eventTimeZoneOffset":"+01:00","eventTime":"2026-03-02T07:15:00.25Z","type":"ObjectEvent",'
     '"eventID":"urn:uuid:7d0e9d6c-0d2b-4a73-9e0e-0c6b9d1c5a11" }', []),
    ("personal_fields", CS, event('"epcList":["urn:x:1"],"ex:driver":"A. Person","ex:trip":{"stops":[1,2]},"rdfs:comment":"call 555",'
     '"readPoint":{"id":"urn:x:gate","ex:guard":"B. Person"},"sensorElementList":[{"sensorMetadata":{"time":"2026-03-02T07:15:00Z",'
     '"rawData":"https://x.example/clip/1"},"sensorReport":[{"type":"Mass","value":12.50,"uom":"KGM","stringValue":"read by A. Person"},'
     '{"type":"gs1:Temperature","value":-1e1,"uom":"CEL","booleanValue":false,"uriValue":"urn:x:y","hexBinaryValue":"f0"}],"ex:n":null}]'), []),
    ("our_own_fields", CS, event('"bizStep":"accepting","epcList":["urn:epc:id:sgtin:0614141.107346.2017"],"cs:weight":{"value":"2.0","uom":"LBR"},'
     '"cs:seal":["S-17","S-18"],"cs:actor":"p-4711","cs:counterparty":"urn:x:party:a","urn:countersign:ns:1:transfer":"urn:x:transfer:9",'
     '"cs:value":12.50,"cs:currency":"EUR"'), []),
    ("counted_classes", None, event('"quantityList":[{"epcClass":"urn:epc:class:lgtin:4012345.011111.4444","quantity":1.50e1,"uom":"KGM"},'
     '{"uom":"EA","quantity":10,"epcClass":"urn:x:class:b"},{"epcClass":"urn:x:class:a"}],"certificationInfo":"urn:x:cert"'), []),
    ("aggregation", None, event('"parentID":"urn:epc:id:sscc:4012345.3111111111","childEPCs":["urn:x:b","urn:x:a","urn:x:b"],"bizStep":"packing",'
     '"persistentDisposition":{"unset":["stolen"],"set":["container_closed","completeness_verified"]}', "AggregationEvent", '"action":"ADD",'), []),
    ("transformation", None, event('"inputEPCList":["urn:x:a"],"outputEPCList":["urn:x:c","urn:x:b"],"inputQuantityList":[{"epcClass":"urn:x:flour","quantity":2}],'
     '"outputQuantityList":[{"epcClass":"urn:x:bread","quantity":0.5,"uom":"TNE"}],"transformationID":"urn:x:t","ilmd":{"cbvmda:lotNumber":"L1"}',
     "TransformationEvent", ""), []),
    ("doubtful_weight", None, event('"epcList":["urn:x:1"],"sensorElementList":[{"sensorReport":[{"type":"https://gs1.org/voc/Mass","exception":"ERROR_CONDITION",'
     '"value":1500,"uom":"GRM"}]}]'), []),
    ("names_of_the_event_alone", CS, event('"@context":{"ex":"https://other.example/","o":"urn:countersign:ns:1:"},"epcList":["ex:u1"],"o:actor":"p-1","ex:a":1'), []),
    ("leap_second", None, event('"epcList":[]').replace("2026-03-02T08:15:00.250+01:00", "2016-12-31T23:59:60.9Z"), []),
    ("digits_beyond_milliseconds", None, event('"epcList":[]').replace("08:15:00.250", "08:15:00.9996"), []),
    ("long_list", None, event('"epcList":[%s]' % ",".join('"urn:x:unit:%03d"' % n for n in range(40, 0, -1))), []),
    # What is refused; the cut is total all the same.
    ("wrong_kinds", None, event('"epcList":[{"name":"A. Person"},7,"urn:x:1"],"bizStep":{"a":1},"readPoint":"A. Person\'s desk",'
     '"quantityList":[{"epcClass":"urn:x:c","quantity":"twenty","who":"me"},[]]'),
     ["wrong_type bizStep", "wrong_type readPoint", "wrong_type epcList[0]", "wrong_type epcList[1]", "unknown_field quantityList[0].who",
      "wrong_type quantityList[0].quantity", "wrong_type quantityList[1]"]),
    ("hidden_under_a_full_name", None, event('"epcList":[],"epcis:epcList":["urn:x:1"]'), ["reserved_field epcis:epcList"]),
    ("own_field_twice", CS, event('"epcList":[],"cs:actor":"p","urn:countersign:ns:1:actor":"q"'), ["duplicate_key urn:countersign:ns:1:actor"]),
    ("unknown_own_field", CS, event('"epcList":[],"cs:price":"1"'), ["unknown_field cs:price"]),
    ("prefix_takes_over_urns", None, event('"epcList":["urn:x:1"],"@context":{"urn":"https://evil.example/"}'), ["protected_term @context.urn"]),
    ("negative_quantity", None, event('"quantityList":[{"epcClass":"urn:x:c","quantity":-1}]'), ["bad_quantity quantityList[0].quantity"]),
    ("no_parent", None, event('"childEPCs":["urn:x:a"]', "AggregationEvent", '"action":"DELETE",'), ["missing_parent parentID"]),
    ("did_not_occur_but_corrected", None, event('"epcList":[],"errorDeclaration":{"declarationTime":"2026-03-03T00:00:00Z","reason":"did_not_occur","correctiveEventIDs":["urn:x:e"]}'),
     ["corrective_ids_not_allowed errorDeclaration.correctiveEventIDs"]),
    ("malformed_epc", None, event('"epcList":["urn:epc:id:sscc:4012345.311111111"]'), ["malformed_key epcList[0]"]),
    ("no_offset", None, event('"epcList":[]').replace("+01:00\",", "\",", 1), ["not_a_time eventTime"]),
    ("no_object", None, '["A. Person"]', ["wrong_type "]),
]
# Bytes that are no JSON of ours: no cut, one code. `bytes` is hexadecimal.
HOSTILE = [
    ("name_twice", b'{"type":"ObjectEvent","t\\u0079pe":"ObjectEvent"}', "duplicate_key"),
    ("name_twice_deep_inside", b'{"ex:a":{"b":1,"b":2}}', "duplicate_key"),
    ("nested_too_deeply", b'{"ex:a":' + b"[" * 33 + b"]" * 33 + b"}", "too_deep"),
    ("not_utf8", b'{"type":"Object\xc3\x28"}', "invalid_utf8"),
    ("overlong_utf8", b'{"type":"\xc0\xaf"}', "invalid_utf8"),
    ("lone_surrogate", b'{"type":"\\ud800"}', "invalid_json"),
    ("byte_order_mark", b'\xef\xbb\xbf{}', "invalid_json"),
    ("two_values", b'{} {}', "invalid_json"),
    ("leading_zero", b'{"a":01}', "invalid_json"),
    ("not_a_number", b'{"a":NaN}', "invalid_json"),
    ("comma_too_many", b'{"a":1,}', "invalid_json"),
    ("newline_in_text", b'{"a":"x\ny"}', "invalid_json"),
]


def event_vectors():
    out = []
    for name, context, text, problems in EVENTS:
        node, sealed = parse(text), []
        own = dict(node[3]).get("@context") if node[0] == "object" else None
        refused = name == "prefix_takes_over_urns"
        names = prefixes(context or {}, json.loads(text[own[1]:own[2]]) if own and not refused else {})
        cut(node, EVENT, names, sealed)
        case = {"name": name, "context": context, "event": text, "sealed": sealed, "view": with_nulls(text, sealed), "problems": problems}
        if not problems:
            case["fingerprint"] = fingerprint(node, names)
            case["facts"] = facts(json.loads(text, parse_float=str, parse_int=str), names)
        out.append(case)
    hostile = [{"name": n, "bytes": b.hex(), "code": c} for n, b, c in HOSTILE]
    return {"page": "docs/formats/epcis-json.md", "events": out, "hostile": hostile}


# ---- Documents in sections.

def sections(before, events, between, after, size):
    """A document given as pieces: what is between events comes from `between`, one shorter."""
    out = [{"bytes": before, "holes": [], "continues_at": None, "events": []}]
    for at, text in enumerate(events):
        if at:
            if len(out[-1]["holes"]) == size:
                if len(out) == 1:
                    out[0]["continues_at"] = len(out[0]["bytes"])
                out.append({"bytes": "", "holes": [], "continues_at": None, "events": []})
            out[-1]["bytes"] += between[at - 1]
        out[-1]["holes"].append(len(out[-1]["bytes"]))
        out[-1]["events"].append(text)
    out[0]["bytes"] += after
    return out


def head_cut(head):
    """Cuts the head with its holes filled by `0`, and moves the ranges back."""
    text, sealed, moved = head["bytes"], [], []
    if not text.strip():
        return []
    filled = text
    for at in sorted(head["holes"], reverse=True):
        filled = filled[:at] + "0" + filled[at:]
    cut(parse(filled), HEAD, {}, sealed)
    holes = [at + n for n, at in enumerate(head["holes"])]
    back = lambda at: at - sum(1 for hole in holes if hole < at)
    for start, end in sealed:
        moved.append((back(start), back(end)))
    return moved


ONE = event('"epcList":["urn:x:1"]')
TOP = '{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-03-02T08:00:00Z",'
DOCUMENTS = [
    ("one_event", "document", TOP + '"epcisBody":{"eventList":[', [ONE], [], "]}}\n", 1024),
    ("no_event", "document", TOP + '"epcisBody":{"eventList":[ ', [], [], "]}}", 1024),
    ("header_behind_the_list", "document", '{"epcisBody":{"eventList":[\n', [ONE, "{}", "7"], [" ,\n", ","], '\n]},"sender":"s","ex:contact":{"mail":"a@b.c"},"type":"EPCISDocument"}', 1024),
    ("sections_of_two", "document", TOP + '"epcisBody":{"eventList":[ ', ["1", "2", "3", "4", "5"], [",", " , ", ",\n", ","], ' ], "note":"x"}}', 2),
    ("query_document", "query_document", '{"type":"EPCISQueryDocument","epcisBody":{"queryResults":{"queryName":"q","ex:by":"A. Person","resultsBody":{"eventList":[', [ONE, ONE], [","], "]}}}}", 1),
    ("names_written_as_escapes", "document", '{"epcis\\u0042ody":{"event\\u004cist":[', ["{}"], [], "]}}", 1024),
    ("brackets_in_texts", "document", '{"id":"]}{[","epcisBody":{"eventList":[', ['{"a":"]\\"}"}'], [], "]}}", 1024),
    ("master_data", "document", '{"epcisHeader":{"epcisMasterData":{"vocabularyList":[{"type":"urn:epcglobal:epcis:vtype:Location","vocabularyElementList":[{"id":"urn:x:l","attributes":[{"id":"cbvmda:street","attribute":"High St"}],"children":["urn:x:m"]}]}]}},"epcisBody":{"eventList":[', [], [], "]}}", 1024),
    ("bare_event", "event", "\n ", [ONE], [], " \n", 1024),
    ("lines", "lines", "", [ONE, "{}", ONE], ["\n", "\r\n \n"], "\n", 2),
]
REFUSED = [
    ("array", "[{}]", "array_document"), ("nothing", " \n", "empty_document"),
    ("two_lists", '{"epcisBody":{"eventList":[{}],"queryResults":{"resultsBody":{"eventList":[{}]}}}}', "second_event_list"),
    ("list_twice", '{"epcisBody":{"eventList":[{}],"eventList":[{}]}}', "second_event_list"),
    ("no_list", '{"type":"EPCISDocument","epcisBody":{}}', "missing_event_list"),
    ("two_on_a_line", "{} {}", "not_json_lines"), ("lines_broken", "{\n}\n{}", "not_json_lines"),
    ("behind_the_document", '{"epcisBody":{"eventList":[]}}\n{}', "not_json_lines"),
    ("not_closed", '{"epcisBody":{"eventList":[{}', "invalid_json"),
    ("deep", '{"a":' * 40 + "1" + "}" * 40, "too_deep"),
]


def document_vectors():
    out = []
    for name, kind, before, events, between, after, size in DOCUMENTS:
        parts = sections(before, events, between, after, size)
        inner = "".join(e + s for e, s in zip(events, between + [""]))
        out.append({"name": name, "kind": kind, "document": before + inner + after, "events_per_section": size,
                    "sections": parts, "head_sealed": head_cut(parts[0])})
    refused = [{"name": n, "document": d, "code": c} for n, d, c in REFUSED]
    return {"page": "docs/formats/epcis-json.md", "documents": out, "refused": refused}


def main():
    OUT.mkdir(exist_ok=True)
    for name, data in (("events", event_vectors()), ("documents", document_vectors())):
        (OUT / f"{name}.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
