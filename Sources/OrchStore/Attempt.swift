package import OrchDomain

/// One run of an agent at a task. Its turns are kept apart: see ``Turn``.
package struct Attempt: Hashable, Sendable {
  /// How an attempt ended.
  package enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// Its work is on the base branch, or needs nothing more from an agent.
    case complete
    case failed, cancelled
    /// Nobody knows: its process or its worktree was gone when we looked.
    case lost
  }

  package let task: TaskID
  /// From 1, per task.
  package let number: Int
  package var agent: String
  package var model: String?
  /// The agent's own resumable conversation.
  package var session: String?
  package var branch: String?
  package var worktree: String?
  package var runDirectory: String?
  package var runID: String?
  /// The batch that pays for it.
  package var batch: Int64?
  package var baseCommit: String?
  package var headCommit: String?
  /// The content hash of the plan that the agent was given.
  package var planHash: UInt64?
  /// The number of the latest turn; zero before the first.
  package internal(set) var turn: Int
  /// How far the preparation or the ending got, in the words of the engine; where to go on after a crash.
  package var phase: String?
  package internal(set) var outcome: Outcome?
  package var failureClass: FailureClass?
  /// The line that gave the failure its class, or who called the attempt off.
  package var failureDetail: String?
  /// What the gate said when it was red last.
  package var redLines: String?
  /// The ref under which its work is kept.
  package var preservedRef: String?
  package let startedAt: Timestamp
  package internal(set) var endedAt: Timestamp?
  package internal(set) var usage: Usage
}

/// One process of an agent within an attempt: the first, or one that goes on after feedback.
package struct Turn: Hashable, Sendable {
  package let task: TaskID
  package let attempt: Int
  /// From 1, per attempt.
  package let number: Int
  /// Why it was started, in the words of the engine: `start`, `fix`, `resume`.
  package let purpose: String
  /// Who works in it; another one than before when an attempt was handed over.
  package var agent: String?
  package var model: String?
  package var runDirectory: String?
  package var session: String?
  package var feedbackPath: String?
  package var pid: Int32?
  /// With the pid, names the process for ever: pids are used again. Opaque here.
  package var processStart: UInt64?
  /// How the process ended, in the words of the engine.
  package var exit: String?
  /// `claims_done`, or the class of its failure.
  package var outcome: String?
  /// The line that gave the failure its class.
  package var evidence: String?
  /// The last thing that the agent said, bounded.
  package var message: String?
  package let startedAt: Timestamp
  package internal(set) var endedAt: Timestamp?
  package internal(set) var usage: Usage
}

/// The result of a gate's stage on one tree. A tree that passed need not be tested again.
package struct GateResult: Hashable, Sendable {
  package var tree: String
  /// The hash of the stage's commands: another gate proves another thing.
  package var gate: String
  package var passed: Bool
  package var ranAt: Timestamp
  package var duration: Duration
  package var logPath: String?
  package var detail: String?

  package init(
    tree: String, gate: String, passed: Bool, ranAt: Timestamp, duration: Duration, logPath: String? = nil,
    detail: String? = nil
  ) {
    self.tree = tree
    self.gate = gate
    self.passed = passed
    self.ranAt = ranAt
    self.duration = duration
    self.logPath = logPath
    self.detail = detail
  }
}
