package import OrchDiagnostics
package import OrchDomain
import OrchFiles
import OrchPlan
import OrchSchedule
import OrchStore

/// Compiles the plans into the store and settles status edits.
package struct PlanSync: Sendable {
  let project: OpenProject

  package init(project: OpenProject) { self.project = project }

  /// Who wins where a status was changed on both sides.
  package enum Preference: Sendable {
    case ask
    /// The Markdown.
    case theirs
    /// The store.
    case ours
  }

  /// One status that a person has to decide about.
  package struct Conflict: Hashable, Sendable {
    package var task: TaskID
    package var path: String
    package var stored: TaskStatus
    package var markdown: TaskStatus
    package var reason: String
  }

  package struct Report: Sendable {
    package var tasks = 0
    package var inserted: [TaskID] = []
    package var updated: [TaskID] = []
    package var removed: [TaskID] = []
    /// Statuses that a person has set in Markdown and that were taken over.
    package var accepted: [(TaskID, TaskStatus)] = []
    package var conflicts: [Conflict] = []
    package var diagnostics: [Diagnostic] = []
    /// For people, one line each.
    package var problems: [String] = []

    package init() {}
    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
  }

  /// - Parameter dryRun: Reports what would change and changes nothing.
  package func run(prefer: Preference = .ask, dryRun: Bool = false) async throws -> Report {
    var report = Report()
    var reading = try await read()
    report.problems = reading.problems
    if reading.isSettled {
      report.tasks = try project.store.counts(project.row).total
    } else {
      var compilation = PlanCompiler.link(reading.units)
      try await takeStatusesFromTables(&compilation, reading, &report)
      report.diagnostics = compilation.diagnostics
      report.tasks = compilation.tasks.count
      if dryRun {
        let stored = Dictionary(uniqueKeysWithValues: try project.store.tasks(project.row).map { ($0.id, $0.plan) })
        for task in compilation.tasks {
          if let old = stored[task.id] {
            if old != task { report.updated.append(task.id) }
          } else {
            report.inserted.append(task.id)
          }
        }
        report.removed = stored.keys.filter { id in !compilation.tasks.contains { $0.id == id } }.sorted()
        return report
      }
      try PlanSync.store(compilation, &reading, at: project.clock.now(), into: &report) { try project.write($0) }
    }
    if !dryRun { try await settleStatuses(prefer, &report) }
    return report
  }

  /// Makes the store say what the plans say, in one transaction.
  ///
  /// - Parameter reading: Loses its units, which are linked already.
  static func store(
    _ compilation: OrchPlan.Compilation, _ reading: inout PlanReading, at now: Timestamp, into report: inout Report,
    write: ((borrowing StoreTransaction) throws(StoreError) -> Void) throws -> Void
  ) throws {
    reading.dropUnits()
    let reading = reading
    let broken = reading.unreadable.union(reading.broken)
    let complete = Set(compilation.tasks.filter { $0.status == .complete }.map(\.id))
    let tasks = compilation.tasks.map { task in
      CompiledTask(
        task, isSound: compilation.isSound(task.id),
        initialState: PlanSync.initialState(task, isSound: compilation.isSound(task.id), complete: complete))
    }
    var delta = SyncResult()
    try write { tx throws(StoreError) in
      delta = try tx.applyCompilation(OrchStore.Compilation(tasks: tasks, brokenPaths: broken), at: now)
      try tx.updatePlanFiles(changed: reading.changed, removed: reading.removed)
      try tx.setLooseEnds(looseEnds(compilation, reading))
      // A changed plan can open or close a task that is not under way.
      for id in delta.updated + delta.restored { try refreshReadiness(id, tx, at: now) }
      let taken = Set(compilation.tasks.filter { $0.status == .inProgress }.map(\.id))
      for id in delta.inserted where taken.contains(id) { try Controls.takeOver(id, tx, at: now) }
    }
    report.inserted = delta.inserted
    report.updated = delta.updated + delta.restored
    report.removed = delta.removed
  }

  /// What keeps ``PlanReading/edits(of:stamps:root:directory:store:row:)`` from taking the next edit by itself.
  private static func looseEnds(_ compilation: OrchPlan.Compilation, _ reading: PlanReading) -> Int {
    compilation.diagnostics.count + reading.unreadable.count + reading.withoutStatus
  }

  /// Stores edits that concern nothing but the edited plans.
  static func store(
    edits: [PlanUnit], _ reading: PlanReading, _ tx: borrowing StoreTransaction, at now: Timestamp
  ) throws(StoreError) -> SyncResult {
    let delta = try tx.applyEdits(edits.compactMap(\.task), at: now)
    try tx.updatePlanFiles(changed: reading.changed, removed: [])
    for id in delta.updated { try refreshReadiness(id, tx, at: now) }
    return delta
  }

  /// Where a task starts that is seen for the first time.
  private static func initialState(_ task: PlanTask, isSound: Bool, complete: Set<TaskID>) -> TaskState {
    switch task.status {
    case .complete: return .complete
    case .inProgress, .notStarted:
      return isSound && task.dependencies.allSatisfy { complete.contains($0.id) } ? .ready : .blocked
    }
  }

  private static func refreshReadiness(
    _ id: TaskID, _ tx: borrowing StoreTransaction, at now: Timestamp
  ) throws(StoreError) {
    guard let task = try tx.task(id), task.state == .ready || task.state == .blocked else { return }
    var isOpen = task.isSound
    for dependency in task.plan.dependencies where try tx.task(dependency.id)?.state != .complete { isOpen = false }
    let next: TaskState = isOpen ? .ready : .blocked
    if next != task.state { try tx.transition(id, from: [task.state], to: next, at: now) }
  }

  /// Decides what each status edit means and does it.
  private func settleStatuses(_ prefer: Preference, _ report: inout Report) async throws {
    for id in try project.statusDrift().map(\.task) {
      for tries in 1... {
        do {
          try await settleStatus(of: id, prefer, &report)
          break
        } catch StoreError.stale where tries < 5 {
          // A run or a sync beside this one has moved the task: what the edit means is decided anew.
        }
      }
    }
  }

  private func settleStatus(of id: TaskID, _ prefer: Preference, _ report: inout Report) async throws {
    // Read now: the one before it took its time, and somebody may have settled this one in the meantime.
    let task = try project.task(id)
    let drift = task.drift
    guard task.removedAt == nil, drift.markdown != drift.written || drift.actual != drift.written else { return }
    var decision = StatusReconciler.decide(
      written: drift.written, markdown: drift.markdown, state: task.state, held: task.heldState,
      hasOpenAttempt: try project.attempt(id).map { $0.record.endedAt == nil } ?? false)
    if case .conflict = decision, prefer != .ask {
      decision = prefer == .ours ? .write(drift.actual) : .request(StatusReconciler.request(for: drift.markdown))
      // Makes the edit known, so that writing the store's own status is the next thing to do.
      if prefer == .ours { try project.setWrittenStatuses([(drift, drift.markdown)]) }
    }
    switch decision {
    // The base may not say it yet: it counts as written only when the writer has seen to that.
    case .agree, .write: break
    case .request(let request):
      try await carryOut(request, task)
      if try project.task(id).status != drift.markdown { try project.setWrittenStatuses([(drift, drift.markdown)]) }
      report.accepted.append((id, drift.markdown))
    case .conflict(let reason):
      report.conflicts.append(
        Conflict(task: id, path: drift.path, stored: drift.actual, markdown: drift.markdown, reason: reason))
    }
  }

  private func carryOut(_ request: StatusReconciler.Request, _ task: StoredTask) async throws {
    let controls = Controls(project: project)
    switch request {
    case .markComplete: try await controls.markComplete(task.id)
    case .reset: try await controls.reset(task.id)
    case .takeOver: try await controls.takeOver(task.id)
    }
  }
}
