package import OrchDomain

/// All that a frontier is told before its first decision.
package struct FrontierKnowledge: Sendable {
  /// A task, and whether a person paused it.
  package struct Task: Hashable, Sendable {
    package var task: SchedulableTask
    package var isPaused: Bool

    package init(_ task: SchedulableTask, isPaused: Bool = false) {
      self.task = task
      self.isPaused = isPaused
    }
  }

  package var tasks: [Task]
  /// Tasks on which no agent may work, and why.
  package var agentWaits: [TaskID: String] = [:]
  package var isPaused = false

  package init(_ tasks: [Task]) { self.tasks = tasks }
}

extension Frontier {
  package init(_ knowledge: FrontierKnowledge) {
    self.init(knowledge.tasks.map(\.task))
    for known in knowledge.tasks where known.isPaused { pause(known.task.id) }
    for (id, reason) in knowledge.agentWaits { setAgentWait(id, reason) }
    if knowledge.isPaused { pauseAll() }
  }

  /// Takes over everything about a task, also the phase.
  package mutating func know(_ known: FrontierKnowledge.Task) {
    let id = known.task.id
    update(known.task)
    if known.isPaused { pause(id) } else { unpause(id) }
    if phase(of: id) == .complete, known.task.phase != .complete { reopen(id) }
    switch known.task.phase {
    case .complete: complete(id)
    case .running: start(id)
    case .held(let hold): self.hold(id, hold)
    case .waiting:
      release(id)
      resume(id)
    }
  }
}
