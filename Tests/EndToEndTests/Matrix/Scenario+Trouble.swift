import Foundation

// What vendors, stops and the world bring about.
extension Scenario {
  /// Ends its first two turns by a limit, and works in the third.
  private static let limited = """
    set -eu
    name=$(echo "$ORCH_TASK" | tr / -)
    mkdir -p data
    echo "ok $ORCH_TURN" >> "data/$name"
    git add data
    git commit --quiet -m "Turn $ORCH_TURN of $ORCH_TASK"
    \(Plan.noted)
    if [ "$ORCH_TURN" -lt 3 ]; then
      printf '{"type":"result","is_error":true,"result":"limit","failure_class":"rate_limit","retry_at":%d}\\n' \\
        $(($(date +%s) + 4))
    fi

    """

  /// Not let in, in its first two turns of its first attempt.
  private static let locked = """
    set -eu
    if [ "$ORCH_ATTEMPT" = 1 ] && [ "$ORCH_TURN" -lt 3 ]; then
      \(Plan.noted)
      printf '{"type":"result","is_error":true,"result":"log in first","failure_class":"auth"}\\n'
      exit 0
    fi
    mkdir -p data
    echo "ok" > "data/$(echo "$ORCH_TASK" | tr / -)"
    git add data
    git commit --quiet -m "Do $ORCH_TASK"
    \(Plan.noted)

    """

  private static let agents = """
    [agents.limited]
    adapter = "command"
    command = ["sh", "limited.sh"]
    [agents.locked]
    adapter = "command"
    command = ["sh", "locked.sh"]
    """

  static let limits = Scenario(
    name: "limits",
    plans: [Plan("core/E01", front: "agent: limited")],
    files: ["limited.sh": limited, "locked.sh": locked], settings: agents,
    steps: [.start],
    ends: ["core/E01": "complete"])

  static let auth = Scenario(
    name: "auth",
    plans: [Plan("core/E01", front: "agent: locked"), .again("two/E01"), Plan("two/E02", front: "agent: locked")],
    files: ["limited.sh": limited, "locked.sh": locked], settings: agents,
    steps: [
      .orch("start", "core/E01"), .orch("resume", "core/E01"), .orch("start", "core/E01"), .orch("retry", "core/E01"),
      .orch("start", "core/E01"), .start, .orch("reset", "two/E01"), .orch("retry", "two/E02"), .start,
    ],
    ends: ["core/E01": "complete", "two/E01": "complete", "two/E02": "complete"])

  /// Killed when nothing but the choice was made.
  static let chosen = Scenario(
    name: "chosen",
    plans: [.noting("core/E01")],
    steps: [.startKilled(at: "after ready>queued"), .start],
    ends: ["core/E01": "complete"])

  /// Killed in every state that holds a slot, then stopped, and let go on.
  static let stops = Scenario(
    name: "stops",
    plans: [.noting("core/E01")],
    steps: ["ready>queued", "queued>preparing", "preparing>running", "running>verifying", "verifying>publishing"]
      .flatMap { point in
        [.startKilled(at: "after \(point)"), .orch("stop", "core/E01"), .orch("resume", "core/E01")]
      } + [.start],
    ends: ["core/E01": "complete"])

