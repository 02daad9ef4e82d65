"""The log of events: how fast it is written and proved, and many readers of it at once.

The readers are real sockets of the real daemon, and every number is checked. Used by Benchmarks/measure.py; the readers alone:
python3 Benchmarks/events.py BUILD-DIRECTORY [READERS [RATE [SECONDS]]]
"""
import json
import os
import pathlib
import re
import resource
import selectors
import socket
import subprocess
import sys
import tempfile
import time

NUMBER = re.compile(rb"^id: (\d+)$", re.MULTILINE)


def log_rows(bench, n=1_000_000):
    """Appended in batches of a hundred, each synced to the disk, then proved from end to end."""
    for file in bench.work.glob("events.db*"):
        file.unlink()
    appended, verified, _ = bench.call(bench.own, "events", bench.work / "events.db", n).split()
    size = sum(file.stat().st_size for file in bench.work.glob("events.db*")) / 1e6
    bench.absolute(f"one event appended, {n:,} in durable batches of 100", float(appended) * 1000 / n, 200, "µs")
    bench.absolute(f"{n:,} events verified", float(verified), 5000, "ms")
    bench.absolute(f"{n:,} events on the disk", size, 1000, "MB")


def reader_rows(bench, count=1000, rate=100):
    """Ends the run when a reader misses a number or gets it twice."""
    with tempfile.TemporaryDirectory(dir=bench.work) as work:
        late, share, memory, written = measure(bench.build, work, count, rate)
    what = f"events to {count:,} readers at {written:.0f} a second"
    bench.absolute(f"{what}: the last reader behind the writer", late * 1000, 1000, "ms")
    bench.absolute(f"{what}: the daemon's part of one processor", share * 100, 100, "%")
    bench.absolute(f"{what}: the daemon, resident", memory, 150, "MB")


class Reader:
    """One connection, and the number that has to come next."""

    def __init__(self, address, request):
        self.socket = socket.create_connection(address)
        self.socket.sendall(request)
        self.socket.setblocking(False)
        self.rest = b""
        self.next = None
        self.is_connected = False

    def read(self, first):
        """Takes what has come; exits when a number is missing, twice there, or out of order."""
        part = self.socket.recv(1 << 18)
        if not part:
            sys.exit(f"error: a reader was sent away before {self.next}")
        text = self.rest + part
        end = text.rfind(b"\n") + 1
        text, self.rest = text[:end], text[end:]
        if not self.is_connected:
            self.is_connected = b"claude-orch events" in text
        numbers = [int(n) for n in NUMBER.findall(text)]
        if numbers:
            start = first if self.next is None else self.next
            if numbers != list(range(start, start + len(numbers))):
                sys.exit(f"error: {start} was to come next, and there came {numbers[:5]}")
            self.next = numbers[-1] + 1


def measure(build, work, readers=1000, rate=100, seconds=20):
    """Seconds behind the last event until the last reader has it, the daemon's share of a core, its megabytes."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    build, work = pathlib.Path(build).resolve(), pathlib.Path(work)
    place, home = work / "project", work / "home"
    environment = os.environ | {
        "HOME": str(work), "CLAUDE_ORCH_HOME": str(home), "ORCH_SHIM": str(build / "orch-shim"),
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
    }
    plan = place / "docs/plans/billing/epic-07-x.md"
    plan.parent.mkdir(parents=True)
    plan.write_text("---\nstatus: complete\n---\n# Invoices\n\n## Acceptance Criteria\n- [ ] They add up\n")
    git = lambda *words: subprocess.run(["git", "-C", place, *words], check=True, capture_output=True, env=environment)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("-c", "user.name=b", "-c", "user.email=b@localhost", "commit", "-q", "-m", "plan")
    subprocess.run([build / "claude-orch", "sync"], check=True, capture_output=True, cwd=place, env=environment)
    daemon = subprocess.Popen(
        [build / "claude-orch", "serve", "--port", "0"], cwd=place, env=environment, stderr=subprocess.DEVNULL)
    try:
        shake = home / "daemon.json"
        until = time.monotonic() + 60
        while not shake.exists() and time.monotonic() < until:
            time.sleep(0.05)
        found = json.loads(shake.read_text())
        return follow(daemon.pid, found, home / "orchestrator.db", build, readers, rate, seconds)
    finally:
        daemon.terminate()
        daemon.wait()


def follow(pid, found, database, build, count, rate, seconds):
    address = ("127.0.0.1", found["port"])
    request = (f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{found['port']}\r\n"
               f"Authorization: Bearer {found['token']}\r\n\r\n").encode()
    selector = selectors.DefaultSelector()
    readers = []
    for number in range(count):
        reader = Reader(address, request)
        selector.register(reader.socket, selectors.EVENT_READ, reader)
        readers.append(reader)
        if number % 50 == 49:
            time.sleep(0.05)

    def turn(first=None):
        for key, _ in selector.select(0.1):
            key.data.read(first)

    until = time.monotonic() + 120
    while not all(r.is_connected for r in readers):
        turn()
        if time.monotonic() > until:
            sys.exit("error: not every reader was let in")
    # What the daemon wrote as it began has gone by now, or comes before the first event of ours.
    settled = time.monotonic() + 2
    while time.monotonic() < settled:
        turn()
    first = max((r.next for r in readers if r.next), default=None) or latest(found, address) + 1
    spent = processor(pid)
    began = time.monotonic()
    events = rate * seconds
    writer = subprocess.Popen(
        [build / "orch-bench", "publish", database, str(events), str(rate)], stdout=subprocess.PIPE, text=True)
    ended = None
    waiting = first + events
    while any(r.next != waiting for r in readers):
        turn(first)
        if ended is None and writer.poll() is not None:
            ended = time.monotonic()
        if ended and time.monotonic() > ended + 120:
            sys.exit("error: two minutes behind the last event it has not come to everybody")
    done = time.monotonic()
    if writer.wait() != 0:
        sys.exit("error: the events could not be written")
    took, low, high = writer.stdout.read().split()
    if (int(low), int(high)) != (first, first + events - 1):
        sys.exit(f"error: events {low} to {high} were written, {first} to {first + events - 1} were expected")
    share = (processor(pid) - spent) / (done - began)
    memory = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024
    return max(0.0, done - (ended or done)), share, memory, events / (float(took) / 1000)


def latest(found, address):
    """The number of the newest event."""
    with socket.create_connection(address) as web:
        web.sendall((f"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:{found['port']}\r\nConnection: close\r\n"
                     f"Authorization: Bearer {found['token']}\r\n\r\n").encode())
        text = b"".join(iter(lambda: web.recv(1 << 16), b""))
    return int(re.search(rb"^claude_orch_last_event (\d+)", text, re.MULTILINE)[1])


def processor(pid):
    """Seconds of processor time that a process has used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[2:]]
    with tempfile.TemporaryDirectory() as work:
        late, share, memory, rate = measure(sys.argv[1], work, *numbers)
    print(f"every reader got every event once and in order; the last one {late * 1000:.0f} ms behind the writer")
    print(f"{rate:.1f} events a second; the daemon took {share:.2f} of a core and {memory:.0f} MB")
