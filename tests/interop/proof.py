#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second verifier of proofs, written from LABELS_FORMAT.md section 8.2 alone, for the examples there and beside the library.

proof.py LABELS_FORMAT.md ELLWAND VERDICT STORE...    TAP

Proofs of labels of the STOREs, and thousands of mutations of them, are judged by this and by the library, which VERDICT asks:
both must say the same, and nothing that is not true of the STORE.  Signatures are ssh-keygen's to check.
"""
import base64, copy, datetime, functools, json, os, random, re, subprocess, sys, tempfile
from reader import Refused, canonical, dataset, parse, record, scored, sha256, trie, want
from records import check_answer, check_label, has

MUTATIONS = 10000
SEED = 17
DIGEST = "[0-9a-f]{64}"
NAME = "[a-z0-9_][a-z0-9_-]{0,63}"


def node(left, right):
    return sha256(b"\1" + left + right)


def leaf(key, digest):
    return sha256(b"\0" + key + digest)


def bit(key, level):
    return key[level // 8] >> (7 - level % 8) & 1


def digest(text):
    want(isinstance(text, str) and re.fullmatch(DIGEST, text), "not 64 hex digits")
    return bytes.fromhex(text)


def unbase64(text):
    want(isinstance(text, str), "not base64")
    value = base64.b64decode(text, validate=True)
    want(base64.b64encode(value).decode() == text, "not canonical base64")
    return value


def check_id(id):
    from reader import name_of
    want(isinstance(id, str), "id")
    name_of(id)


def check_scored(part):
    has(part, {"computable": "id instance state answer", "incomputable": "id instance state",
               "ambiguous": "id instance state readings"}[part["state"]])
    want(re.fullmatch(DIGEST, part["instance"]), "instance")
    if part["state"] == "computable":
        check_answer(part["answer"])
    readings = part.get("readings", [{"assuming": 1}, {"assuming": 2}])
    want(isinstance(readings, list) and 2 <= len(readings) <= 64, "readings")
    want(len({reading["assuming"] for reading in readings}) == len(readings), "an assumption made twice")
    for reading in part.get("readings", []):
        has(reading, "assuming answer")
        check_answer(reading["answer"])


# Ways

def climb(way, key, place, labels):
    """The root that a way leads to from what stands at the place of the key; None: nothing."""
    has(way, "levels siblings", "leaf")
    levels, given = way["levels"], unbase64(way["siblings"])
    want(isinstance(levels, str) and re.fullmatch("([01]{0,255}1)?", levels), "levels")
    siblings = [given[i:i + 32] for i in range(0, len(given), 32)]
    want(len(given) == 32 * levels.count("1"), "more or fewer siblings than the levels have")
    want(bytes(32) not in siblings, "an empty sibling that is said to hold labels")
    if "leaf" in way:
        want(place is None, "a leaf beside a label")
        has(way["leaf"], "digest key")
        other = digest(way["leaf"]["key"])
        want(other != key and all(bit(other, i) == bit(key, i) for i in range(len(levels))), "no leaf of that place")
        place = leaf(other, digest(way["leaf"]["digest"]))
    if levels:
        want(labels > len(siblings) and (place or len(levels) < 256), "not so many labels")
    else:
        want(labels == 1 and place, "not one label")
    at = place or bytes(32)
    for level in reversed(range(len(levels))):
        sibling = siblings.pop() if levels[level] == "1" else bytes(32)
        at = node(sibling, at) if bit(key, level) else node(at, sibling)
    return at


def descend(digests, key, depth=0):
    """The levels and siblings of the way to a key among {key: digest}, and the one that stands there or None."""
    if len(digests) < 2:
        return "", b"", next(iter(digests), None)
    sides = {}, {}
    for other, value in digests.items():
        sides[bit(other, depth)][other] = value
    levels, siblings, there = descend(sides[bit(key, depth)], key, depth + 1)
    beside = sides[1 - bit(key, depth)]
    return "01"[bool(beside)] + levels, (trie(beside, depth + 1) if beside else b"") + siblings, there


# The statement of a release

HEAD = (r"object [0-9a-f]{40}\ntype commit\ntag (?P<name>[!-~]+)\n"
        r"tagger [^<>\n]+ <(?P<email>[^<>\n]+)> (?P<time>0|[1-9][0-9]{0,9}) \+0000\n\n(?P<message>.*)")
VERSION = r"v(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){1,2}"
PINS = f"ewr1:{DIGEST}", f"ewa1:{DIGEST}"
TRAILERS = [("Release", VERSION), ("Sequence", "[1-9][0-9]*"), ("Previous", VERSION + " [0-9a-f]{40}"),
            ("Level", "identical|score-compatible|extended|score-affecting"), ("Waiver", ".+"), ("Expires", r"\d{4}-.*Z"),
            ("Dataset", "[0-9a-f-]{36}"), ("Records", PINS[0]), ("Answers", PINS[1]), ("Policy", "sha256:" + DIGEST),
            ("Split", f"{NAME} [1-9][0-9]* {PINS[0]} {PINS[1]}"), ("Cosign", ".+")]
MANY, MAYBE = ("Split", "Cosign"), ("Previous", "Level", "Waiver", "Expires", "Split", "Cosign")


def rebuild(short, splits, pins):
    """The payload of the tag from what a proof carries of it."""
    head, gap, trailers = short.rpartition("\n\n")
    object, _, rest = head.partition("\n")
    name = re.search("^tag (.*)$", rest, re.M)
    want(gap and name and trailers.endswith("\n"), "no tag")
    lines = ["Release: " + name[1]]
    for line in trailers.split("\n")[:-1]:
        want(not re.match("(Release|Records|Answers|Split): ", line), "a line that is to be left out")
        lines.append(line)
        if line.startswith("Dataset: "):
            lines += [f"Records: ewr1:{pins['records'].hex()}", f"Answers: ewa1:{pins['answers'].hex()}"]
        if line.startswith("Policy: "):
            lines += [f"Split: {s['name']} {s['labels']} ewr1:{s['records'].hex()} ewa1:{s['answers'].hex()}" for s in splits]
    return object + "\ntype commit\n" + rest + gap + "".join(f"Ellwand-{line}\n" for line in lines)


def statement(payload):
    """What a tag's payload declares, by the grammar of section 8."""
    tag = re.fullmatch(HEAD, payload, re.S)
    want(tag and int(tag["time"]) < 2**32 and "\0" not in payload, "not a tag")
    message, _, trailers = tag["message"].rpartition("\n\n")
    subject, _, text = message.partition("\n\n")
    want(subject and "\n" not in subject and text == text.strip(), "subject or text")
    want(not re.search("^-----BEGIN ", payload, re.M), "a signature in the text")
    found, at = {}, 0
    for line in trailers.split("\n")[:-1]:
        name, _, value = line.partition(": ")
        while at < len(TRAILERS) and name != "Ellwand-" + TRAILERS[at][0]:
            at += 1
        want(at < len(TRAILERS) and re.fullmatch(TRAILERS[at][1], value), f"trailer {name}")
        found[TRAILERS[at][0]] = value
        at += TRAILERS[at][0] not in MANY
    want(all(name in found or name in MAYBE for name, _ in TRAILERS), "a trailer is missing")
    want(found["Release"] == tag["name"], "two names")
    want(("Previous" in found) == ("Level" in found) == (found["Sequence"] != "1"), "first, or not")
    return {"release": tag["name"], "dataset": found["Dataset"], "signer": tag["email"], "time": int(tag["time"])}


