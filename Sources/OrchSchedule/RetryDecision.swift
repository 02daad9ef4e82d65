package import OrchDomain

/// What to do with a task whose attempt ended without finished work.
package enum RetryDecision: Hashable, Sendable {
  /// How the next attempt begins.
  package enum Style: String, Hashable, Sendable {
    /// In the same session, with the facts of what went wrong.
    case resume
    /// In a new session, told what the attempt before it did.
    case fresh
  }

  case retry(after: Duration, Style)
  /// Wait, then go on in the same session. Costs no attempt. Nil: until somebody raises a limit.
  case park(until: Timestamp?, String)
  /// A person has to do something first; the attempt is kept.
  case stuck(String)
  /// Given up.
  case fail(String)
}

/// The numbers of ``RetryPolicy``.
package struct RetryLimits: Hashable, Sendable {
  /// How many attempts a task may have, the first included.
  package var maxAttempts: Int
  /// Before the second attempt; doubled for each one after it.
  package var backoff: Duration
  package var maxBackoff: Duration
  /// How long a rate limit is waited for when the vendor names no time.
  package var rateLimitWait: Duration
  /// How often in a row an overloaded service is waited for before a person is asked.
  package var maxOverloads: Int

  package init(
    maxAttempts: Int = 3, backoff: Duration = .seconds(30), maxBackoff: Duration = .seconds(1800),
    rateLimitWait: Duration = .seconds(900), maxOverloads: Int = 10
  ) {
    self.maxAttempts = max(1, maxAttempts)
    self.backoff = max(.zero, backoff)
    self.maxBackoff = max(.zero, maxBackoff)
    self.rateLimitWait = max(.seconds(1), rateLimitWait)
    self.maxOverloads = max(0, maxOverloads)
  }

  /// `backoff` doubled `steps` times, at most `maxBackoff`.
  package func delay(afterSteps steps: Int) -> Duration {
    var delay = min(backoff, maxBackoff)
    for _ in 0..<max(0, min(steps, 64)) where delay < maxBackoff { delay = min(delay * 2, maxBackoff) }
    return delay
  }
}

/// What is known when an attempt has ended badly.
package struct FailedAttempt: Hashable, Sendable {
  package var failure: FailureClass
  /// Attempts that count so far, this one included; parked ones do not count.
  package var attempts: Int
  /// Overloads of the service in a row, this one included.
  package var overloads: Int
  package var now: Timestamp
  /// When the vendor's limit resets, if it says so.
  package var resetsAt: Timestamp?

  package init(
    _ failure: FailureClass, attempts: Int, overloads: Int = 0, now: Timestamp, resetsAt: Timestamp? = nil
  ) {
    self.failure = failure
    self.attempts = attempts
    self.overloads = overloads
    self.now = now
    self.resetsAt = resetsAt
  }
}

/// The policy of each failure class, as one table.
package enum RetryPolicy {
  private enum Rule {
    case again(RetryDecision.Style, thenStuck: Bool, String)
    case ask(String)
    case waitForReset
    case waitForService
    case waitForBudget
  }

  private static func rule(_ failure: FailureClass) -> Rule {
    switch failure {
    case .rateLimit: .waitForReset
    case .overloaded: .waitForService
    case .budget: .waitForBudget
    case .auth: .ask("the agent is not logged in: log it in, then resume")
    case .billing: .ask("the agent's account cannot pay: settle that, then resume")
    case .environment: .ask("a tool, a file or the disk is missing what the task needs: run doctor, then retry")
    case .permission: .ask("the agent was refused a tool that it needs: widen its permissions, then retry")
    case .gate: .again(.resume, thenStuck: true, "the gate stays red")
    case .conflict: .again(.resume, thenStuck: true, "the conflict with the base branch stays")
    case .noWork: .again(.fresh, thenStuck: false, "the agent committed nothing")
    case .timeout: .again(.resume, thenStuck: false, "the time of the attempt ran out")
    case .stalled: .again(.resume, thenStuck: false, "the agent went silent")
    case .crash: .again(.resume, thenStuck: false, "the agent crashed")
    case .implementation: .again(.fresh, thenStuck: false, "the work was not good enough")
    }
  }

  /// Decides from facts alone; the same facts give the same decision.
  package static func decide(_ attempt: FailedAttempt, _ limits: RetryLimits = RetryLimits()) -> RetryDecision {
    switch rule(attempt.failure) {
    case .ask(let reason): return .stuck(reason)
    case .waitForBudget: return .park(until: nil, "the budget is used up: raise it or wait for the next period")
    case .waitForReset:
      let known = attempt.resetsAt.flatMap { $0 > attempt.now ? $0 : nil }
      return .park(until: known ?? attempt.now.advanced(by: limits.rateLimitWait), "the agent's rate limit is reached")
    case .waitForService:
      guard attempt.overloads <= limits.maxOverloads else {
        return .stuck("the agent's service was overloaded \(attempt.overloads) times in a row")
      }
      let delay = max(.seconds(1), limits.delay(afterSteps: attempt.overloads - 1))
      return .park(until: attempt.now.advanced(by: delay), "the agent's service is overloaded")
    case .again(let style, let thenStuck, let reason):
      guard attempt.attempts < limits.maxAttempts else {
        let text = "\(reason) after \(attempt.attempts) \(attempt.attempts == 1 ? "attempt" : "attempts")"
        return thenStuck ? .stuck(text) : .fail(text)
      }
      return .retry(after: limits.delay(afterSteps: attempt.attempts - 1), style)
    }
  }
}
