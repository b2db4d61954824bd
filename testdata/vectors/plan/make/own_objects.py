"""What the makers of the vectors for plans and acts share. Nothing of the crates is used.

In the texts of cases a sealed value stands between « and »: the cut is written by hand.
"""
import json
from datetime import datetime, timezone


def check_digit(digits):
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def sscc(company, serial):
    return f"urn:epc:id:sscc:{company}.{serial}", "https://id.gs1.org/00/" + check_digit(serial[0] + company + serial[1:])


def sgln(company, location):
    return f"urn:epc:id:sgln:{company}.{location}.0", "https://id.gs1.org/414/" + check_digit(company + location)


def pgln(company, location):
    return f"urn:epc:id:pgln:{company}.{location}", "https://id.gs1.org/417/" + check_digit(company + location)


def lgtin(company, item, lot):
    digits = check_digit(item[0] + company + item[1:])
    return f"urn:epc:class:lgtin:{company}.{item}.{lot}", f"https://id.gs1.org/01/{digits}/10/{lot}"


def ms(text):
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((at - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds() * 1000)


def cut(marked):
    """The text, the byte ranges of its sealed values, and its open view."""
    text, view, ranges = "", "", []
    for at, piece in enumerate(marked.split("«")):
        if at:
            value, piece = piece.split("»")
            begin = len(text.encode())
            text += value
            view += "null"
            ranges.append([begin, len(text.encode())])
        text += piece
        view += piece
    return text, ranges, view


class Cases:
    def __init__(self):
        self.reads, self.refused, self.hostile = [], [], []

    def read(self, name, marked, reads):
        text, ranges, view = cut(marked if isinstance(marked, str) else compact(marked))
        self.reads.append({"name": name, "text": text, "sealed": ranges, "view": view, "reads": reads})

    def refuse(self, name, text, field):
        self.refused.append({"name": name, "text": text if isinstance(text, str) else compact(text), "field": field})

    def hostile_bytes(self, name, raw, code):
        self.hostile.append({"name": name, "bytes": raw.hex(), "code": code})

    def write(self, path, about):
        made = {"format": about.split(".md")[0].split("/")[-1] + "/v1", "about": about, "reads": self.reads, "refused": self.refused}
        if self.hostile:
            made["hostile"] = self.hostile
        path.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n")


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def without(value, name):
    return {key: one for key, one in value.items() if key != name}
