#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second reader of Ellwand stores, written from LABELS_FORMAT.md alone; the numbers are that page's sections.

reader.py REPO REV                     check the tree of REV, print its pins as JSON
reader.py --vectors LABELS_FORMAT.md   check every table of vectors of that page, as TAP

It shares nothing with the program but the page.  Signatures and history (sections 7 and 8) are git's to check.
"""
import json, re, subprocess, sys, tempfile
from pins import canonical, dataset, fanout_for, name_of, parse, path_of, record, scored, sha256, trie
from records import Refused, WORD, check, class_of, facets_of, want


# 3. The tree of one commit

TOP = {"ellwand.json": "manifest/1", "policy.json": "policy/1", "allowed_signers": None}
KINDS = {"labels": "label/1", "instances": "instance/1"}
PLACE = re.compile(rf"((instances)|(labels|audits|recomputations|adjudications)/({WORD}))(/[0-9a-f])*/[^/]+\.json")


def blobs(repo, rev):
    """Each file's path and bytes, in one git cat-file, after a look at modes and folders."""
    def git(*args):
        return subprocess.run(["git", "-C", repo, *args], check=True, stdout=subprocess.PIPE).stdout.decode(errors="surrogateescape")
    tree = git("rev-parse", "--verify", "--end-of-options", rev + "^{tree}").strip()
    entries = [re.fullmatch(r"(\S+) (\S+) (\S+)\t(.*)", line, re.S).groups()
               for line in git("ls-tree", "-r", "-t", "-z", tree).split("\0")[:-1]]
    for mode, kind, _, path in entries:
        want((mode, kind) in (("100644", "blob"), ("040000", "tree")), f"{path}: mode {mode}")
    files = {path: object for _, kind, object, path in entries if kind == "blob"}
    parents = {path[:slash.start()] for path in files for slash in re.finditer("/", path)}
    want(parents == {path for _, kind, _, path in entries if kind == "tree"}, "an empty folder")
    with tempfile.TemporaryFile() as objects:
        objects.write("".join(object + "\n" for object in files.values()).encode())
        objects.seek(0)
        command = ["git", "-C", repo, "cat-file", "--batch"]
        with subprocess.Popen(command, stdin=objects, stdout=subprocess.PIPE) as answer:
            for path in files:
                size = int(answer.stdout.readline().split()[2])
                yield path, answer.stdout.read(size + 1)[:-1]


class Store:
    """The labels of one tree, as the digests that its pins commit to: records[split][key], answers[split][key]."""

    def __init__(self, files):
        want(TOP.keys() <= files.keys(), f"not all there: {', '.join(TOP)}")
        self.fanout, self.folded, self.labelled, self.records, self.answers = {}, {}, {}, {}, {}
        for path in [*TOP, *sorted(files.keys() - TOP.keys())]:
            try:
                self.add(path, files[path])
            except Refused as why:
                raise Refused(f"{path}: {why}") from why
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as why:
                raise Refused(f"{path}: {why!r}") from why

    def add(self, path, blob):
        if path in TOP:
            if TOP[path]:
                check(record(blob), TOP[path])
            if path == "ellwand.json":
                self.fanout = record(blob)["fanout"]
            return
        place = PLACE.fullmatch(path)
        want(place, "nothing belongs here")
        collection, value = place[1], record(blob)
        id = value["id"]
        want(collection in self.fanout, f"no fan-out recorded for {collection}")
        want(path == path_of(collection, self.fanout[collection], id), "not where its id belongs")
        want(self.folded.setdefault(id.casefold(), id) == id, "differs from another id in case alone")
        check(value, KINDS.get(collection.split("/")[0], "evidence"))
        if place[3] == "labels":
            key, split = sha256(id.encode()), place[4]
            want(self.labelled.setdefault(id, path) == path, f"labelled twice, also in {self.labelled[id]}")
            self.records.setdefault(split, {})[key] = sha256(blob)
            self.answers.setdefault(split, {})[key] = sha256(canonical(scored(value)).encode())

    def pins(self):
        def written(root, records, answers):
            return {"records": "ewr1:" + root(records).hex(), "answers": "ewa1:" + root(answers).hex()}
        return {**written(dataset, self.records, self.answers), "splits": {
            split: {"count": len(labels), **written(trie, labels, self.answers[split])}
            for split, labels in sorted(self.records.items())}}


# The tables of vectors

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


VECTORS = {  # of each table: how many cells are given, and what the others must be
    "name": (1, lambda id: (name_of(id), sha256(id.encode()).hex())),
    "fanout": (1, lambda count: [str(fanout_for(int(count)))]),
    "path": (3, lambda collection, levels, id: [path_of(collection, int(levels), id)]),
    "canonical": (1, lambda text: [canonical(parse(text))]),
    "trie": (1, lambda cell: [trie(digests(cell)).hex()]),
    "dataset": (1, lambda cell: [dataset(splits(cell)).hex()]),
    "scored": (1, lambda text: [canonical(scored(record(text.encode())))]),
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


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    if arguments[0] == "--vectors":
        with open(arguments[1], encoding="utf-8", newline="\n") as page:
            sys.exit(0 if vectors(page.read()) else 1)
    try:
        print(json.dumps(Store(dict(blobs(*arguments))).pins()))
    except (Refused, subprocess.CalledProcessError) as why:
        sys.exit(f"reader.py: {why}")


if __name__ == "__main__":
    main(sys.argv[1:])
