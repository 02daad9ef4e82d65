package import OrchDomain

/// Where a project keeps what is not in its repository. Nothing of it is ever inside a worktree.
package struct ProjectPaths: Hashable, Sendable {
  /// `$CLAUDE_ORCH_HOME`, `[general] state_dir` or `~/.claude-plan-orchestrator`.
  package let home: String
  /// Names the project in paths: the root's last component and a short digest of the whole root.
  package let key: String
  package let database: String
  private let worktreeRoot: String

  /// - Parameter root: The canonical path of the repository.
  package init(home: String, root: String, database: String? = nil, worktrees: String? = nil) {
    self.home = home
    let name = root.split(separator: "/").last.map { String($0.prefix(40)) } ?? "root"
    let safe = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    key = "\(safe)-\(SHA256.hex(root.utf8).prefix(8))"
    self.database = database ?? "\(home)/orchestrator.db"
    worktreeRoot = worktrees ?? "\(home)/worktrees"
  }

  package var lock: String { "\(home)/locks/\(key).lock" }
  /// Held by the process that runs a job's program.
  package func jobLock(_ job: String) -> String { "\(home)/locks/\(key)-job-\(BatchInstallation.unitName(job)).lock" }
  /// Held by the process that sends notices.
  package var noticeLock: String { "\(home)/locks/\(key)-notices.lock" }
  /// Streams and exit record of one run of a job's program.
  package func job(_ job: String, run: Int64) -> String {
    "\(home)/runs/\(key)/_jobs/\(BatchInstallation.unitName(job))/\(run)"
  }
  package var logs: String { "\(home)/logs" }
  /// All worktrees of this project.
  package var worktrees: String { "\(worktreeRoot)/\(key)" }
  /// A recycled checkout in which the gate runs on merged trees, by its number from 0.
  package func gateWorktree(_ slot: Int) -> String { "\(worktrees)/_gate" + (slot == 0 ? "" : "-\(slot)") }
  package static func isGateWorktree(_ name: some StringProtocol) -> Bool {
    name == "_gate" || name.hasPrefix("_gate-")
  }

  /// A worktree of the pool. It keeps its path, because build tools write absolute paths into their output.
  package func warmWorktree(_ number: Int) -> String { "\(worktrees)/\(Self.warmPrefix)\(number)" }
  package static func isWarm(_ path: String) -> Bool {
    path.split(separator: "/").last?.hasPrefix(warmPrefix) == true
  }
  private static let warmPrefix = "_warm-"
  /// The throw-away checkout in which a reviewer looks at a task's work.
  package func reviewWorktree(_ task: TaskID) -> String { "\(worktrees)/\(Self.reviewPrefix)\(task.slug)" }
  static let reviewPrefix = "_review-"

  package func worktree(_ task: TaskID, attempt: Int) -> String { "\(worktrees)/\(task.slug)-\(attempt)" }
  /// Prompt, streams, exit record, diff and verdict of one attempt.
  package func run(_ task: TaskID, attempt: Int) -> String { "\(home)/runs/\(key)/\(task.slug)/\(attempt)" }
  package func turn(_ task: TaskID, attempt: Int, turn: Int) -> String {
    "\(run(task, attempt: attempt))/turn-\(turn)"
  }
  /// What the agent of a turn is told, and the facts beside it.
  package func input(_ task: TaskID, attempt: Int, turn: Int) -> String {
    "\(run(task, attempt: attempt))/input-\(turn)"
  }
  package func prompt(_ task: TaskID, attempt: Int, turn: Int) -> String {
    "\(input(task, attempt: attempt, turn: turn))/prompt.md"
  }
  /// What attempts write to `TMPDIR`. Short, because the path of a socket has at most 107 bytes.
  package func temporary(_ runID: String) -> String {
    "\(temporaries.parent)/\(temporaries.prefix)\(runID.filter { $0 != "-" }.prefix(12))"
  }
  /// Where those of all projects are, and how the names of this project's begin.
  package var temporaries: (parent: String, prefix: String) { ("\(home)/tmp", "\(key.suffix(8))-") }

  /// Where git keeps what it knows of the forge's repository.
  package var forgeDirectory: String { "\(home)/forge/\(key).git" }

  package func landing(_ task: TaskID) -> String { "\(home)/runs/\(key)/\(task.slug)/landing" }
}

extension TaskID {
  /// `feat/<module>-E05`.
  package var branch: String { "feat/\(slug)" }
  /// Where an attempt stays reachable for ever.
  package func attemptRef(_ attempt: Int) -> String { "refs/orch/attempts/\(module)/\(code)/\(attempt)" }
}
