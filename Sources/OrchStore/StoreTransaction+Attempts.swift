package import OrchDomain

extension StoreTransaction {
  /// Starts the next attempt at a task. The one before must have ended, so that two processes never both start one.
  ///
  /// - Parameter describe: Sets what is known at the start.
  package func beginAttempt(
    _ task: TaskID, agent: String, at: Timestamp, _ describe: (inout Attempt) -> Void = { _ in }
  ) throws(StoreError) -> Attempt {
    guard try self.task(task, includingRemoved: true) != nil else { throw .unknownTask(task) }
    let latest = try latestAttempt(of: task)
    if let latest, latest.endedAt == nil { throw .attemptGoesOn(task, number: latest.number) }
    var attempt = Attempt(
      task: task, number: (latest?.number ?? 0) + 1, agent: agent, turn: 0, startedAt: at, usage: .zero)
    describe(&attempt)
    let key: [Argument] = [project.number, task.description, attempt.number, at.milliseconds]
    try run(
      """
      INSERT INTO attempts (project_id, task, number, started_at, agent, model, session, branch, worktree,
        run_directory, run_id, batch, base_commit, head_commit, plan_hash, turn, phase, failure_class, failure_detail,
        preserved_ref, red_lines)
      VALUES (\(Self.placeholders(21)))
      """, key + Self.values(of: attempt))
    try run(
      "UPDATE tasks SET attempts = ?, updated_at = ? WHERE project_id = ? AND id = ?",
      [attempt.number, at.milliseconds, project.number, task.description])
    try appendEvent(
      .attemptStarted, task: task, attempt: attempt.number,
      data: ["agent": .string(agent), "model": EventValue(attempt.model), "branch": EventValue(attempt.branch)], at: at)
    return attempt
  }

  /// Changes what is recorded about an attempt; nothing is written when `change` changes nothing.
  ///
  /// For progress that needs no event. The row is read and written under the lock, so no other writer's field is lost.
  @discardableResult
  package func updateAttempt(
    _ task: TaskID, _ number: Int, _ change: (inout Attempt) -> Void
  ) throws(StoreError) -> Attempt {
    guard let old = try attempt(task, number) else { throw .unknownAttempt(task, number: number) }
    var new = old
    change(&new)
    if new != old { try write(new) }
    return new
  }

  /// Ends an attempt; it can end only once.
  @discardableResult
  package func endAttempt(
    _ task: TaskID, _ number: Int, outcome: Attempt.Outcome, failureClass: FailureClass? = nil, detail: String? = nil,
    at: Timestamp, _ change: (inout Attempt) -> Void = { _ in }
  ) throws(StoreError) -> Attempt {
    guard var attempt = try attempt(task, number) else { throw .unknownAttempt(task, number: number) }
    guard attempt.endedAt == nil else { throw .attemptHasEnded(task, number: number) }
    attempt.failureClass = failureClass
    attempt.failureDetail = detail
    change(&attempt)
    attempt.outcome = outcome
    attempt.endedAt = at
    try write(attempt)
    try run(
      "UPDATE attempts SET outcome = ?, ended_at = ? WHERE project_id = ? AND task = ? AND number = ?",
      [outcome.rawValue, at.milliseconds, project.number, task.description, number])
    var data = attempt.usage.eventData
    data["outcome"] = .string(outcome.rawValue)
    data["failure_class"] = EventValue(attempt.failureClass?.rawValue)
    data["detail"] = EventValue(attempt.failureDetail)
    try appendEvent(.attemptEnded, task: task, attempt: number, data: data, at: at)
    return attempt
  }

  private func write(_ attempt: Attempt) throws(StoreError) {
    let key: [Argument] = [project.number, attempt.task.description, attempt.number]
    try run(
      """
      UPDATE attempts SET agent = ?, model = ?, session = ?, branch = ?, worktree = ?, run_directory = ?, run_id = ?,
        batch = ?, base_commit = ?, head_commit = ?, plan_hash = ?, turn = ?, phase = ?, failure_class = ?,
        failure_detail = ?, preserved_ref = ?, red_lines = ?
      WHERE project_id = ? AND task = ? AND number = ?
      """, Self.values(of: attempt) + key)
  }

  /// The values of agent to red_lines, in the order of the statements above.
  private static func values(of attempt: Attempt) -> [Argument] {
    [
      attempt.agent, attempt.model, attempt.session, attempt.branch, attempt.worktree, attempt.runDirectory,
      attempt.runID, attempt.batch, attempt.baseCommit, attempt.headCommit,
      attempt.planHash.map { Int64(bitPattern: $0) }, attempt.turn, attempt.phase, attempt.failureClass?.rawValue,
      attempt.failureDetail, attempt.preservedRef, attempt.redLines,
    ]
  }

  private static let attemptColumns = """
    task, number, agent, model, session, branch, worktree, run_directory, run_id, batch, base_commit, head_commit,
    plan_hash, turn, phase, outcome, failure_class, failure_detail, preserved_ref, started_at, ended_at, cost_micro,
    tokens_input, tokens_cache_write, tokens_cache_read, tokens_output, seconds, red_lines
    """

  private static func attempt(_ row: inout RowReader) throws -> Attempt {
    var attempt = Attempt(
      task: try row.task(), number: try row.int(), agent: try row.text(), model: try row.optionalText(),
      session: try row.optionalText(), branch: try row.optionalText(), worktree: try row.optionalText(),
      runDirectory: try row.optionalText(), runID: try row.optionalText(), batch: try row.optionalInteger(),
      baseCommit: try row.optionalText(), headCommit: try row.optionalText(), planHash: try row.optionalBits(),
      turn: try row.int(), phase: try row.optionalText(), outcome: try row.optionalValue(),
      failureClass: try row.optionalValue(), failureDetail: try row.optionalText(),
      preservedRef: try row.optionalText(), startedAt: try row.time(), endedAt: try row.optionalTime(),
      usage: try row.usage())
    attempt.redLines = try row.optionalText()
    return attempt
  }

  package func attempt(_ task: TaskID, _ number: Int) throws(StoreError) -> Attempt? {
    try first(
      "SELECT \(Self.attemptColumns) FROM attempts WHERE project_id = ? AND task = ? AND number = ?",
      [project.number, task.description, number], Self.attempt)
  }

  /// The attempt with the greatest number, ended or not.
  package func latestAttempt(of task: TaskID) throws(StoreError) -> Attempt? {
    try first(
      "SELECT \(Self.attemptColumns) FROM attempts WHERE project_id = ? AND task = ? ORDER BY number DESC LIMIT 1",
      [project.number, task.description], Self.attempt)
  }

  /// All attempts at one task, or at every task, in ascending order.
  package func attempts(of task: TaskID? = nil) throws(StoreError) -> [Attempt] {
    let found =
      if let task {
        try all(
          "SELECT \(Self.attemptColumns) FROM attempts WHERE project_id = ? AND task = ?",
          [project.number, task.description], Self.attempt)
      } else {
        try all(
          "SELECT \(Self.attemptColumns) FROM attempts WHERE project_id = ?", [project.number], Self.attempt)
      }
    return found.sorted { ($0.task, $0.number) < ($1.task, $1.number) }
  }

  /// The attempts that have not ended: what a restart has to look after. Their number alone decides the cost.
  package func openAttempts() throws(StoreError) -> [Attempt] {
    try all(
      "SELECT \(Self.attemptColumns) FROM attempts INDEXED BY attempts_open WHERE project_id = ? AND ended_at IS NULL",
      [project.number], Self.attempt
    ).sorted { $0.task < $1.task }
  }
}
