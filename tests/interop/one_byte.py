#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a change of one byte does to the pins.

one_byte.py REPO N    change one byte of a label of HEAD, N times, each time as a commit of its own

Only bytes that leave the record a valid one are changed.  The records pin must change each time, and the answers pin
if and only if the label then says another id, instance, state, answer or readings; both must be what reader.py finds.
Each pin that is otherwise is printed; at the end, how many changes there were of either kind.
"""
import json, os, random, subprocess, sys
from reader import Refused, Store, blobs, canonical, path_of, record
from records import check

SCORED = "id", "instance", "state", "answer", "readings"
LETTERS = b"0123456789abcdefMW.-eE "


def run(*command, text=None, **environment):
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True, env={**os.environ, **environment})
    return done.stdout


class Changed:
    """Commits of the tree of HEAD with one label otherwise; their signatures are nobody's."""

    def __init__(self, repo):
        self.repo, self.folder = repo, os.path.join(os.path.abspath(repo), ".git")
        self.commit = self.git("cat-file", "commit", "HEAD").split(b"\n", 1)[1]
        self.git("read-tree", "HEAD")

    def git(self, *arguments, text=None):
        index = os.path.join(self.folder, "one-byte.index")
        return run("git", *arguments, text=text, GIT_DIR=self.folder, GIT_INDEX_FILE=index)

    def place(self, removed, path, blob):
        lines = f"0 {'0' * 40}\t{removed}\n100644 {blob.decode().strip()}\t{path}\n"
        self.git("update-index", "--index-info", text=lines.encode())

    def pins(self, path, new_path, blob):
        old = self.git("rev-parse", "HEAD:" + path)
        self.place(path, new_path, self.git("hash-object", "-w", "--stdin", text=blob))
        tree = b"tree " + self.git("write-tree") + self.commit
        commit = self.git("hash-object", "-w", "-t", "commit", "--stdin", text=tree).decode().strip()
        self.place(new_path, path, old)
        return json.loads(run("ellwand", "-C", self.repo, "pin", commit, "--json"))


def valid(blob, id):
    try:
        label = record(blob)
        check(label, "label/1")
    except (Refused, ValueError, KeyError, TypeError, AttributeError):
        return None
    return label if label["id"].casefold() == label["id"] == label["id"].strip() else None


def mutants(files, labels, rng):
    taken = {path.rsplit("/", 1)[1] for path in labels}
    while True:
        path = rng.choice(labels)
        blob = bytearray(files[path])
        at = rng.randrange(len(blob))
        blob[at] = rng.choice(LETTERS)
        label = valid(bytes(blob), path)
        if label is None or bytes(blob) == files[path]:
            continue
        new = path_of("labels/test", 0, label["id"])
        if new == path or new.rsplit("/", 1)[1] not in taken:
            yield path, new, bytes(blob)


def main(repo, n):
    files, rng = dict(blobs(repo, "HEAD")), random.Random(7)
    labels = sorted(path for path in files if path.startswith("labels/test/"))
    changed, before = Changed(repo), Store(files).pins()
    answers = 0
    for _, (path, new, blob) in zip(range(n), mutants(files, labels, rng)):
        was, now = record(files[path]), record(blob)
        scores = any(was.get(member) != now.get(member) for member in SCORED)
        answers += scores
        pins = changed.pins(path, new, blob)
        other = {**{p: b for p, b in files.items() if p != path}, new: blob}
        if pins["records"] == before["records"]:
            print(f"{path}: the records pin stays with {canonical(now)}")
        if (pins["answers"] != before["answers"]) != scores:
            print(f"{path}: the answers pin {'stays' if scores else 'changes'} with {canonical(now)}")
        for pin in ("records", "answers"):
            if pins[pin] != Store(other).pins()[pin]:
                print(f"{path}: another reader finds another {pin} pin with {canonical(now)}")
    print(f"{answers} changed what scoring depends on, {n - answers} did not")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]))
