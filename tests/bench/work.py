# SPDX-License-Identifier: Apache-2.0
"""Where the benchmark works: one folder with its data and stores, and ways to run what is measured.

A store that several rows need is made when the first asks for it; the row that measures the making of it leaves
its last one.  Nobody's settings of git, and no key agent, have a say.
"""
import os, shutil, subprocess
from dataclasses import dataclass

from data import PRINCIPAL, Data

SQLITE = """.mode ascii
.separator "\\037" "\\n"
create table raw(line text);
.import {table} raw
"""
SQLITE_KEYED = SQLITE + """
create table label(id text primary key, state, kind, value, unit, lower, upper, reason, question) without rowid;
insert into label select json_extract(line, '$.id'), json_extract(line, '$.state'), json_extract(line, '$.kind'),
	json_extract(line, '$.value'), json_extract(line, '$.unit'), json_extract(line, '$.lower'),
	json_extract(line, '$.upper'), json_extract(line, '$.reason'), json_extract(line, '$.input.question') from raw;
drop table raw;
"""


class Failed(Exception):
    pass


@dataclass
class Sample:
    seconds: float = None
    rss_kb: int = None
    bytes: int = None


class Workshop:
    def __init__(self, build, folder, n, revisions, peers, clock):
        self.ellwand = os.path.join(build, "ellwand")
        self.tools = os.path.join(build, "bench")
        self.folder, self.data = folder, Data(folder, n, revisions)
        self.peers, self.clock = peers, clock
        self.made, self.notes = set(), []
        self.env = {name: value for name, value in os.environ.items()
                    if not name.startswith(("GIT_", "ELLWAND_", "LC_", "SSH_")) and name != "LANG"}
        settings = {"gc.auto": "0", "maintenance.auto": "false", "gpg.format": "ssh", "user.signingKey": self.at("key"),
                    "gpg.ssh.allowedSignersFile": self.at("signers"), "core.fsync": "committed,reference"}
        self.env.update(LC_ALL="C", TZ="UTC", HOME=folder, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null",
                        GIT_CONFIG_COUNT=str(len(settings)), SOURCE_DATE_EPOCH="1767225600",
                        ELLWAND_KEY=self.at("key"), ELLWAND_PRINCIPAL=PRINCIPAL)
        for i, (name, value) in enumerate(settings.items()):
            self.env.update({f"GIT_CONFIG_KEY_{i}": name, f"GIT_CONFIG_VALUE_{i}": value})
        for who in ("AUTHOR", "COMMITTER"):
            self.env.update({f"GIT_{who}_NAME": "bench", f"GIT_{who}_EMAIL": PRINCIPAL})

    def at(self, *names):
        return os.path.join(self.folder, *names)

    def wants(self, peer):
        if self.peers == "none" or (peer.slow and self.peers == "fast"):
            return False
        if peer.huge and self.data.n >= 1000000 and self.peers != "all":
            return False
        return all(shutil.which(program) for program in peer.programs)

    def prepare(self):
        self.data.tables()
        self.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", PRINCIPAL, "-f", self.at("key")])
        with open(self.at("key.pub"), encoding="ascii") as key, open(self.at("signers"), "w", encoding="ascii") as out:
            out.write(f"{PRINCIPAL} {key.read()}")

    # --- running ---

    def run(self, command, stdin=None, out=os.devnull):
        """Runs a command, or a line of sh, in the folder; what it took."""
        if isinstance(command, str):
            command = ["sh", "-c", command]
        with open(self.at(stdin) if stdin else os.devnull, "rb") as source, open(self.at(out), "wb") as sink, \
                open(self.at("stderr"), "wb") as errors:
            subprocess.run([os.path.join(self.tools, "meter"), self.at("meter"), *command], cwd=self.folder,
                           env=self.env, stdin=source, stdout=sink, stderr=errors, check=True)
        wall, cpu, rss_kb, status = self.read("meter").split()
        if status != "0":
            last = self.read("stderr").strip().split("\n")[-1]
            raise Failed(f"{' '.join(command)[:60]} … exited with {status}: {last}")
        return Sample(self.pick(wall, cpu), int(rss_kb))

    def pick(self, wall, cpu):
        return float(cpu if self.clock == "cpu" else wall)

    def ew(self, store, *words, out=os.devnull):
        return self.run([self.ellwand, "-C", self.at(store), *words], out=out)

    def git(self, store, *words, stdin=None, out=os.devnull):
        return self.run(["git", "-C", self.at(store), *words], stdin, out)

    def line(self, store, *words):
        self.git(store, *words, out="line")
        return self.read("line").strip()

    def read(self, name):
        with open(self.at(name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def limits(self, limit):
        self.run([os.path.join(self.tools, "limits"), self.at(limit.records), *limit.costs], out="limits")
        return {name: float(value) for name, value in map(str.split, self.read("limits").splitlines())}

    def mean(self, name):
        """The mean length of the lines of a file."""
        lines = self.read(name).splitlines()
        return sum(map(len, lines)) / len(lines)

    # --- stores ---

    def need(self, name):
        if name not in self.made:
            getattr(self, "make_" + name)()
            self.made.add(name)

    def remove(self, name):
        shutil.rmtree(self.at(name), ignore_errors=True)

    def copy(self, store, to):
        """Packs are shared: nobody changes one."""
        self.remove(to)
        for root, _, files in os.walk(self.at(store)):
            target = self.at(to, os.path.relpath(root, self.at(store)))
            os.makedirs(target)
            for name in files:
                copy = os.link if root.endswith("/objects/pack") else shutil.copy
                copy(os.path.join(root, name), os.path.join(target, name))

    def size(self, store):
        return sum(os.lstat(os.path.join(root, name)).st_blocks * 512
                   for root, _, files in os.walk(self.at(store)) for name in files)

    def make_v1(self):
        self.remove("v1")
        self.ew(".", "init", "v1", "--name", "Bench")
        sample = self.ew("v1", "import", self.at("v1.jsonl"), "--split", "test", "--preset", "jsonl")
        released = self.ew("v1", "release", "v1.0", "-m", "first")
        self.made.add("v1")
        return Sample(sample.seconds + released.seconds, max(sample.rss_kb, released.rss_kb), self.size("v1"))

    def make_v2(self):
        self.need("v1")
        self.copy("v1", "v2")
        sample = self.ew("v2", "import", self.at("v2.jsonl"), "--split", "test", "--preset", "jsonl",
                         "--update", "--complete")
        self.ew("v2", "release", "v2.0", "-m", "second")
        self.made.add("v2")
        return sample

    def make_events(self):
        self.data.events_file()

    def make_applied(self):
        self.need("v1")
        self.need("events")
        self.copy("v1", "applied")
        sample = self.ew("applied", "apply", self.at("events.jsonl"))
        self.made.add("applied")
        return Sample(sample.seconds, sample.rss_kb, self.size("applied"))

    def make_packed(self):
        """The store after all revisions as git itself packs it."""
        self.need("applied")
        self.copy("applied", "packed")
        sample = self.git("packed", "gc", "-q", "--prune=now")
        self.made.add("packed")
        return Sample(sample.seconds, sample.rss_kb, self.size("packed"))

    def make_kept(self):
        """And as Ellwand packs it."""
        self.need("applied")
        self.copy("applied", "kept")
        sample = self.ew("kept", "gc")
        self.made.add("kept")
        return Sample(sample.seconds, sample.rss_kb, self.size("kept"))

    def make_bloom(self):
        self.need("packed")
        self.copy("packed", "bloom")
        self.git("bloom", "commit-graph", "write", "--reachable", "--changed-paths")

    def make_ten(self):
        self.need("v1")
        self.copy("v1", "ten")
        self.data.events_file("ten.jsonl", 10)
        self.ew("ten", "apply", self.at("ten.jsonl"))

    def make_bare_cache(self):
        self.need("v1")
        self.copy("v1", "bare_cache")

    def make_edited(self):
        self.need("v1")
        self.copy("v1", "edited")

    def make_plumbed(self):
        self.need("v1")
        self.copy("v1", "plumbed")

    def make_lookups(self):
        self.data.ids_file()

    def make_fast_import_files(self):
        self.data.fast_import_files()

    def make_db(self):
        self.sqlite("v1", keyed=True)
        self.sqlite("v2", keyed=True)

    def sqlite(self, version, keyed):
        db = self.at(f"{version}{'' if keyed else '-raw'}.db")
        if os.path.exists(db):
            os.remove(db)
        with open(self.at("sql"), "w", encoding="ascii") as out:
            out.write((SQLITE_KEYED if keyed else SQLITE).format(table=f"{version}.jsonl"))
        sample = self.run(["sqlite3", "-batch", db], stdin="sql")
        return Sample(sample.seconds, sample.rss_kb, os.path.getsize(db))

    def make_worktree(self):
        """A work tree of git's, with as many files as there are labels."""
        self.need("v1")
        self.remove("worktree")
        self.run(["git", "init", "-q", self.at("worktree")])
        with open(self.at("worktree", ".git", "objects", "info", "alternates"), "w", encoding="ascii") as out:
            out.write(self.at("v1", ".git", "objects") + "\n")
        commit = self.line("worktree", "commit-tree", "-m", "labels", self.line("v1", "rev-parse", "v1.0:labels/test"))
        self.git("worktree", "reset", "-q", "--hard", commit)
