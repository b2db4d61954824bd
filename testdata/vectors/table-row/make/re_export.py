#!/usr/bin/env python3
"""Writes ../v1/re-export.json from docs/formats/mapping.md and body.md: one table, exported twice.

Which row is which claim (`status`) is written by hand and checked against what is computed.
"""
import hashlib
import json
import struct
from datetime import datetime, timezone
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "v1" / "re-export.json"
ISSUER = "admin-1"


def u64(n):
    return struct.pack(">Q", n)


def digest(domain, *pieces):
    text = domain.encode() + b"\0" + b"".join(u64(len(piece)) + piece for piece in pieces)
    return hashlib.sha256(text).digest()


def cbor(value):
    def head(major, n):
        for size, more in ((1, 24), (2, 25), (4, 26), (8, 27)):
            if n < 24:
                return bytes([major << 5 | n])
            if n < 1 << 8 * size:
                return bytes([major << 5 | more]) + n.to_bytes(size, "big")

    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(4, len(value)) + b"".join(map(cbor, value))


def ms(text):
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((at - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds() * 1000)


def fingerprint(plate, at, kilograms):
    """Of a sighting of one unit with a weight: no step, so it was observed (1)."""
    time = [ms(at), ms(at), False]
    sighting = [0, 0, 1, time, None, None, None, None, [f"urn:countersign:key:1:plate:{plate}"], None, [], [], [], None, None, [],
                [[kilograms, False]], None]
    return digest("countersign/fingerprint/table-row/v1", cbor([time, sighting])).hex()


MAP = """format = "countersign-mapping/1"
%s[sighting]
unit = { column = "unit", scheme = "plate" }
time = "at"
weight = "kg"
"""
KEYED = MAP % '[columns]\nkey = ["no"]\n'
UNKEYED = MAP % '[columns]\nopen = ["no"]\n'
HEADER = "no,unit,at,kg,driver"


class Export:
    """A table: rows, each with what its cells say; what stands around the rows."""

    def __init__(self, map, rows, header=HEADER, end="\n", before="", last=None):
        self.mapping = hashlib.sha256(map.encode()).digest()
        around, holes, self.document = (before + header + end).encode(), [], before + header + end
        for at, (text, *_) in enumerate(rows):
            line_end = end if last is None or at + 1 < len(rows) else last
            holes.append(len(around))
            around += line_end.encode()
            self.document += text + line_end
        # Nothing is sealed around the rows: the open view of the envelope is its bytes.
        self.content = digest("countersign/document/v1", b"table-row", b"text/csv", b"", u64(0), self.mapping, around,
                              b"".join(map_u64(holes)))
        self.keyed, self.rows, seen = map == KEYED, [], {}
        for text, no, plate, at, kilograms in rows:
            assert text.count(",") == 4 and '"' not in text.rsplit(",", 1)[1]
            view = text.rsplit(",", 1)[0] + ","
            nth = seen[view] = seen.get(view, -1) + 1
            if self.keyed:
                identity = digest("countersign/claim-id/columns/v1", ISSUER.encode(), b"table-row", self.mapping, no.encode())
            else:
                identity = digest("countersign/claim-id/bytes/v1", ISSUER.encode(), hashlib.sha256(view.encode()).digest(), self.content, u64(nth))
            self.rows.append({"row": text, "view": view, "nth": nth, "identity": identity.hex(), "fingerprint": fingerprint(plate, at, kilograms)})

    def shown(self):
        return {"document": self.document, "content_digest": self.content.hex(), "rows": self.rows}


def map_u64(numbers):
    return [u64(n) for n in numbers]


CASES = []


def case(name, map, first, second, statuses):
    """`statuses`: of all rows of the first, then of the second."""
    exports = [Export(map, **first), Export(map, **second)]
    known = {}
    said = [row for export in exports for row in export.rows]
    assert len(said) == len(statuses), name
    for row, status in zip(said, statuses):
        before = known.setdefault(row["identity"], row["fingerprint"])
        if status == "effective":
            assert before == row["fingerprint"] and list(known).index(row["identity"]) == len(known) - 1, (name, row)
        # What sealed cells say differently makes a conflict too: the open fingerprint does not show it.
        assert status != "duplicate" or before == row["fingerprint"], (name, row)
        row["status"] = status
    CASES.append({"name": name, "map": map, "map_digest": exports[0].mapping.hex(), "exports": [export.shown() for export in exports]})


ONE = ("1,A,2026-03-02T08:00:00Z,2.50,Li", "1", "A", "2026-03-02T08:00:00Z", "2.5")
TWO = ("2,B,2026-03-02T09:00:00Z,3,Wei", "2", "B", "2026-03-02T09:00:00Z", "3")
# The same said otherwise: white space, quotes, zeros, the offset of a time. The sealed cell as it was.
ONE_AGAIN = ('"1" ,  A , 2026-03-02T09:00:00.000+01:00 ,\t02.5,Li', *ONE[1:])
TWO_AGAIN = (' 2 ,"B", 2026-03-02T09:00:00Z,3.000 ,Wei', *TWO[1:])
TABLE = {"rows": [ONE, TWO]}
FRESH, SAME = ["effective"] * 2, ["duplicate"] * 2

case("by key: word for word", KEYED, TABLE, TABLE, FRESH + SAME)
case("by key: with other white space, quotes and zeros, the same claims", KEYED, TABLE, {"rows": [ONE_AGAIN, TWO_AGAIN]}, FRESH + SAME)
case("by key: other line ends, an empty line, a byte order mark, a header with blanks, the last line not ended", KEYED, TABLE,
     {"rows": [ONE, TWO], "end": "\r\n", "before": "\ufeff", "header": ' no ,"unit", at,kg ,driver', "last": ""}, FRESH + SAME)
case("by key: in another order", KEYED, TABLE, {"rows": [TWO, ONE]}, FRESH + SAME)
case("by key: another weight", KEYED, TABLE, {"rows": [("1,A,2026-03-02T08:00:00Z,2.51,Li", "1", "A", "2026-03-02T08:00:00Z", "2.51"), TWO]},
     FRESH + ["conflicting_claim", "duplicate"])
case("by key: a sealed cell says something else", KEYED, TABLE, {"rows": [("1,A,2026-03-02T08:00:00Z,2.50,Wu", *ONE[1:]), TWO]},
     FRESH + ["conflicting_claim", "duplicate"])
case("by key: another key for the same", KEYED, TABLE, {"rows": [("01,A,2026-03-02T08:00:00Z,2.50,Li", "01", *ONE[2:]), TWO]},
     FRESH + ["effective", "duplicate"])
case("by key: two equal rows are one claim", KEYED, {"rows": [ONE, ONE]}, {"rows": [ONE]}, ["effective", "duplicate", "duplicate"])
case("by bytes: word for word", UNKEYED, TABLE, TABLE, FRESH + SAME)
case("by bytes: two equal rows are two claims, told apart by their number", UNKEYED, {"rows": [ONE, ONE]}, {"rows": [ONE, ONE]}, FRESH + SAME)
case("by bytes: rows that differ in a sealed cell alone are two as well", UNKEYED,
     {"rows": [ONE, ("1,A,2026-03-02T08:00:00Z,2.50,Wu", *ONE[1:])]}, {"rows": [ONE, ("1,A,2026-03-02T08:00:00Z,2.50,Wu", *ONE[1:])]}, FRESH + SAME)
case("by bytes: with other white space, other claims", UNKEYED, TABLE, {"rows": [ONE_AGAIN, TWO_AGAIN]}, FRESH + FRESH)
case("by bytes: one row less is another document", UNKEYED, TABLE, {"rows": [ONE]}, FRESH + ["effective"])
case("by bytes: other line ends are another document", UNKEYED, TABLE, {"rows": [ONE, TWO], "end": "\r\n"}, FRESH + FRESH)

OUT.write_text(json.dumps({
    "format": "table-row/v1",
    "about": "docs/formats/mapping.md (identity, fingerprint) and body.md (content digest), made from them by ../make/re_export.py: a table exported twice. `view` is the open view of a row (its driver is sealed), `nth` the how-manieth such row of its document. `identity`: with key columns SHA-256 over `countersign/claim-id/columns/v1`, a zero byte, and issuer, `table-row`, digest of the map, and the text of each key column, each with its length (8 bytes) in front; without, over `countersign/claim-id/bytes/v1` and issuer, SHA-256 of the open view, content digest, number (8 bytes). `status` is what a log makes of the rows, the first export before the second",
    "issuer": ISSUER, "cases": CASES,
}, indent=1, ensure_ascii=False) + "\n")
