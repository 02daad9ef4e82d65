"""What rig-claude and rig-agents share: a scratch project, a stub of the model's API, and runs of claude-orch.

Environment:
  RIG_STUB   the stub: `python3 $RIG_STUB --scenario FILE --port-file FILE --log FILE` serves the Messages, Chat
             Completions and Responses APIs on loopback and answers with the steps of the scenario
  RIG_HOME   agents' programs are looked for in $RIG_HOME/bin before PATH
  ORCH_BIN   the directory of claude-orch and orch-shim; default: .build/debug of this checkout
  RIG_KEEP   when set, scratch directories are kept and named
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(os.environ.get("ORCH_BIN", ROOT / ".build" / "debug")).resolve()
COMMIT = "git add -A && git commit -q -m 'Add hello.txt'"
HELLO = {"shell": f"echo hello > hello.txt && {COMMIT}"}
DONE = {"text": "Done."}


def program(name):
    """The program of an agent, or None."""
    home = os.environ.get("RIG_HOME")
    own = pathlib.Path(home) / "bin" / name if home else None
    return str(own) if own and own.exists() else shutil.which(name)


def require(*programs):
    """Ends with a list of what is missing."""
    missing = []
    if not (BIN / "claude-orch").exists() or not (BIN / "orch-shim").exists():
        missing.append(f"claude-orch and orch-shim in {BIN}: run `swift build`, or set ORCH_BIN")
    if not pathlib.Path(os.environ.get("RIG_STUB", "")).is_file():
        missing.append("a stub of the model's API: set RIG_STUB to its script")
    missing += [f"the program {name}: install it, or set RIG_HOME" for name in programs if not program(name)]
    if missing:
        sys.exit("".join(f"error: missing {what}\n" for what in missing).rstrip())


class Rig:
    """One project, one stub, one task `rig/E01`."""

    def __init__(self, name, script, config, gate="grep -q hello hello.txt", plan="", files={}):
        self.name, self.began = name, time.monotonic()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"orch-rig-{name}-"))
        self.repository, self.home = self.directory / "repository", self.directory / "home"
        self.log = self.directory / "requests.jsonl"
        (self.repository / "docs/plans/rig").mkdir(parents=True)
        self.home.mkdir()
        self.stub = self.serve(script)
        # The gate stands in the plan alone, so that a scenario may change what is right.
        (self.repository / "docs/plans/rig/epic-01-say-hello.md").write_text(
            f"---\ntitle: Say hello\n{plan}---\n\n# Say hello\n\nMake hello.txt with the line hello and commit it.\n\n"
            "## Acceptance Criteria\n\n- [ ] `grep -q hello hello.txt` succeeds\n")
        (self.repository / "README.md").write_text("# Rig\n")
        for path, text in files.items():
            (self.repository / path).parent.mkdir(parents=True, exist_ok=True)
            (self.repository / path).write_text(text.replace("@STUB@", self.url))
        (self.repository / ".claude-orchestrator.toml").write_text(
            config.replace("@STUB@", self.url).replace("@DIR@", str(self.directory))
            + f"\n[verify]\ncommands = [{json.dumps(gate)}]\n")
        for command in ("init -q -b main", "config user.name rig", "config user.email rig@localhost", "add -A",
                        "commit -q -m Begin"):
            subprocess.run(["git", *command.split()], cwd=self.repository, check=True)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", "TMPDIR": str(self.directory),
            "CLAUDE_ORCH_HOME": str(self.directory / "state"), "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": "sk-none", "OPENAI_API_KEY": "sk-none", "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }

    def serve(self, script):
        scenario = script if "routes" in script else {"script": script}
        (self.directory / "scenario.json").write_text(json.dumps(scenario))
        port = self.directory / "port"
        stub = subprocess.Popen(
            [sys.executable, os.environ["RIG_STUB"], "--scenario", self.directory / "scenario.json", "--port-file",
             port, "--log", self.log], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.until(lambda: port.exists() and port.read_text().strip(), "the stub to listen")
        self.url = f"http://127.0.0.1:{port.read_text().strip()}"
        return stub

    @staticmethod
    def until(condition, what, seconds=120):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds} s for {what}")
            time.sleep(0.05)

    def command(self, *arguments):
        return [str(BIN / "claude-orch"), *arguments, "--project", str(self.repository)]

    def begin(self):
        """`start` in the background."""
        return subprocess.Popen(
            self.command("start", "rig/E01", "--json"), env=self.environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, cwd=self.repository)

    def start(self, *arguments, seconds=300):
        """`start` to its end; its exit status."""
        run = subprocess.run(
            self.command("start", "rig/E01", "--json", *arguments), env=self.environment, capture_output=True,
            text=True, timeout=seconds, cwd=self.repository)
        self.errors = run.stderr
        return run.returncode

    def orch(self, *arguments):
        run = subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=120,
            cwd=self.repository)
        return run.stdout

    def show(self):
        return json.loads(self.orch("show", "rig/E01", "--json"))

    def requests(self):
        if not self.log.exists():
            return 0
        return sum('"POST"' in line for line in self.log.read_text().splitlines())

    def processes(self, mark):
        """Ids of the processes of this rig whose command line holds `mark`."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environment = (entry / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if mark in line and str(self.directory) in environment + line and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        return found

    def kill(self, *ids):
        for one in ids:
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def close(self):
        self.stub.kill()
        self.stub.wait()
        if os.environ.get("RIG_KEEP"):
            print(f"  kept: {self.directory}")
        else:
            shutil.rmtree(self.directory, ignore_errors=True)


def line(rig, expected, note=""):
    """Prints one line of figures; whether the task ended as expected."""
    task = rig.show()
    attempts = task["attempts"]
    turns = [turn for attempt in attempts for turn in attempt["turns"]]
    # A class that a later turn overcame is that turn's own.
    classes = [turn["outcome"] for turn in turns if turn["outcome"] != "claims_done"]
    got = (task["state"], task["failure_class"] or (classes[-1] if classes else None))
    ok = got[0] == expected[0] and (expected[1] is None or expected[1] in (task["failure_class"], *classes))
    sessions = {attempt["session"] for attempt in attempts}
    cost = sum(attempt["cost_usd"] for attempt in attempts)
    tokens = sum(attempt["tokens"]["total"] for attempt in attempts)
    print(f"{'ok  ' if ok else 'FAIL'} {rig.name:18} {got[0]:10} {str(got[1] or '-'):13} attempts {len(attempts)}  "
          f"turns {len(turns)}  sessions {len(sessions)}  requests {rig.requests():2}  tokens {tokens:6}  "
          f"cost {cost:.4f}  {time.monotonic() - rig.began:5.1f} s  {note}", flush=True)
    if not ok:
        print("     expected " + " ".join(map(str, expected)) + f"; reason: {task['reason']}\n     {rig.errors[-500:]}")
    return ok
