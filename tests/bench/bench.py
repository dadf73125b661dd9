#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ellwand beside its peers, on one machine, in one run: `make bench` builds what this needs and starts it.

bench.py BUILD           BUILD holds ellwand and bench/{meter,limits,lookup,proofs,story}; writes BUILD/bench.json

  N="10000 100000"       numbers of labels (100000); of several, how cost grows is told as well
  M=20000                number of revisions (N / 10)
  RUNS=3                 how often each is run; the median counts
  ROWS="import apply"    these rows only; ROWS=help lists them
  PEERS=fast             leave out peers that take long; PEERS=none all, PEERS=all none
  CLOCK=cpu              time of processors instead, for a machine that has other things to do

Ellwand and its peers run in turn.  What once took longer than PATIENCE seconds is not run again.  bench.json is an
array with an object for each row and peer: work, n, seconds, peer, peer_seconds, ratio (peer's / Ellwand's), limit_seconds
(raw cost of digests, deflate, signatures by OpenSSL, measured in the same run), limit_ratio (limit / Ellwand's), rss_kb,
bytes; of what takes no time, ratio is that of bytes.
"""
import atexit, json, math, os, shutil, signal, statistics, sys, tempfile, time

import rows
from work import Failed, Workshop

PATIENCE = 20


def numbers(name, default):
    return [int(word) for word in os.environ.get(name, "").split()] or default


class Timed:
    """One contestant of a row, and what is to be taken from its time."""

    def __init__(self, run, name="ellwand", scale=1, goal=None, less=None):
        self.run, self.name, self.scale, self.goal, self.less = run, name, scale, goal, less
        self.samples, self.lesser, self.failure = [], [], None

    def once(self):
        if self.failure or (self.samples and (self.samples[-1].seconds or 0) > PATIENCE):
            return
        try:
            self.samples.append(self.run())
            if self.less:
                self.lesser.append(self.less())
        except Failed as failure:
            self.failure = str(failure)

    def seconds(self):
        whole, part = median(self.samples), median(self.lesser) or 0
        return None if self.failure or whole is None or whole <= part else (whole - part) * self.scale

    def most(self, what):
        return max((getattr(sample, what) or 0 for sample in self.samples), default=0) or None


def median(samples):
    return statistics.median(known) if (known := [s.seconds for s in samples if s.seconds is not None]) else None


class Limit:
    """The raw cost of a row, measured between the runs."""

    def __init__(self, shop, row):
        self.shop, self.row, self.samples = shop, row, []

    def once(self):
        if self.row.limit:
            cost = self.shop.limits(self.row.limit)
            self.samples.append(sum(times * cost[name] for name, times in self.row.limit.costs.items()))

    def seconds(self):
        return statistics.median(self.samples) if self.samples else None


def measure(shop, row, runs, say):
    """The entries of bench.json for one row; the row's own contestant first, then its peers."""
    wanted = [peer for peer in row.peers if shop.wants(peer)]
    own, peers = Timed(row.run, less=row.less), [Timed(peer.run, peer.name, peer.scale, peer.goal) for peer in wanted]
    limit = Limit(shop, row)
    try:
        for need in dict.fromkeys(sum((peer.needs for peer in wanted), row.needs)):
            say(f"{row.key}: makes {need}")
            shop.need(need)
        for i in range(runs):
            for timed in [own, *peers]:
                say(f"{row.key}: {timed.name}, run {i + 1} of {runs}")
                timed.once()
            limit.once()
    except Failed as failure:
        own.failure = str(failure)
    return own, peers, limit


def entries(shop, row, own, peers, limit):
    seconds, floor, size = own.seconds(), limit.seconds(), own.most("bytes")
    entry = {"work": row.work, "n": shop.data.n, "seconds": seconds, "peer": None, "peer_seconds": None, "ratio": None,
             "limit_seconds": floor, "limit_ratio": ratio(floor, seconds), "rss_kb": own.most("rss_kb"), "bytes": size}
    for peer in peers or [None]:
        if peer:
            entry = dict(entry, peer=peer.name, peer_seconds=peer.seconds(), ratio=advantage(own, peer))
        yield entry


def advantage(own, peer):
    """How many times the peer takes as long; of what takes no time, how many times it is as large."""
    if own.seconds() is None and not own.failure:
        return ratio(peer.most("bytes"), own.most("bytes"))
    return ratio(peer.seconds(), own.seconds())


def ratio(theirs, ours):
    return theirs / ours if theirs and ours else None


# --- for people ---

def spell_time(seconds):
    if seconds is None:
        return "–"
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 0.9995 or unit == "µs":
            return f"{three(seconds * factor)} {unit}"


def three(x):
    """Three digits that count."""
    return f"{x:,.0f}" if x >= 99.95 else f"{x:.1f}" if x >= 9.995 else f"{x:.2f}"


def spell_ratio(x):
    return "–" if x is None else f"{three(x)}×" if x >= 0.095 else f"{x:.2g}×"


def spell_size(kb):
    return "" if not kb else f"{kb / 1024:,.0f} MB" if kb >= 10240 else f"{kb / 1024:.1f} MB"


def goal_of(value, goal, spelled, good):
    return "" if goal is None else f"{spelled} {'✓' if value is not None and good(value, goal) else ' '}"


LINE = "{:<47}{:>10}{:>10}{:>10}{:>9}{:>9}"


def print_row(row, own, peers, limit):
    seconds = own.seconds()
    goal = goal_of(seconds, row.goal, spell_time(row.goal), lambda s, g: s <= g)
    print(LINE.format(row.work, spell_time(seconds), "", goal, spell_size(own.most("rss_kb")),
                      spell_size((own.most("bytes") or 0) / 1024)).rstrip())
    for peer in peers:
        faster = advantage(own, peer)
        print(LINE.format("    " + peer.name, spell_time(peer.seconds()), spell_ratio(faster),
                          goal_of(faster, peer.goal, f"{peer.goal}×", lambda r, g: r >= g),
                          spell_size(peer.most("rss_kb")), spell_size((peer.most("bytes") or 0) / 1024)).rstrip())
    floor = limit.seconds()
    if floor:
        share = ratio(floor, seconds)
        print(LINE.format("    limit: " + row.limit.text, spell_time(floor), f"{share:.0%}" if share else "–",
                          goal_of(share, row.limit.goal, f"{row.limit.goal or 0:.0%}", lambda r, g: r >= g), "", "").rstrip())
    for timed in [own, *peers]:
        if timed.failure:
            print(f"    ! {timed.name}: {timed.failure}")
    sys.stdout.flush()


def print_head(shop):
    data = shop.data
    label, both = shop.mean("labels.txt"), shop.mean("records.txt")
    print(f"N = {data.n:,} labels of {label:.0f} bytes, each with an instance of {2 * both - label:.0f}; "
          f"M = {data.revisions:,} revisions")
    print(LINE.format("", "time", "faster", "goal", "memory", "disk").rstrip())


def print_foot(shop):
    cost = shop.limits(rows.EVERYTHING)
    words = [f"{rows.NAMES[name]} {spell_time(cost[name])}" for name in rows.EVERYTHING.costs]
    print("\nfaster: the time of the peer divided by Ellwand's, or its size where none is given; of a limit, the share of\n"
          "Ellwand's time that it is.  (the rest): a median less that of the row before, of the same runs.\n"
          f"(scaled): {rows.SAMPLE} commits were timed, and M times one of them is shown.\n"
          "Limits, for one label on one core: " + ", ".join(words[:4]) + ",\n" + ", ".join(words[4:8]) + ",\n"
          + ", ".join(words[8:]) + ".")


def print_fits(table, sizes):
    print("cost against N: time ~ N^exponent; M grows with N")
    line = "{:<47}" + "{:>10}" * (len(sizes) + 1)
    print(line.format("", *(f"{n:,}" for n in sizes), "exponent"))
    for (work, peer), at in table.items():
        known = [(n, at[n]) for n in sizes if at.get(n)]
        if known:
            print(line.format(work if peer == "ellwand" else "    " + peer, *(spell_time(at.get(n)) for n in sizes),
                              exponent(known)))


def exponent(points):
    """The slope of the least squares line through the logarithms."""
    if len(points) < 2:
        return "–"
    x, y = [[math.log(value) for value in axis] for axis in zip(*points)]
    mean_x, mean_y = statistics.mean(x), statistics.mean(y)
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)
    return f"{slope:.2f}"


