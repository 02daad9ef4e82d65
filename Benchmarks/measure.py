"""Measures the program beside its floor and prints the table. Called by scripts/bench, which builds everything first.

Every row is a number of pairs (floor, ours), taken one after the other so that both see the same machine; what counts
is the median of their ratios.
"""
import argparse
import datetime
import hashlib
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import zlib

import events

HERE = pathlib.Path(__file__).resolve().parent
EDGES = {100: 199, 1_000: 2_074, 10_000: 21_116, 100_000: 213_796}
ENVIRONMENT = {
    "PATH": os.environ["PATH"], "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "bench", "GIT_AUTHOR_EMAIL": "bench@localhost", "GIT_COMMITTER_NAME": "bench",
    "GIT_COMMITTER_EMAIL": "bench@localhost",
}


class Bench:
    def __init__(self, options):
        self.work = pathlib.Path(options.work)
        self.build = pathlib.Path(options.build)
        self.pairs = options.pairs
        self.rows = []
        self.orch = self.build / "claude-orch"
        self.own = self.build / "orch-bench"
        self.floor = self.work / "floor"
        self.environment = ENVIRONMENT | {
            "HOME": str(self.work), "CLAUDE_ORCH_HOME": str(self.work / "home"), "ORCH_SHIM": str(self.build / "orch-shim"),
        }

    # Running

    def call(self, *words, **more):
        return subprocess.run(
            [str(w) for w in words], check=True, capture_output=True, text=True, env=self.environment, **more).stdout

    def timed(self, *words):
        """Wall milliseconds and resident kilobytes of one process, started by a small C program."""
        parts = self.call(self.floor, "run", *words).split()
        if parts[4] != "0":
            sys.exit(f"error: {' '.join(map(str, words))} ended with status {parts[4]}")
        return float(parts[0]), int(parts[3])

    def inner(self, *words):
        return float(self.call(self.floor, *words))

    def pair(self, name, target, floor, ours, note="", unit="ms"):
        """Adds a row from interleaved calls of two functions that give milliseconds."""
        floors, own = [], []
        for _ in range(self.pairs):
            floors.append(floor())
            own.append(ours())
        ratio = statistics.median(b / a for a, b in zip(floors, own))
        self.add(name, statistics.median(floors), statistics.median(own), ratio, target, note, unit)

    def add(self, name, floor, ours, ratio, target, note="", unit="ms"):
        met = "" if target is None else "yes" if ratio <= target else "**no**"
        shown = "" if target is None else f"{target:g}"
        cells = [name, number(floor, unit), number(ours, unit), f"{ratio:.2f}", shown, met, note]
        self.rows.append(cells)
        print("  " + " | ".join(cells), file=sys.stderr, flush=True)

    def absolute(self, name, ours, limit, unit, note=""):
        met = "yes" if ours <= limit else "**no**"
        cells = [name, "", number(ours, unit), "", f"{limit:g} {unit}", met, note]
        self.rows.append(cells)
        print("  " + " | ".join(cells), file=sys.stderr, flush=True)

    # Material

    def corpus(self, n, *flags):
        place = self.work / ("-".join([f"corpus-{n}", *(f.strip("-") for f in flags)]))
        if not (place / ".git").exists():
            shutil.rmtree(place, ignore_errors=True)
            self.call(sys.executable, HERE / "corpus.py", n, place, *flags)
            self.call("git", "init", "-q", "-b", "main", place)
            self.call("git", "-C", place, "add", "-A")
            self.call("git", "-C", place, "commit", "-q", "-m", "plans")
        return place

    def forget(self):
        shutil.rmtree(self.work / "home", ignore_errors=True)

    # Rows

    def start(self):
        self.pair(
            "start-up: `--version`", 2, lambda: self.timed(self.work / "start")[0],
            lambda: self.timed(self.orch, "--version")[0], "floor: a static Swift program that prints a line")

    def sizes(self, n):
        place = self.corpus(n)
        plans, edges = place / "docs/plans", EDGES[n]
        database = self.work / "floor.db"
        edited = sorted(plans.glob("*/epic-07-*.md"))[0]

        def fresh_floor():
            for file in self.work.glob("floor.db*"):
                file.unlink()
            return self.timed(self.floor, "cold", plans, database, edges)[0]

        def fresh():
            self.forget()
            return self.timed(self.orch, "sync", "--project", place)[0]

        def edit():
            # A person's editor: other bytes of the same length, under the same name.
            text = edited.read_bytes()
            edited.write_bytes(text[:-3] + (b"a.\n" if text[-3:] != b"a.\n" else b"b.\n"))
            return self.timed(self.orch, "sync", "--project", place)[0]

        def start():
            return self.timed(self.work / "start")[0]

        self.pair(f"sync cold, {n:,} plans", 2, fresh_floor, fresh, "floor: walk, read, libyaml, one transaction")
        self.pair(
            f"sync, nothing changed, {n:,}", 2, lambda: self.timed(self.floor, "warm", plans, database)[0],
            lambda: self.timed(self.orch, "sync", "--project", place)[0], "floor: stat walk, load all rows")
        self.pair(
            f"sync, one file edited, {n:,}", 2, lambda: self.timed(self.floor, "edit", plans, database, edited)[0], edit,
            "floor: the same, read and parse one file, one transaction")
        self.pair(
            f"`status`, {n:,}", 3, lambda: start() + self.inner("status", database),
            lambda: self.timed(self.orch, "status", "--project", place)[0], "floor: start a program, open, read counters")
        self.pair(
            f"`list`, {n:,}", 3, lambda: start() + self.inner("list", database),
            lambda: self.timed(self.orch, "list", "--project", place)[0], "floor: start a program, load all rows")

    def dispatch(self, n):
        place = self.corpus(n)
        self.forget()
        self.call(self.orch, "sync", "--project", place)
        pristine = self.work / "home" / "orchestrator.db"
        graph = self.call(self.own, "graph", pristine)
        (self.work / "dag").write_text(graph)
        nop = self.work / "nop"
        lines = [line.split() for line in graph.splitlines()]
        rules = [f"all: {' '.join('t' + l[0] for l in lines)}\n.PHONY: all {' '.join('t' + l[0] for l in lines)}\n"]
        rules += [f"t{l[0]}: {' '.join('t' + d for d in l[1:])}\n\t@{nop}\n" for l in lines]
        (self.work / "dag.mk").write_text("".join(rules))
        kept = self.work / "dispatch.db"

        def ours():
            for file in self.work.glob("dispatch.db*"):
                file.unlink()
            # The store's own way of copying: with what is still in the log beside it.
            for file in (self.work / "home").glob("orchestrator.db*"):
                shutil.copy(file, str(kept) + file.name.removeprefix("orchestrator.db"))
            time, _, state = self.call(self.own, "dispatch", kept, nop).split()
            if state != "complete":
                sys.exit("error: the dispatch bench did not complete every task")
            return float(time)

        name = f"dispatch of {len(lines):,} no-op tasks, durable"
        if shutil.which("make"):
            make = lambda: self.timed("make", "-s", "-r", "-R", "-j8", "-f", self.work / "dag.mk")[0]
            self.pair(name + ", against make", 1.3, make, ours, "floor: make -j8, which keeps no state")
        self.pair(
            name + ", against posix_spawn", None, lambda: self.inner("dag", self.work / "dag", nop), ours,
            "floor: a C loop, which keeps no state")

    def decisions(self):
        for n in (10_000, 100_000, 1_000_000):
            runs = [float(self.call(self.own, "decisions", n).split()[0]) for _ in range(max(3, self.pairs // 2))]
            self.absolute(f"one scheduling decision, {n:,} tasks", statistics.median(runs), 1000, "ns")

    def landing(self, files=5_000, branches=30):
        seed = self.work / "landing"
        if not seed.exists():
            make_repository(seed, files, branches, self.environment)

        def copy(name):
            target = self.work / name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(seed, target, symlinks=True)
            return target

        def ours(name, repository):
            time, landed, _ = self.call(self.own, "landing", repository, "topic-").split()
            if int(landed) != branches:
                sys.exit(f"error: {name} landed {landed} of {branches} branches")
            return float(time) / branches

        def checked_out():
            work = self.work / "landing-work"
            shutil.rmtree(work, ignore_errors=True)
            self.call("git", "clone", "-q", seed, work)
            self.call("git", "-C", work, "fetch", "-q", "origin", "refs/heads/topic-*:refs/heads/topic-*")
            return ours("with a checkout", work)

        chained = lambda: chained_merges(copy("landing-floor"), branches, self.environment)
        self.pair(
            f"one landing, {files:,} files, bare", 3, chained, lambda: ours("bare", copy("landing-ours")),
            "floor: chained `merge-tree --stdin`, one update-ref for all")
        self.pair(
            f"one landing, {files:,} files, base checked out", None, chained, checked_out,
            "same floor; ours also moves the checkout, as a fast-forward")

    def queue(self, files=5_000, changes=100):
        """Approved changes, the gate `true`, the base checked out: the real program lands them all."""
        seed = self.work / "queue-seed"
        shutil.rmtree(seed, ignore_errors=True)
        make_repository(seed, files, changes, self.environment, branch="feat/m{:03}-E01", plans=True)
        home, place = self.work / "queue-home", self.work / "queue-work"

        def prepare(settings):
            for directory in (home, place):
                shutil.rmtree(directory, ignore_errors=True)
            self.call("git", "clone", "-q", seed, place)
            self.call("git", "-C", place, "fetch", "-q", "origin", "refs/heads/feat/*:refs/heads/feat/*")
            (place / ".claude-orchestrator.toml").write_text(
                '[general]\nagent = "script"\nbase_branch = "main"\n[verify]\ncommands = ["true"]\n'
                f'[sandbox]\nmode = "off"\n[landing]\ndepth = 32\n{settings}\n')
            environment = self.environment | {"CLAUDE_ORCH_HOME": str(home)}
            run = lambda *words: subprocess.run(
                [str(w) for w in words], check=True, capture_output=True, text=True, env=environment, cwd=place).stdout
            run(self.orch, "sync")
            heads = run("git", "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/feat")
            made = run(self.own, "approve", home / "orchestrator.db", run("git", "rev-parse", "main").strip(), heads)
            if int(made) != changes:
                sys.exit(f"error: {made} of {changes} changes were approved")
            return run

        def ours(settings):
            import time
            run = prepare(settings)
            begin = time.perf_counter()
            run(self.orch, "start", "--all")
            spent = (time.perf_counter() - begin) * 1000
            done = run(self.orch, "status").splitlines()[0]
            if f"{changes} complete" not in done:
                sys.exit(f"error: {done}")
            return spent / changes

        def floor():
            target = self.work / "queue-floor"
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(seed, target, symlinks=True)
            return chained_merges(target, changes, self.environment, "refs/heads/feat")

        pairs, self.pairs = self.pairs, min(3, self.pairs)
        for prove, what in (("each", "gate and move for each"), ("stack", "a stack of 32 at a time")):
            self.pair(
                f"`start` lands {changes} changes, {files:,} files, {what}: one change", None, floor,
                lambda: ours(f'prove = "{prove}"'),
                "floor: chained `merge-tree --stdin`, one update-ref; ours with sync, gate, intents, checkout, statuses")
        self.pairs = pairs

    def forecast(self, files=5_000, branches=30):
        seed = self.work / "forecast"
        if not seed.exists():
            make_repository(seed, files, 0, self.environment)
        runs = []
        for _ in range(max(3, self.pairs // 2)):
            _, found, commit = self.call(self.own, "forecast", seed, branches).split()
            if int(found) != branches * (branches - 1) // 2:
                sys.exit(f"error: {found} conflicts were foreseen")
            runs.append(float(commit))
        self.absolute(
            f"conflict forecast, {branches} branches that all conflict, {files:,} files: one new commit",
            statistics.median(runs), 100, "ms")

    def memory(self, n):
        place = self.corpus(n)
        self.forget()
        self.absolute(f"resident, cold sync of {n:,}", self.timed(self.orch, "sync", "--project", place)[1] / 1024, 60, "MB")
        done = self.corpus(n, "--complete")
        self.forget()
        self.call(self.orch, "sync", "--project", done)
        self.absolute(
            f"resident, `start` with {n:,} tasks and nothing to do",
            self.timed(self.orch, "start", "--project", done)[1] / 1024, 60, "MB")

    def table(self):
        head = ["row", "floor", "ours", "ratio", "target", "met", "floor is"]
        lines = [head, ["---"] * len(head), *self.rows]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def number(value, unit):
    digits = 3 if value < 1 else 2 if value < 100 else 0
    return f"{value:,.{digits}f} {unit}"


def make_repository(place, files, branches, environment, branch="topic-{:03}", plans=False):
    """A bare repository with `branches` branches, each of which changes one file of its own; with a plan for each."""
    lines = ["commit refs/heads/main", "committer bench <bench@localhost> 1700000000 +0000", "data 4", "base"]
    for i in range(files):
        text = "\n".join(f"line {k} of file {i}" for k in range(20)) + "\n"
        lines += [f"M 100644 inline src/{i % 50:02}/{i // 50 % 10}/file-{i:05}.txt", f"data {len(text)}", text]
    for b in range(branches if plans else 0):
        text = f"---\nstatus: not_started\n---\n# Change {b}\n\n## Acceptance Criteria\n- [ ] It lands\n"
        lines += [f"M 100644 inline docs/plans/m{b:03}/epic-01-change.md", f"data {len(text)}", text]
    for b in range(branches):
        text = f"changed by {b}\n"
        lines += [f"commit refs/heads/{branch.format(b)}", "committer bench <bench@localhost> 1700000001 +0000", "data 6", "change"]
        lines += ["from refs/heads/main", f"M 100644 inline src/{b % 50:02}/0/file-{b:05}.txt", f"data {len(text)}", text]
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", place], check=True, env=environment)
    subprocess.run(
        ["git", "-C", place, "fast-import", "--quiet"], input="\n".join(lines) + "\n", text=True, check=True,
        env=environment)


def chained_merges(repository, branches, environment, pattern="refs/heads/topic-*"):
    """Milliseconds for one merge: one coprocess merges, commits are written here, one update-ref moves the branch."""
    import time

    def git(*words):
        return subprocess.run(
            ["git", "-C", repository, *words], check=True, capture_output=True, text=True, env=environment).stdout.strip()

    heads = git("for-each-ref", "--format=%(objectname)", pattern).split()
    base = start = git("rev-parse", "main")
    begin = time.perf_counter()
    process = subprocess.Popen(
        ["stdbuf", "-o0", "git", "-C", repository, "merge-tree", "--write-tree", "--stdin"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, env=environment, bufsize=0)
    for head in heads[:branches]:
        process.stdin.write(f"{base} {head}\n".encode())
        # "1 NUL tree NUL NUL" for a clean merge without messages.
        answer = b""
        while answer.count(b"\0") < 3:
            answer += process.stdout.read(1 if answer.count(b"\0") < 2 else 1)
        tree = answer.split(b"\0")[1].decode()
        who = "bench <bench@localhost> 1700000002 +0000"
        body = f"tree {tree}\nparent {base}\nparent {head}\nauthor {who}\ncommitter {who}\n\nmerge\n".encode()
        data = b"commit %d\0" % len(body) + body
        base = hashlib.sha1(data).hexdigest()
        directory = repository / "objects" / base[:2]
        directory.mkdir(exist_ok=True)
        temporary = directory / "new"
        temporary.write_bytes(zlib.compress(data, 1))
        temporary.rename(directory / base[2:])
    process.stdin.close()
    process.wait()
    git("update-ref", "refs/heads/main", base, start)
    return (time.perf_counter() - begin) * 1000 / branches


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="100 and 1,000 plans only")
    parser.add_argument("--full", action="store_true", help="100,000 plans too")
    parser.add_argument("--sizes", help="only these numbers of plans, such as 1000,10000")
    parser.add_argument("--only", help="rows of some kinds: start, sizes, dispatch, decisions, "
                        "landing, forecast, queue, events, readers, memory")
    parser.add_argument("--output", help="also write the table here")
    options = parser.parse_args()
    bench = Bench(options)
    sizes = [100, 1_000] + ([] if options.quick else [10_000]) + ([100_000] if options.full else [])
    if options.sizes:
        sizes = [int(size) for size in options.sizes.split(",")]
    wanted = lambda kind: options.only is None or kind in options.only.split(",")
    before = os.getloadavg()[0]
    if wanted("start"):
        bench.start()
    if wanted("sizes"):
        for n in sizes:
            bench.sizes(n)
    if wanted("dispatch"):
        bench.dispatch(1_000)
    if wanted("decisions"):
        bench.decisions()
    if wanted("landing"):
        bench.landing()
    if wanted("forecast"):
        bench.forecast()
    if wanted("queue"):
        bench.queue()
    if wanted("events"):
        events.log_rows(bench)
    if wanted("readers"):
        events.reader_rows(bench)
    if wanted("memory"):
        bench.memory(sizes[-1] if options.quick else 10_000)
    git = subprocess.run(["git", "--version"], capture_output=True, text=True).stdout.split()[2]
    text = (
        f"{datetime.date.today()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors, git {git}, "
        f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after, {bench.pairs} pairs a row.\n\n{bench.table()}\n")
    print(text)
    if options.output:
        pathlib.Path(options.output).write_text(text)


main()
