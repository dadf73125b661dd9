#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second reader of Ellwand stores, written from LABELS_FORMAT.md alone; the numbers are that page's sections.

reader.py REPO REV    recompute both pins of REV, of the data set and of each split, and print them as JSON

It shares nothing with the program but the page.  It checks layout, names and canonical bytes on its way; what each record
may say is in records.py, and signatures and history (sections 7 and 8) are git's to check.
"""
import hashlib, json, re, subprocess, sys, tempfile, unicodedata

WORD = "[a-z0-9_][a-z0-9_-]{0,63}"  # the name of a split or campaign


class Refused(Exception):
    pass


def want(true, otherwise):
    if not true:
        raise Refused(otherwise)


def sha256(data):
    return hashlib.sha256(data).digest()


# 5. Canonical JSON

def canonical(value, depth=1):
    want(depth <= 32 or not isinstance(value, (dict, list)), "nested deeper than 32")
    if isinstance(value, dict):
        want(len(value) <= 256, "more than 256 members")
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(canonical(k) + ":" + canonical(v, depth + 1) for k, v in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(v, depth + 1) for v in value) + "]"
    want(not isinstance(value, str) or "\0" not in value, "U+0000 in a text")
    want(type(value) is not int or abs(value) < 2**53, "integer beyond 2^53-1")
    return json.dumps(value, ensure_ascii=False)


def parse(text):
    def unique(pairs):
        want(len(dict(pairs)) == len(pairs), "duplicate name")
        return dict(pairs)

    def refuse(token):
        raise Refused(f"{token} is not an integer")
    return json.loads(text, object_pairs_hook=unique, parse_float=refuse, parse_constant=refuse)


def record(blob):
    want(len(blob) <= 1 << 20, "larger than 1 MiB")
    value = parse(blob.decode())
    want(isinstance(value, dict) and canonical(value).encode() == blob, "not an object in canonical form")
    return value


# 3. Ids, names, paths

def name_of(id):
    want(1 <= len(id.encode()) <= 200 and unicodedata.is_normalized("NFC", id), "id too long, or not in NFC")
    want(id == id.strip() and not re.search("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", id), "id with controls")
    name = re.sub(rb"^-|[^a-z0-9_-]", lambda odd: b"%%%02x" % odd[0][0], id.encode()).decode()
    want(len(name) <= 200, "name longer than 200 bytes")
    return name


def path_of(collection, fanout, id):
    return "/".join([collection, *sha256(id.encode()).hex()[:fanout], name_of(id) + ".json"])


def fanout_for(n):  # the smallest f with n / 32 < 16^(f + 1/2), in integers
    return next(f for f in range(9) if n < 128 * 16**f)


# 6. Pins

def trie(digests, depth=0):  # {key: digest}
    if len(digests) < 2:
        return next((sha256(b"\0" + key + digest) for key, digest in digests.items()), bytes(32))
    sides = {}, {}
    for key, digest in digests.items():
        sides[key[depth // 8] >> (7 - depth % 8) & 1][key] = digest
    return sha256(b"\1" + trie(sides[0], depth + 1) + trie(sides[1], depth + 1))


def dataset(splits):  # {name: {key: digest}}
    def u64(n):
        return n.to_bytes(8, "big")
    return sha256(b"\3" + b"".join(u64(len(name)) + name.encode() + u64(len(digests)) + trie(digests)
                                   for name, digests in sorted(splits.items()) if digests))


def scored(label):
    return {member: label[member] for member in ("id", "instance", "state", "answer", "readings") if member in label}


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
                self.look(record(blob), TOP[path])
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
        self.look(value, KINDS.get(collection.split("/")[0], "evidence"))
        if place[3] == "labels":
            key, split = sha256(id.encode()), place[4]
            want(self.labelled.setdefault(id, path) == path, f"labelled twice, also in {self.labelled[id]}")
            self.records.setdefault(split, {})[key] = sha256(blob)
            self.answers.setdefault(split, {})[key] = sha256(canonical(scored(value)).encode())

    def look(self, value, schema):
        """What else a record must be; records.py says all of it."""
        want(value.get("schema") == schema, f"not a {schema}")

    def pins(self):
        def written(root, records, answers):
            return {"records": "ewr1:" + root(records).hex(), "answers": "ewa1:" + root(answers).hex()}
        return {**written(dataset, self.records, self.answers), "splits": {
            split: {"count": len(labels), **written(trie, labels, self.answers[split])}
            for split, labels in sorted(self.records.items())}}


def main(arguments, reader=Store):
    if len(arguments) != 2:
        sys.exit(__doc__)
    try:
        print(json.dumps(reader(dict(blobs(*arguments))).pins()))
    except (Refused, subprocess.CalledProcessError) as why:
        sys.exit(f"reader.py: {why}")


if __name__ == "__main__":
    main(sys.argv[1:])
