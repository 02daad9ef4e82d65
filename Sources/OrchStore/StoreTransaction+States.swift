package import OrchDomain

extension StoreTransaction {
  /// Moves a task to another state and appends the event, if it still is where the caller saw it.
  ///
  /// Reason, time and class of an earlier state do not stay. `parked` and `stuck` remember what they interrupted.
  ///
  /// - Parameters:
  ///   - expected: The states in which the caller's decision holds.
  ///   - parkedUntil: Kept only when `state` is `parked`.
  ///   - data: Added to `from`, `to` and what else is set; wins over them.
  /// - Returns: The state before.
  /// - Throws: ``StoreError/stale(_:expected:actual:)`` when another process was faster.
  @discardableResult
  package func transition(
    _ task: TaskID, from expected: Set<TaskState>, to state: TaskState, reason: String? = nil,
    parkedUntil: Timestamp? = nil, failureClass: FailureClass? = nil, attempt: Int? = nil,
    event: EventType = .taskState, data: [String: EventValue] = [:], at: Timestamp
  ) throws(StoreError) -> TaskState {
    let name = task.description
    let old = try lifeOf(task, name)
    guard expected.contains(old.state) else { throw .stale(task, expected: expected, actual: old.state) }
    guard old.state == state || old.state.successors.contains(state) else {
      throw .illegalTransition(task, from: old.state, to: state)
    }
    let held = Self.held(old, entering: state)
    let status = state.status(heldFrom: held)
    let until = state == .parked ? parkedUntil : nil
    try run(
      """
      UPDATE tasks SET state = ?, held_state = ?, status = ?, reason = ?, parked_until = ?, failure_class = ?,
        updated_at = ? WHERE project_id = ? AND id = ?
      """
    ) { row in
      row.add(state.rawValue)
      row.add(held?.rawValue)
      row.add(status.rawValue)
      row.add(reason)
      row.add(until?.milliseconds)
      row.add(failureClass?.rawValue)
      row.add(at.milliseconds)
      row.add(project.number)
      row.add(name)
    }
    if !old.isRemoved {
      context.count("state", old.state.rawValue, -1)
      context.count("state", state.rawValue, 1)
      context.count("status", old.state.status(heldFrom: old.held).rawValue, -1)
      context.count("status", status.rawValue, 1)
    }
    var facts: [String: EventValue] = ["from": .string(old.state.rawValue), "to": .string(state.rawValue)]
    if let reason { facts["reason"] = .string(reason) }
    if let until { facts["parked_until"] = .int(until.milliseconds) }
    if let failureClass { facts["failure_class"] = .string(failureClass.rawValue) }
    facts.merge(data) { $1 }
    try appendEvent(event, task: task, attempt: attempt, data: facts, at: at)
    context.transitions.append(Transition(task: task, from: old.state, to: state))
    return old.state
  }

  private struct Life {
    let state: TaskState
    let held: TaskState?
    let isRemoved: Bool
  }

  private func lifeOf(_ task: TaskID) throws(StoreError) -> Life { try lifeOf(task, task.description) }

  private func lifeOf(_ task: TaskID, _ name: String) throws(StoreError) -> Life {
    let found = try first(
      "SELECT state, held_state, removed_at IS NOT NULL FROM tasks WHERE project_id = ? AND id = ?",
      [project.number, name]
    ) { row in
      Life(state: try row.value(), held: try row.optionalValue(), isRemoved: try row.bool())
    }
    guard let found else { throw .unknownTask(task) }
    return found
  }

  /// From parked to stuck, say, the first interrupted state stays the one that is held.
  private static func held(_ old: Life, entering state: TaskState) -> TaskState? {
    guard state == .parked || state == .stuck else { return nil }
    return old.state == .parked || old.state == .stuck ? old.held : old.state
  }

  /// Records that the Markdown says `status`, because we wrote it or accepted it. Does nothing when it is known, or
  /// when the Markdown was read again in the meantime and says something new.
  ///
  /// - Parameter seen: What the Markdown said when that was decided.
  package func setWrittenStatus(
    _ task: TaskID, _ status: TaskStatus, seen: TaskStatus, at: Timestamp
  ) throws(StoreError) {
    let changed = try run(
      """
      UPDATE tasks SET written_status = ?, markdown_status = ?, updated_at = ?
      WHERE project_id = ? AND id = ? AND (written_status <> ? OR markdown_status <> ?) AND markdown_status IN (?, ?)
      """,
      [
        status.rawValue, status.rawValue, at.milliseconds, project.number, task.description, status.rawValue,
        status.rawValue, status.rawValue, seen.rawValue,
      ])
    if changed == 0 {
      _ = try lifeOf(task)
    } else {
      try appendEvent(.statusWritten, task: task, data: ["status": .string(status.rawValue)], at: at)
    }
  }

  /// SQLite would take the primary key, which walks over all tasks. The condition must be that of the index.
  static let driftSQL = """
    SELECT module, prefix, number, path, state, status, markdown_status, written_status
    FROM tasks INDEXED BY tasks_drift
    WHERE project_id = ? AND removed_at IS NULL AND (status <> written_status OR markdown_status <> written_status)
    """

  /// Tasks whose status has to be written, or which a person has edited; the cost depends on their number only.
  package func statusDrift() throws(StoreError) -> [StatusDrift] {
    try all(Self.driftSQL, [project.number]) { row in
      StatusDrift(
        task: try row.taskParts(), path: try row.text(), state: try row.value(), actual: try row.value(),
        markdown: try row.value(), written: try row.value())
    }.sorted { $0.task < $1.task }
  }

  /// Holds a task back, or lets it go again. Does nothing when it is so already.
  package func setPaused(_ task: TaskID, _ isPaused: Bool, at: Timestamp) throws(StoreError) {
    let changed = try run(
      "UPDATE tasks SET paused = ?, updated_at = ? WHERE project_id = ? AND id = ? AND paused <> ?",
      [isPaused, at.milliseconds, project.number, task.description, isPaused])
    if changed == 0 {
      _ = try lifeOf(task)
    } else {
      try appendEvent(isPaused ? .taskPaused : .taskResumed, task: task, at: at)
    }
  }
}
