package import OrchDomain

/// The rules for what follows a turn. Pure: values in, a decision out.
package enum TurnPolicy {
  package static func afterAgent(_ facts: TurnFacts, limits: TurnLimits, now: Timestamp) -> TurnDecision {
    switch facts.claim {
    case .done: afterClaim(facts, limits: limits, now: now)
    case .failed(let failure, let evidence, let retryAt):
      afterFailure(failure, evidence, retryAt, facts, limits: limits, now: now)
    }
  }

  /// A gate that was red, in the worktree or on the merged tree.
  ///
  /// - Parameter facts: Of the turn whose work it ran on.
  package static func afterRedGate(
    _ facts: TurnFacts, summary: String, limits: TurnLimits, now: Timestamp
  ) -> TurnDecision {
    if facts.turn < limits.turns { return .anotherTurn(.gate) }
    let reason = "still red after \(facts.turn.counted("turn")): \(summary)"
    if let base = facts.redBase {
      // Another attempt would begin on the same base.
      return .fail(.environment, reason: "\(reason); it is red on \(base) as well, without this work: repair it there")
    }
    return afterFailure(.gate, reason, nil, facts, limits: limits, now: now)
  }

  /// What an ended turn tells about its agent: the cool-down that holds from now on; nil when it tells nothing.
  package static func cooldown(after facts: TurnFacts, limits: TurnLimits, now: Timestamp) -> Cooldown? {
    guard case .failed(let failure, let evidence, let retryAt) = facts.claim else { return nil }
    let rule = limits.rule(for: failure)
    guard failure.isLimit || failure.isOutOfOrder || rule.action == .stop else { return nil }
    return Cooldown.next(
      after: facts.cooldown, agent: facts.agent, model: failure.isLimit ? facts.model : nil, failure: failure,
      evidence: evidence.isEmpty ? failure.rawValue : evidence, reset: retryAt, base: rule.backoff ?? limits.backoff,
      failedAt: facts.endedAt ?? now, now: now)
  }

  private static func afterClaim(_ facts: TurnFacts, limits: TurnLimits, now: Timestamp) -> TurnDecision {
    if !facts.uncommitted.isEmpty {
      if facts.turn < limits.turns { return .anotherTurn(.uncommitted) }
      let files = facts.uncommitted.prefix(5).joined(separator: ", ")
      return afterFailure(
        .implementation, "left edits uncommitted: \(files)", nil, facts, limits: limits, now: now)
    }
    if !facts.hasCommits || !facts.treeChanged {
      if facts.turn < limits.turns { return .anotherTurn(.noCommits) }
      let what = facts.hasCommits ? "its commits change nothing" : "it made no commit"
      return afterFailure(
        .noWork, "the agent says it is done, but \(what)", nil, facts, limits: limits, now: now)
    }
    return .verify
  }

  private static func afterFailure(
    _ failure: FailureClass, _ evidence: String, _ retryAt: Timestamp?, _ facts: TurnFacts, limits: TurnLimits,
    now: Timestamp
  ) -> TurnDecision {
    let reason = evidence.isEmpty ? failure.rawValue : evidence
    if facts.lostSession { return .newSession(agent: nil, failure, reason: reason) }
    let rule = limits.rule(for: failure)
    let most = rule.maxAttempts ?? limits.attempts
    let wait = rule.backoff ?? limits.backoff
    let retry =
      facts.attempt < most
      ? TurnDecision.newAttempt(failure, reason: reason, after: doubled(wait, facts.attempt))
      : .fail(failure, reason: reason)
    let park = { () -> TurnDecision in
      guard facts.inARow <= most else {
        return .stuck(failure, reason: inARow(facts, reason))
      }
      guard let cooldown = cooldown(after: facts, limits: limits, now: now) else {
        return .park(failure, reason: reason, until: now.advanced(by: doubled(wait, facts.inARow)))
      }
      return .park(
        failure, reason: cooldown.reason, until: cooldown.wake(facts.task, seed: facts.seed, now: now))
    }
    let resume = TurnDecision.park(failure, reason: reason, until: now.advanced(by: doubled(wait, facts.inARow)))
    if facts.canResume, facts.inARow <= rule.resumes { return failure.isLimit ? park() : resume }
    switch rule.action {
    case .retry: return retry
    case .resume where !facts.canResume: return retry
    case .resume where facts.inARow >= most: return .fail(failure, reason: reason)
    case .resume: return resume
    case .park: return park()
    case .ask: return .stuck(failure, reason: inARow(facts, reason))
    // It was over before anybody could look: nobody has to stand in.
    case .otherAgent where failure.isLimit && !isHeld(after: facts, limits: limits, now: now): return park()
    case .stop, .otherAgent:
      if let agent = facts.nextAgent { return .newSession(agent: agent, failure, reason: reason) }
      if rule.action == .stop || failure.isOutOfOrder { return .stuck(failure, reason: reason) }
      return failure.isLimit ? park() : retry
    }
  }

  private static func isHeld(after facts: TurnFacts, limits: TurnLimits, now: Timestamp) -> Bool {
    cooldown(after: facts, limits: limits, now: now)?.holds(at: now) ?? false
  }

  private static func inARow(_ facts: TurnFacts, _ reason: String) -> String {
    facts.inARow > 1 ? "\(facts.inARow) times in a row: \(reason)" : reason
  }

  /// The wait before the next try, when `tries` have been made.
  private static func doubled(_ wait: Duration, _ tries: Int) -> Duration { wait * (1 << min(16, max(0, tries - 1))) }

}
