"""Writes a corpus of plans. The same number twice gives the same bytes: no clock, no `random`, no set order.

usage: corpus.py N DIRECTORY [--touches] [--complete]
"""
import pathlib
import sys

# Modules and edges (implicit and explicit together) for the sizes that are measured.
SHAPES = {100: (10, 199), 1_000: (40, 2_074), 10_000: (200, 21_116), 100_000: (1_000, 213_796)}
AVERAGE_BYTES = 4_600
WORDS = (
    "account adapter archive audit batch billing branch buffer cache change client column commit config counter "
    "cursor deadline digest driver encoder engine entry event export field filter format graph handler header "
    "import index invoice journal ledger limit listener loader lock mapper merge metric migration model module "
    "number object offset order output parser patch payment period pipeline plan policy price process quota queue "
    "range reader record refund region release report request resolver result retry route rule schema segment "
    "session setting snapshot source state status store stream summary table tenant test threshold timer token "
    "trace update user validator value vendor verdict version view window worker writer"
).split()
VERBS = "Add Check Compute Drop Extract Index Limit Merge Move Parse Read Record Rename Report Split Store".split()


class SplitMix64:
    def __init__(self, seed):
        self.state = seed & (2**64 - 1)

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & (2**64 - 1)
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() % n

    def pick(self, items):
        return items[self.below(len(items))]


def sentence(rng, length):
    words = [rng.pick(WORDS) for _ in range(length)]
    for i in range(4, length, 9):
        words[i] = f"`{words[i]}.{rng.pick(WORDS)}`"
    return words[0].capitalize() + " " + " ".join(words[1:]) + "."


def paragraph(rng, sentences):
    text, line = [], ""
    for word in " ".join(sentence(rng, 7 + rng.below(9)) for _ in range(sentences)).split():
        if len(line) + len(word) > 96:
            text.append(line)
            line = ""
        line += (" " if line else "") + word
    return "\n".join(text + [line]) + "\n"


def code(rng):
    lines = [f"let {rng.pick(WORDS)} = {rng.pick(WORDS)}.{rng.pick(WORDS)}({rng.below(900)})" for _ in range(3 + rng.below(6))]
    # Inside a fence neither of these is a heading or a check box.
    return "```swift\n" + "\n".join(lines) + "\n# not a heading\n- [ ] not a box\n```\n"


def explicit_edges(rng, n, modules):
    """For every task (module, number), the tasks that it names; always lower numbers of other modules: no cycles."""
    sizes = [n // modules + (1 if m < n % modules else 0) for m in range(modules)]
    wanted = SHAPES[n][1] if n in SHAPES else int(2.1 * n)
    left = wanted - (n - modules)
    result = {}
    while left > 0:
        m = rng.below(modules)
        number = 2 + rng.below(max(1, sizes[m] - 1))
        other = rng.below(modules)
        if number > sizes[m] or other == m:
            continue
        lower = 1 + rng.below(min(number - 1, sizes[other]))
        deps = result.setdefault((m, number), [])
        if (other, lower) not in deps and len(deps) < 8:
            deps.append((other, lower))
            left -= 1
    return sizes, result


def plan(rng, names, m, number, deps, status, touches):
    module, title = names[m], f"{rng.pick(VERBS)} the {rng.pick(WORDS)} {rng.pick(WORDS)}"
    head = [f"module: {module}", f"epic: {number}", f"status: {status}"]
    if rng.below(3) == 0:
        head.append("priority: " + rng.pick(["high", "normal", "low"]))
    if deps:
        listed = [f"{names[a]}/E{b:02}" for a, b in sorted(deps)]
        flow = rng.below(2) == 0
        head.append(f"depends_on: [{', '.join(listed)}]" if flow else "depends_on:\n" + "\n".join(f"  - {d}" for d in listed))
    if rng.below(8) == 0:
        head.append("needs_review: true")
    if rng.below(6) == 0:
        head.append(f"labels: [{rng.pick(WORDS)}, {rng.pick(WORDS)}]")
    if rng.below(10) == 0:
        head.append(f"github_issue: {1 + rng.below(9000)}")
    if touches:
        head.append(f"touches:\n  - src/{module}/**\n  - tests/{module}/**")
    body = ["---\n" + "\n".join(head) + "\n---\n", f"# E{number:02}: {title}\n", paragraph(rng, 3)]
    size = sum(map(len, body))
    # From half to one and a half times the average.
    goal = AVERAGE_BYTES // 2 + rng.below(AVERAGE_BYTES)
    section = 0
    while size < goal - 900:
        section += 1
        part = [f"## {rng.pick(VERBS)} {rng.pick(WORDS)}\n", paragraph(rng, 2 + rng.below(3))]
        kind = section % 3
        if kind == 0:
            part.append(code(rng))
        elif kind == 1:
            part.append("\n".join(f"- {sentence(rng, 6 + rng.below(6))}" for _ in range(3 + rng.below(3))) + "\n")
        body += part
        size += sum(map(len, part))
    done = status == "complete"
    criteria = "\n".join(f"- [{'x' if done else ' '}] {sentence(rng, 8 + rng.below(6))}" for _ in range(3 + rng.below(4)))
    body += ["## Acceptance Criteria\n", criteria + "\n"]
    return title, "\n".join(body)


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    n, out = int(arguments[0]), pathlib.Path(arguments[1])
    touches, complete = "--touches" in sys.argv, "--complete" in sys.argv
    modules = SHAPES[n][0] if n in SHAPES else max(2, n // 50)
    rng = SplitMix64(42 + n)
    names = [f"{WORDS[m % len(WORDS)]}-{m:04}" for m in range(modules)]
    sizes, edges = explicit_edges(rng, n, modules)
    for m, module in enumerate(names):
        directory = out / "docs" / "plans" / module
        directory.mkdir(parents=True, exist_ok=True)
        rows = []
        for number in range(1, sizes[m] + 1):
            status = "complete" if complete or number <= sizes[m] // 4 else "not_started"
            title, text = plan(rng, names, m, number, edges.get((m, number), []), status, touches and number % 4 == 0)
            name = f"epic-{number:02}-{title.lower().replace(' ', '-')}.md"
            (directory / name).write_bytes(text.encode())
            rows.append(f"| [E{number:02}]({name}) | {title} |")
        table = "| Epic | Title |\n|---|---|\n" + "\n".join(rows)
        (directory / "00-overview.md").write_bytes(f"# {module}\n\n{paragraph(rng, 4)}\n{table}\n".encode())


main()
