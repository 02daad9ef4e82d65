/// A time in which an agent, or one model of it, is given no work.
package struct Cooldown: Hashable, Sendable {
  package var agent: String
  /// nil for all models of the agent.
  package var model: String?
  package var failure: FailureClass
  /// What told of it, for people.
  package var reason: String
  package var since: Timestamp
  package var until: Timestamp
  /// Whether the vendor named the end; else it is a guess.
  package var isNamed: Bool
  /// Guesses in a row, this one included; 0 for a named end.
  package var guesses: Int

  /// No vendor's window is longer than a week, so an end beyond this is a mistake of some clock.
  package static let longest = Duration.seconds(8 * 86_400)
  /// The longest guess, unless the first one is longer already.
  package static let longestGuess = Duration.seconds(3600)

  package init(
    agent: String, model: String?, failure: FailureClass, reason: String, since: Timestamp, until: Timestamp,
    isNamed: Bool, guesses: Int
  ) {
    self.agent = agent
    self.model = model
    self.failure = failure
    self.reason = reason
    self.since = since
    self.until = until
    self.isNamed = isNamed
    self.guesses = guesses
  }

  /// Whether it still keeps work away. One that seems to last for weeks was set while the clock was wrong.
  package func holds(at now: Timestamp) -> Bool { now < until && until.since(now) <= Self.longest }

  /// Whether it is about this model, or about all of them.
  package func covers(_ agent: String, _ model: String?) -> Bool {
    agent == self.agent && (self.model == nil || self.model == model)
  }

  /// Whether a turn that went well proves that it is over; one that began before proves nothing.
  package func isOver(afterTurnFrom start: Timestamp) -> Bool { start >= since }

  /// What a failure that was just seen makes of the cool-down before.
  ///
  /// An end that the vendor names wins over a guess and never shortens another named end that still holds. One that
  /// has passed since the failure, because nobody was there to see it, is believed too: it holds no longer. Guesses
  /// double, and only once each is over, so that many tasks at the same wall count once.
  ///
  /// - Parameters:
  ///   - old: For the same agent and model.
  ///   - reset: What the vendor named; one that was in the past when it was named, or beyond ``longest``, is not
  ///     believed.
  ///   - base: The first guess.
  ///   - failedAt: When the failure happened.
  package static func next(
    after old: Cooldown?, agent: String, model: String?, failure: FailureClass, evidence: String, reset: Timestamp?,
    base: Duration, failedAt: Timestamp, now: Timestamp
  ) -> Cooldown {
    var new = Cooldown(
      agent: agent, model: model, failure: failure, reason: evidence, since: now, until: now, isNamed: false,
      guesses: 0)
    if let reset {
      if reset > min(failedAt, now), reset.since(now) <= longest {
        if let old, old.holds(at: now), old.isNamed, old.until > reset { return old }
        new.until = reset
        new.isNamed = true
        return new
      }
      let why = reset > now ? "is more than 8 days away" : "is over already"
      new.reason += " (the reset that it names, \(reset.rfc3339), \(why) and not believed)"
    }
    if let old, old.holds(at: now) { return old }
    new.guesses = min((old?.guesses ?? 0) + 1, 30)
    let wait = base * (1 << (new.guesses - 1))
    new.until = now.advanced(by: min(wait, max(base, longestGuess)))
    return new
  }

  /// When a task that waits for the end tries again: up to a tenth of the wait later, a minute at most, so that not
  /// everything wakes in the same second.
  ///
  /// - Parameter seed: With the task it decides how much later.
  package func wake(_ task: TaskID, seed: UInt64, now: Timestamp) -> Timestamp {
    let spread = min(60_000, max(0, until.since(now).wholeMilliseconds) / 10)
    guard spread > 0 else { return until }
    var hash = seed ^ 0xcbf2_9ce4_8422_2325
    for byte in task.description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash ^= hash >> 32
    return until.advanced(by: .milliseconds(Int64(hash % UInt64(spread + 1))))
  }

  /// `agent claude-code with model opus gets no work until 2026-11-27T10:00:00Z: usage limit reached [rate_limit]`
  package var text: String {
    let subject = "agent \(agent)" + (model.map { " with model \($0)" } ?? "")
    return "\(subject) gets no work until \(until.rfc3339): \(reason) [\(failure.rawValue)]"
  }
}
