#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vectors.py LABELS_FORMAT.md    check every table of vectors of that page with the second reader, as TAP"""
import base64, re, sys
from proof import descend
from reader import canonical, dataset, fanout_for, name_of, parse, path_of, record, scored, sha256, trie
from records import class_of, facets_of


def quoted(cell):  # `text`; a cell that quotes several things stays as it is
    return cell[1:-1] if re.fullmatch("`[^`]*`", cell) else cell


def digests(cell):  # `a`: SHA-256(`1`), …
    pairs = re.findall(r"`(\w+)`: SHA-256\(`(\w+)`\)", cell)
    return {sha256(key.encode()): sha256(text.encode()) for key, text in pairs}


def splits(cell):  # `test`: `a`: SHA-256(`1`), …; `train`: …
    parts = (part.strip().split(": ", 1) for part in cell.split(";") if ":" in part)
    return {quoted(name): digests(pairs) for name, pairs in parts}


def label(cell):  # kind `value` [`lower`, `upper`]
    kind, *texts = re.fullmatch(r"(\w+) `(.*?)`(?: \[`(.*?)`, `(.*?)`\])?", cell).groups()
    answer = {"kind": kind} | {m: t for m, t in zip(("value", "lower", "upper"), texts) if t is not None}
    return {"state": "computable", "answer": answer, "instance": "", "confidence": {}, "provenance": {}}


def way(cell, id):
    names = {sha256(name.encode()): name for name in re.findall(r"`(\w+)`:", cell)}
    levels, siblings, there = descend(digests(cell), sha256(id.encode()))
    return levels, base64.b64encode(siblings).decode(), names.get(there, "nothing")


VECTORS = {  # of each table: how many cells are given, and what the others must be
    "name": (1, lambda id: (name_of(id), sha256(id.encode()).hex())),
    "fanout": (1, lambda count: [str(fanout_for(int(count)))]),
    "path": (3, lambda collection, levels, id: [path_of(collection, int(levels), id)]),
    "canonical": (1, lambda text: [canonical(parse(text))]),
    "trie": (1, lambda cell: [trie(digests(cell)).hex()]),
    "dataset": (1, lambda cell: [dataset(splits(cell)).hex()]),
    "scored": (1, lambda text: [canonical(scored(record(text.encode())))]),
    "way": (2, way),
    "class": (2, lambda old, new: (class_of(label(old), label(new)), " ".join(facets_of(label(old), label(new))))),
}


def vectors(page):
    """TAP, a test for each row of a table that stands under `<!-- vectors: NAME -->`; whether all is well."""
    tables = re.findall(r"<!-- vectors: (\w+) -->\n((?:\|.*\n)+)", page)
    rows = [(name, row) for name, table in tables for row in table.splitlines()[2:]]
    print(f"1..{len(rows) + 1}")
    well = {name for name, _ in tables} == VECTORS.keys()
    print("ok" if well else "not ok", "1 - the page has the tables", *VECTORS)
    for number, (name, row) in enumerate(rows, 2):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        given, derive = VECTORS[name]
        got = list(derive(*(quoted(cell) for cell in cells[:given])))
        right = got == [quoted(cell) for cell in cells[given:]]
        print("ok" if right else "not ok", number, "-", name, *cells[:given])
        if not right:
            well = False
            print("# got", ascii(got))
            print("# not", ascii(cells[given:]))
    return well


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8", newline="\n") as page:
        sys.exit(0 if vectors(page.read()) else 1)
