#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `ellwand diff v1.0 v2.0` must say of the MedCalc-Bench labels, straight from the two published tables.

oracle.py DIR                    print counts, facets, changes and the expected number of commits as JSON
oracle.py DIR --check DIFF.json  compare that with the output of `ellwand diff v1.0 v2.0 --json`

DIR holds medcalc_v1.0_test.csv and medcalc_v1_corrected_887.csv.  v2.0 is v1.0 after `import --update --complete` of the
second: a label of which the table says something else is written anew, imported from the new file; every other record
stays.  The classes follow LABELS_FORMAT.md section 9, in exact fractions, without any code of the program or of reader.py.
"""
import csv, datetime, json, math, os, re, sys
from fractions import Fraction

OLD, NEW = "medcalc_v1.0_test.csv", "medcalc_v1_corrected_887.csv"
CLASSES = ("added", "removed", "abstained", "resolved", "disambiguated", "made-ambiguous", "beyond-band", "within-band",
           "form-only", "band-only", "readings", "input-only", "metadata-only", "same")
FACETS = ("band", "confidence", "instance", "kind", "provenance", "unit")
DURATION = re.compile(r"\('(\d+) weeks', '(\d+) days'\)")


def table(folder, name):
    csv.field_size_limit(1 << 24)
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
        return {row["Unique ID"]: row for row in csv.DictReader(file)}


class Published:
    """One cell of a table: its text as a label holds it, and its day or number."""

    def __init__(self, cell, kind):
        weeks_days = DURATION.fullmatch(cell)
        if weeks_days:
            weeks, days = map(int, weeks_days.groups())
            self.kind, self.text, self.amount = "duration", f"P{weeks}W{days}D", Fraction(7 * weeks + days)
        elif kind == "date":
            day = datetime.datetime.strptime(cell, "%m/%d/%Y").date()
            self.kind, self.text, self.amount = kind, day.isoformat(), Fraction(day.toordinal())
        else:
            self.kind, self.text, self.amount = kind, cell, Fraction(cell)
        # To 12 significant digits, halves away from zero.
        step = Fraction(10) ** (-11)
        while abs(self.amount) >= step * 10**12:
            step *= 10
        while self.amount and abs(self.amount) < step * 10**11:
            step /= 10
        whole = math.floor(abs(self.amount) / step + Fraction(1, 2)) * step
        self.rounded = -whole if self.amount < 0 else whole


class Label:
    def __init__(self, row, kind):
        self.question = row["Question"], row["Patient Note"]
        cells = [row[column] for column in ("Ground Truth Answer", "Lower Limit", "Upper Limit")]
        self.computable = cells[0] != "N/A"
        if self.computable:
            self.value, self.lower, self.upper = self.parts = [Published(cell, kind) for cell in cells]
        self.scored = self.question, [(part.kind, part.text) for part in self.parts] if self.computable else None

    def accepts(self, value):
        return value.amount == self.value.amount or self.lower.rounded <= value.rounded <= self.upper.rounded

    def band(self):
        return (self.lower.rounded, self.upper.rounded) if self.computable else None

    def says(self):
        return self.value.kind, self.value.text, self.band()


def compare(old, new):
    """The class and the facets of a label that stands in both tables."""
    if old.scored == new.scored:
        return "same", []
    if old.computable and new.computable and old.question == new.question and old.says() == new.says():
        return "same", []  # limits that are only written otherwise: the table says the same, the record stays
    facets = ["provenance"] + ["instance"] * (old.question != new.question)
    facets += ["band"] * (old.band() != new.band())
    if not old.computable or not new.computable:
        return ("input-only" if old.computable == new.computable else "resolved" if new.computable else "abstained",
                sorted(facets))
    a, b = old.value, new.value
    if (a.kind == "date") != (b.kind == "date"):
        raise SystemExit(f"oracle.py: {a.text} and {b.text} are not comparable; the tables are not the published ones")
    facets += ["kind"] * (a.kind != b.kind)
    facets += ["unit"] * ((a.kind == "duration") != (b.kind == "duration"))
    if a.amount != b.amount:
        name = "within-band" if old.accepts(b) and new.accepts(a) else "beyond-band"
    elif (a.kind, a.text) != (b.kind, b.text):
        name = "form-only"
    else:
        name = "band-only" if old.band() != new.band() else "input-only"
    return name, sorted(facets)


def expected(folder):
    before, after = table(folder, OLD), table(folder, NEW)
    if after.keys() - before.keys():
        raise SystemExit(f"oracle.py: {NEW} has rows that {OLD} lacks; the tables are not the published ones")
    changes = []
    for row, old in before.items():
        kind = old["Output Type"]
        name, facets = compare(Label(old, kind), Label(after[row], kind)) if row in after else ("removed", [])
        changes.append({"id": f"{old['Calculator ID']}/{old['Note ID']}", "class": name, "facets": facets})
    counts = {name: sum(change["class"] == name for change in changes) for name in CLASSES}
    return {
        "counts": counts,
        "facets": {facet: sum(facet in change["facets"] for change in changes) for facet in FACETS},
        "commits": sum(counts.values()) - counts["same"] - counts["removed"] + (counts["removed"] > 0),
        "changes": sorted((c for c in changes if c["class"] != "same"), key=lambda c: c["id"].encode()),
    }


def disagreements(want, got):
    """Where a diff says something else, a line each."""
    for part, names in ("counts", CLASSES), ("facets", FACETS):
        for name in sorted({*names, *got[part]}):
            if want[part].get(name) != got[part].get(name, 0):
                yield f"{part} of {name}: {got[part].get(name, 0)}, expected {want[part].get(name)}"
    wants, gots = ({c["id"]: (c["class"], sorted(c["facets"])) for c in side["changes"]} for side in (want, got))
    if len(gots) != len(got["changes"]):
        yield "an id stands twice in changes"
    for id in sorted(wants.keys() | gots.keys()):
        if wants.get(id) != gots.get(id):
            yield f"{id}: {gots.get(id, 'same')}, expected {wants.get(id, 'same')}"


def main(arguments):
    if len(arguments) == 1:
        print(json.dumps(expected(arguments[0]), indent=1))
    elif len(arguments) == 3 and arguments[1] == "--check":
        with open(arguments[2], encoding="utf-8") as file:
            lines = list(disagreements(expected(arguments[0]), json.load(file)))
        print(*lines[:50] or ["agrees"], sep="\n")
        if len(lines) > 50:
            print(f"and {len(lines) - 50} more")
        sys.exit(1 if lines else 0)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
