package import OrchDomain

/// A change that waits to land.
package struct QueueEntry: Hashable, Sendable {
  package var task: TaskID
  package var priority: TaskPriority
  /// When it was approved.
  package var enteredAt: Timestamp

  package init(task: TaskID, priority: TaskPriority, enteredAt: Timestamp) {
    self.task = task
    self.priority = priority
    self.enteredAt = enteredAt
  }
}

/// The order in which changes land: those that wait too long first, then by priority, then by age.
///
/// Whatever waits longer than the bound is ordered by age alone, so only finitely many can ever be put before it.
package struct QueueOrder: Hashable, Sendable {
  /// How long others may be put before an entry.
  package var starvedAfter: Duration
  package var now: Timestamp

  package init(starvedAfter: Duration, now: Timestamp) {
    self.starvedAfter = starvedAfter
    self.now = now
  }

  package func isStarved(_ entry: QueueEntry) -> Bool { now.since(entry.enteredAt) >= starvedAfter }

  package func sorted(_ entries: [QueueEntry]) -> [QueueEntry] { entries.sorted(by: goesBefore) }

  private func goesBefore(_ a: QueueEntry, _ b: QueueEntry) -> Bool {
    let (x, y) = (isStarved(a), isStarved(b))
    if x != y { return x }
    if !x, a.priority != b.priority { return a.priority < b.priority }
    return (a.enteredAt, a.task) < (b.enteredAt, b.task)
  }
}