# --- the whole ---

def bench_one(build, folder, n, options, report):
    started = time.monotonic()

    def say(text):
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="" if text else "", file=sys.stderr, flush=True)

    shop = Workshop(build, folder, n, max(rows.SAMPLE, options["M"] or n // 10), options["PEERS"],
                    options["CLOCK"])
    say("makes the data")
    shop.prepare()
    say("")
    busiest = 0
    print_head(shop)
    for row in rows.of(shop):
        if not options["ROWS"] or row.key in options["ROWS"]:
            own, peers, limit = measure(shop, row, options["RUNS"], say)
            say("")
            busiest = max(busiest, os.getloadavg()[0])
            print_row(row, own, peers, limit)
            report(shop, row, own, peers, limit)
    print_foot(shop)
    if busiest > os.cpu_count() + 1:
        shop.notes.append(f"the load was up to {busiest:.1f} on {os.cpu_count()} cores: the machine did other things as well")
    for note in shop.notes:
        print(f"note: {note}")
    print(f"took {time.monotonic() - started:.0f} s\n")


def main():
    build = os.path.abspath(sys.argv[1])
    sizes = numbers("N", [100000])
    options = {"M": (numbers("M", [0]))[0], "RUNS": numbers("RUNS", [3])[0], "PEERS": os.environ.get("PEERS", ""),
               "CLOCK": os.environ.get("CLOCK", ""),
               "ROWS": os.environ.get("ROWS", "").replace(",", " ").split()}
    if set(options["ROWS"]) - set(rows.KEYS) or options["PEERS"] not in ("", "none", "fast", "all"):
        sys.exit(f"bench: ROWS may have: {' '.join(rows.KEYS)}; PEERS may be none, fast or all")
    all_entries, table, failed = [], {}, []

    def report(shop, row, own, peers, limit):
        all_entries.extend(entries(shop, row, own, peers, limit))
        for timed in [own, *peers]:
            table.setdefault((row.work, timed.name), {})[shop.data.n] = timed.seconds()
        if own.failure:
            failed.append(row.key)
        with open(os.path.join(build, "bench.json"), "w", encoding="utf-8") as out:
            json.dump(all_entries, out, indent=1, ensure_ascii=False)
            out.write("\n")

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"Ellwand beside its peers: {os.cpu_count()} cores, medians of {options['RUNS']} runs in turn, "
          f"{time.strftime('%Y-%m-%d')}\n")
    for n in sizes:
        folder = tempfile.mkdtemp(prefix="ellwand-bench.")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        bench_one(build, folder, n, options, report)
        shutil.rmtree(folder)
    if len(sizes) > 1:
        print_fits(table, sizes)
    if failed:
        sys.exit(f"bench: failed: {' '.join(failed)}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
