import OrchDomain
import OrchGraph

/// Finds what is really behind a dependency that is not complete.
struct RootSearch {
  /// What to do something about first has the smallest value.
  private enum Pressure: Int {
    case defect, cycle, unknownDependency, tierInversion, held, paused, notSelected, closedTier, overlap, withoutAgent,
      running
    case ready
  }

  private let frontier: Frontier
  private let knots: [IndexGraph.Knot]
  private let knotOf: [Int32: Int]

  init(_ frontier: Frontier) {
    self.frontier = frontier
    let knots = frontier.knots()
    var knotOf: [Int32: Int] = [:]
    for (number, knot) in knots.enumerated() { for node in knot.members { knotOf[node] = number } }
    self.knots = knots
    self.knotOf = knotOf
  }

  func knot(of node: Int32) -> IndexGraph.Knot? { knotOf[node].map { knots[$0] } }

  /// The most pressing obstacle among `node` and all open tasks before it; the nearest of equal ones.
  func root(of node: Int32) -> Obstacle.Root {
    var distance: [Int32: Int] = [node: 0]
    var queue = [node]
    var head = 0
    var best: (pressure: Pressure, node: Int32)?
    while head < queue.count {
      let next = queue[head]
      head += 1
      if let pressure = pressure(next), best.map({ pressure.rawValue < $0.pressure.rawValue }) ?? true {
        best = (pressure, next)
      }
      guard frontier.nodes[Int(next)].state == .waiting else { continue }
      for other in frontier.dependencies(of: next)
      where frontier.nodes[Int(other)].state.isOpen && distance[other] == nil {
        distance[other] = (distance[next] ?? 0) + 1
        queue.append(other)
      }
    }
    let chosen = best?.node ?? node
    let found = best.flatMap { obstacle($0.pressure, $0.node) }
    return Obstacle.Root(task: frontier.names.id(chosen), obstacle: found, distance: distance[chosen] ?? 0)
  }

  /// Nil for a task that is complete or only waits for others.
  private func pressure(_ node: Int32) -> Pressure? {
    let it = frontier.nodes[Int(node)]
    switch it.state {
    case .held: return .held
    case .running: return .running
    case .absent, .complete: return nil
    case .waiting: break
    }
    if it.flags.contains(.defective) { return .defect }
    if knotOf[node] != nil { return .cycle }
    if unknownDependency(of: node) != nil { return .unknownDependency }
    if !frontier.tierInversions(node).isEmpty { return .tierInversion }
    if it.flags.contains(.paused) || frontier.isPaused { return .paused }
    if it.flags.contains(.deselected) { return .notSelected }
    guard it.missing == 0 else { return nil }
    if frontier.tier(of: node) != frontier.openTier { return .closedTier }
    guard frontier.touches.isFree(frontier.touchSet(of: node)) else { return .overlap }
    return it.flags.contains(.withoutAgent) ? .withoutAgent : .ready
  }

  private func obstacle(_ pressure: Pressure, _ node: Int32) -> Obstacle? {
    switch pressure {
    case .defect: frontier.defects[node].map(Obstacle.defect)
    case .cycle: knot(of: node).map { frontier.cycle($0, startingAt: node) }
    case .unknownDependency: unknownDependency(of: node).map { .unknownDependency(frontier.names.id($0)) }
    case .tierInversion: frontier.tierInversions(node).first
    case .held, .running: frontier.ownState(node)
    case .paused: .paused(everything: !frontier.nodes[Int(node)].flags.contains(.paused))
    case .notSelected: .notSelected
    case .closedTier: frontier.closedTier(node)
    case .overlap: frontier.overlaps(node).first
    case .withoutAgent: frontier.agentWaits[node].map(Obstacle.withoutAgent)
    case .ready: nil
    }
  }

  private func unknownDependency(of node: Int32) -> Int32? {
    frontier.dependencies(of: node).first { frontier.nodes[Int($0)].state == .absent }
  }
}
