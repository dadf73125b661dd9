#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What records may say, and how two labels differ: LABELS_FORMAT.md sections 4 and 9.

records.py REPO REV    as reader.py, and check every record on the way
"""
import datetime, decimal, re, sys, unicodedata
from reader import Refused, Store, WORD, main, want

NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?"
DURATION = r"(-?)P(?=[0-9])(?:(0|[1-9][0-9]{0,5})W)?(?:(0|[1-9][0-9]{0,5})D)?"
DIGEST = "[0-9a-f]{64}"
TWELVE = decimal.Context(prec=12, rounding=decimal.ROUND_HALF_UP)  # half up is away from zero here
MEASURED = ("decimal", "integer", "date", "duration")


def is_text(value, most=65536):
    return isinstance(value, str) and 1 <= len(value.encode()) <= most


def quantity(kind, text):
    """A value or a limit as its sort and exact number: ("number", 25), ("day", 735499)."""
    want(isinstance(text, str), "not a text")
    if kind == "date":
        want(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text), f"{text} is not a date")
        return "day", decimal.Decimal(datetime.date.fromisoformat(text).toordinal())
    if kind == "duration":
        part = re.fullmatch(DURATION, text)
        want(part, f"{text} is not a duration")
        days = 7 * int(part[2] or 0) + int(part[3] or 0)
        return "number", decimal.Decimal(-days if part[1] else days)
    want(len(text) <= 64 and re.fullmatch(NUMBER, text), f"{text} is not a number")
    return "number", decimal.Decimal(text)


def check_answer(answer):
    want(isinstance(answer, dict) and {"kind", "value"} <= answer.keys() <= {"kind", "value", "unit", "lower", "upper"},
         "not the members of an answer")
    kind, value = answer["kind"], answer["value"]
    want("unit" not in answer or is_text(answer["unit"], 64), "unit")
    if kind in MEASURED:
        number = quantity(kind, value)[1]
        want(kind != "integer" or number == number.to_integral_value(), f"{value} is not whole")
        ends = [quantity(kind, answer[side])[1] for side in ("lower", "upper") if side in answer]
        want(ends == sorted(ends), "lower above upper")
        return
    want(kind in ("choice", "set", "text") and not answer.keys() & {"lower", "upper"}, f"kind {kind}, or limits on it")
    values = value if kind == "set" and isinstance(value, list) else [value]
    want(1 <= len(values) <= 256 and all(map(is_text, values)), "not a text, or not 1 to 256 of them")
    want(not any(re.search("[\0-\x08\x0b-\x1f\x7f]", v) for v in values), "control character in a value")
    want(values == sorted(set(values), key=str.encode), "a set that is not ascending, or not a set")


def has(record, always, maybe=""):
    want(isinstance(record, dict) and set(always.split()) <= record.keys() <= {*always.split(), *maybe.split()},
         f"members are not: {always}; and perhaps: {maybe or 'none'}")


def several(value, least):
    return isinstance(value, list) and least <= len(value) <= 64


def check_label(label):
    state, confidence, provenance = label["state"], label["confidence"], label["provenance"]
    members = {"computable": ("answer", "reason"), "incomputable": ("reason", "missing"), "ambiguous": ("readings reason", "")}
    want(state in members, f"state {state}")
    has(label, "schema id instance state confidence provenance " + members[state][0], "evidence " + members[state][1])
    want(re.fullmatch(DIGEST, label["instance"]), "instance is not a digest")
    want("reason" not in label or is_text(label["reason"]), "reason")
    want("missing" not in label or several(label["missing"], 1) and all(map(is_text, label["missing"])), "missing")
    if state == "computable":
        check_answer(label["answer"])
    if state == "ambiguous":
        readings = label["readings"]
        want(several(readings, 2), "not 2 to 64 readings")
        for reading in readings:
            has(reading, "assuming answer")
            check_answer(reading["answer"])
        want(len({reading["assuming"] for reading in readings}) == len(readings), "an assumption made twice")
    has(confidence, "basis for of" if "for" in confidence or "of" in confidence else "basis")
    want(confidence["basis"] in ("imported", "single", "supermajority", "adjudicated"), "unknown basis")
    want(0 <= confidence.get("for", 0) <= confidence.get("of", 0), "more votes for than votes")
    has(provenance, "method", "agent rule source at")
    want(provenance["method"] in ("human", "llm", "script", "consensus", "import"), "unknown method")
    want(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", provenance.get("at", "2000-01-01T00:00:00Z")), "at")
    evidence = label.get("evidence", ["one"])
    want(several(evidence, 1) and all(re.fullmatch(WORD, campaign) for campaign in evidence), "evidence")
    want(evidence == sorted(set(evidence)), "evidence does not ascend")


def check_instance(instance):
    has(instance, "schema id attributes " + ("input" if "input" in instance else "digest"))
    want(isinstance(instance.get("input", {}), dict), "input is not an object")
    want(re.fullmatch(DIGEST, instance.get("digest", "0" * 64)), "digest is not a digest")
    want(all(isinstance(value, (str, int)) for value in instance["attributes"].values()), "attributes")


def check_manifest(manifest):
    want(manifest["format"] == 1, f"format {manifest['format']}: this reader knows 1")
    has(manifest, "schema format dataset name fanout", "licence")
    want(re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", manifest["dataset"]), "dataset is not a UUID")
    want(is_text(manifest["name"], 200), "name")
    want(all(type(f) is int and 0 <= f <= 8 for f in manifest["fanout"].values()), "fanout")


def check_policy(policy):
    has(policy, "schema version people roles thresholds step uses")


CHECKS = {"label/1": check_label, "instance/1": check_instance, "manifest/1": check_manifest, "policy/1": check_policy}


def check(record, schema):
    """Refuse a record that is not of this schema.  The schemas of evidence are not in the page: anything goes."""
    want(schema in (record["schema"], "evidence"), f"schema {record['schema']}: this reader knows {schema}")
    CHECKS.get(schema, dict)(record)


def common(answer):
    """What two answers have in common when their values are the same, units aside."""
    if answer["kind"] in MEASURED:
        return quantity(answer["kind"], answer["value"])
    return "words", answer["value"] if answer["kind"] == "set" else [answer["value"]]


def units_clash(a, b):
    def fold(unit):
        return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", "".join(unit.split())).casefold())
    return "unit" in a and "unit" in b and fold(a["unit"]) != fold(b["unit"])


def limits(answer):
    def rounded(side):
        sort, number = quantity(answer["kind"], answer[side])
        return sort, TWELVE.plus(number)
    return [rounded(side) if side in answer else None for side in ("lower", "upper")]


def accepts(label, answer):
    if units_clash(label, answer):
        return False
    (sort, mine), (other_sort, value) = common(label), common(answer)
    if sort == "words" or other_sort == "words":
        enough = set(value) <= set(mine) if label["kind"] == "set" else value == mine
        return sort == other_sort and enough
    lower, upper = limits(label)
    return sort == other_sort and (mine == value or (lower or upper) is not None
                                   and (lower is None or lower[1] <= TWELVE.plus(value))
                                   and (upper is None or TWELVE.plus(value) <= upper[1]))


def class_of(old, new):
    if old["state"] != new["state"]:
        return ("abstained" if new["state"] == "incomputable" else "made-ambiguous" if new["state"] == "ambiguous"
                else "resolved" if old["state"] == "incomputable" else "disambiguated")
    if new["state"] == "computable":
        a, b = old["answer"], new["answer"]
        if units_clash(a, b) or common(a) != common(b):
            return "within-band" if accepts(a, b) and accepts(b, a) else "beyond-band"
        if any(a.get(member) != b.get(member) for member in ("kind", "value", "unit")):
            return "form-only"
        if limits(a) != limits(b):
            return "band-only"
    if old.get("readings") != new.get("readings"):
        return "readings"
    return "input-only" if old["instance"] != new["instance"] else "metadata-only" if old != new else "same"


def facets_of(old, new):
    facets = {member for member in ("instance", "confidence", "provenance") if old[member] != new[member]}
    if old["state"] == new["state"] == "computable":
        a, b = old["answer"], new["answer"]
        facets |= {member for member in ("kind", "unit") if a.get(member) != b.get(member)}
        facets |= {"band"} if limits(a) != limits(b) else set()
        kinds = {a["kind"], b["kind"]}
        facets |= {"unit"} if "duration" in kinds and kinds & {"decimal", "integer"} else set()
    return sorted(facets)


class Strict(Store):
    def look(self, value, schema):
        check(value, schema)


if __name__ == "__main__":
    main(sys.argv[1:], Strict)
