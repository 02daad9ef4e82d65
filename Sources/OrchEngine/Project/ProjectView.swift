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
    Frontier(try knowledge(options, now: now))
  }

  /// What the scheduler has to know of everything that is stored.
  func knowledge(_ options: RunOptions = RunOptions(), now: Timestamp) throws -> FrontierKnowledge {
    let graph = try store.loadGraph(row)
    let tiers = try store.read(row) { tx throws(StoreError) in try tx.tiers() }
    let reasons = Dictionary(
      try store.tasks(row, .live).map { ($0.id, $0.reason) }, uniquingKeysWith: { first, _ in first })
    var knowledge = FrontierKnowledge(
      graph.map { task in
        FrontierKnowledge.Task(
          SchedulableTask(
            id: task.id, priority: task.priority, dependencies: task.dependencies.map(\.id),
            touches: task.touches.map { Glob($0) }, tier: tiers[task.id.module] ?? 0,
            phase: ProjectView.phase(task.state, reason: reasons[task.id] ?? nil),
            defect: task.isSound ? nil : ProjectView.unsound), isPaused: task.isPaused)
      })
    knowledge.isPaused = try store.read(row) { tx throws(StoreError) in try tx.isProjectPaused() }
    knowledge.agentWaits = try agentWaits(try agentPicker(options, now: now), hasAny: false).compactMapValues { $0 }
    return knowledge
  }

  /// Why no agent may work on a task that has not begun, for all that this may have changed for.
  ///
  /// - Parameter hasAny: Whether any task is kept back so far.
  func agentWaits(_ agents: AgentPicker, hasAny: Bool) throws -> [TaskID: String?] {
    let isAnyCooling = agents.cooldowns.contains { $0.holds(at: agents.now) }
    guard isAnyCooling || hasAny else { return [:] }
    var waits: [TaskID: String?] = [:]
    for task in try store.tasks(row, TaskFilter(states: [.blocked, .ready])) {
      waits.updateValue(agents.wait(for: task.plan)?.text, forKey: task.id)
    }
    return waits
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