  /// The world takes away what a task needs, and somebody puts it back.
  static let world = Scenario(
    name: "world",
    plans: [.noting("core/E01")],
    steps: [
      // The branch is somebody else's.
      .startKilled(at: "after queued>preparing"),
      .world { shop in
        try shop.git("worktree", "add", "--quiet", "-b", "feat/core-E01", "\(shop.scratch.path)/mine")
      },
      .start,
      .world { shop in
        try shop.git("worktree", "remove", "\(shop.scratch.path)/mine")
        try shop.git("branch", "--quiet", "-D", "feat/core-E01")
      },
      .orch("resume", "core/E01"), .startKilled(at: "after preparing>running"),
      // The worktree is gone, once before the agent starts and once before the gate.
      .world { shop in try shop.hideWorktree("core-E01-1") }, .start,
      .world { shop in try shop.hideWorktree("core-E01-1", back: true) },
      .orch("resume", "core/E01"), .startKilled(at: "after fixing>verifying"),
      .world { shop in try shop.hideWorktree("core-E01-1") }, .start,
      .world { shop in try shop.hideWorktree("core-E01-1", back: true) },
      .orch("resume", "core/E01"), .startKilled(at: "after verifying>publishing"),
      // The branch is gone.
      .world { shop in
        try shop.git("update-ref", "refs/heads/kept", "refs/heads/feat/core-E01")
        try shop.git("update-ref", "-d", "refs/heads/feat/core-E01")
      },
      .start,
      .world { shop in
        try shop.git("update-ref", "refs/heads/feat/core-E01", "refs/heads/kept")
      },
      .orch("resume", "core/E01"), .startKilled(at: "after publishing>approved"),
      // The branch has moved behind our back.
      .world { shop in
        let more = try shop.git("commit-tree", "-p", "refs/heads/kept", "-m", "More", "refs/heads/kept^{tree}")
        try shop.git("update-ref", "refs/heads/feat/core-E01", more)
      },
      .start,
      .world { shop in
        try shop.git("update-ref", "refs/heads/feat/core-E01", "refs/heads/kept")
        try shop.git("update-ref", "-d", "refs/heads/kept")
      },
      .orch("resume", "core/E01"), .start,
    ],
    hasPatientAgents: false,
    ends: ["core/E01": "complete"])

  /// The configuration does not say what to run, until somebody completes it.
  static let nameless = Scenario(
    name: "nameless",
    plans: [Plan("core/E01", front: "agent: bare")],
    files: ["work.sh": "set -eu\n\(Plan.work("core/E01"))\n\(Plan.noted)\n"],
    settings: "[agents.bare]\nadapter = \"command\"",
    steps: [
      .start,
      .world { shop in
        let path = ".claude-orchestrator.toml"
        try shop.write(path, try shop.read(path) + "\ncommand = [\"sh\", \"work.sh\"]\n")
        try shop.git("commit", "--quiet", "--all", "-m", "Say what to run")
      },
      .orch("resume", "core/E01"), .start,
    ],
    ends: ["core/E01": "complete"])

  /// The user's own edit is in the way of a landing; then what is to land cannot be read, on a disk that fails.
  static let inTheWay = Scenario(
    name: "in the way",
    plans: [.noting("core/E01", "echo four >> notes.txt\ngit commit --quiet --all -m 'Count on'")],
    steps: [
      .world { shop in try shop.write("notes.txt", "mine\n") },
      .startKilled(at: "after landing>approved"),
      .world { shop in
        try shop.git("checkout", "--quiet", "--", "notes.txt")
        try shop.hideObject("refs/heads/feat/core-E01:notes.txt")
      },
      .start,
      .world { shop in try shop.hideObject("refs/heads/feat/core-E01:notes.txt", back: true) },
      .orch("resume", "core/E01"), .start,
    ],
    ends: ["core/E01": "complete"])
}

extension Workshop {
  /// Takes an object out of the repository, and puts it back.
  func hideObject(_ name: String, back: Bool = false) throws {
    let id = try git("rev-parse", name).trimmingCharacters(in: .whitespacesAndNewlines)
    let (here, away) = ("\(root)/.git/objects/\(id.prefix(2))/\(id.dropFirst(2))", "\(scratch.path)/away-\(id)")
    try FileManager.default.moveItem(atPath: back ? away : here, toPath: back ? here : away)
  }

  func hideWorktree(_ name: String, back: Bool = false) throws {
    let place = "\(state)/worktrees"
    let project = try FileManager.default.contentsOfDirectory(atPath: place).first { !$0.hasPrefix(".") } ?? ""
    let (here, away) = ("\(place)/\(project)/\(name)", "\(scratch.path)/away-\(name)")
    try FileManager.default.moveItem(atPath: back ? away : here, toPath: back ? here : away)
  }
}
