#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Judges documents by the project's schemas with python3-jsonschema and with the library,
and demands the same verdicts: of every example in schemas/examples, which must also be what
its folder says, and of 10,000 mutants of the valid ones, the same in every run.

usage: schema_agree.py [SCHEMA_VERDICT]      prints TAP; run it in the project's root
"""

import copy
import json
import os
import random
import subprocess
import sys

import jsonschema

MUTANTS = 10000
LONG = 4096  # bytes; longer examples are judged, but have no mutants
INT_MAX = 2**53 - 1
WORDS = [
    "", "x", " x", "x\n", "x\n\n", "\n", "x\ty", "x\u0007", "\u007f", "\u0085", "\u00a0", "\u2028", "\u202e", "e\u0301",
    "é", "日本", "😀", "😀" * 63, "m" * 64, "m" * 65, "a" * 200, "a" * 201, "0", "1", "-1", "+1", "01", "1.", ".5", "1.50",
    "1e3", "1E-9", "1e10000", "1\n", "٣", "2014-02-28", "2014-02-30", "0000-01-01", "2014-13-01", "2014-02-28\n", "P1D",
    "P2W3D", "-P0D", "P", "P01D", "P1D\n", "2025-02-28T00:00:00Z", "2025-02-28T00:00:00Z\n", "2025-02-28T29:00:00Z",
    "0" * 64, "0" * 63, "f" * 64 + "\n", "F" * 64, "test", "-test", "a" * 65, "a_b-c", "a\n", "labels/test",
    "00000000-0000-4000-8000-000000000000", "a@example.org", "*",
]
NUMBERS = [0, 1, -1, 2, 8, 9, 64, 65, INT_MAX, -INT_MAX, INT_MAX + 1, -INT_MAX - 1, 10**30]


class Refused(Exception):
    """The text is not what the strict reader takes."""


def members(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names) or len(names) > 256:
        raise Refused("members")
    return dict(pairs)


def integer(digits):
    if digits == "-0" or abs(int(digits)) > INT_MAX:
        raise Refused("number")
    return int(digits)


def no_number(_):
    raise Refused("number")


def check_values(value, depth):
    """No U+0000, no lone surrogate, no nesting over 32."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise Refused("text")
    elif isinstance(value, (dict, list)):
        if depth == 32:
            raise Refused("nesting")
        for name in value if isinstance(value, dict) else ():
            check_values(name, depth + 1)
        for v in value.values() if isinstance(value, dict) else value:
            check_values(v, depth + 1)


def read(text):
    """The document in the bytes; Refused unless they are strict JSON without fractions."""
    if len(text) > 1 << 20:
        raise Refused("length")
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=members, parse_int=integer,
                           parse_float=no_number, parse_constant=no_number)
    except (ValueError, RecursionError) as e:
        raise Refused(str(e)) from e
    check_values(value, 0)
    return value


def load_schemas():
    store = {}
    for name in sorted(os.listdir("schemas")):
        if name.endswith(".json"):
            with open(os.path.join("schemas", name), encoding="utf-8") as f:
                store[name] = json.load(f)
    return store


def make_validators(schemas):
    """By name of the schema; references go by file name."""
    store = dict(schemas)
    store.update({s["$id"]: s for s in schemas.values() if "$id" in s})
    validators = {}
    for file, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        resolver = jsonschema.RefResolver(schema.get("$id", file), schema, store=store)
        validators[file[:-5]] = jsonschema.Draft202012Validator(schema, resolver=resolver)
    return validators


def verdict(validator, text):
    try:
        return "valid" if validator.is_valid(read(text)) else "invalid"
    except Refused:
        return "invalid"


def line(name, text):
    """A document on one line, as good or as bad as it was: newlines between tokens are spaces."""
    try:
        read(text)
        space = b" "
    except Refused:
        space = b"\x0b"  # which stands nowhere in JSON
    return name.encode() + b"\t" + text.replace(b"\n", space) + b"\n"


