import OrchGit
import OrchAgents
package import OrchDomain
import OrchProcess
import OrchStore

/// What people ask of tasks: stop, pause, resume, retry, reset, approve, reject.
///
/// The same code runs in the process that drives the tasks, when there is one, and else in the command itself.
package struct Controls: Sendable {
  let project: OpenProject

  package init(project: OpenProject) { self.project = project }

  /// Carries out a request. Doing one a second time, after a crash, refuses it or changes nothing.
  ///
  /// - Parameter kind: With `task` nil it is meant for the project: only stop, pause and resume make sense then.
  func carryOut(_ kind: Request.Kind, _ task: TaskID?, argument: String? = nil) async throws {
    switch (kind, task) {
    case (.pause, nil): try project.setProjectPaused(true)
    case (.resume, nil): try project.setProjectPaused(false)
    case (.stop, nil): try await stopAll()
    case (.stop, let id?): try await stop(id)
    case (.pause, let id?): try project.setPaused(id, true)
    case (.resume, let id?): try await resume(id)
    case (.retry, let id?): try await retry(id)
    case (.reset, let id?): try await reset(id)
    case (.approve, let id?), (.merge, let id?): try approve(id, by: argument ?? "")
    case (.reject, let id?): try await reject(id, reason: argument ?? "")
    case (.retry, nil), (.reset, nil), (.approve, nil), (.merge, nil), (.reject, nil):
      throw EngineError.invalid("name the task to \(kind.rawValue)")
    }
  }

  /// Ends everything that is under way, for the next `start` to go on with. Nobody else follows these tasks.
  package func stopAll() async throws {
    for task in try project.tasks(in: Set(TaskState.allCases.filter(\.holdsSlot))) {
      try await stop(task.id, reason: Interruption.byStop)
    }
  }

  /// Ends the agent of a task that nobody follows, with its session kept.
  package func stop(_ id: TaskID) async throws { try await stop(id, reason: Self.reasonForStopping(id)) }

  private func stop(_ id: TaskID, reason: String) async throws {
    try Self.checkStoppable(try project.task(id))
    if let attempt = try project.attempt(id), let turn = attempt.latestTurn,
      case .running(let run) = project.supervisor.state(in: turn.directory(project.paths))
    {
      _ = await project.supervisor.stop(run, grace: AgentTurn.grace)
    }
    let task = try project.task(id)
    try AgentTurn(project: project, task: task).recordEnd()
    if task.state.holdsSlot { try project.park(id, reason: reason) }
  }

  /// The record of a task that a person has stopped.
  static func reasonForStopping(_ id: TaskID) -> String {
    "stopped by a person; `claude-orch resume \(id)` goes on in the same session"
  }

  static func checkStoppable(_ task: StoredTask) throws {
    guard task.state.holdsSlot else {
      throw EngineError.wrongState(
        task.id, state: task.state, wanted: "only work that is under way can be stopped")
    }
  }

  package func resume(_ id: TaskID) async throws {
    let task = try project.task(id)
    if task.isPaused {
      try project.setPaused(id, false)
      if task.state != .parked && task.state != .stuck { return }
    }
    guard task.state == .parked || task.state == .stuck else {
      throw EngineError.wrongState(id, state: task.state, wanted: "only parked, stuck or paused tasks can be resumed")
    }
    try trustAgain(id)
    // A person has looked: what was spent until now counts no longer against the limit on spending without progress.
    if task.failureClass == .budget, let attempt = try project.attempt(id) {
      let head = try await project.repository.commitID(ofRef: "refs/heads/\(attempt.branch)")
      try project.markProgress(id, attempt: attempt.number, head: head)
    }
    try await Resumption(project: project).resume(id)
  }

  /// A person has put right what kept the agent of a task from work. A limit ends by itself.
  private func trustAgain(_ id: TaskID) throws {
    guard let agent = try project.attempt(id)?.record.agent else { return }
    try project.clearCooldowns { $0.agent == agent && !$0.failure.isLimit }
  }

  /// Gives a task a new attempt; the one before stays reachable.
  package func retry(_ id: TaskID) async throws {
    let task = try project.task(id)
    guard [.failed, .stuck, .parked, .cancelled].contains(task.state) else {
      throw EngineError.wrongState(
        id, state: task.state, wanted: "only failed, stuck, parked or cancelled tasks can be retried")
    }
    try trustAgain(id)
    try await startOver(id, event: "retry")
  }

  /// Puts a task back to where it was before its first attempt. Attempts stay reachable.
  package func reset(_ id: TaskID) async throws {
    let task = try project.task(id)
    if task.state.holdsSlot { try await stop(id) }
    try await Reconciler(project: project).settleLanding(of: id)
    try await startOver(id, event: "reset")
  }

  private func startOver(_ id: TaskID, event: String) async throws {
    let task = try project.task(id)
    var preserved: String?
    if let attempt = try project.attempt(task.id), attempt.record.endedAt == nil {
      preserved = try await Workspace(project: project).preserve(attempt)
    }
    let now = project.clock.now()
    let next: TaskState = try project.isUnblocked(task.id) ? .ready : .blocked
    try project.write { tx throws(StoreError) in
      if let change = try tx.unfinishedChange(of: task.id) {
        try tx.updateChange(change.number, from: Set(Change.State.allCases), to: .closed, at: now)
      }
      if let attempt = try tx.latestAttempt(of: task.id), attempt.endedAt == nil {
        try tx.endAttempt(task.id, attempt.number, outcome: .cancelled, detail: event, at: now) {
          $0.preservedRef = preserved
        }
      }
      // By way of `cancelled`, from which every state may follow.
      if task.state != next, !task.state.successors.contains(next) {
        try tx.transition(task.id, from: [task.state], to: .cancelled, reason: event, at: now)
        try tx.transition(task.id, from: [.cancelled], to: next, data: ["by": .string(event)], at: now)
      } else {
        try tx.transition(task.id, from: [task.state], to: next, data: ["by": .string(event)], at: now)
      }
    }
  }

  /// Calls a task off because a person has closed its change. Its branch stays, and its attempt is preserved.
  func cancel(_ id: TaskID, reason: String) async throws {
    var preserved: String?
    if let attempt = try project.attempt(id), attempt.record.endedAt == nil {
      preserved = try await Workspace(project: project).preserve(attempt)
    }
    let now = project.clock.now()
    try project.write { tx throws(StoreError) in
      if let change = try tx.unfinishedChange(of: id) {
        try tx.updateChange(change.number, from: Set(Change.State.allCases), to: .closed, at: now)
      }
      if let attempt = try tx.latestAttempt(of: id), attempt.endedAt == nil {
        try tx.endAttempt(id, attempt.number, outcome: .cancelled, detail: reason, at: now) {
          $0.preservedRef = preserved
        }
      }
      try tx.transition(id, from: Set(TaskState.allCases), to: .cancelled, reason: reason, at: now)
    }
  }

  /// A person has looked at the change and wants it to land.
  ///
  /// - Parameter link: By which they did; used up in the same transaction.
  package func approve(_ id: TaskID, by person: String, link: DecisionLink.Use? = nil) throws {
    let now = project.clock.now()
    try project.write { tx throws(StoreError) in
      if let link { try link.record(.approve, tx, at: now) }
      guard let change = try tx.unfinishedChange(of: id), let task = try tx.task(id) else { return }
      if change.state == .approved, change.approvedBy == nil {
        // It may wait for a person's word all the same.
        try tx.updateChange(change.number, from: [.approved], at: now) { $0.approvedBy = person }
      }
      guard task.state == .inReview else { return }
      try tx.updateChange(change.number, from: [.open], to: .approved, at: now) { $0.approvedBy = person }
      try tx.transition(id, from: [.inReview], to: .approved, data: ["by": .string(person)], at: now)
    }
    let task = try project.task(id)
    guard [.approved, .landing, .complete].contains(task.state) else { throw EngineError.noChange(id) }
  }

  /// A person sends the change back; its agent gets the reason.
  ///
  /// - Parameter link: By which they did; used up in the same transaction.
  /// - Throws: ``EngineError/landed(_:)`` when it is too late, and ``EngineError/wrongState(_:state:wanted:)`` while it
  ///   lands, or when somebody else decided in the meantime.
  package func reject(
    _ id: TaskID, reason: String, by person: String = "A reviewer", link: DecisionLink.Use? = nil
  ) async throws {
    guard let change = try project.unfinishedChange(of: id) else { throw try refusalToReject(id) }
    var states: Set<TaskState> = [.inReview, .approved]
    // An intent to land is settled by whoever drives the project, else here, and by nobody else beside them.
    let lock = change.testedTree == nil && change.state != .landing ? nil : try lockIfFree("reject \(id)")
    defer { lock?.release() }
    if lock != nil {
      guard try await !Reconciler(project: project).settleLanding(of: id) else { throw EngineError.landed(id) }
      states.insert(.landing)
    } else if change.state != .landing, try await project.forge.hasLanded(change) {
      throw EngineError.landed(id)
    }
    let task = try project.task(id)
    // What got stuck on its way to the base may go back as well.
    if task.state == .stuck, let held = task.heldState, [.inReview, .approved, .landing].contains(held) {
      states.insert(.stuck)
    }
    guard states.contains(task.state), let attempt = try project.attempt(id) else { throw try refusalToReject(id) }
    let text = try Prompts(project: project).feedback(.rejected(by: person, reason: reason), task, attempt)
    do {
      try project.beginTurn(
        attempt, from: states, of: change, reason: .rejected, prompt: text, state: .fixing,
        summary: "rejected: \(reason)", link: link)
    } catch StoreError.stale {
      throw try refusalToReject(id)
    }
  }

  /// What is in the way of a rejection, as it is now.
  private func refusalToReject(_ id: TaskID) throws -> EngineError {
    let state = try project.task(id).state
    switch state {
    case .landing:
      return .wrongState(id, state: state, wanted: "it lands at this moment; look again when that is done")
    case .inReview, .approved, .fixing:
      return .wrongState(id, state: state, wanted: "somebody else decided at the same moment; look again")
    default:
      let last = try project.store.read(project.row) { tx throws(StoreError) in try tx.changes(of: id).last }
      return last?.state == .merged ? .landed(id) : .noChange(id)
    }
  }

  private func lockIfFree(_ purpose: String) throws -> ProjectLock? {
    do {
      return try ProjectLock(project, purpose: purpose)
    } catch EngineError.locked {
      return nil
    }
  }
}

