# SPDX-License-Identifier: Apache-2.0
"""What is measured: the rows of the table, each with its peers, its goals and the raw cost it cannot go below."""
import os, sqlite3, time
from dataclasses import dataclass, field
from typing import Callable

from data import TOLD, Label, number, path
from work import Sample

SAMPLE = 50  # commits that a peer makes where making all would take hours
OFTEN = 5    # runs of a process that is over at once
KEYS = ("import", "update", "apply", "release", "verify", "diff", "ten", "export", "lookup", "again", "parsed", "history",
        "story", "prove", "proof", "pins", "repin", "relabel", "gc", "size", "clone", "fsck")
NAMES = {"sha1": "SHA-1", "sha256": "SHA-256", "node": "SHA-256 of a node", "deflate": "deflate", "zlib": "deflate by zlib",
         "inflate": "inflate", "zlib-inflate": "inflate by zlib", "sign": "Ed25519 sign", "verify": "verify", "sodium-sign": "by libsodium sign",
         "sodium-verify": "verify"}


@dataclass
class Peer:
    name: str
    run: Callable
    goal: float = None     # Ellwand is to be so many times faster
    scale: float = 1       # the time is that of a part
    slow: bool = False     # left out by PEERS=fast
    huge: bool = False     # left out of a million labels, but for PEERS=all
    programs: tuple = ("git",)
    needs: tuple = ()      # stores


@dataclass
class Limit:
    text: str
    records: str           # the file of records it is measured on
    costs: dict            # measure: how many times
    goal: float = None     # Ellwand is to reach this share of it


@dataclass
class Row:
    key: str
    work: str
    run: Callable
    peers: list = field(default_factory=list)
    needs: tuple = ()
    limit: Limit = None
    goal: float = None     # seconds
    less: Callable = None  # a part of it that is not meant: the row is the difference of both medians


EVERYTHING = Limit("", "labels.txt", {name: 1 for name in NAMES})


