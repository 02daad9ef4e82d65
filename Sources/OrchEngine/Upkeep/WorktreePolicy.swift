package import OrchDomain

/// Decides what becomes of a worktree below our directory. Pure.
package enum WorktreePolicy {
  /// What is known of one worktree.
  package struct Facts: Hashable, Sendable {
    package enum Owner: Hashable, Sendable {
      /// A checkout in which the gate runs or a reviewer looks, and nobody works.
      case gate
      /// It waits in the pool for the next attempt.
      /// - Parameter isSurplus: Whether more wait than `[worktree] pool_size` asks for.
      case warm(isSurplus: Bool)
      /// No attempt that the store knows was made there.
      case nobody
      /// - Parameters:
      ///   - state: Of the task; nil when its plan is gone.
      ///   - hasEnded: Whether the attempt is over.
      ///   - isLatest: Whether the task has no later attempt.
      case attempt(TaskID, Int, state: TaskState?, hasEnded: Bool, isLatest: Bool)
    }

    package var owner: Owner
    /// Whether another process drives the project now.
    package var isDriven: Bool

    package init(owner: Owner, isDriven: Bool) {
      self.owner = owner
      self.isDriven = isDriven
    }
  }

  package enum Fate: Hashable, Sendable {
    /// Nothing is lost by it: what is in it is made reachable first.
    case remove(String)
    case keep(String)
  }

  private static let driven = "a run goes on and may need it at any moment"

  /// - Parameter all: Also what a person may still want to look at or go on with.
  package static func fate(of facts: Facts, all: Bool) -> Fate {
    switch facts.owner {
    case .gate:
      if !all { return .keep("the gate uses it again; --all removes it") }
      return facts.isDriven ? .keep(driven) : .remove("the gate makes a new one when it needs it")
    case .warm(let isSurplus):
      if !all && !isSurplus { return .keep("it waits, cleaned, for the next attempt; --all removes it") }
      if facts.isDriven { return .keep(driven) }
      return .remove(isSurplus ? "[worktree] pool_size asks for fewer" : "it waits for the next attempt, empty of work")
    case .nobody: return .remove("it belongs to no attempt")
    case .attempt(let id, _, let state, let hasEnded, let isLatest):
      return hasEnded
        ? ended(id, state, isLatest: isLatest, isDriven: facts.isDriven, all: all)
        : open(id, state, isDriven: facts.isDriven, all: all)
    }
  }

  private static func ended(
    _ id: TaskID, _ state: TaskState?, isLatest: Bool, isDriven: Bool, all: Bool
  ) -> Fate {
    if state == .complete || state == nil { return .remove(state == nil ? "its plan is gone" : "it has landed") }
    if isDriven { return .keep(driven) }
    if state == .failed, isLatest, !all { return .keep("\(id) failed and can be retried; --all removes it") }
    return .remove(state == .failed ? "\(id) failed" : "its attempt is over")
  }

  private static func open(_ id: TaskID, _ state: TaskState?, isDriven: Bool, all: Bool) -> Fate {
    switch state {
    case .parked, .stuck, .failed, .cancelled, nil:
      let shown = state?.rawValue ?? "without a plan"
      if !all { return .keep("\(id) is \(shown) and can go on; --all removes it") }
      return isDriven ? .keep(driven) : .remove("\(id) is \(shown)")
    case .blocked, .ready, .queued, .preparing, .running, .verifying, .fixing, .publishing, .inReview, .approved,
      .landing, .complete:
      return .keep("\(id) is \(state?.rawValue ?? ""), its attempt is under way")
    }
  }

  /// How much somebody would miss a worktree that is taken away to make room, from 0; nil when it must stay. Its
  /// content is kept in any case, and it can be brought back.
  package static func usefulness(of owner: Facts.Owner) -> Int? {
    switch owner {
    case .warm: return 0
    case .gate: return 1
    // What is in it would get a ref, but nobody could be given it back.
    case .nobody: return nil
    case .attempt(_, _, let state, let hasEnded, let isLatest):
      if hasEnded && !isLatest { return 2 }
      switch state {
      case .complete, nil: return hasEnded ? 2 : nil
      case .cancelled: return 3
      case .failed: return 4
      case .stuck: return 5
      case .parked: return 6
      case .blocked, .ready: return hasEnded ? 4 : nil
      case .queued, .preparing, .running, .verifying, .fixing, .publishing, .inReview, .approved, .landing: return nil
      }
    }
  }
}
