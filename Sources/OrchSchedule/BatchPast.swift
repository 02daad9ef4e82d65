package import OrchDomain

/// What is known about the runs of one batch. Kept durably, or every restart would forget what already ran.
package struct BatchPast: Hashable, Sendable {
  /// A due time that was dealt with, or a run that somebody started by hand.
  package struct Entry: Hashable, Sendable {
    package enum State: Hashable, Sendable {
      case running
      /// Its process has died, and nobody has ended it.
      case lost
      case ended(Timestamp)
      /// Never began; so were all due times until the one that is named.
      case missed(until: Timestamp)
    }

    package var id: Int64
    /// Nil when it was started by hand.
    package var due: Timestamp?
    package var startedAt: Timestamp
    package var state: State

    package init(id: Int64, due: Timestamp?, startedAt: Timestamp, state: State) {
      self.id = id
      self.due = due
      self.startedAt = startedAt
      self.state = state
    }

    /// Whether a due time was dealt with by this. What was found missing while the clock was far ahead does not count:
    /// a clock that is put right must not silence a batch until the old time comes round again.
    func covers(_ moment: Timestamp, now: Timestamp) -> Bool {
      guard let due else { return false }
      guard case .missed(let until) = state else { return due == moment }
      return startedAt.since(now) <= Entry.clockSlack && due <= moment && moment <= until
    }

    private static let clockSlack = Duration.seconds(3600)

    /// Whether the run went on at a moment.
    func wentOn(at moment: Timestamp) -> Bool {
      switch state {
      case .missed: false
      case .running, .lost: startedAt <= moment
      case .ended(let end): startedAt <= moment && moment < end
      }
    }
  }

  /// When the batch was first seen with its present schedule. What would have been due before is nobody's business.
  package var knownSince: Timestamp
  /// In any order; what is over since long may be left out, as long as the newest due time is there.
  package var entries: [Entry]

  package init(knownSince: Timestamp, entries: [Entry] = []) {
    self.knownSince = knownSince
    self.entries = entries
  }

  /// The moment until which everything is dealt with.
  func floor(at now: Timestamp) -> Timestamp {
    let start = min(knownSince, now)
    return entries.reduce(start) { floor, entry in
      guard let due = entry.due, due <= now, entry.covers(due, now: now) else { return floor }
      if case .missed(let until) = entry.state { return max(floor, min(until, now)) }
      return max(floor, due)
    }
  }

  func hasDealtWith(_ moment: Timestamp, now: Timestamp) -> Bool { entries.contains { $0.covers(moment, now: now) } }
}