def string(bytes):
    return len(bytes).to_bytes(4, "big") + bytes


def short(bytes):
    """The SSHSIG of Ed25519 and SHA-512 that a proof carries as key, R and S."""
    key, signature = (string(b"ssh-ed25519") + string(part) for part in (bytes[:32], bytes[32:]))
    return b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(map(string, (key, b"git", b"", b"sha512", signature)))


def armour(blob):
    text = base64.b64encode(blob).decode()
    lines = [text[i:i + 70] + "\n" for i in range(0, len(text), 70)]
    return "-----BEGIN SSH SIGNATURE-----\n" + "".join(lines) + "-----END SSH SIGNATURE-----\n"


@functools.lru_cache(None)
def signed(payload, signature, signers, principal, time):
    """Whether ssh-keygen finds the signature good: by the principal's key in the file, or without one by any."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(signature)
        file.flush()
        which = ["check-novalidate"]
        if signers:
            when = datetime.datetime.fromtimestamp(time, datetime.timezone.utc).strftime("%Y%m%d%H%M%SZ")
            which = ["verify", "-f", signers, "-I", principal, "-Overify-time=" + when]
        return subprocess.run(["ssh-keygen", "-Y", *which, "-n", "git", "-s", file.name], input=payload.encode(),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493


def strings(blob):
    while blob:
        end = 4 + int.from_bytes(blob[:4], "big")
        want(end <= len(blob), "cut off")
        yield blob[4:end]
        blob = blob[end:]


def check_signature(blob):
    """What section 7 wants of an SSHSIG beyond what ssh-keygen does."""
    want(blob[:10] == b"SSHSIG\0\0\0\1", "not an SSHSIG of version 1")
    key, _, _, hash, signature = strings(blob[10:])
    want(hash in (b"sha512", b"sha256"), "hash")
    if next(strings(key)) == b"ssh-ed25519":
        point, r, s = (int.from_bytes(part, "little") for part in (key[-32:], signature[-64:-32], signature[-32:]))
        want(point % 2**255 < P and r % 2**255 < P and s < L, "not reduced")


def check_release(release, splits, pins, signers):
    has(release, "signature tag")
    given = unbase64(release["signature"])
    blob = short(given) if len(given) == 96 else given
    want(len(given) == 96 or short(blob[33:65] + blob[-64:]) != blob, "to be shortened")
    check_signature(blob)
    payload = rebuild(release["tag"], splits, pins)
    told = statement(payload)
    want(signed(payload, armour(blob), signers, told["signer"], told["time"]), "signature")
    return told


# The whole

def read(proof):
    """What it says it proves, its splits, and the pins that they lead to."""
    has(proof, "schema splits trie", "id label release")
    want(proof["schema"] == "proof/1" and proof["trie"] in ("records", "answers") and ("id" in proof) != ("label" in proof), "head")
    this, other = sorted(("records", "answers"), key=lambda name: name != proof["trie"])
    place, label, release = None, proof.get("label"), proof.get("release")
    if label is not None:
        if this == "records":
            want(label["schema"] == "label/1", "schema")
        (check_label if this == "records" else check_scored)(label)
    id = proof["id"] if label is None else label["id"]
    check_id(id)
    key = sha256(id.encode())
    if label is not None:
        place = leaf(key, sha256(canonical(label).encode()))
    want(isinstance(proof["splits"], list) and len(proof["splits"]) <= 256, "splits")
    splits, held, last = [], [], ""
    for split in proof["splits"]:
        has(split, "labels name " + ("way" if "way" in split else this) + (" " + other if release is not None else ""))
        name, labels = split["name"], split["labels"]
        want(isinstance(name, str) and re.fullmatch(NAME, name) and name > last, "names")
        want(type(labels) is int and labels >= 1, "labels")
        last = name
        roots = {which: digest(split[which]) for which in (this, other) if which in split}
        if "way" in split:
            roots[this] = climb(split["way"], key, place, labels)
            held.append(name)
        splits.append({"name": name, "labels": labels, **roots})
    want(len(held) == (len(splits) if label is None else 1), "ways")
    pins = {which: sha256(b"\3" + b"".join(
        len(s["name"]).to_bytes(8, "big") + s["name"].encode() + s["labels"].to_bytes(8, "big") + s[which] for s in splits))
        for which in (this, other) if which == this or release is not None}
    return {"proves": "absence" if label is None else {"records": "record", "answers": "answer"}[this], "id": id,
            "split": None if label is None else held[0], "labels": sum(s["labels"] for s in splits)}, splits, pins


def judge(bytes, pin, signers):
    """What a proof proves, in the words of schemas/ellwand.proven.json; None if it does not."""
    try:
        want(pin or signers, "nothing to hold it against")
        want(len(bytes) <= 2 << 20, "over 2 MiB")
        proof = parse(bytes.decode())
        want(isinstance(proof, dict) and canonical(proof).encode() == bytes, "not canonical")
        result, splits, pins = read(proof)
        want(not signers or "release" in proof, "no release")
        known = pins if signers else {proof["trie"]: pins[proof["trie"]]}
        kind = {"ewr1:": "records", "ewa1:": "answers"}.get(pin[:5]) if pin else None
        want(not pin or kind in known and pin[5:] == known[kind].hex(), "another pin")
        told = check_release(proof["release"], splits, pins, signers) if "release" in proof else {}
        told = told if signers else {}
        return result | {name: told.get(name) for name in ("release", "dataset", "signer")} | {
            name: prefix + known[name].hex() if name in known else None
            for name, prefix in (("records", "ewr1:"), ("answers", "ewa1:"))}
    except (Refused, ValueError, KeyError, TypeError, AttributeError, RecursionError, UnicodeError):
        return None


# The examples of the page

def examples(page):
    found = {name: text for name, text in re.findall(r"<!-- example: (.+?) -->\n```\w*\n(.*?)```\n", page, re.S)}
    with tempfile.NamedTemporaryFile("w") as signers:
        signers.write(found["proof signers"])
        signers.flush()
        pins = found["proof pins"].split()
        for name, text in found.items():
            kind = re.fullmatch("proof (record|answer|absence)", name)
            if not kind:
                continue
            proof = text.rstrip("\n").encode()
            against = [(pins[kind[1] == "answer"], None)] + [(pin, signers.name) for pin in (None, *pins) if b'"release"' in proof]
            said = [judge(proof, *what) for what in against]
            yield f"the example of {kind[1]}", all(v and v["proves"] == kind[1] for v in said)
            yield "and not with other pins", not any(judge(proof, pin[:5] + "0" * 64, None) for pin in pins)


# The truth, from a store

class Version:
    def __init__(self, program, store, rev):
        def run(*args):
            return subprocess.run([program, "-C", store, *args], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

        def git(*args):
            return subprocess.run(["git", "-C", store, *args], check=True, stdout=subprocess.PIPE).stdout
        self.rev, self.run = rev, run
        self.pins = [run("pin", rev).decode().strip(), run("pin", "--answers", rev).decode().strip()]
        self.labels = {}
        for line in git("ls-tree", "-r", rev, "labels").decode().splitlines():
            object, path = line.split()[2], line.split("\t")[1]
            label = record(git("cat-file", "blob", object))
            self.labels[label["id"]] = path.split("/")[1], label
        digests = {}
        for split, label in self.labels.values():
            digests.setdefault(split, {})[sha256(label["id"].encode())] = sha256(canonical(label).encode())
        want("ewr1:" + dataset(digests).hex() == self.pins[0], "another pin")
        self.release = {}
        if re.fullmatch(VERSION, rev):
            tag = git("cat-file", "tag", rev).decode()
            self.release = statement(tag[:tag.index("-----BEGIN ")])

    def is_true(self, said, bytes):
        """Whether all that was found is so in this version."""
        split, label = self.labels.get(said["id"], (None, None))
        if said["proves"] != "absence":
            part = label if said["proves"] == "record" else label and scored(label)
            if part is None or parse(bytes.decode())["label"] != part:
                return False
        return ((said["proves"] == "absence") == (label is None) and said["split"] == split and said["labels"] == len(self.labels)
                and all(said[name] in (None, pin) for name, pin in zip(("records", "answers"), self.pins))
                and all(said[name] in (None, self.release.get(name)) for name in ("release", "dataset", "signer")))


# Mutations

def some_split(proof, random):
    return random.choice(proof["splits"]) if proof["splits"] else {}


def some_way(proof, random):
    return random.choice([s["way"] for s in proof["splits"] if "way" in s] or [{}])


def flipped(text, random):
    at = random.randrange(len(text)) if text else 0
    return text[:at] + random.choice("0123456789abcdef") + text[at + 1:]


class Mutation:
    """Each method changes a parsed proof in place; `others` are proofs of the same store."""

    def __init__(self, random, others):
        self.random, self.others = random, others

    def other(self):
        return copy.deepcopy(self.random.choice(self.others))

    def siblings(self, proof, change):
        way = some_way(proof, self.random)
        if not way:
            return
        given = base64.b64decode(way["siblings"])
        siblings = [given[i:i + 32] for i in range(0, len(given), 32)]
        change(siblings, way)
        way["siblings"] = base64.b64encode(b"".join(siblings)).decode()

    def swap_siblings(self, proof):
        self.siblings(proof, lambda siblings, way: self.random.shuffle(siblings))

    def replace_sibling(self, proof):
        def change(siblings, way):
            if siblings:
                new = [bytes(32), self.random.randbytes(32), self.random.choice(siblings), sha256(siblings[0])]
                siblings[self.random.randrange(len(siblings))] = self.random.choice(new)
        self.siblings(proof, change)

    def longer(self, proof):
        def change(siblings, way):
            at = self.random.randrange(len(siblings) + 1)
            siblings.insert(at, self.random.choice([self.random.randbytes(32), *siblings]))
            if self.random.random() < .8:
                place = self.random.randrange(len(way["levels"]) + 1)
                way["levels"] = way["levels"][:place] + "1" + way["levels"][place:]
        self.siblings(proof, change)

    def shorter(self, proof):
        def change(siblings, way):
            if siblings:
                siblings.pop(self.random.choice([0, -1]))
                if self.random.random() < .8:
                    way["levels"] = self.random.choice([way["levels"][1:], way["levels"][:-1], way["levels"].replace("1", "0", 1)])
        self.siblings(proof, change)

    def levels(self, proof):
        way = some_way(proof, self.random)
        if way:
            at, old = self.random.randrange(len(way["levels"]) + 1), way["levels"]
            way["levels"] = self.random.choice([old[:at] + "0" + old[at:], old[:at] + old[at + 1:], old[::-1], old + "0", "0" + old,
                                                old.translate({48: 49, 49: 48}), old[:at] + "2" + old[at:], "0" * 256 + old])

    def node_for_leaf(self, proof):
        """The last node, taken for a leaf whose key and digest are its two sides (T16)."""
        def change(siblings, way):
            if siblings and way["levels"].endswith("1"):
                way["leaf"] = {"key": self.random.randbytes(32).hex(), "digest": siblings.pop().hex()}
                way["levels"] = way["levels"][:-1]
        self.siblings(proof, change)

    def id(self, proof):
        to = self.random.choice([self.id_of(self.other()), "x", "", " x", flipped(self.id_of(proof), self.random)])
        (proof["label"] if "label" in proof else proof)["id"] = to

    def id_of(self, proof):
        return proof["label"]["id"] if "label" in proof else proof["id"]

    def label(self, proof):
        other = self.other()
        for name in ("id", "label"):
            proof.pop(name, None)
            if name in other:
                proof[name] = other[name]

    def part_of_label(self, proof):
        label = proof.get("label", {})
        name = self.random.choice([*label, "reason"])
        label[name] = self.random.choice(["7", {}, [], 1, label.get("id", "a"), self.other().get("label", {}).get(name, "b")])

    def deny(self, proof):
        """What is there, said not to be: its own leaf, or nothing, in its place."""
        if "label" not in proof:
            return
        label = canonical(proof.pop("label"))
        proof["id"] = json.loads(label)["id"]
        own = {"key": sha256(proof["id"].encode()).hex(), "digest": sha256(label.encode()).hex()}
        for split in proof["splits"]:
            split.setdefault("way", {"levels": "", "siblings": ""})
            if self.random.random() < .5:
                split["way"]["leaf"] = own

    def claim(self, proof):
        """What is not there, said to be."""
        other = self.other()
        if "id" in proof and "label" in other:
            proof["label"] = other["label"] | {"id": proof.pop("id")}
            for split in proof["splits"]:
                split["way"].pop("leaf", None)

    def leaf(self, proof):
        way = some_way(proof, self.random)
        given = way.get("leaf", {"key": sha256(self.id_of(proof).encode()).hex(), "digest": "0" * 64})
        what = self.random.choice(["key", "digest", "both", "none"])
        if what in given:
            given[what] = self.random.choice([flipped(given[what], self.random), sha256(self.id_of(proof).encode()).hex()])
        way["leaf"] = given
        if what == "none":
            way.pop("leaf")

    def count(self, proof):
        split = some_split(proof, self.random)
        split["labels"] = self.random.choice([split.get("labels", 1) + self.random.choice([-1, 1]), 0, 1, 2**53 - 1, -1, "1", None,
                                              some_split(self.other(), self.random).get("labels", 1)])

    def root(self, proof):
        split = some_split(proof, self.random)
        which = self.random.choice(["records", "answers"])
        new = [flipped(split.get(which, "0" * 64), self.random), "0" * 64, None, some_split(self.other(), self.random).get(which)]
        split[which] = self.random.choice(new)
        if split[which] is None:
            split.pop(which)

    def name(self, proof):
        some_split(proof, self.random)["name"] = self.random.choice(["test", "train", "other", "Test", "", 1, "test\n"])

    def order(self, proof):
        splits = proof["splits"]
        self.random.choice([splits.reverse, splits.clear, lambda: splits.extend(splits[:1]), lambda: splits.extend(self.other()["splits"]),
                            lambda: splits and splits.pop()])()

    def way(self, proof):
        a, b = some_split(proof, self.random), some_split(self.other(), self.random)
        if "way" in b and self.random.random() < .7:
            a["way"] = b["way"]
        else:
            a.pop("way", None)

    def trie(self, proof):
        proof["trie"] = self.random.choice(["records", "answers", "", None])

    def release(self, proof):
        other = self.other()
        if "release" in other:
            which = self.random.choice(["all", "tag", "signature"])
            if which == "all" or "release" not in proof:
                proof["release"] = other["release"]
            else:
                proof["release"][which] = other["release"][which]
        else:
            proof.pop("release", None)

    def without_release(self, proof):
        """What is left is a proof as well."""
        proof.pop("release", None)
        for split in proof["splits"]:
            split.pop("answers" if proof["trie"] == "records" else "records", None)

    def tag(self, proof):
        if "release" not in proof:
            return
        lines = proof["release"]["tag"].split("\n")
        at = self.random.randrange(len(lines))
        new = self.random.choice([[], [lines[at]] * 2, [flipped(lines[at], self.random)], ["", lines[at]], [lines[at], ""],
                                  ["Release: v2.0", lines[at]], [lines[at], "Split: test 1"], ["Waiver: x", lines[at]], ["type commit", lines[at]],
                                  ["Ellwand-" + lines[at]]])
        proof["release"]["tag"] = "\n".join(lines[:at] + new + lines[at + 1:])

    def signature(self, proof):
        if "release" not in proof:
            return
        bare = bytearray(base64.b64decode(proof["release"]["signature"]))
        ways = self.random.randrange(5)
        if ways == 0 and len(bare) == 96:  # the same modulo the order of the group
            bare[64:] = (int.from_bytes(bare[64:], "little") + L).to_bytes(32, "little")
        elif ways == 1:
            bare = self.random.choice([bare[:-1], bare + b"\0", bare[32:] + bare[:32]])
        elif ways == 2 and len(bare) == 96:
            bare = bytearray(short(bytes(bare)).replace(b"sha512", self.random.choice([b"sha512", b"sha256", b"sha384"])))
        elif ways == 3:
            bare[self.random.randrange(len(bare))] ^= 1 << self.random.randrange(8)
        else:
            bare = bytearray(base64.b64decode(self.other().get("release", {}).get("signature", "")))
        proof["release"]["signature"] = base64.b64encode(bytes(bare)).decode()

    def member(self, proof):
        at = self.random.choice([proof, proof.get("release", {}), some_split(proof, self.random), some_way(proof, self.random)])
        if at and self.random.random() < .5:
            at.pop(self.random.choice(list(at)))
        else:
            at[self.random.choice(["more", "id", "way", "leaf", "Trie"])] = self.random.choice([1, "", {}, None])


KINDS = [name for name, value in vars(Mutation).items() if callable(value) and name not in ("__init__", "other", "siblings", "id_of")]


def spoil(bytes, random):
    """A change of the bytes alone."""
    at, to = random.randrange(len(bytes)), random.randrange(len(bytes) + 1)
    return random.choice([
        lambda: bytes[:at] + (bytes[at] ^ 1 << random.randrange(8)).to_bytes(1, "big") + bytes[at + 1:],
        lambda: bytes[:at], lambda: bytes + bytes[at:], lambda: bytes[:at] + b" " + bytes[at:], lambda: bytes + b"\n",
        lambda: bytes[:at] + bytes[to:], lambda: bytes[:at] + random.randbytes(1) + bytes[at + 1:],
        lambda: bytes.replace(b'"schema"', b'"schema":"proof/1","schema"'), lambda: json.dumps(json.loads(bytes)).encode(),
        lambda: bytes.replace(b"/", b"\\/"), lambda: b"\xef\xbb\xbf" + bytes, lambda: bytes.replace(b":1,", b":1.0,")])()


def mutant(bytes, pool, random):
    if random.random() < .2:
        return spoil(bytes, random)
    proof, mutation = json.loads(bytes), Mutation(random, pool)
    try:
        for _ in range(random.choice([1, 1, 1, 2, 3])):
            getattr(mutation, random.choice(KINDS))(proof)
        return canonical(proof).encode()
    except (Refused, ValueError, KeyError, TypeError, AttributeError):  # an earlier mutation left too little
        return spoil(bytes, random)


def against(version, random, signers, all):
    """A pin, signers or both, of the version or of another one."""
    if random.random() < .1:
        version = random.choice(all)
    pin = random.choice(version.pins)
    return random.choice([(pin, None), (pin, None), (None, signers), (pin, signers)])


# T17: what a proof gives away

def guess(proof, records):
    """The labels among these that the last sibling of a proof is the leaf of."""
    way = next(split["way"] for split in proof["splits"] if "way" in split)
    return [label for label in records if leaf(sha256(label["id"].encode()), sha256(canonical(label).encode()))
            == base64.b64decode(way["siblings"])[-32:]]


def leaks(version):
    """A proof of one label gives away another to who can guess it, unless its record holds what nobody can."""
    found = 0
    for id, (_, label) in version.labels.items():
        proof = json.loads(version.run("prove", f"{version.rev}:{id}"))
        guesses = [other for other_id, (_, other) in version.labels.items() if other_id != id]
        found += len(guess(proof, guesses))
        hidden = [other | {"reason": "not known: " + os.urandom(16).hex()} for other in guesses]
        want(not guess(proof, hidden), "what was never there")
    return found


def verdicts(tool, cases):
    lines = "".join(f"{pin or '-'}\t{signers or '-'}\t{base64.b64encode(bytes).decode()}\n" for bytes, (pin, signers) in cases)
    told = subprocess.run([tool], input=lines, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    for line in map(json.loads, told):
        yield {name: line[name] for name in line if name not in ("schema", "good", "problem", "expires")} if line["good"] else None


def pools(program, stores, ids):
    for store in stores:
        tags = subprocess.run(["git", "-C", store, "tag"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        versions = [Version(program, store, rev) for rev in [*tags, "HEAD"]]
        proofs = []
        for version in versions:
            names = [*random.Random(SEED).sample(sorted(version.labels), min(ids, len(version.labels))), "nosuch", "a/b"]
            for id in names:
                for flags in ([], ["--answers"]):
                    proofs.append((version, version.run("prove", *flags, f"{version.rev}:{id}")))
        yield store, versions, proofs


def compare(program, tool, stores):
    rng, cases, where = random.Random(SEED), [], []
    all_pools = list(pools(program, stores, 6))
    good = 0
    for store, versions, proofs in all_pools:
        signers = os.path.join(store, "signers")
        for version, bytes in proofs:  # as they are
            kind = version.pins[json.loads(bytes)["trie"] == "answers"]
            for what in [(kind, None)] + [(pin, signers) for pin in (None, *version.pins) if version.release]:
                cases.append((bytes, what))
                where.append((versions, True))
                good += 1
    while len(cases) < good + MUTATIONS:
        store, versions, proofs = rng.choice(all_pools)
        version, bytes = rng.choice(proofs)
        changed = mutant(bytes, [json.loads(other) for _, other in rng.sample(proofs, 8)], rng)
        if changed != bytes:
            cases.append((changed, against(version, rng, os.path.join(store, "signers"), versions)))
            where.append((versions, False))
    accepted = differ = lies = missed = 0
    for (bytes, what), (versions, is_good), theirs in zip(cases, where, verdicts(tool, cases)):
        ours = judge(bytes, *what)
        missed += is_good and not ours
        if ours != theirs:
            differ += 1
            print("#", ascii(bytes), what, "\n# here:", ours, "\n# there:", theirs)
        for said in filter(None, (ours, theirs)):
            accepted += not is_good
            if not any(version.is_true(said, bytes) for version in versions):
                lies += 1
                print("#", ascii(bytes), what, "\n# not true:", said)
    yield f"{good} good proofs are good", missed == 0
    yield f"of these and {MUTATIONS} mutations both say the same", differ == 0
    yield f"and nothing that is not true, though {accepted // 2} mutations still prove something", lies == 0
    found = sum(leaks(versions[-1]) for _, versions, _ in all_pools)
    yield f"a proof gives away its neighbour to who can guess it: {found} times", found > 0


def main(page, program, tool, *stores):
    with open(page, encoding="utf-8", newline="\n") as file:
        results = [*examples(file.read()), *compare(program, tool, stores)]
    for number, (title, well) in enumerate(results, 1):
        print("ok" if well else "not ok", number, "-", title)
    print(f"1..{len(results)}")
    return all(well for _, well in results)


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(0 if main(*sys.argv[1:]) else 1)