def verdicts_of_library(program, documents):
    asked = b"".join(line(name, text) for name, text in documents)
    done = subprocess.run([program], input=asked, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().split()


def places(value, found, parent=None, key=None):
    """All (parent, key) in the document, the root's parent being None."""
    found.append((parent, key))
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for k, v in children:
        places(v, found, value, k)
    return found


def new_value(rng, pool):
    return rng.choice([
        lambda: rng.choice(WORDS),
        lambda: rng.choice(NUMBERS),
        lambda: rng.choice([None, True, False, [], {}]),
        lambda: copy.deepcopy(rng.choice(pool)),
        lambda: [rng.choice(WORDS) for _ in range(rng.randrange(4))],
    ])()


def edit(rng, text):
    at = rng.randrange(len(text) + 1)
    return rng.choice([
        lambda: text[:at] + rng.choice("a A0-.\n\t\u0001\u007f\u00a0é\u202e%/") + text[at:],
        lambda: text[:at] + text[at + 1:],
        lambda: text[at:],
        lambda: text + "\n",
        lambda: text.swapcase(),
        lambda: text * 2,
    ])()


def mutate(rng, document, names, pool):
    """The document with one to three changes."""
    document = copy.deepcopy(document)
    for _ in range(rng.randrange(1, 4)):
        parent, key = rng.choice(places(document, []))
        if parent is None:
            if isinstance(document, dict):
                document[rng.choice(names)] = new_value(rng, pool)
            else:
                document = new_value(rng, pool)
            continue
        value = parent[key]
        way = rng.randrange(6)
        if way == 0:
            del parent[key]
        elif way == 1 and isinstance(parent, dict):
            parent[rng.choice(names)] = parent.pop(key)
        elif way == 1:
            parent.insert(key, copy.deepcopy(value))
        elif way == 2 and isinstance(value, str):
            parent[key] = edit(rng, value)
        elif way == 2 and isinstance(value, int):
            parent[key] = int(value) + rng.choice([-1, 1, -2 * int(value), INT_MAX])
        elif way == 3 and isinstance(value, dict):
            value[rng.choice(names)] = new_value(rng, pool)
        elif way == 3 and isinstance(value, list):
            value.append(new_value(rng, pool))
        else:
            parent[key] = new_value(rng, pool)
    return document


def read_examples():
    """(path, schema, bytes, verdict that its folder says)"""
    found = []
    for folder in ("valid", "invalid"):
        for file in sorted(os.listdir(os.path.join("schemas/examples", folder))):
            path = os.path.join("schemas/examples", folder, file)
            with open(path, "rb") as f:
                found.append((path, file.split("-")[0], f.read(), folder))
    return found


def make_mutants(examples):
    rng = random.Random(20250101)
    parents = [(name, read(text)) for _, name, text, folder in examples if folder == "valid" and len(text) <= LONG]
    names, pool = {"other"}, []
    for _, document in parents:
        for parent, key in places(document, []):
            if parent is not None:
                names.update([key] if isinstance(key, str) else [])
                pool.append(parent[key])
    names = sorted(names)
    for i in range(MUTANTS):
        name, document = parents[i % len(parents)]
        text = json.dumps(mutate(rng, document, names, pool), ensure_ascii=rng.random() < 0.5)
        yield name, text.encode("utf-8", "surrogatepass")


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, text):
        self.count += 1
        self.failed += not good
        print(("ok" if good else "not ok") + f" {self.count} - {text}")


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "build/tools/schema_verdict"
    tap = Tap()
    validators = make_validators(load_schemas())
    examples = read_examples()
    for path, name, _, _ in examples:
        if name not in validators:
            tap.ok(False, f"{path} belongs to a schema")
    examples = [e for e in examples if e[1] in validators]
    ours = verdicts_of_library(program, [(name, text) for _, name, text, _ in examples])
    for (path, name, text, folder), our in zip(examples, ours):
        tap.ok(verdict(validators[name], text) == folder, f"{path} is {folder} by jsonschema")
        tap.ok(our == folder, f"{path} is {folder} by the library")
    tap.ok(len(ours) == len(examples), f"{len(examples)} examples were judged")

    mutants = list(make_mutants(examples))
    ours = verdicts_of_library(program, mutants)
    theirs = [verdict(validators[name], text) for name, text in mutants]
    for (name, text), our, their in zip(mutants, ours, theirs):
        if our != their:
            tap.ok(False, f"{name}: {our} by the library, {their} by jsonschema")
            print("#", text.decode("utf-8", "replace")[:1000])
    tap.ok(len(ours) == MUTANTS and ours == theirs, f"{MUTANTS} mutants have the same verdicts")
    tap.ok(theirs.count("valid") > MUTANTS // 20 and theirs.count("invalid") > MUTANTS // 20,
           f"{theirs.count('valid')} of them are valid")
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
