package import OrchDomain

extension StoreTransaction {
  /// Starts the next turn of an attempt that goes on.
  package func beginTurn(
    _ task: TaskID, attempt number: Int, purpose: String, at: Timestamp, _ describe: (inout Turn) -> Void = { _ in }
  ) throws(StoreError) -> Turn {
    guard let attempt = try attempt(task, number) else { throw .unknownAttempt(task, number: number) }
    guard attempt.endedAt == nil else { throw .attemptHasEnded(task, number: number) }
    var turn = Turn(
      task: task, attempt: number, number: attempt.turn + 1, purpose: purpose, agent: attempt.agent,
      model: attempt.model,
      session: attempt.session, startedAt: at, usage: .zero)
    describe(&turn)
    let key: [Argument] = [project.number, task.description, number, turn.number, purpose, at.milliseconds]
    try run(
      """
      INSERT INTO turns (project_id, task, attempt, number, purpose, started_at, run_directory, session, feedback_path,
        pid, process_start, exit, outcome, evidence, ended_at, agent, model, message)
      VALUES (\(Self.placeholders(18)))
      """, key + Self.values(of: turn))
    try updateAttempt(task, number) { $0.turn = turn.number }
    try appendEvent(
      .turnStarted, task: task, attempt: number,
      data: ["turn": EventValue(turn.number), "purpose": .string(purpose)], at: at)
    return turn
  }

  /// Changes what is recorded about a turn, such as its process; nothing is written when nothing changes.
  @discardableResult
  package func updateTurn(
    _ task: TaskID, attempt: Int, _ number: Int, _ change: (inout Turn) -> Void
  ) throws(StoreError) -> Turn {
    guard let old = try turn(task, attempt: attempt, number) else {
      throw .unknownTurn(task, attempt: attempt, number: number)
    }
    var new = old
    change(&new)
    if new != old { try write(new) }
    return new
  }

  /// Ends a turn. Ending it again is allowed and changes the record: a restart may learn more.
  @discardableResult
  package func endTurn(
    _ task: TaskID, attempt: Int, _ number: Int, exit: String?, outcome: String?, evidence: String? = nil,
    message: String? = nil, at: Timestamp
  ) throws(StoreError) -> Turn {
    let turn = try updateTurn(task, attempt: attempt, number) {
      $0.exit = exit
      $0.outcome = outcome
      $0.evidence = evidence
      $0.message = message
      $0.endedAt = at
    }
    var data = turn.usage.eventData
    data["turn"] = EventValue(number)
    data["exit"] = EventValue(exit)
    data["outcome"] = EventValue(outcome)
    try appendEvent(.turnEnded, task: task, attempt: attempt, data: data, at: at)
    return turn
  }

  private func write(_ turn: Turn) throws(StoreError) {
    let key: [Argument] = [project.number, turn.task.description, turn.attempt, turn.number]
    try run(
      """
      UPDATE turns SET run_directory = ?, session = ?, feedback_path = ?, pid = ?, process_start = ?, exit = ?,
        outcome = ?, evidence = ?, ended_at = ?, agent = ?, model = ?, message = ?
      WHERE project_id = ? AND task = ? AND attempt = ? AND number = ?
      """, Self.values(of: turn) + key)
  }

  private static func values(of turn: Turn) -> [Argument] {
    [
      turn.runDirectory, turn.session, turn.feedbackPath, turn.pid, turn.processStart.map { Int64(bitPattern: $0) },
      turn.exit, turn.outcome, turn.evidence, turn.endedAt?.milliseconds, turn.agent, turn.model, turn.message,
    ]
  }

  private static let turnColumns = """
    task, attempt, number, purpose, run_directory, session, feedback_path, pid, process_start, exit, outcome, evidence,
    started_at, ended_at, cost_micro, tokens_input, tokens_cache_write, tokens_cache_read, tokens_output, seconds,
    agent, model, message
    """

  private static func turn(_ row: inout RowReader) throws -> Turn {
    var turn = Turn(
      task: try row.task(), attempt: try row.int(), number: try row.int(), purpose: try row.text(),
      runDirectory: try row.optionalText(), session: try row.optionalText(), feedbackPath: try row.optionalText(),
      pid: try row.optionalInteger().flatMap { Int32(exactly: $0) }, processStart: try row.optionalBits(),
      exit: try row.optionalText(), outcome: try row.optionalText(), evidence: try row.optionalText(),
      startedAt: try row.time(), endedAt: try row.optionalTime(), usage: try row.usage())
    turn.agent = try row.optionalText()
    turn.model = try row.optionalText()
    turn.message = try row.optionalText()
    return turn
  }

  package func turn(_ task: TaskID, attempt: Int, _ number: Int) throws(StoreError) -> Turn? {
    try first(
      "SELECT \(Self.turnColumns) FROM turns WHERE project_id = ? AND task = ? AND attempt = ? AND number = ?",
      [project.number, task.description, attempt, number], Self.turn)
  }

  /// The turns of one attempt, in ascending order.
  package func turns(of task: TaskID, attempt: Int) throws(StoreError) -> [Turn] {
    try all(
      "SELECT \(Self.turnColumns) FROM turns WHERE project_id = ? AND task = ? AND attempt = ? ORDER BY number",
      [project.number, task.description, attempt], Self.turn)
  }

  /// Records the result of a gate's stage; a later run on the same tree replaces it.
  ///
  /// - Parameter isEvidence: Whether it may stand for the tree from now on. If not, there is only the event.
  package func recordGate(
    _ result: GateResult, stage: String, isEvidence: Bool = true, task: TaskID? = nil, attempt: Int? = nil,
    at: Timestamp
  ) throws(StoreError) {
    if isEvidence { try keep(result) }
    try appendEvent(
      .gateRan, task: task, attempt: attempt,
      data: [
        "tree": .string(result.tree), "gate": .string(result.gate), "stage": .string(stage),
        "passed": .bool(result.passed), "duration_ms": .int(result.duration.wholeMilliseconds),
      ], at: at)
  }

  private func keep(_ result: GateResult) throws(StoreError) {
    try run(
      """
      INSERT INTO evidence (project_id, tree, gate, passed, ran_at, duration_ms, log_path, detail)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (project_id, tree, gate) DO UPDATE SET passed = excluded.passed, ran_at = excluded.ran_at,
        duration_ms = excluded.duration_ms, log_path = excluded.log_path, detail = excluded.detail
      """,
      [
        project.number, result.tree, result.gate, result.passed, result.ranAt.milliseconds,
        result.duration.wholeMilliseconds, result.logPath, result.detail,
      ])
  }

  /// What a gate said about a tree; nil when it never ran on it.
  package func gateResult(tree: String, gate: String) throws(StoreError) -> GateResult? {
    try first(
      """
      SELECT tree, gate, passed, ran_at, duration_ms, log_path, detail FROM evidence
      WHERE project_id = ? AND tree = ? AND gate = ?
      """, [project.number, tree, gate]
    ) { row in
      GateResult(
        tree: try row.text(), gate: try row.text(), passed: try row.bool(), ranAt: try row.time(),
        duration: .milliseconds(try row.integer()), logPath: try row.optionalText(), detail: try row.optionalText())
    }
  }
}
