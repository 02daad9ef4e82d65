package import OrchDomain

// MARK: By id

extension Frontier {
  /// The number of a task; nil for an id that is not scheduled.
  package func index(of id: TaskID) -> Int32? {
    guard let node = names.index(of: id), nodes[Int(node)].state != .absent else { return nil }
    return node
  }

  /// - Precondition: `node` came from ``index(of:)`` or ``take(_:into:)``.
  package func id(at node: Int32) -> TaskID { names.id(node) }

  /// Marks up to `limit` ready tasks as running and returns them in the order in which they should start.
  package mutating func take(_ limit: Int) -> [TaskID] {
    var taken: [Int32] = []
    take(limit, into: &taken)
    return taken.map(names.id)
  }

  /// The work is done: what waited for it may go on.
  package mutating func complete(_ id: TaskID) { withNode(id) { $0.complete(at: $1) } }

  /// Marks a task as running that was not taken, such as an agent that outlived its orchestrator.
  package mutating func start(_ id: TaskID) { withNode(id) { $0.start(at: $1) } }

  /// A running task goes back to waiting, to be retried.
  package mutating func release(_ id: TaskID) { withNode(id) { $0.release(at: $1) } }

  /// Keeps a task that is not complete from starting, or takes it from its slot; see ``Hold``.
  package mutating func hold(_ id: TaskID, _ hold: Hold) { withNode(id) { $0.hold(at: $1, hold) } }

  /// A held task goes back to waiting.
  package mutating func resume(_ id: TaskID) { withNode(id) { $0.resume(at: $1) } }

  /// A complete task is to be done again. What runs already is not stopped.
  package mutating func reopen(_ id: TaskID) { withNode(id) { $0.reopen(at: $1) } }

  /// Keeps a task from starting until ``unpause(_:)``; if it is running, it goes on.
  package mutating func pause(_ id: TaskID) { withNode(id) { $0.setFlag(.paused, true, at: $1) } }

  package mutating func unpause(_ id: TaskID) { withNode(id) { $0.setFlag(.paused, false, at: $1) } }

  /// Keeps a task from starting for as long as no agent may work on it; nil lets it go again.
  ///
  /// - Parameter reason: Follows "waits because", for people.
  package mutating func setAgentWait(_ id: TaskID, _ reason: String?) {
    withNode(id) { frontier, node in
      frontier.agentWaits[node] = reason
      frontier.setFlag(.withoutAgent, reason != nil, at: node)
    }
  }

  private mutating func withNode(_ id: TaskID, _ body: (inout Frontier, Int32) -> Void) {
    guard let node = index(of: id) else { return }
    body(&self, node)
  }
}

// MARK: By number

extension Frontier {
  /// As ``take(_:)``, appending numbers; allocates nothing but the space in `taken`.
  package mutating func take(_ limit: Int, into taken: inout [Int32]) {
    var left = limit
    while left > 0, let node = next() {
      change(node, to: .running)
      taken.append(node)
      left -= 1
    }
  }

  package mutating func complete(at node: Int32) {
    guard let state = state(at: node), state.isOpen else { return }
    change(node, to: .complete)
  }

  package mutating func start(at node: Int32) {
    guard let state = state(at: node), state == .waiting || state == .held else { return }
    change(node, to: .running)
  }

  package mutating func release(at node: Int32) {
    guard state(at: node) == .running else { return }
    change(node, to: .waiting)
  }

  package mutating func hold(at node: Int32, _ hold: Hold) {
    guard let state = state(at: node), state.isOpen else { return }
    change(node, to: .held, hold)
  }

  package mutating func resume(at node: Int32) {
    guard state(at: node) == .held else { return }
    change(node, to: .waiting)
  }

  package mutating func reopen(at node: Int32) {
    guard state(at: node) == .complete else { return }
    change(node, to: .waiting)
  }

  /// Nothing starts until ``unpauseAll()``; single pauses are kept beside it.
  package mutating func pauseAll() { isPaused = true }
  package mutating func unpauseAll() { isPaused = false }

  /// Lets only these tasks start; nil lets all of them. Tiers and dependencies still count every task.
  package mutating func select(_ ids: Set<TaskID>?) {
    isSelective = ids != nil
    for node in nodes.indices {
      let id = names.id(Int32(node))
      setFlag(.deselected, ids.map { !$0.contains(id) } ?? false, at: Int32(node))
    }
  }

  func state(at node: Int32) -> State? { names.contains(node) ? nodes[Int(node)].state : nil }

  mutating func setFlag(_ flag: Flags, _ isOn: Bool, at node: Int32) {
    if isOn { nodes[Int(node)].flags.insert(flag) } else { nodes[Int(node)].flags.remove(flag) }
    refresh(node)
  }

  /// The first task that may start now. Lanes that overlap with work in progress are set aside on the way.
  private mutating func next() -> Int32? {
    guard !isPaused, openTier >= 0 else { return nil }
    while let lane = queue.firstLane(ofTier: openTier) {
      guard let set = touches.conflict(of: queue.touches(of: lane)) else { return queue.firstTask(ofLane: lane) }
      touches.wait(lane, for: set)
      queue.setAside(lane)
    }
    return nil
  }
}

// MARK: The one place where a state changes

extension Frontier {
  mutating func change(_ node: Int32, to new: State, _ hold: Hold? = nil) {
    let old = nodes[Int(node)].state
    nodes[Int(node)].state = new
    runningCount += (new == .running ? 1 : 0) - (old == .running ? 1 : 0)
    if old == .held || new == .held { holds[node] = new == .held ? hold : nil }
    refresh(node)
    holdTouches(node, new == .running || (new == .held && hold?.holdsTouches == true))
    if old.isOpen != new.isOpen { countOpen(node, new.isOpen ? 1 : -1) }
    if (old == .complete) != (new == .complete) { tellDependents(of: node, isComplete: new == .complete) }
    if old.isOpen != new.isOpen {
      // Normally the last task of its chain: nothing open is before it, so no chain changes.
      if new.isOpen {
        updateChains(from: [node])
      } else if nodes[Int(node)].missing > 0 {
        updateChains(from: edges.dependencies(of: node))
      }
    }
  }

  mutating func holdTouches(_ node: Int32, _ isHolding: Bool) {
    guard nodes[Int(node)].flags.contains(.holdsTouches) != isHolding else { return }
    if isHolding {
      nodes[Int(node)].flags.insert(.holdsTouches)
      touches.acquire(touchSet(of: node))
    } else {
      nodes[Int(node)].flags.remove(.holdsTouches)
      for lane in touches.release(touchSet(of: node)) { queue.recall(lane) }
    }
  }

  mutating func countOpen(_ node: Int32, _ change: Int) {
    let slot = Int(tier(of: node))
    incompleteCount += change
    tiers[slot].openTasks += change
    if tiers[slot].openTasks == 0 || (change > 0 && tiers[slot].openTasks == 1) { settleOpenTier() }
  }

  private mutating func tellDependents(of node: Int32, isComplete: Bool) {
    var edge = edges.firstDependentEdge(of: node)
    while edge >= 0 {
      let dependent = edges.dependent(edge)
      edge = edges.next(edge)
      let before = nodes[Int(dependent)].missing
      let after = before + (isComplete ? -1 : 1)
      nodes[Int(dependent)].missing = after
      // One that still waits for something was not queued and will not be.
      if before == 0 || after == 0 { refresh(dependent) }
    }
  }
}
