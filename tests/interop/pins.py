# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON, names and paths, pins: LABELS_FORMAT.md sections 5, 3 and 6, for reader.py."""
import hashlib, json, re, unicodedata
from records import Refused, want


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
