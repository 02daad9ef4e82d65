package import OrchDomain
import OrchGraph

extension Frontier {
  /// Why `id` does not start now, in order of what to do about it. Empty when it would start with the next free slot.
  ///
  /// A task that runs, is held or is complete has just that to say. Costs up to the size of the plan.
  package func explain(_ id: TaskID) -> [Obstacle] {
    guard let node = index(of: id) else { return [.notInPlan] }
    if let itself = ownState(node) { return [itself] }
    let search = RootSearch(self)
    let knot = search.knot(of: node)
    var result: [Obstacle] = []
    if let defect = defects[node] { result.append(.defect(defect)) }
    if let knot { result.append(cycle(knot, startingAt: node)) }
    let missing = dependencies(of: node).filter { nodes[Int($0)].state != .complete }
    for other in missing where nodes[Int(other)].state == .absent { result.append(.unknownDependency(names.id(other))) }
    result += tierInversions(node)
    if isPaused { result.append(.paused(everything: true)) }
    if nodes[Int(node)].flags.contains(.paused) { result.append(.paused(everything: false)) }
    if nodes[Int(node)].flags.contains(.deselected) { result.append(.notSelected) }
    if let wait = agentWaits[node] { result.append(.withoutAgent(wait)) }
    for other in missing where nodes[Int(other)].state != .absent && knot?.members.contains(other) != true {
      result.append(.dependency(names.id(other), search.root(of: other)))
    }
    if let closed = closedTier(node) { result.append(closed) }
    return result + overlaps(node)
  }

  /// Dependencies that can never be met, because each side waits for the other: one by edge, one by tier.
  func tierInversions(_ node: Int32) -> [Obstacle] {
    let own = tierValue(of: node)
    return dependencies(of: node)
      .filter { nodes[Int($0)].state == .waiting && tierValue(of: $0) > own }
      .map { .tierInversion(names.id($0), tier: tierValue(of: $0), own: own) }
  }

  func ownState(_ node: Int32) -> Obstacle? {
    switch nodes[Int(node)].state {
    case .absent: .notInPlan
    case .complete: .complete
    case .running: .running
    case .held: holds[node].map(Obstacle.held)
    case .waiting: nil
    }
  }

  /// The cycle of the knot, turned so that `node` comes first when it is on it.
  func cycle(_ knot: IndexGraph.Knot, startingAt node: Int32) -> Obstacle {
    let start = knot.path.firstIndex(of: node) ?? 0
    return .cycle((knot.path[start...] + knot.path[..<start]).map(names.id))
  }

  func closedTier(_ node: Int32) -> Obstacle? {
    let own = tiers[Int(tier(of: node))].value
    guard openTier >= 0, tiers[Int(openTier)].value < own else { return nil }
    func urgency(_ node: Int) -> (Int, Int, Int64) {
      let state = nodes[node].state
      let value = tiers[Int(tier(of: Int32(node)))].value
      return (value, state == .held ? 0 : state == .running ? 1 : 2, nodes[node].rank)
    }
    let lower = nodes.indices.filter { nodes[$0].state.isOpen && urgency($0).0 < own }
    let first = lower.sorted { urgency($0) < urgency($1) }.prefix(5)
    return .closedTier(
      own, open: tiers[Int(openTier)].value, keptClosedBy: first.map { names.id(Int32($0)) }, count: lower.count)
  }

  /// One obstacle for every task at work whose patterns may name the same file.
  func overlaps(_ node: Int32) -> [Obstacle] {
    let own = touchSet(of: node)
    guard !touches.isFree(own) else { return [] }
    let holders = nodes.indices.filter { nodes[$0].flags.contains(.holdsTouches) && $0 != Int(node) }
    return holders.sorted { nodes[$0].rank < nodes[$1].rank }.compactMap { other in
      let pairs = touches.overlaps(between: own, and: touchSet(of: Int32(other)))
      return pairs.isEmpty ? nil : .overlap(with: names.id(Int32(other)), pairs)
    }
  }
}
