package import OrchDomain
import OrchGraph

/// Changes of the plan while work goes on. They cost what they touch; a plan that changed as a whole is better served
/// by a new frontier.
extension Frontier {
  /// Adds a task in the phase that it names. A task that is already there is updated instead.
  package mutating func insert(_ task: SchedulableTask) {
    if index(of: task.id) != nil { return update(task) }
    let node = names.index(of: task.id) ?? addNode(task.id)
    nodes[Int(node)].flags = isSelective ? .deselected : []
    write(task, to: node)
    var hold: Hold?
    if case .held(let value) = task.phase { hold = value }
    change(node, to: State(task.phase), hold)
  }

  /// Takes over everything but the phase. A task that is not there yet is inserted.
  package mutating func update(_ task: SchedulableTask) {
    guard let node = index(of: task.id) else { return insert(task) }
    write(task, to: node)
    refresh(node)
  }

  /// Takes a task out of the plan, whatever its phase. What depends on it waits for an unknown task from then on.
  package mutating func remove(_ id: TaskID) {
    guard let node = index(of: id) else { return }
    let before = edges.dependencies(of: node)
    edges.removeDependencies(of: node)
    nodes[Int(node)].missing = 0
    change(node, to: .absent)
    nodes[Int(node)].flags = []
    defects[node] = nil
    agentWaits[node] = nil
    updateChains(from: before)
  }

  private mutating func addNode(_ id: TaskID) -> Int32 {
    let moved = names.ranksMoved
    let node = names.add(id)
    nodes.append(Node())
    edges.addNode()
    weights.append(1)
    nodes[Int(node)].rank = names.rank(node)
    if names.ranksMoved != moved { reloadRanks() }
    return node
  }

  /// The order of two tasks never changes; their keys are replaced one by one.
  private mutating func reloadRanks() {
    for node in nodes.indices {
      let rank = names.rank(Int32(node))
      guard rank != nodes[node].rank else { continue }
      changeKey(of: Int32(node)) { $0.rank = rank }
    }
  }

  /// Replaces what the plan says about a node; its state stays. The caller refreshes the queue.
  private mutating func write(_ task: SchedulableTask, to node: Int32) {
    let state = nodes[Int(node)].state
    let isHolding = nodes[Int(node)].flags.contains(.holdsTouches)
    if queue.contains(node) { queue.remove(node, nodes) }
    holdTouches(node, false)
    if state.isOpen { countOpen(node, -1) }
    let before = edges.dependencies(of: node)
    edges.removeDependencies(of: node)

    nodes[Int(node)].lane = queue.lane(tier: addTier(task.tier), touches: touches.number(of: task.touches))
    nodes[Int(node)].priority = UInt8(task.priority.rank)
    nodes[Int(node)].flags.insert(.late)
    weights[Int(node)] = IndexGraph.weight(task.weight)
    defects[node] = task.defect
    if task.defect == nil {
      nodes[Int(node)].flags.remove(.defective)
    } else {
      nodes[Int(node)].flags.insert(.defective)
    }
    if state.isOpen { countOpen(node, 1) }
    holdTouches(node, isHolding)

    var after: Set<Int32> = []
    for dependency in task.dependencies { after.insert(names.index(of: dependency) ?? addNode(dependency)) }
    nodes[Int(node)].missing = 0
    for dependency in after {
      edges.add(dependent: node, dependency: dependency)
      if nodes[Int(dependency)].state != .complete { nodes[Int(node)].missing += 1 }
    }
    updateChains(from: before + after + [node])
  }
}