// What an edit of a status in Markdown asks for.
extension Controls {
  /// Work that a person says is done. It is recorded as theirs, not as proven.
  func markComplete(_ id: TaskID) async throws {
    let task = try project.task(id)
    if task.state.holdsSlot { try await stop(id) }
    try await Reconciler(project: project).settleLanding(of: id)
    var preserved: String?
    if let attempt = try project.attempt(id), attempt.record.endedAt == nil {
      preserved = try await Workspace(project: project).preserve(attempt)
    }
    let now = project.clock.now()
    try project.write { tx throws(StoreError) in
      if let change = try tx.unfinishedChange(of: id) {
        try tx.updateChange(change.number, from: Set(Change.State.allCases), to: .closed, at: now)
      }
      if let attempt = try tx.latestAttempt(of: id), attempt.endedAt == nil {
        try tx.endAttempt(id, attempt.number, outcome: .cancelled, detail: "completed by a person", at: now) {
          $0.preservedRef = preserved
        }
      }
      guard let state = try tx.task(id)?.state, state != .complete else { return }
      if !state.successors.contains(.complete) {
        try tx.transition(id, from: [state], to: .cancelled, reason: "completed by a person", at: now)
      }
      try tx.transition(
        id, from: Set(TaskState.allCases), to: .complete, reason: "completed by a person", data: ["by": "a person"],
        at: now)
      try OpenProject.openDependants(of: id, tx, at: now)
    }
  }

  /// A person works on it.
  func takeOver(_ id: TaskID) async throws {
    let task = try project.task(id)
    if task.state.holdsSlot { try await stop(id) }
    try await Reconciler(project: project).settleLanding(of: id)
    let now = project.clock.now()
    try project.write { tx throws(StoreError) in try Controls.takeOver(id, tx, at: now) }
  }

  /// Parks a task as in progress, without an attempt of ours.
  static func takeOver(_ id: TaskID, _ tx: borrowing StoreTransaction, at now: Timestamp) throws(StoreError) {
    guard let state = try tx.task(id)?.state, state != .parked else { return }
    if state != .ready {
      let isDirect = state.successors.contains(.ready)
      if !isDirect { try tx.transition(id, from: [state], to: .cancelled, at: now) }
      try tx.transition(id, from: [isDirect ? state : .cancelled], to: .ready, at: now)
    }
    // By way of the states of work, because the interrupted one says whether a parked task is in progress.
    try tx.transition(id, from: [.ready], to: .queued, at: now)
    try tx.transition(id, from: [.queued], to: .preparing, at: now)
    try tx.transition(
      id, from: [.preparing], to: .parked,
      reason: "a person works on it; set its status to not_started to hand it over", at: now)
  }
}
