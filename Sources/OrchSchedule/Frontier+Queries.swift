package import OrchDomain
import OrchGraph

extension Frontier {
  /// Tasks that would start now if there were slots, in the documented order.
  ///
  /// - Note: Two of them may overlap with each other; ``take(_:)`` starts only one of those.
  package var ready: [TaskID] {
    guard !isPaused, openTier >= 0 else { return [] }
    return queue.tasks(ofTier: openTier, nodes, where: touches.isFree).map(names.id)
  }

  /// How many ids ``ready`` has; costs the number of distinct `touches`, not of tasks.
  package var readyCount: Int {
    guard !isPaused, openTier >= 0 else { return 0 }
    return queue.count(ofTier: openTier, where: touches.isFree)
  }

  /// Whether any task was ever kept back for want of an agent.
  package var hasAgentWaits: Bool { !agentWaits.isEmpty }

  package func isWithoutAgent(_ id: TaskID) -> Bool {
    index(of: id).map { nodes[Int($0)].flags.contains(.withoutAgent) } ?? false
  }

  /// How many tasks would be ready if an agent might work on them.
  package var countWithoutAgent: Int {
    guard !isPaused else { return 0 }
    return agentWaits.keys.count { node in
      let it = nodes[Int(node)]
      return it.state == .waiting && it.missing == 0 && it.flags.intersection(.barred) == .withoutAgent
        && tier(of: node) == openTier && touches.isFree(touchSet(of: node))
    }
  }

  /// Whether `id` would start with the next free slot.
  package func isReady(_ id: TaskID) -> Bool {
    guard let node = index(of: id) else { return false }
    return !isPaused && queue.contains(node) && tier(of: node) == openTier && touches.isFree(touchSet(of: node))
  }

  /// The running tasks, ordered by id.
  package var running: [TaskID] {
    nodes.indices.filter { nodes[$0].state == .running }.map { names.id(Int32($0)) }.sorted()
  }

  /// The held tasks with their reasons, ordered by id.
  package var held: [(id: TaskID, hold: Hold)] {
    holds.map { (id: names.id($0.key), hold: $0.value) }.sorted { $0.id < $1.id }
  }

  /// Where a task stands; nil for an id that is not scheduled.
  package func phase(of id: TaskID) -> SchedulableTask.Phase? {
    guard let node = index(of: id) else { return nil }
    switch nodes[Int(node)].state {
    case .absent: return nil
    case .waiting: return .waiting
    case .running: return .running
    case .complete: return .complete
    case .held: return holds[node].map(SchedulableTask.Phase.held)
    }
  }

  /// The longest chain of incomplete work behind an incomplete task, in the unit of `weight`.
  package func chain(of id: TaskID) -> Int64? {
    guard let node = index(of: id), nodes[Int(node)].state.isOpen else { return nil }
    return nodes[Int(node)].chain
  }

  /// The lowest tier that is not complete; nil when nothing is left.
  package var activeTier: Int? { openTier >= 0 ? tiers[Int(openTier)].value : nil }

  /// Every task that is not complete, ordered by id.
  package var incomplete: [TaskID] {
    nodes.indices.filter { nodes[$0].state.isOpen }.map { names.id(Int32($0)) }.sorted()
  }

  func tierValue(of node: Int32) -> Int { tiers[Int(tier(of: node))].value }

  /// Ascending by id.
  func dependencies(of node: Int32) -> [Int32] {
    edges.dependencies(of: node).sorted { nodes[Int($0)].rank < nodes[Int($1)].rank }
  }

  /// The cycles of open tasks, ordered by smallest member.
  func knots() -> [IndexGraph.Knot] {
    guard hasKnots else { return [] }
    let order = nodes.indices.sorted { nodes[$0].rank < nodes[$1].rank }.map { Int32($0) }
    let graph = edges.graph(inOrder: order)
    return graph.openKnots(isOpen: order.map { nodes[Int($0)].state.isOpen }).map { knot in
      IndexGraph.Knot(members: knot.members.map { order[Int($0)] }, path: knot.path.map { order[Int($0)] })
    }
  }
}
