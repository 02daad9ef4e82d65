package import OrchDomain

/// How many requests looking around may take: a bucket that fills evenly, so that a poll loop stays within a number an
/// hour whatever there is to look at.
package struct RequestBudget: Hashable, Sendable {
  /// In any hour.
  package let perHour: Int
  private var level: Double
  private var filledAt: Timestamp?

  /// Half of an hour's requests may be taken at once; the other half comes evenly over the hour.
  package init(perHour: Int) {
    self.perHour = perHour
    level = Double(perHour) / 2
  }

  /// Takes one request out; false when there is none.
  package mutating func take(now: Timestamp) -> Bool {
    let half = Double(perHour) / 2
    if let filledAt, now > filledAt { level = min(half, level + half * now.since(filledAt).inSeconds / 3600) }
    filledAt = now
    guard level >= 1 else { return false }
    level -= 1
    return true
  }
}
