#!/usr/bin/env python3
"""Converts an event log in OCEL 2.0 (SQLite) to files that Countersign takes: docs/ocel.md.

    countersign_ocel.py --reading READING.toml --out DIR LOG.sqlite

Writes `network.toml`, `events.json` (EPCIS 2.0) and, if the reading has a plan, `plans.csv` with the mapping
file `plans.toml`. What the reading says is docs/ocel.md; nothing of a log is known here. What is not
converted is told at the end, by name and number. Needs Python 3.11 and nothing else.
"""
import argparse
import collections
import contextlib
import csv
import datetime
import json
import pathlib
import sqlite3
import sys
import tomllib
import urllib.parse
import uuid
import zoneinfo

FORMAT = "countersign-ocel/1"
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
EVENT_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:countersign:ocel:1")
FIELDS = {
    "": {"format", "title", "zone", "object", "event", "plan", "site", "lane"},
    "object": {"unit", "prefix"},
    "event": {"activity", "step", "place", "unit", "into", "aboard", "weight", "weight_uom"},
    "plan": {"unit", "id", "via", "due", "reached", "stage"},
}


class Wrong(Exception):
    """The reading or the log is not what it must be."""


def known(table, name, needed=()):
    """The table, if each of its fields is one of this page and those that are needed are there."""
    unknown = sorted(set(table) - FIELDS[name])
    missing = [field for field in needed if field not in table]
    if unknown or missing:
        where = name or "the reading"
        raise Wrong(f"{where}: " + (f"unknown field {unknown[0]!r}" if unknown else f"{missing[0]!r} is missing"))
    return table


class Reading:
    """What the activities and objects of a log mean."""

    def __init__(self, text):
        said = known(tomllib.loads(text), "", ["format", "zone", "object", "event", "site"])
        if said["format"] != FORMAT:
            raise Wrong(f"format is {said['format']!r}, and {FORMAT!r} is read here")
        self.zone = zoneinfo.ZoneInfo(said["zone"])
        self.objects = {name: known(one, "object", ["unit"]) for name, one in said["object"].items()}
        self.events = [known(one, "event", ["activity", "step", "place", "unit"]) for one in said["event"]]
        self.plan = known(said["plan"], "plan", ["unit", "id", "via", "due", "stage"]) if "plan" in said else None
        self.sites, self.lanes = said["site"], said.get("lane", [])
        for one in self.events + [self.plan or {}]:
            for field in {"unit", "into", "aboard"} & one.keys():
                if one[field] not in self.objects:
                    raise Wrong(f"{field} = {one[field]!r}, and there is no [object.{one[field]!r}]")

    def key(self, kind, name):
        """The private key of a unit."""
        return f"urn:countersign:key:1:{self.objects[kind]['unit']}:{urllib.parse.quote(name, safe='')}"


