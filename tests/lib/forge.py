#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes commits and releases that ellwand would not make, by git's plumbing and ssh-keygen,
so that each breaks one rule and is good in all else: what is not asked for is as the format
says, pins and signature included.  Prints the id of what it made.

forge.py STORE commit [OPTION...]   on top of HEAD, which moves to it
forge.py STORE tag NAME [OPTION...] of HEAD, as refs/tags/NAME

    --key FILE           sign with this; the signer is the comment of FILE.pub
    --by EMAIL           say that this one made it
    --name TEXT          the name beside the e-mail
    --author EMAIL       of a commit: another author
    --time SECONDS       instead of a minute after the parent, or that of the tagged commit
    --namespace WORD     of the signature, instead of git; "" for no signature
    --trailer NAME=TEXT  instead of the right one, or as a new one; without TEXT: leave it out
    --text TEXT          a text
    --twice              two signatures
    --cosign FILE        a co-signature by this key
    --cosigned TEXT      a co-signature of another text than the right one
    --on REV             of a commit: its parent; given twice: two, "none": none
                         of a tag: what it is of
    --header LINE        of a commit: one more header before the signature
    --tree ID            of a commit: this tree, instead of the parent's after these, in order:
    --put PATH FILE      a file; PATH may be label:ID, instance:ID or SPLIT:ID
    --merge PATH JSON    these members into the record at PATH; null takes one out
    --copy PATH PATH     the second is to be as the first
    --drop PATH          no file
    --ref REF            of a tag: instead of refs/tags/NAME
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
import reader  # noqa: E402


class Edit(argparse.Action):
    def __call__(self, parser, options, values, name=None):
        options.edits.append((name[2:], *values))


def options_of(arguments):
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("store")
    p.add_argument("kind", choices=["commit", "tag"])
    p.add_argument("tag", nargs="?")
    for name in ("by", "name", "author", "time", "text", "tree", "ref"):
        p.add_argument("--" + name)
    p.add_argument("--key", default="alice")
    p.add_argument("--namespace", default="git")
    p.add_argument("--twice", action="store_true")
    p.add_argument("--cosigned")
    for name in ("trailer", "on", "header", "cosign"):
        p.add_argument("--" + name, action="append", default=[])
    for name, n in (("put", 2), ("merge", 2), ("copy", 2), ("drop", 1)):
        p.add_argument("--" + name, nargs=n, action=Edit)
    p.set_defaults(edits=[])
    return p.parse_args(arguments)


# The repository: one git cat-file reads, files are written as git would, refs are git's to move

class Repository:
    def __init__(self, store):
        self.path = store if os.path.exists(os.path.join(store, "objects")) else os.path.join(store, ".git")
        self.git = ["git", "--git-dir", self.path]
        self.pipe = subprocess.Popen([*self.git, "cat-file", "--batch"],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, rev):
        """Id, type and bytes of an object."""
        self.pipe.stdin.write(rev.encode() + b"\n")
        self.pipe.stdin.flush()
        oid, kind, size = self.pipe.stdout.readline().decode().split()
        return oid, kind, self.pipe.stdout.read(int(size) + 1)[:-1]

    def write(self, kind, data):
        data = b"%s %d\0" % (kind.encode(), len(data)) + data
        oid = hashlib.sha1(data).hexdigest()
        path = os.path.join(self.path, "objects", oid[:2], oid[2:])
        if not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(zlib.compress(data, 1))
        return oid

    def run(self, *args):
        return subprocess.run([*self.git, *args], check=True, stdout=subprocess.PIPE).stdout.decode().strip()


def time_of(commit):
    return int(re.search(rb"^committer .* (\d+) \+0000$", repo.read(commit)[2], re.M)[1])


# What a tree holds

def files_of(tree, prefix=""):
    """{path: blob}"""
    files, data = {}, repo.read(tree)[2]
    while data:
        head, data = data.split(b"\0", 1)
        mode, name = head.decode().split(" ", 1)
        oid, data = data[:20].hex(), data[20:]
        if mode == "40000":
            files.update(files_of(oid, prefix + name + "/"))
        elif mode != "160000":
            files[prefix + name] = oid
    return files


