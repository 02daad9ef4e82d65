package import OrchDomain
import OrchGraph

/// What a frontier is waiting for.
package enum Quiescence: Hashable, Sendable {
  /// This many tasks could start now.
  case ready(Int)
  /// Nothing can start until one of this many running tasks ends.
  case running(Int)
  /// Every task (of the selection) is complete.
  case complete
  /// Nothing runs, and what is left waits for these, among others.
  case waitingForHeld([TaskID])
  /// Nothing runs or is held, and nothing will start before a pause, or a cool-down of an agent, ends. Empty when
  /// everything is paused at once.
  case paused([TaskID])
  /// Nothing runs; what is left waits for these tasks, which were not selected.
  case notSelected([TaskID])
  /// Nothing will ever start before the plan changes: these are on cycles, have errors or unknown
  /// dependencies, or wait for a task of a higher tier.
  case deadlock([TaskID])
}

extension Frontier {
  /// What has to happen next. Quick while tasks run or are ready, else up to the size of the plan.
  package var quiescence: Quiescence {
    let ready = readyCount
    if ready > 0 { return .ready(ready) }
    if runningCount > 0 { return .running(runningCount) }
    let left = nodes.indices.filter { nodes[$0].state.isOpen && !nodes[$0].flags.contains(.deselected) }
    if left.isEmpty { return .complete }
    if isPaused { return .paused([]) }
    var causes = StallCauses()
    search(from: left.map { Int32($0) }, &causes)
    if !causes.held.isEmpty { return .waitingForHeld(causes.held.map(names.id).sorted()) }
    if !causes.paused.isEmpty { return .paused(causes.paused.map(names.id).sorted()) }
    if !causes.deselected.isEmpty { return .notSelected(causes.deselected.map(names.id).sorted()) }
    let knotted = knots().flatMap(\.members).filter { causes.seen.contains($0) }
    return .deadlock(Set(causes.broken + knotted).map(names.id).sorted())
  }

  private struct StallCauses {
    var seen: Set<Int32> = []
    var held: [Int32] = []
    var paused: [Int32] = []
    var deselected: [Int32] = []
    var broken: [Int32] = []
  }

  /// Walks from stalled tasks over all that they wait for: dependencies, lower tiers and held files.
  private func search(from left: [Int32], _ causes: inout StallCauses) {
    causes.seen = Set(left)
    var stack = left
    var sawTier = false
    while let node = stack.popLast() {
      let it = nodes[Int(node)]
      let open = edges.dependencies(of: node).filter { nodes[Int($0)].state != .complete }
      if it.state == .held {
        causes.held.append(node)
        continue
      }
      let isBroken = it.flags.contains(.defective) || open.contains { nodes[Int($0)].state == .absent }
      if isBroken || !tierInversions(node).isEmpty {
        causes.broken.append(node)
      } else if !it.flags.isDisjoint(with: [.paused, .withoutAgent]) {
        causes.paused.append(node)
      } else if it.flags.contains(.deselected) && open.isEmpty {
        causes.deselected.append(node)
      }
      for other in open where nodes[Int(other)].state.isOpen && causes.seen.insert(other).inserted {
        stack.append(other)
      }
      if tier(of: node) != openTier, !sawTier {
        sawTier = true
        for other in openTierTasks() where causes.seen.insert(other).inserted { stack.append(other) }
      }
      guard open.isEmpty, !touches.isFree(touchSet(of: node)) else { continue }
      for other in touchHolders() where causes.seen.insert(other).inserted { stack.append(other) }
    }
  }

  private func openTierTasks() -> [Int32] {
    nodes.indices.map { Int32($0) }.filter { nodes[Int($0)].state.isOpen && tier(of: $0) == openTier }
  }

  private func touchHolders() -> [Int32] {
    nodes.indices.map { Int32($0) }.filter { nodes[Int($0)].flags.contains(.holdsTouches) }
  }
}
