import OrchRandom
/// A way in which an agent behaves, and where its task has to end. The one table to change when a policy changes.
enum SoakKind: String, CaseIterable, Sendable {
  case good, loud, leaver, forgetful, fixing, conflict, reviewed
  case limitedWithReset, limitedWithout, overloaded, overloadedWithReset
  case gaveUpOnce, diedOnce, silentOnce
  case nothing, uncommitted, red, gaveUp, died, silent
  case auth, billing, budget, permission, environment

  /// The state at the end of the night, with `[retry] max_attempts = 2` and `[verify] max_attempts = 2`.
  var ends: String {
    switch self {
    case .good, .loud, .leaver, .forgetful, .fixing, .conflict: "complete"
    case .reviewed: "in_review"
    case .limitedWithReset, .overloadedWithReset: "complete"
    // The reset is unknown, so the next try is further away than `start` waits.
    case .limitedWithout, .overloaded: "parked"
    case .gaveUpOnce, .diedOnce, .silentOnce: "complete"
    case .nothing, .uncommitted, .red, .gaveUp, .died, .silent: "failed"
    case .auth, .billing, .budget, .permission, .environment: "stuck"
    }
  }

  /// Attempts at the end: killing the orchestrator costs none.
  var attempts: Int {
    switch self {
    case .gaveUpOnce, .diedOnce, .silentOnce, .uncommitted, .gaveUp, .died, .silent: 2
    default: 1
    }
  }

  /// Lines of the front matter.
  var front: String {
    switch self {
    case .reviewed: "needs_review: true"
    case .silent, .silentOnce: "timeout: 2s"
    default: ""
    }
  }

  /// What the agent does, as a shell script. `work` makes the commit of the task, `fail` says why it did not.
  var script: String {
    switch self {
    case .good, .reviewed: "work ok"
    case .loud: "head -c 3000000 /dev/zero | tr '\\0' x\necho\nwork ok"
    case .leaver: "setsid sleep 600 >/dev/null 2>&1 &\nwork ok"
    case .forgetful: "[ -z \"${ORCH_FEEDBACK_FILE:-}\" ] || work ok"
    case .fixing: "if [ -z \"${ORCH_FEEDBACK_FILE:-}\" ]; then work bad; else work ok; fi"
    case .conflict: "word"
    case .limitedWithReset: "if [ \"$ORCH_TURN\" = 1 ]; then fail rate_limit 20; else work ok; fi"
    case .overloadedWithReset: "if [ \"$ORCH_TURN\" = 1 ]; then fail overloaded 20; else work ok; fi"
    case .limitedWithout: "work ok\nfail rate_limit"
    case .overloaded: "work ok\nfail overloaded"
    case .gaveUpOnce: "if [ \"$ORCH_ATTEMPT\" = 1 ]; then exit 3; fi\nwork ok"
    case .diedOnce: "work ok\nif [ \"$ORCH_ATTEMPT\" = 1 ]; then kill -SEGV $$; fi"
    case .silentOnce: "if [ \"$ORCH_ATTEMPT\" = 1 ]; then exec sleep 600; fi\nwork ok"
    case .nothing: "echo 'All done.'"
    case .uncommitted: "echo edited >> notes.txt"
    case .red: "work bad"
    case .gaveUp: "work ok\nexit 3"
    case .died: "work ok\nkill -SEGV $$"
    case .silent: "work ok\nexec sleep 600"
    case .auth, .billing, .budget, .permission: "fail \(rawValue)"
    case .environment: "no-such-program"
    }
  }
}

/// The tasks of a soak, drawn by a seed: the same seed gives the same tasks and the same kills.
struct SoakPlan: Sendable {
  struct Item: Sendable {
    var id: String
    var kind: SoakKind
    var ends: String
    var agent: String { "of-\(id.replacing("/", with: "-").lowercased())" }
  }

  var items: [Item]
  /// For each kill, how many events of `start` are waited for.
  var kills: [Int]

  init(tasks: Int, seed: UInt64, kills: Int) {
    var random = SplitMix64(seed: seed)
    items = []
    var left: [SoakKind] = []
    while items.count < tasks {
      if left.isEmpty { left = SoakKind.allCases.shuffled(using: &random) }
      let kind = left.removeLast()
      let module = "soak-\(items.count)"
      items.append(Item(id: "\(module)/E01", kind: kind, ends: kind.ends))
      // Every fourth has somebody waiting for it.
      if items.count < tasks, Int.random(in: 0..<4, using: &random) == 0 {
        items.append(Item(id: "\(module)/E02", kind: .good, ends: kind.ends == "complete" ? "complete" : "blocked"))
      }
    }
    self.kills = (0..<kills).map { _ in Int.random(in: 1...(8 + 3 * tasks), using: &random) }
  }

  var plans: [Plan] {
    items.map { Plan($0.id, front: "agent: \($0.agent)\n\($0.kind.front)".trimmed) }
  }

  var files: [String: String] {
    Dictionary(
      uniqueKeysWithValues: SoakKind.allCases.map { kind in
        ("agents/\(kind.rawValue).sh", Self.prologue + kind.script + "\n")
      })
  }

  /// An agent for each task: what one meets, such as a limit, keeps its agent from other work.
  var settings: String {
    items.map { item in
      """
      [agents.\(item.agent)]
      adapter = "command"
      command = ["bash", "agents/\(item.kind.rawValue).sh"]

      """
    }.joined()
  }

  private static let prologue = """
    set -eu
    scratch=${ORCH_WORKTREE%/state/worktrees/*}
    name=$(echo "$ORCH_TASK" | tr / -)
    commit() {
      git add data words
      git commit --quiet -m "$1"
      mkdir -p "$scratch/matrix"
      git rev-parse HEAD >> "$scratch/matrix/commits"
    }
    work() {
      mkdir -p data
      echo "$1 $ORCH_TASK" > "data/$name"
      git diff --quiet HEAD -- data && [ -z "$(git ls-files --others data)" ] || commit "Do $ORCH_TASK"
    }
    word() {
      if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then
        git merge --quiet --no-edit "$ORCH_BASE" || git checkout --quiet --theirs -- words
      fi
      { tr ' ' '\\n' < words; echo "$name"; } | sort -u | tr '\\n' ' ' | sed 's/ $//' > words.new
      echo >> words.new
      mv words.new words
      mkdir -p data
      echo "ok $ORCH_TASK" > "data/$name"
      commit "Add the word $name"
    }
    fail() {
      at=
      if [ -n "${2:-}" ]; then at=",\\"retry_at\\":$(($(date +%s) + $2))"; fi
      printf '{"type":"result","is_error":true,"result":"refused","failure_class":"%s"%s}\\n' "$1" "$at"
      exit 0
    }

    """
}

extension String {
  fileprivate var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