def often(run):
    """The middle of a few runs."""
    samples = sorted((run() for _ in range(OFTEN)), key=lambda sample: sample.seconds)
    return samples[OFTEN // 2]


# --- what peers do ---

def git_import(shop):
    shop.need("fast_import_files")
    shop.remove("git")
    shop.run(["git", "init", "-q", "--bare", shop.at("git")])
    sample = shop.git("git", "fast-import", "--quiet", stdin="v1.fi")
    same_tree(shop, "git", "v1", "v1", "labels")
    same_tree(shop, "git", "v1", "v1", "instances")
    return Sample(sample.seconds, sample.rss_kb, shop.size("git"))


def git_revise(shop):
    shop.need("fast_import_files")
    shop.copy("v1", "git")
    sample = shop.git("git", "fast-import", "--quiet", stdin="events.fi")
    same_tree(shop, "git", "main", "applied", "labels")
    return sample


def same_tree(shop, repository, rev, store, folder):
    if shop.line(repository, "rev-parse", f"{rev}:{folder}") != shop.line(store, "rev-parse", f"HEAD:{folder}"):
        shop.notes.append(f"git's {folder} of {rev} are not the blobs of Ellwand: data.py writes other records")
        shop.notes[:] = list(dict.fromkeys(shop.notes))


COMMIT_ALONE = f"""
tree=$(git rev-parse 'HEAD^{{tree}}') tip=$(git rev-parse HEAD) i=0
while [ $((i += 1)) -le {SAMPLE} ]; do tip=$(git commit-tree -S -p "$tip" -m relabel "$tree") || exit; done"""

# The trees from the label up to the root, one after the other.
COMMIT_REWRITTEN = """
tip=$(git rev-parse HEAD)
while read -r path record; do
	entry="100644 blob $(printf %s "$record" | git hash-object -w --stdin)"
	while :; do
		case $path in */*) folder=${path%/*} ;; *) folder= ;; esac
		tree=$(git ls-tree "$tip:$folder" | sed "s|^[^\t]*\t${path##*/}\\$|$entry\t${path##*/}|" | git mktree) || exit
		[ "$folder" ] || break
		entry="040000 tree $tree" path=$folder
	done
	tip=$(git commit-tree -S -p "$tip" -m relabel "$tree") || exit
done"""


def git_commits(shop, script, out="sample"):
    shop.copy("v1", "git")
    with open(shop.at("sample"), "w", encoding="ascii") as sample:
        for k, label in zip(range(SAMPLE), shop.data.events()):
            sample.write(f"{path('labels/test', label.id, shop.data.levels)} {label.record()}\n")
    return shop.run(["sh", "-c", f"cd git && {script}"], stdin=out)


def git_commit_bare(shop):
    """One label, its trees and the commit, by what git has for scripts."""
    label = next(shop.data.events())
    with open(shop.at("one"), "w", encoding="ascii") as one:
        one.write(f"{path('labels/test', label.id, shop.data.levels)} {label.record()}\n")
    return shop.run(["sh", "-c", f'cd plumbed && {COMMIT_REWRITTEN}\ngit update-ref refs/heads/main "$tip"'], stdin="one")


def git_log_signatures(shop):
    sample = shop.git("applied", "log", "-n", str(SAMPLE), "--format=%G?", "main", out="verdicts")
    if set(shop.read("verdicts").split()) != {"G"}:
        shop.notes.append("git does not call every signature good")
    return sample


def cat_blobs(shop, store, folders):
    return shop.run(f"git -C {store} ls-tree -r --format='%(objectname)' v1.0 -- {folders} | "
                    f"git -C {store} cat-file --batch")


def git_lookup(shop):
    sample = shop.git("v1", "cat-file", "--batch", stdin="paths")
    return Sample(sample.seconds / len(shop.read("paths").split()), sample.rss_kb)


def sqlite_lookup(shop):
    ids = [(line,) for line in shop.read("ids").split()]
    db = sqlite3.connect(shop.at("v1.db"), isolation_level=None)
    db.execute("begin")
    wall, cpu = time.perf_counter(), time.process_time()
    for one in ids:
        db.execute("select * from label where id = ?", one).fetchone()
    seconds = shop.pick(time.perf_counter() - wall, time.process_time() - cpu)
    db.close()
    return Sample(seconds / len(ids))


def git_commit(shop):
    where = path("", Label(TOLD).id, shop.data.levels).lstrip("/")

    with open(shop.at("worktree", where), "a", encoding="ascii") as label:
        label.write(" ")
    return shop.git("worktree", "commit", "-q", "-S", "-m", "relabel", "--", where)


def git_log_path(shop, store):
    where = path("labels/test", Label(TOLD).id, shop.data.levels)
    return shop.git(store, "log", "--format=%H", "main", "--", where)


def git_clone(shop, store, then):
    shop.remove("clone")
    return shop.run(f"git clone -q --bare --no-local {store} clone && {then}")


# --- what Ellwand does ---

def ew_lookup(shop, which):
    sample = shop.run([os.path.join(shop.tools, "lookup"), shop.at("v1"), "v1.0", shop.at("ids")], out="lookups")
    laps = {name: shop.pick(*seconds) for name, *seconds in map(str.split, shop.read("lookups").splitlines())}
    return Sample(laps[which], sample.rss_kb)


def ew_proofs(shop, which):
    sample = shop.run([os.path.join(shop.tools, "proofs"), shop.at("v1"), "v1.0", shop.at("ids")], out="proofs")
    laps = {name: shop.pick(*seconds) for name, *seconds in map(str.split, shop.read("proofs").splitlines())}
    return Sample(laps[which], sample.rss_kb)


def ew_story(shop):
    """As often as takes some time; of the index that the row before has made."""
    sample = shop.run([os.path.join(shop.tools, "story"), shop.at("applied"), Label(TOLD).id, "200"], out="story")
    return Sample(shop.pick(*shop.read("story").split()[1:]), sample.rss_kb)


def sizes(shop, store):
    return Sample(bytes=shop.size(os.path.join(store, ".git", "objects")))


def ew_pins(shop):
    shop.remove("bare_cache/.git/ellwand")
    return shop.ew("bare_cache", "pin")


class Relabels:
    """Relabels one label, each time anew."""

    def __init__(self, shop):
        self.shop, self.count = shop, 0

    def relabel(self):
        self.count += 1
        label = Label(self.shop.data.at(self.count, 15485863))
        return self.shop.ew("edited", "relabel", label.id, "--value", number(label.value + self.count),
                            "--lower", "1", "--upper", "10000000", "-m", "counted again")

    def pin(self):
        self.relabel()
        return self.shop.ew("edited", "pin")


def of(shop):
    """The rows, in the order of the table."""
    n, m = shop.data.n, shop.data.revisions
    cores = 1 if shop.clock == "cpu" else os.cpu_count()
    on_cores = "one core" if cores == 1 else f"{cores} cores"
    changes = n * 5020 // 1000000
    revise = Relabels(shop)
    scaled = m / SAMPLE
    some = f"({SAMPLE}, scaled)"
    usable = f"{shop.ellwand} -C clone pin"
    diff = ("diff", "--no-renames")
    export = ("export", "v1.0", "--use", "evaluation", "--format", "jsonl")
    sqlite = ("sqlite3",)
    ew = shop.ew
    return [
        Row("import", "import N labels and release them", shop.make_v1, [
            Peer("git fast-import", lambda: git_import(shop), 8, slow=True),
            Peer("sqlite3 .import", lambda: shop.sqlite("v1", keyed=False), programs=sqlite),
            Peer("sqlite3 .import, then keyed by id", lambda: shop.sqlite("v1", keyed=True), 1, programs=sqlite)],
            limit=Limit("SHA-1, SHA-256", "records.txt", {"sha1": 2 * n, "sha256": 2 * n})),
        Row("update", "compare with version two, commit changes", shop.make_v2, needs=("v1",)),
        Row("apply", "apply M signed commits", shop.make_applied, [
            Peer(f"git commit-tree -S {some}", lambda: git_commits(shop, COMMIT_ALONE), 100, scaled),
            Peer(f"the same, trees by git mktree {some}", lambda: git_commits(shop, COMMIT_REWRITTEN), None, scaled),
            Peer("git fast-import, unsigned", lambda: git_revise(shop), 1, slow=True)],
            needs=("v1", "events"), limit=Limit("Ed25519 sign", "labels.txt", {"sign": m}, 0.5)),
        Row("release", "verify the release of N labels", lambda: ew("v1", "verify", "v1.0"), needs=("v1",)),
        Row("verify", "verify M signed commits after it (the rest)", lambda: ew("applied", "verify"), [
            Peer(f"git log --format=%G? {some}", lambda: git_log_signatures(shop), 150, scaled)],
            needs=("applied",), less=lambda: ew("v1", "verify", "v1.0"),
            limit=Limit(f"Ed25519 verify, {on_cores}", "labels.txt", {"verify": m / cores}, 0.75)),
        Row("diff", "diff of v1 and v2, classes, as JSON", lambda: often(lambda: ew("v2", "diff", "v1.0", "v2.0", "--json")), [
            Peer("git diff -p", lambda: often(lambda: shop.git("v2", *diff, "-p", "v1.0", "v2.0", "--", "labels")), 2),
            Peer("git diff --raw", lambda: often(lambda: shop.git("v2", *diff, "--raw", "v1.0", "v2.0", "--", "labels")), 1),
            Peer("sqldiff", lambda: shop.run("sqldiff --table label v1.db v2.db"),
                 programs=("sqlite3", "sqldiff"), needs=("db",))],
            needs=("v2",), limit=Limit("SHA-1 of both sides of the changes", "labels.txt", {"sha1": 2 * changes})),
        Row("ten", "diff of 10 changes in N", lambda: often(lambda: ew("ten", "diff", "v1.0", "HEAD", "--json")), [
            Peer("git diff-tree -r", lambda: often(lambda: shop.git("ten", "diff-tree", "-r", "v1.0", "HEAD")))],
            needs=("ten",), goal=0.010),
        Row("export", "export N labels as JSONL", lambda: ew("v1", *export), [
            Peer("git cat-file --batch", lambda: cat_blobs(shop, "v1", "labels instances"), 8),
            Peer("the same after git gc", lambda: cat_blobs(shop, "packed", "labels instances"), needs=("packed",))],
            needs=("v1",), limit=Limit("SHA-1", "records.txt", {"sha1": 2 * n})),
        Row("lookup", "one label by id, in one process", lambda: ew_lookup(shop, "record"), [
            Peer("git cat-file --batch, by path", lambda: git_lookup(shop), 10),
            Peer("sqlite3 prepared select", lambda: sqlite_lookup(shop), programs=sqlite, needs=("db",))],
            needs=("v1", "lookups"), goal=5e-6,
            limit=Limit("SHA-1", "labels.txt", {"sha1": 1})),
        Row("again", "the same, its folders known", lambda: ew_lookup(shop, "again"), needs=("v1", "lookups"), goal=5e-6),
        Row("parsed", "the same, parsed and checked", lambda: ew_lookup(shop, "label"), needs=("v1", "lookups")),
        Row("prove", "prove one label, in one process", lambda: ew_proofs(shop, "prove"), needs=("v1", "lookups")),
        Row("proof", "check a proof against a pin, its signature too", lambda: ew_proofs(shop, "pin"), needs=("v1", "lookups"),
            goal=1e-3, limit=Limit("SHA-256 of 20 nodes, Ed25519 verify", "labels.txt", {"node": 20, "sodium-verify": 1})),
        Row("history", "history of one label among M commits",
            lambda: often(lambda: ew("applied", "log", Label(TOLD).id, "--json")), [
                Peer("git log -- PATH", lambda: git_log_path(shop, "packed"), 100, needs=("packed",)),
                Peer("the same with Bloom filters", lambda: often(lambda: git_log_path(shop, "bloom")), needs=("bloom",))],
            needs=("applied",), goal=0.001),
        Row("story", "the same in one process, warm", lambda: ew_story(shop), needs=("applied",), goal=0.001),
        Row("pins", "both pins of N labels from nothing", lambda: ew_pins(shop), [
            Peer("git cat-file --batch, labels only", lambda: cat_blobs(shop, "v1", "labels"), 1)],
            needs=("bare_cache",),
            limit=Limit("SHA-1, SHA-256, trie", "labels.txt", {"sha1": n, "sha256": 2 * n, "node": 4 * n})),
        Row("repin", "both pins after one relabel", lambda: often(revise.pin), needs=("edited",)),
        Row("relabel", "one relabel, whole process", lambda: often(revise.relabel), [
            Peer("git mktree, commit-tree -S, update-ref", lambda: git_commit_bare(shop), 50, needs=("plumbed",)),
            Peer("git commit -S, N files in the work tree", lambda: git_commit(shop), 50, slow=True, huge=True,
                 needs=("worktree",))],
            needs=("edited",),
            goal=0.020),
        Row("gc", "gc after M revisions", shop.make_kept, [
            Peer("git gc", shop.make_packed, 1)], needs=("applied",)),
        Row("size", "objects on the disk then", lambda: sizes(shop, "kept"), [
            Peer("after git gc", lambda: sizes(shop, "packed"), 1, needs=("packed",))],
            needs=("kept",)),
        Row("clone", "then clone, until usable", lambda: git_clone(shop, "kept", usable), [
            Peer("git clone", lambda: git_clone(shop, "packed", "git -C clone rev-parse HEAD"), 1, needs=("packed",))],
            needs=("kept",)),
        Row("fsck", "then fsck", lambda: ew("kept", "fsck"), [
            Peer("git fsck --strict", lambda: shop.git("packed", "fsck", "--strict", "--no-progress"), 1, needs=("packed",))],
            needs=("kept",),
            limit=Limit(f"inflate, SHA-1, verify, {on_cores}", "records.txt",
                        {"inflate": 2 * n / cores, "sha1": 2 * n / cores, "verify": m / cores})),
    ]