class Log:
    """The tables of an OCEL 2.0 file, in memory."""

    def __init__(self, file, reading):
        self.zone, self.unclear = reading.zone, 0
        self.kinds = dict(file.execute("SELECT ocel_id, ocel_type FROM object"))
        self.activities = dict(file.execute("SELECT ocel_id, ocel_type FROM event"))
        self.times, self.attributes = {}, collections.defaultdict(list)
        for (table,) in file.execute("SELECT ocel_type_map FROM event_map_type").fetchall():
            self.times.update(file.execute(f"SELECT ocel_id, ocel_time FROM {quoted('event_' + table)}"))
        for (table,) in file.execute("SELECT ocel_type_map FROM object_map_type").fetchall():
            self.read_attributes(file.execute(f"SELECT * FROM {quoted('object_' + table)}"))
        self.of_event, self.beside = collections.defaultdict(list), collections.defaultdict(list)
        for event, one in file.execute("SELECT ocel_event_id, ocel_object_id FROM event_object ORDER BY rowid"):
            self.of_event[event].append(one)
        for one, other in file.execute("SELECT ocel_source_id, ocel_target_id FROM object_object ORDER BY rowid"):
            self.beside[one].append(other)
        self.unlisted = self.name_unlisted(reading)

    def read_attributes(self, rows):
        names = [column[0] for column in rows.description]
        for row in rows:
            row = dict(zip(names, row))
            for name in names:
                if not name.startswith("ocel_") and row[name] is not None:
                    self.attributes[row["ocel_id"], name].append((row["ocel_time"], row[name]))

    def name_unlisted(self, reading):
        """Objects that relations name and the table `object` does not have: by the prefix of their names."""
        named = {one for all_of in (*self.of_event.values(), *self.beside.values()) for one in all_of}
        unlisted = collections.Counter()
        for one in named - self.kinds.keys():
            fits = [kind for kind, rule in reading.objects.items() if one.startswith(rule.get("prefix") or "\0")]
            unlisted[fits[0] if fits else None] += 1
            if fits:
                self.kinds[one] = fits[0]
        return unlisted

    def of(self, event, kind):
        return [one for one in self.of_event[event] if self.kinds.get(one) == kind]

    def instant(self, text):
        """A time of the log with its offset. One that its zone had twice is the earlier of the two."""
        time = datetime.datetime.fromisoformat(text)
        if time.tzinfo is None:
            time = time.replace(tzinfo=self.zone)
            self.unclear += time.utcoffset() != time.replace(fold=1).utcoffset()
        return time

    def attribute_at(self, one, name, text):
        """What an attribute was at that time: its last value up to then."""
        values = [value for time, value in sorted(self.attributes[one, name], key=lambda v: v[0]) if time <= text]
        return values[-1] if values else None


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Conversion:
    """Events in the order in which they happened, and what each unit lies in meanwhile."""

    def __init__(self, reading, log):
        self.reading, self.log = reading, log
        self.lies_in, self.inside = {}, collections.defaultdict(dict)
        self.left, self.counts, self.faults = {}, collections.Counter(), collections.Counter()

    def events(self):
        """EPCIS events. In one second the order of the reading holds."""
        rules = collections.defaultdict(list)
        for rank, rule in enumerate(self.reading.events):
            rules[rule["activity"]].append((rank, rule))
        order = []
        for event, activity in self.log.activities.items():
            if activity in rules and event not in self.log.times:
                self.faults[f"{activity}: no time"] += 1
                continue
            at = self.log.times.get(event)
            order += [(self.log.instant(at), rank, event, rule) for rank, rule in rules[activity]]
        for at, rank, event, rule in sorted(order, key=lambda one: one[:3]):
            made = self.event(event, at, rank, rule)
            if made is None:
                self.faults[f"{rule['activity']}: names no {rule['unit']}"] += 1
                continue
            self.counts[f"{rule['activity']} as {rule['step']}"] += 1
            yield made

    def event(self, event, at, rank, rule):
        units = self.log.of(event, rule["unit"])
        if not units:
            return None
        keys = [self.reading.key(rule["unit"], one) for one in units]
        out = {
            "eventID": uuid.uuid5(EVENT_IDS, f"{event} {rank}").urn,
            "eventTime": at.isoformat(timespec="milliseconds"),
            "eventTimeZoneOffset": at.isoformat()[-6:],
            "bizStep": rule["step"],
            "readPoint": {"id": rule["place"]},
            "bizLocation": {"id": rule["place"]},
        }
        if rule["activity"] == (self.reading.plan or {}).get("reached"):
            self.note_left(units, at)
        into = self.log.of(event, rule["into"]) if "into" in rule else []
        aboard = self.inside[units[0]] if "aboard" in rule and len(units) == 1 else {}
        aboard = [self.reading.key(kind, one) for one, kind in aboard.items() if kind == rule["aboard"]]
        if into:
            self.put(units, rule, into[0])
            parent = self.reading.key(rule["into"], into[0])
            out |= {"type": "AggregationEvent", "action": "ADD", "parentID": parent, "childEPCs": keys}
        elif aboard:
            out |= {"type": "AggregationEvent", "action": "OBSERVE", "parentID": keys[0], "childEPCs": aboard}
        else:
            out |= {"type": "ObjectEvent", "action": "OBSERVE", "epcList": keys}
        return out | self.weight(event, rule, units)

    def put(self, units, rule, container):
        for one in units:
            self.inside[self.lies_in.get(one)].pop(one, None)
            self.lies_in[one] = container
            self.inside[container][one] = rule["unit"]

    def note_left(self, units, at):
        for one in units:
            for inner in (one, *self.inside[one]):
                self.left.setdefault(inner, at)

    def weight(self, event, rule, units):
        if "weight" not in rule or len(units) != 1:
            return {}
        value = self.log.attribute_at(units[0], rule["weight"], self.log.times[event])
        if value is None:
            self.faults[f"{rule['activity']}: no {rule['weight']}"] += 1
            return {}
        report = {"type": "Mass", "value": value, "uom": rule["weight_uom"]}
        return {"sensorElementList": [{"sensorReport": [report]}]}

    def plans(self):
        """A line for each unit: by when it must have left, and when it did."""
        plan = self.reading.plan
        for one, kind in self.log.kinds.items():
            if kind != plan["unit"]:
                continue
            path = self.path(one, [plan["id"], *plan["via"]])
            due = self.log.attributes[path[-1], plan["due"]] if path else []
            if not due:
                self.faults[f"plan: no {plan['due']} for a {kind}"] += 1
                continue
            left = self.left.get(one)
            yield [path[0], self.reading.key(kind, one), self.log.instant(due[-1][1]).isoformat(),
                   left.isoformat() if left else ""]

    def path(self, one, kinds):
        """The objects that stand beside each other from here, of those kinds; none where it branches."""
        out = []
        for kind in kinds:
            near = [other for other in self.log.beside[one] if self.log.kinds.get(other) == kind]
            if len(near) != 1:
                return []
            out += near
            one = near[0]
        return out


