/// Where an entry of the merge queue is.
package enum QueueState: String, Hashable, Sendable, CaseIterable {
  /// Waits for its turn.
  case waiting
  /// Waits longer than `[landing] starved_after`, and therefore goes first.
  case starved
  /// Its merged tree is being made.
  case building
  /// The gate runs on its merged tree.
  case testing
  /// Its tree was red and then green: it lands, and is remembered for it.
  case flaky
  /// The base branch is being moved over it.
  case landing
  case landed
  /// It does not merge with what has landed, and went back.
  case conflict
  /// The gate is red because of it, and it went back.
  case redOwn = "red_own"
  /// The gate is red on the base branch without it: it waits until the base moves.
  case redInherited = "red_inherited"

  /// Whether it has left the queue.
  package var isOver: Bool {
    switch self {
    case .landed, .conflict, .redOwn: true
    case .waiting, .starved, .building, .testing, .flaky, .landing, .redInherited: false
    }
  }

  /// Whether a process works on it; after the end of that process it simply waits.
  package var isUnderWay: Bool {
    switch self {
    case .building, .testing, .flaky, .landing: true
    case .waiting, .starved, .landed, .conflict, .redOwn, .redInherited: false
    }
  }
}
