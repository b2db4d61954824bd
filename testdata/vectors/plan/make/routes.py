#!/usr/bin/env python3
"""Writes ../v1-routes/vectors.json from docs/formats/plan.md: routes and appointments."""
from pathlib import Path

from own_objects import Cases, ms, sgln, without

OUT = Path(__file__).resolve().parent.parent / "v1-routes" / "vectors.json"
cases = Cases()
ONE, ONE_KEY = sgln("4012345", "00001")
TWO, TWO_KEY = sgln("4012345", "00002")


def stop(name, place, opens, due):
    return {"stop": name, "place": place, "opens": opens, "due": due}


def stop_read(name, place, opens, due):
    return {"stop": name, "place": place, "opens_ms": ms(opens), "due_ms": ms(due)}


FIRST = ("2026-03-02T06:00:00Z", "2026-03-02T07:00:00Z")
SECOND = ("2026-03-02T09:00:00Z", "2026-03-02T10:30:00Z")
ROUTE = {"type": "Route", "id": "urn:example:trip:31", "eventTime": "2026-03-01T20:00:00Z",
         "unit": "urn:epc:id:giai:4012345.TRAILER7",
         "stops": [stop("1", ONE, *FIRST), stop("2", TWO, *SECOND)]}
READ = {"type": "Route", "id": "urn:example:trip:31", "unit": "https://id.gs1.org/8004/4012345TRAILER7",
        "stops": [stop_read("1", ONE_KEY, *FIRST), stop_read("2", TWO_KEY, *SECOND)]}


def small(**fields):
    return {**ROUTE, "stops": [{**stop("1", "urn:x:h", *FIRST), **fields}]}


def small_read(opens=FIRST[0], due=FIRST[1]):
    return {**READ, "stops": [stop_read("1", "urn:x:h", opens, due)]}


cases.read("the route of the page", ROUTE, READ)
cases.read("at no time of its own", without(ROUTE, "eventTime"), READ)
cases.read("an appointment", small(), small_read())
cases.read("in another zone", small(opens="2026-03-02T07:00:00+01:00"), small_read())
cases.read("an instant", small(due=FIRST[0]), small_read(due=FIRST[0]))
cases.read("one place twice", {**ROUTE, "stops": [stop("a", "urn:x:h", *FIRST), stop("b", "urn:x:h", *SECOND)]},
           {**READ, "stops": [stop_read("a", "urn:x:h", *FIRST), stop_read("b", "urn:x:h", *SECOND)]})
for name in ["id", "unit", "stops"]:
    cases.refuse(f"without {name}", without(ROUTE, name), name)
for name in ["stop", "place", "opens", "due"]:
    cases.refuse(f"a stop without {name}", {**ROUTE, "stops": [without(stop("1", "urn:x:h", *FIRST), name)]}, f"stops[0].{name}")
cases.refuse("no stop", {**ROUTE, "stops": []}, "stops")
cases.refuse("one name twice", {**ROUTE, "stops": [stop("1", ONE, *FIRST), stop("1", TWO, *SECOND)]}, "stops[1].stop")
cases.refuse("over before it begins", small(due="2026-03-02T05:00:00Z"), "stops[0].due")
cases.refuse("a name that is empty", small(stop=""), "stops[0].stop")
cases.refuse("a place that is no key", small(place="Hub"), "stops[0].place")
cases.write(OUT, "docs/formats/plan.md, made by ../make/routes.py: routes and appointments; as ../v1")