def toml_tables(name, tables):
    for table in tables:
        yield f"[[{name}]]"
        # What JSON writes of a text or a list of texts is TOML.
        yield from (f"{field} = {json.dumps(value, ensure_ascii=False)}" for field, value in table.items())
        yield ""


def write_events(out, conversion, created):
    head = {"@context": [CONTEXT], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": created}
    head = json.dumps(head, ensure_ascii=False)[:-1]
    with open(out / "events.json", "w", encoding="utf-8") as file:
        file.write(f'{head}, "epcisBody": {{"eventList": [')
        for number, event in enumerate(conversion.events()):
            file.write((",\n" if number else "\n") + json.dumps(event, ensure_ascii=False, separators=(",", ":")))
        file.write("\n]}}\n")


def write_plans(out, conversion):
    plan = conversion.reading.plan
    with open(out / "plans.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["plan", "unit", "due", "left"])
        rows.writerows(conversion.plans())
    scheme = plan["id"].lower().replace(" ", "-")
    (out / "plans.toml").write_text(f"""format = "countersign-mapping/1"

[columns]
key = ["plan", "unit"]

[plan]
id = {{ column = "plan", scheme = {json.dumps(scheme)} }}
unit = "unit"

[[plan.stage]]
name = {json.dumps(plan["stage"])}
due = "due"
reached = "left"
""", encoding="utf-8")


def tell(log, conversion):
    """What was converted, and what was not."""
    reading, say = conversion.reading, lambda text: print(text, file=sys.stderr)
    for name, count in conversion.counts.items():
        say(f"{count:>7} {name}")
    activities = collections.Counter(log.activities.values())
    for rule in reading.events:
        activities.pop(rule["activity"], None)
    for name, count in activities.items():
        say(f"{count:>7} {name}: not converted, the reading does not name it")
    for name, count in collections.Counter(log.kinds.values()).items():
        if name not in reading.objects:
            say(f"{count:>7} objects of type {name}: no units, the reading does not name them")
    for name, count in log.unlisted.items():
        what = f"taken for {name} by their prefix" if name else "left out: no prefix of the reading fits"
        say(f"{count:>7} objects are named and not listed in the log: {what}")
    for name, count in conversion.faults.items():
        say(f"{count:>7} left out: {name}")
    if log.unclear:
        say(f"{log.unclear:>7} times that {log.zone} had twice or never: read as the earlier")


def convert(args):
    reading = Reading(args.reading.read_text(encoding="utf-8"))
    with contextlib.closing(sqlite3.connect(args.log.resolve().as_uri() + "?mode=ro", uri=True)) as file:
        log = Log(file, reading)
    args.out.mkdir(parents=True, exist_ok=True)
    lines = [*toml_tables("site", reading.sites), *toml_tables("lane", reading.lanes)]
    (args.out / "network.toml").write_text("\n".join(lines), encoding="utf-8")
    conversion = Conversion(reading, log)
    # The same log gives the same bytes: the document is as old as the last thing in it.
    created = max(map(log.instant, log.times.values())).isoformat(timespec="milliseconds")
    write_events(args.out, conversion, created)
    if reading.plan:
        write_plans(args.out, conversion)
    tell(log, conversion)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reading", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("log", type=pathlib.Path)
    try:
        convert(parser.parse_args())
    except (Wrong, OSError, sqlite3.Error, tomllib.TOMLDecodeError, ValueError) as fault:
        sys.exit(f"countersign_ocel: {fault}")


if __name__ == "__main__":
    main()