def tree_of(files):
    """The reverse, all plain files."""
    below, entries = {}, []
    for path, oid in files.items():
        name, _, rest = path.partition("/")
        if rest:
            below.setdefault(name, {})[rest] = oid
        else:
            entries.append((name, "100644", oid))
    entries += [(name, "40000", tree_of(inner)) for name, inner in below.items()]
    entries.sort(key=lambda e: e[0] + ("/" if e[1] == "40000" else ""))
    return repo.write("tree", b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(oid) for name, mode, oid in entries))


def tries_of(files):
    """{split: {key: digest}} for both pins, of whatever can be read as a label."""
    records, answers = {}, {}
    for path, oid in files.items():
        if not path.startswith("labels/") or not path.endswith(".json"):
            continue
        blob = repo.read(oid)[2]
        id = urllib.parse.unquote_to_bytes(path.rsplit("/", 1)[1][:-5])
        split, key = path.split("/")[1], reader.sha256(id)
        try:
            scored = reader.canonical(reader.scored(json.loads(blob))).encode()
        except ValueError:
            scored = blob
        records.setdefault(split, {})[key] = reader.sha256(blob)
        answers.setdefault(split, {})[key] = reader.sha256(scored)
    return records, answers


def pin(kind, root):
    return f"ew{kind}1:{root.hex()}"


def manifest_of(files):
    return json.loads(repo.read(files["ellwand.json"])[2])


# Edits

def full_path(short, files):
    """label:ID, instance:ID and SPLIT:ID as paths, by the fan-out that is in force."""
    match = re.fullmatch(r"([a-z0-9_-]+):(.+)", short)
    if not match:
        return short
    collection = {"label": "labels/test", "instance": "instances"}.get(match[1], "labels/" + match[1])
    return reader.path_of(collection, manifest_of(files)["fanout"].get(collection, 0), match[2])


def merged(value, change):
    if not isinstance(value, dict) or not isinstance(change, dict):
        return change
    out = {**value, **{k: merged(value.get(k), v) for k, v in change.items()}}
    return {k: v for k, v in out.items() if v is not None}


def edited(files):
    """The files after the edits."""
    for kind, path, *rest in o.edits:
        path = full_path(path, files)
        if kind == "drop":
            files.pop(path)
        elif kind == "put":
            with open(rest[0], "rb") as f:
                files[path] = repo.write("blob", f.read())
        elif kind == "copy":
            files[full_path(rest[0], files)] = files[path]
        else:
            record = merged(json.loads(repo.read(files[path])[2]), json.loads(rest[0]))
            files[path] = repo.write("blob", reader.canonical(record).encode())
    return files


# Messages and signatures

def trailers(right):
    """The lines, with those that --trailer changes, drops or adds."""
    asked = dict(t.partition("=")[::2] for t in o.trailer)
    out = []
    for name, value in right:
        value = asked[name] if name in asked else value
        if value:
            out.append(f"{name}: {value}\n")
    given = {name for name, _ in right}
    return "".join(out + [f"{n}: {v}\n" for n, v in asked.items() if n not in given])


def signature(payload):
    return signed(payload, o.namespace, o.key) if o.namespace else ""


def cosigned(head, text):
    """The message with the co-signatures that are asked for."""
    values = []
    for key in o.cosign:
        armour = signed(o.cosigned or f"ellwand cosign 1\n{head}\n{text}", "ellwand-cosign", key)
        values.append("".join(armour.splitlines()[1:-1]))
    return text + "".join(f"Ellwand-Cosign: {value}\n" for value in sorted(values))


def signed(payload, namespace, key):
    with tempfile.NamedTemporaryFile() as f:
        f.write(payload.encode())
        f.flush()
        sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", key, f.name]
        subprocess.run(sign, check=True, stderr=subprocess.DEVNULL)
        with open(f.name + ".sig") as signed:
            armour = signed.read()
        os.unlink(f.name + ".sig")
    return armour


