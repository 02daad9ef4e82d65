import OrchConfig
package import OrchDomain
package import OrchSchedule
package import OrchStore

/// What can be told of a project from the store alone, without opening its repository.
package struct ProjectView: Sendable {
  package let place: ProjectPlace
  package let store: Store
  package let row: ProjectID

  package init(place: ProjectPlace, store: Store, row: ProjectID) {
    self.place = place
    self.store = store
    self.row = row
  }

  package func task(_ id: TaskID) throws -> StoredTask {
    guard let task = try store.task(row, id) else { throw EngineError.unknownTask(id, nearest: try nearest(to: id)) }
    return task
  }

  /// The id that a person most likely meant.
  private func nearest(to id: TaskID) throws -> TaskID? {
    let ids = try store.tasks(row, TaskFilter(module: id.module)).map(\.id)
    return ids.min { abs($0.number - id.number) < abs($1.number - id.number) }
  }

  /// Who may work on what now.
  ///
  /// - Parameter options: What `start` was told.
  func agentPicker(_ options: RunOptions = RunOptions(), now: Timestamp) throws -> AgentPicker {
    let path = place.launch.environment["PATH"] ?? ""
    return AgentPicker(
      registry: place.agentRegistry, settings: place.loaded.settings, options: options,
      cooldowns: try store.read(row) { tx throws(StoreError) in try tx.cooldowns() }, now: now,
      isInstalled: { program in
        let program = place.launch.absoluteProgram(program)
        // What is named from the worktree can only be looked for there.
        let isInWorktree = program.contains("/") && !program.hasPrefix("/")
        return isInWorktree || ProgramSearch.find(program, path: path) != nil
      })
  }

  /// What a person has to install before a task can begin; nil when nothing is missing, or it has begun.
  package func missingProgram(for task: StoredTask) throws -> String? {
    guard task.state == .blocked || task.state == .ready else { return nil }
    return try agentPicker(now: Timestamp(milliseconds: 0)).missingProgram(for: task.plan)
  }

  /// The scheduler over everything that is stored.
  package func frontier(_ options: RunOptions = RunOptions(), now: Timestamp) throws -> Frontier {
    let graph = try store.loadGraph(row)
    let tiers = try store.read(row) { tx throws(StoreError) in try tx.tiers() }
    let isPaused = try store.read(row) { tx throws(StoreError) in try tx.isProjectPaused() }
    let reasons = Dictionary(
      try store.tasks(row, .live).map { ($0.id, $0.reason) }, uniquingKeysWith: { first, _ in first })
    var frontier = Frontier(
      graph.map { task in
        SchedulableTask(
          id: task.id, priority: task.priority, dependencies: task.dependencies.map(\.id),
          touches: task.touches.map { Glob($0) }, tier: tiers[task.id.module] ?? 0,
          phase: ProjectView.phase(task.state, reason: reasons[task.id] ?? nil),
          defect: task.isSound ? nil : ProjectView.unsound)
      })
    for task in graph where task.isPaused { frontier.pause(task.id) }
    if isPaused { frontier.pauseAll() }
    try keepBack(&frontier, try agentPicker(options, now: now))
    return frontier
  }

  /// Tells a frontier which tasks wait because no agent may work on them.
  func keepBack(_ frontier: inout Frontier, _ agents: AgentPicker) throws {
    let isAnyCooling = agents.cooldowns.contains { $0.holds(at: agents.now) }
    guard isAnyCooling || frontier.hasAgentWaits else { return }
    for task in try store.tasks(row, TaskFilter(states: [.blocked, .ready])) {
      frontier.setAgentWait(task.id, agents.wait(for: task.plan)?.text)
    }
  }

  static let unsound = "`claude-orch check` shows them"

  /// What a state means to the scheduler.
  static func phase(_ state: TaskState, reason: String?) -> SchedulableTask.Phase {
    switch state {
    case .blocked, .ready: .waiting
    case .queued, .preparing, .running, .verifying, .fixing, .publishing: .running
    case .inReview: .held(Hold(.inReview, reason ?? "waits for a human"))
    case .approved, .landing: .held(Hold(.inReview, reason ?? "waits to land"))
    case .complete: .complete
    case .parked: .held(Hold(.parked, reason ?? "parked"))
    case .stuck: .held(Hold(.stuck, reason ?? "needs a person"))
    case .failed: .held(Hold(.failed, reason ?? "failed"))
    case .cancelled: .held(Hold(.cancelled, reason ?? "cancelled"))
    }
  }
}
