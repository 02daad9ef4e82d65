import OrchDomain

/// Decides again, from what a scheduler was told, and compares.
package struct DecisionReplay: Sendable {
  /// A decision that comes out otherwise.
  package struct Difference: Hashable, Sendable {
    package let recorded: String
    package let now: String
  }

  package private(set) var runs = 0
  package private(set) var decisions = 0
  private var frontier: RecordedFrontier?
  /// Tasks that belong to a beginning, and how many of them are still to come.
  private var told: [FrontierKnowledge.Task] = []
  private var missing = 0

  package init() {}

  /// - Returns: The difference, when the step is a decision that the scheduler would not make. Steps before the first
  ///   `began` are passed over: a log that was compacted may begin in the middle of a run.
  package mutating func apply(_ step: FrontierStep) -> Difference? {
    switch step {
    case .began(let count):
      runs += 1
      (told, missing) = ([], count)
      frontier = count == 0 ? RecordedFrontier(FrontierKnowledge([])) : nil
    case .task(let known) where missing > 0:
      told.append(known)
      missing -= 1
      if missing == 0 { frontier = RecordedFrontier(FrontierKnowledge(told)) }
    default: return decide(step)
    }
    return nil
  }

  private mutating func decide(_ step: FrontierStep) -> Difference? {
    guard frontier != nil else { return nil }
    switch step {
    case .began: break
    case .task(let known): frontier?.know(known)
    case .selected(let ids): frontier?.select(ids.map(Set.init))
    case .paused(let isPaused): frontier?.setPaused(isPaused)
    case .withoutAgent(let id, let isSo): frontier?.setAgentWait(id, isSo ? "recorded" : nil)
    case .released(let id): frontier?.release(id)
    case .took(let id):
      decisions += 1
      let now = frontier?.take()
      if now != id { return Difference(recorded: "\(id)", now: now.map { "\($0)" } ?? "nothing") }
    case .rested(let recorded):
      decisions += 1
      let now = frontier?.rest()
      if let now, now != recorded { return Difference(recorded: "\(recorded)", now: "\(now)") }
    }
    _ = frontier?.drain()
    return nil
  }
}
