import OrchAgents
package import OrchDomain
package import OrchSchedule
import OrchStore

// What the loops ask about the project as a whole.
extension OpenProject {
  func tasks(inModule module: String) throws -> [StoredTask] { try store.tasks(row, TaskFilter(module: module)) }

  /// Tasks that were started and still need an agent's slot, in the order of ids.
  func tasksNeedingSlot() throws -> [TaskID] {
    try store.tasks(
      row,
      TaskFilter(
        states: [.queued, .preparing, .running, .verifying, .fixing, .publishing], includesRemoved: true)
    ).map(
      \.id)
  }

  func parkedTasks() throws -> [StoredTask] { try store.tasks(row, TaskFilter(states: [.parked])) }

  func pendingRequests() throws -> [Request] {
    try store.read(row) { tx throws(StoreError) in try tx.pendingRequests() }
  }

  /// Takes a request that has been carried out, or refused, and tells the asker what came of it.
  func settle(_ request: Int64, _ outcome: RequestOutcome) throws {
    let now = clock.now()
    try write { tx throws(StoreError) in
      // Somebody else may have taken it: then there is nothing left to tell.
      guard let known = try tx.request(request), known.handledAt == nil else { return }
      try tx.takeRequest(request, outcome: outcome.text, at: now)
    }
  }

  package func isPaused() throws -> Bool {
    try store.read(row) { tx throws(StoreError) in try tx.isProjectPaused() }
  }

  package func setProjectPaused(_ isPaused: Bool) throws {
    try write { tx throws(StoreError) in try tx.setProjectPaused(isPaused, at: clock.now()) }
  }

  package func setPaused(_ id: TaskID, _ isPaused: Bool) throws {
    try write { tx throws(StoreError) in try tx.setPaused(id, isPaused, at: clock.now()) }
  }

  /// Whether everything that the task depends on is complete.
  func isUnblocked(_ id: TaskID) throws -> Bool {
    let task = try self.task(id)
    guard task.isSound else { return false }
    return try store.read(row) { tx throws(StoreError) in
      for dependency in task.plan.dependencies where try tx.task(dependency.id)?.state != .complete { return false }
      return true
    }
  }

  /// The number of the last event; zero in an empty log.
  func latestEvent() throws -> Int64 {
    try store.read(row) { tx throws(StoreError) in try tx.latestEvents(limit: 1) }.last?.seq ?? 0
  }

  func statusDrift() throws -> [StatusDrift] {
    try store.read(row) { tx throws(StoreError) in try tx.statusDrift() }
  }

  /// Records what plans say now. What was read in the meantime and says something else again stays to be settled.
  func setWrittenStatuses(_ statuses: [(StatusDrift, TaskStatus)]) throws {
    try write { tx throws(StoreError) in
      for (drift, status) in statuses {
        try tx.setWrittenStatus(drift.task, status, seen: drift.markdown, at: clock.now())
      }
    }
  }

  /// The completed dependencies of a task with the commits that landed them.
  func landedDependencies(of id: TaskID) throws -> [PromptFacts.CompletedTask] {
    let task = try self.task(id)
    return try store.read(row) { tx throws(StoreError) in
      var result: [PromptFacts.CompletedTask] = []
      for dependency in task.plan.dependencies {
        guard let done = try tx.task(dependency.id), done.state == .complete else { continue }
        let commits = try tx.changes([.merged], of: dependency.id).suffix(1).compactMap(\.landingCommit)
        result.append(.init(id: dependency.id, title: done.plan.title, commits: commits))
      }
      return result
    }
  }

  /// The scheduler over everything that is stored.
  package func frontier() throws -> Frontier { try view.frontier(options, now: clock.now()) }

  func recordedFrontier() throws -> RecordedFrontier {
    RecordedFrontier(try view.knowledge(options, now: clock.now()))
  }

  func schedulable(_ task: StoredTask) throws -> SchedulableTask {
    let tiers = try store.read(row) { tx throws(StoreError) in try tx.tiers() }
    return SchedulableTask(
      id: task.id, priority: task.plan.priority, dependencies: task.plan.dependencies.map(\.id),
      touches: task.plan.touches.map { Glob($0) }, tier: tiers[task.id.module] ?? 0,
      phase: ProjectView.phase(task.state, reason: task.reason), defect: task.isSound ? nil : ProjectView.unsound)
  }

  /// Sorts the tasks of a run by where they ended.
  func fill(_ summary: inout RunSummary, touched: Set<TaskID>) throws {
    for id in touched.sorted() {
      switch try task(id).state {
      case .complete: summary.complete.append(id)
      case .inReview, .approved, .landing: summary.inReview.append(id)
      case .parked: summary.parked.append(id)
      case .stuck: summary.stuck.append(id)
      case .failed, .cancelled: summary.failed.append(id)
      case .blocked, .ready, .queued, .preparing, .running, .verifying, .fixing, .publishing: break
      }
    }
  }
}
