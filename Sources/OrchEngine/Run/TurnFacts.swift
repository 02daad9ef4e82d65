package import OrchDomain

/// What is known when a turn of an agent has ended.
package struct TurnFacts: Hashable, Sendable {
  /// What the agent's stream and exit say. A claim, never proof.
  package enum Claim: Hashable, Sendable {
    case done
    /// - Parameters:
    ///   - evidence: The line that names the reason.
    ///   - retryAt: The reset that the vendor named.
    case failed(FailureClass, evidence: String, retryAt: Timestamp?)
  }

  package var task: TaskID
  package var agent: String
  package var model: String?
  package var claim: Claim
  /// When its process ended, which may be long before anybody looks; nil when nobody knows.
  package var endedAt: Timestamp?
  /// Whether the branch has commits that the base has not.
  package var hasCommits = false
  /// Whether the branch's tree differs from the base's.
  package var treeChanged = false
  /// Tracked files with edits that were not committed.
  package var uncommitted: [String] = []
  /// Turns of this attempt that count, this one included.
  package var turn: Int
  /// Attempts at this task so far, this one included.
  package var attempt: Int
  /// Turns in a row that ended with this very failure, this one included. A stall behind a commit is the first again.
  package var inARow = 1
  /// Whether the attempt can go on: the agent left a session that can be resumed.
  package var canResume = false
  /// Whether the turn was to go on in a session that does not exist any more.
  package var lostSession = false
  /// The next agent of `fallback` that works and has not had a turn in this attempt.
  package var nextAgent: String?
  /// What was known about this agent and model before this turn, over or not.
  package var cooldown: Cooldown?
  /// The base, for people, when the red stage is red there without the work; nil when it is not, or nobody knows.
  package var redBase: String?
  /// Spreads what wakes at the same time; see ``Cooldown/wake(_:seed:now:)``.
  package var seed: UInt64 = 0

  package init(task: TaskID, agent: String, model: String? = nil, claim: Claim, turn: Int = 1, attempt: Int = 1) {
    self.task = task
    self.agent = agent
    self.model = model
    self.claim = claim
    self.turn = turn
    self.attempt = attempt
  }
}

/// How often work is tried. Read from `[verify]` and `[retry]`.
package struct TurnLimits: Hashable, Sendable {
  /// Turns of one attempt, the first one included.
  package var turns: Int
  /// Attempts at one task, the first one included, where the class says nothing else.
  package var attempts: Int
  /// The first wait, where the class says nothing else.
  package var backoff: Duration
  /// By class, where another rule than ``FailureClass/defaultRule`` holds.
  package var rules: [FailureClass: FailureRule]

  package init(turns: Int, attempts: Int, backoff: Duration, rules: [FailureClass: FailureRule] = [:]) {
    self.turns = turns
    self.attempts = attempts
    self.backoff = backoff
    self.rules = rules
  }

  func rule(for failure: FailureClass) -> FailureRule { rules[failure] ?? failure.defaultRule }
}

/// Why an attempt goes on for another turn.
package enum TurnReason: String, Hashable, Sendable, Codable, CaseIterable {
  case start
  case gate
  case rejected
  case conflict
  /// The gate was red on the merged tree.
  case landingGate = "landing_gate"
  case noCommits = "no_commits"
  case uncommitted
  /// The commits hold keys or passwords.
  case secrets
  /// Checks on the forge are red.
  case checks
  /// People on the forge want changes.
  case review
  /// Somebody has written to the agent.
  case message
  /// A reviewer found an acceptance criterion unmet.
  case unmet
  /// A reviewer looks at the work, in a session and a checkout of its own.
  case acceptance
  /// The turn before was cut off: a crash, a stop, or a limit that has passed.
  case resumed
  /// Another agent takes over, or the same one begins anew because its session is gone.
  case newSession = "new_session"
}

/// What to do next. Decided by ``TurnPolicy``, done by the loops.
package enum TurnDecision: Hashable, Sendable {
  case verify
  case anotherTurn(TurnReason)
  /// The attempt goes on in the same worktree, in a session that begins with the whole task.
  ///
  /// - Parameter agent: Who takes over; nil for the same agent.
  case newSession(agent: String?, FailureClass, reason: String)
  /// The attempt is preserved and a new one may start after the wait.
  case newAttempt(FailureClass, reason: String, after: Duration)
  case park(FailureClass, reason: String, until: Timestamp)
  /// A person has to act before this task can go on; the attempt is kept.
  case stuck(FailureClass, reason: String)
  case fail(FailureClass, reason: String)
}