def person(email, time):
    email = email or open(o.key + ".pub").read().split()[2]
    return f"{o.name or email.split('@')[0]} <{email}> {time} +0000"


def message(subject, lines):
    return subject + "\n\n" + (o.text + "\n\n" if o.text else "") + lines


def commit():
    parents = [repo.read(p)[0] for p in o.on or ["HEAD"] if p != "none"]
    if o.tree:
        tree, files = o.tree, files_of(o.tree)
    else:
        files = edited(files_of((parents or ["HEAD"])[0] + "^{tree}"))
        tree = tree_of(files)
    records, answers = tries_of(files)
    head = repo.run("symbolic-ref", "HEAD")
    text = message("forged", trailers([
        ("Ellwand-Event", ""), ("Ellwand-Label", ""), ("Ellwand-Cause", ""), ("Ellwand-Source", ""),
        ("Ellwand-Dataset", manifest_of(files)["dataset"]), ("Ellwand-Ref", head),
        ("Ellwand-Records", pin("r", reader.dataset(records))),
        ("Ellwand-Answers", pin("a", reader.dataset(answers)))]))
    text = cosigned(f"parent {parents[0] if parents else '0' * 40}\ntree {tree}\n", text)
    time = o.time or (time_of(parents[0]) + 60 if parents else 1767225600)
    headers = (f"tree {tree}\n" + "".join(f"parent {p}\n" for p in parents) +
               f"author {person(o.author or o.by, time)}\ncommitter {person(o.by, time)}\n" +
               "".join(h + "\n" for h in o.header))
    armour = signature(headers + "\n" + text)
    header = "gpgsig " + armour.rstrip("\n").replace("\n", "\n ") + "\n" if armour else ""
    made = repo.write("commit", (headers + header * (2 if o.twice else 1) + "\n" + text).encode())
    repo.run("update-ref", "HEAD", made)
    return made


def last_release():
    """Name, tag object and number of the release with the greatest number."""
    best = None
    for row in repo.run("for-each-ref", "--format=%(refname:short) %(objectname) %(objecttype)", "refs/tags").splitlines():
        name, oid, kind = row.split()
        number = kind == "tag" and re.search(rb"^Ellwand-Sequence: (\d+)$", repo.read(oid)[2], re.M)
        if number and (not best or int(number[1]) > best[2]):
            best = name, oid, int(number[1])
    return best


def tag():
    target, kind, _ = repo.read((o.on or ["HEAD"])[0])
    files = files_of(target + "^{tree}")
    records, answers = tries_of(files)
    before = last_release()
    text = message("forged " + o.tag, trailers([
        ("Ellwand-Release", o.tag), ("Ellwand-Sequence", str(before[2] + 1 if before else 1)),
        ("Ellwand-Previous", f"{before[0]} {before[1]}" if before else ""),
        ("Ellwand-Level", "score-affecting" if before else ""), ("Ellwand-Waiver", ""), ("Ellwand-Expires", ""),
        ("Ellwand-Dataset", manifest_of(files)["dataset"]),
        ("Ellwand-Records", pin("r", reader.dataset(records))),
        ("Ellwand-Answers", pin("a", reader.dataset(answers))),
        ("Ellwand-Policy", "sha256:" + reader.sha256(repo.read(files["policy.json"])[2]).hex()),
        *(("Ellwand-Split", f"{split} {len(keys)} {pin('r', reader.trie(keys))} {pin('a', reader.trie(answers[split]))}")
          for split, keys in sorted(records.items()))]))
    text = cosigned(f"object {target}\ntag {o.tag}\n", text)
    time = o.time or time_of(target + "^{commit}")
    payload = f"object {target}\ntype {kind}\ntag {o.tag}\ntagger {person(o.by, time)}\n\n{text}"
    made = repo.write("tag", (payload + signature(payload) * (2 if o.twice else 1)).encode())
    repo.run("update-ref", o.ref or "refs/tags/" + o.tag, made)
    return made


o = options_of(sys.argv[1:])
repo = Repository(o.store)
print(commit() if o.kind == "commit" else tag())
