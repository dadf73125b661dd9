# SPDX-License-Identifier: Apache-2.0
"""The data of the benchmark: the same for the same sizes, on every machine.

Version one has n labels.  Of a million, version two gives 2,860 another value (half of them inside the old
band), abstains from 660, adds 1,000 and withdraws 500.  Records are written here as LABELS_FORMAT.md has them,
without any code of the program, so that git can be given the same blobs; whether they are the same is checked by
the ids of the trees.
"""
import hashlib, json, os

PRINCIPAL = "bench@example.org"
UNITS = ("mL/min", "mg/dL", "points", "kg/m2")
TOLD = 7  # the label whose story is told: relabelled TELLINGS times, evenly spread
TELLINGS = 5
TEN = 10


class Label:
    def __init__(self, i):
        self.id = f"q/{i:07d}"
        mixed = i * 2654435761 % 4294967296
        self.value = 1000 + mixed % 90000  # hundredths
        self.band = self.value * 95 // 100, self.value * 105 // 100
        self.unit = UNITS[mixed >> 30]
        self.question = f"Case {i:07d}: how many {self.unit} is it, given {mixed} and {mixed % 997}?"
        self.state, self.reason = "computable", ""
        self.made = '"confidence":{"basis":"imported"}', '"provenance":{"method":"import","source":"v1.jsonl"}'

    def input(self):
        return f'{{"question":"{self.question}"}}'

    def answer(self):
        return (f'{{"kind":"decimal","lower":"{number(self.band[0])}","unit":"{self.unit}",'
                f'"upper":"{number(self.band[1])}","value":"{number(self.value)}"}}')

    def row(self):
        """The line of the table."""
        if self.state == "computable":
            return f'{{"id":"{self.id}",{self.answer()[1:-1]},"input":{self.input()}}}\n'
        return f'{{"id":"{self.id}","state":"{self.state}","reason":"{self.reason}","input":{self.input()}}}\n'

    def record(self):
        digest = hashlib.sha256(self.input().encode()).hexdigest()
        answer = f'"answer":{self.answer()},' if self.state == "computable" else ""
        reason = f'"reason":"{self.reason}",' if self.reason else ""
        return (f'{{{answer}{self.made[0]},"id":"{self.id}","instance":"{digest}",{self.made[1]},{reason}'
                f'"schema":"label/1","state":"{self.state}"}}')

    def instance(self):
        return f'{{"attributes":{{}},"id":"{self.id}","input":{self.input()},"schema":"instance/1"}}'


def number(hundredths):
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def fanout(n):
    levels = 0
    while n / 32 >= 16 ** (levels + 0.5):
        levels += 1
    return levels


def path(collection, id, levels):
    key = hashlib.sha256(id.encode()).hexdigest()
    return "/".join([collection, *key[:levels], id.replace("/", "%2f") + ".json"])


class Data:
    def __init__(self, folder, n, revisions):
        self.folder, self.n, self.revisions, self.levels = folder, n, revisions, fanout(n)

    def at(self, k, prime):
        """A permutation of the labels, another one for each prime."""
        return k * prime % self.n

    def count(self, per_million):
        return max(1, per_million * self.n // 1000000)

    def version_two(self):
        """What happens to which labels of version one, and how many are new."""
        fates = {}
        for fate, share in (("value", 2860), ("abstain", 660), ("withdraw", 500)):
            for _ in range(self.count(share)):
                fates[self.at(len(fates), 7368787)] = fate
        return fates, self.count(1000)

    def changed(self, i, k, fates):
        label = Label(i)
        if fates.get(i) == "value":
            label.value = label.value + 1 if k % 2 else label.value * 2
            label.band = label.value * 95 // 100, label.value * 105 // 100
        elif fates.get(i) == "abstain":
            label.state, label.reason = "incomputable", "the case does not say when"
        return label

    def tables(self):
        """v1.jsonl, v2.jsonl, and of up to 10,000 labels the records, alone and with their instances."""
        fates, added = self.version_two()
        step = max(1, self.n // 10000)
        with self.file("v1.jsonl") as v1, self.file("v2.jsonl") as v2, \
                self.file("labels.txt") as labels, self.file("records.txt") as records:
            for i in range(self.n):
                label = Label(i)
                v1.write(label.row())
                if fates.get(i) != "withdraw":
                    v2.write(self.changed(i, i, fates).row() if i in fates else label.row())
                if i % step == 0:
                    labels.write(label.record() + "\n")
                    records.write(f"{label.record()}\n{label.instance()}\n")
            for i in range(self.n, self.n + added):
                v2.write(Label(i).row())

    def events(self):
        """The labels of the revisions, in order, as they are after each."""
        for k in range(self.revisions):
            told = k % max(1, self.revisions // TELLINGS) == 0
            label = Label(TOLD if told else self.at(k, 15485863))
            label.value = label.value * 3 + 2 * k + 1
            label.band = label.value - 50, label.value + 50
            label.made = ('"confidence":{"basis":"single"}',
                          f'"provenance":{{"agent":"{PRINCIPAL}","method":"human"}}')
            label.reason = "counted again from the note"
            yield label

    def events_file(self, name="events.jsonl", limit=None):
        with self.file(name) as out:
            for k, label in enumerate(self.events()):
                if k == limit:
                    break
                out.write(json.dumps({"event": "relabel", "id": label.id, "value": number(label.value),
                                      "lower": number(label.band[0]), "upper": number(label.band[1]),
                                      "cause": "recount", "reason": label.reason}) + "\n")

    def ids_file(self, count=10000):
        """Ids to look up, and where git has them."""
        with self.file("ids") as ids, self.file("paths") as paths:
            for k in range(count):
                label = Label(self.at(k, 32452843))
                ids.write(label.id + "\n")
                paths.write("v1.0:" + path("labels/test", label.id, self.levels) + "\n")

    def fast_import_files(self):
        """What git fast-import reads: version one, and the revisions on top of it."""
        with self.file("v1.fi") as out:
            out.write(commit("v1", "import"))
            for i in range(self.n):
                label = Label(i)
                out.write(modify(path("labels/test", label.id, self.levels), label.record()))
                out.write(modify(path("instances", label.id, self.levels), label.instance()))
        with self.file("events.fi") as out:
            for k, label in enumerate(self.events()):
                out.write(commit("main", f"relabel {label.id}", "refs/heads/main^0" if k == 0 else None))
                out.write(modify(path("labels/test", label.id, self.levels), label.record()))

    def file(self, name):
        return open(os.path.join(self.folder, name), "w", encoding="ascii", buffering=1 << 20)


def commit(branch, text, parent=None):
    return (f"commit refs/heads/{branch}\ncommitter Bench <{PRINCIPAL}> 1767225600 +0000\n"
            f"data {len(text)}\n{text}\n" + (f"from {parent}\n" if parent else ""))


def modify(where, record):
    return f"M 100644 inline {where}\ndata {len(record)}\n{record}\n"
