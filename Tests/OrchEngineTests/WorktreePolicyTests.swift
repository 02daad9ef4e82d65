import OrchDomain
import Testing

@testable import OrchEngine

@Suite("What becomes of worktrees")
struct WorktreePolicyTests {
  private static let id = TaskID(module: "a", number: 1)

  private struct Case {
    var state: TaskState?
    var hasEnded: Bool
    var isLatest: Bool
    var isDriven: Bool

    func isRemoved(all: Bool) -> Bool {
      let owner = WorktreePolicy.Facts.Owner.attempt(id, 1, state: state, hasEnded: hasEnded, isLatest: isLatest)
      if case .remove = WorktreePolicy.fate(of: .init(owner: owner, isDriven: isDriven), all: all) { return true }
      return false
    }
  }

  private static var cases: [Case] {
    let states = TaskState.allCases.map(Optional.some) + [nil]
    return states.flatMap { state in
      (0..<8).map { Case(state: state, hasEnded: $0 & 1 == 0, isLatest: $0 & 2 == 0, isDriven: $0 & 4 == 0) }
    }
  }

  @Test func workUnderWayIsNeverRemoved() {
    for item in Self.cases where !item.hasEnded {
      if let state = item.state, state.isActive || state.holdsSlot { #expect(!item.isRemoved(all: true), "\(item)") }
    }
  }

  @Test func whatCanGoOnIsRemovedOnlyWithAll() {
    for item in Self.cases where !item.hasEnded {
      #expect(!item.isRemoved(all: false), "\(item)")
      if item.state == .parked || item.state == .stuck { #expect(item.isRemoved(all: true) == !item.isDriven) }
    }
    let failed = Case(state: .failed, hasEnded: true, isLatest: true, isDriven: false)
    #expect(!failed.isRemoved(all: false) && failed.isRemoved(all: true))
  }

  @Test func aRunThatGoesOnLosesNothingThatItMayNeed() {
    for item in Self.cases where item.isDriven && item.isRemoved(all: true) {
      #expect(item.hasEnded && (item.state == .complete || item.state == nil), "\(item)")
    }
  }

  @Test func allRemovesNoLess() {
    for item in Self.cases where item.isRemoved(all: false) { #expect(item.isRemoved(all: true), "\(item)") }
  }

  @Test func theGateStaysWhileSomethingRuns() {
    let fate = { (isDriven: Bool, all: Bool) in
      WorktreePolicy.fate(of: WorktreePolicy.Facts(owner: .gate, isDriven: isDriven), all: all)
    }
    for (isDriven, all) in [(true, true), (true, false), (false, false)] {
      guard case .keep = fate(isDriven, all) else {
        Issue.record("removed with driven \(isDriven), all \(all)")
        continue
      }
    }
    guard case .remove = fate(false, true) else {
      Issue.record("kept with --all and nothing running")
      return
    }
  }
}
