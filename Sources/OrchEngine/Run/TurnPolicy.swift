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

  package var claim: Claim
  /// Whether the branch has commits that the base has not.
  package var hasCommits: Bool
  /// Whether the branch's tree differs from the base's.
  package var treeChanged: Bool
  /// Tracked files with edits that were not committed.
  package var uncommitted: [String]
  /// Turns of this attempt so far, this one included.
  package var turn: Int
  /// Attempts at this task so far, this one included.
  package var attempt: Int
  /// Whether the agent left a session that can be resumed.
  package var canResume: Bool

  package init(
    claim: Claim, hasCommits: Bool, treeChanged: Bool, uncommitted: [String], turn: Int, attempt: Int, canResume: Bool
  ) {
    self.claim = claim
    self.hasCommits = hasCommits
    self.treeChanged = treeChanged
    self.uncommitted = uncommitted
    self.turn = turn
    self.attempt = attempt
    self.canResume = canResume
  }
}

/// How often work is tried. Read from `[verify]`, `[retry]` and `[landing]`.
package struct TurnLimits: Hashable, Sendable {
  /// Turns of one attempt, the first one included.
  package var turns: Int
  /// Attempts at one task, the first one included.
  package var attempts: Int
  /// Wait before a new attempt.
  package var backoff: Duration

  package init(turns: Int, attempts: Int, backoff: Duration) {
    self.turns = turns
    self.attempts = attempts
    self.backoff = backoff
  }
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
  /// The turn before was cut off: a crash, a stop, or a limit that has passed.
  case resumed
}

/// What to do next. Decided by ``TurnPolicy``, done by the loops.
package enum TurnDecision: Hashable, Sendable {
  case verify
  case anotherTurn(TurnReason)
  /// The attempt is preserved and a new one may start after the wait.
  case newAttempt(FailureClass, reason: String, after: Duration)
  case park(FailureClass, reason: String, until: Timestamp)
  /// A person has to act before this task can go on; the attempt is kept.
  case stuck(FailureClass, reason: String)
  case fail(FailureClass, reason: String)
}

/// The rules for what follows a turn. Pure: values in, a decision out.
package enum TurnPolicy {
  /// How long a limit lasts when the vendor names no reset.
  package static let unknownReset = Duration.seconds(300)

  package static func afterAgent(_ facts: TurnFacts, limits: TurnLimits, now: Timestamp) -> TurnDecision {
    switch facts.claim {
    case .done: afterClaim(facts, limits: limits)
    case .failed(let failure, let evidence, let retryAt):
      afterFailure(failure, evidence, retryAt, facts, limits: limits, now: now)
    }
  }

  /// A gate that was red, in the worktree or on the merged tree.
  package static func afterRedGate(_ reason: TurnReason, turn: Int, summary: String, limits: TurnLimits) -> TurnDecision
  {
    turn < limits.turns
      ? .anotherTurn(reason) : .fail(.gate, reason: "still red after \(count(turn, "turn")): \(summary)")
  }

  private static func afterClaim(_ facts: TurnFacts, limits: TurnLimits) -> TurnDecision {
    if !facts.uncommitted.isEmpty {
      if facts.turn < limits.turns { return .anotherTurn(.uncommitted) }
      return .fail(
        .implementation, reason: "left edits uncommitted: \(facts.uncommitted.prefix(5).joined(separator: ", "))")
    }
    if !facts.hasCommits || !facts.treeChanged {
      if facts.turn < limits.turns { return .anotherTurn(.noCommits) }
      let what = facts.hasCommits ? "its commits change nothing" : "it made no commit"
      return .fail(.noWork, reason: "the agent says it is done, but \(what)")
    }
    return .verify
  }

  private static func afterFailure(
    _ failure: FailureClass, _ evidence: String, _ retryAt: Timestamp?, _ facts: TurnFacts, limits: TurnLimits,
    now: Timestamp
  ) -> TurnDecision {
    let reason = evidence.isEmpty ? failure.rawValue : evidence
    switch failure {
    case .rateLimit, .overloaded:
      return .park(failure, reason: reason, until: max(retryAt ?? now.advanced(by: unknownReset), now))
    case .auth, .billing, .permission, .budget, .environment:
      return .stuck(failure, reason: reason)
    case .noWork:
      return .fail(failure, reason: reason)
    case .gate, .conflict, .timeout, .stalled, .crash, .implementation:
      guard facts.attempt < limits.attempts else { return .fail(failure, reason: reason) }
      return .newAttempt(failure, reason: reason, after: limits.backoff * (1 << min(16, max(0, facts.attempt - 1))))
    }
  }

  private static func count(_ n: Int, _ noun: String) -> String { n == 1 ? "1 \(noun)" : "\(n) \(noun)s" }
}

extension FailureClass {
  /// Whether every other task would run into the same wall, so that nothing more is dispatched in this run.
  package var stopsDispatching: Bool { self == .auth || self == .billing }
}
