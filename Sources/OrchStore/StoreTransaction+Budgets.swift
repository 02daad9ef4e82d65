package import OrchDomain

extension StoreTransaction {
  /// Records what a turn has used in total so far, and charges what is new to the attempt and to everything else that
  /// pays.
  ///
  /// A total and not a difference, so that reading an agent's stream again after a crash charges nothing twice.
  ///
  /// - Parameters:
  ///   - day: The day that pays; the day of `at` in UTC when nil.
  ///   - run: The run that pays, if any.
  package func recordUsage(
    _ task: TaskID, attempt number: Int, turn turnNumber: Int, total: Usage, day: CivilDate? = nil,
    run: String? = nil, at: Timestamp
  ) throws(StoreError) {
    guard let turn = try turn(task, attempt: number, turnNumber) else {
      throw .unknownTurn(task, attempt: number, number: turnNumber)
    }
    let new = total.subtracting(turn.usage)
    guard new != .zero else { return }
    try self.run(
      """
      UPDATE turns SET cost_micro = ?, tokens_input = ?, tokens_cache_write = ?, tokens_cache_read = ?,
        tokens_output = ?, seconds = ? WHERE project_id = ? AND task = ? AND attempt = ? AND number = ?
      """, total.arguments + [project.number, task.description, number, turnNumber])
    try addUsage(task, attempt: number, new, day: day, run: run, at: at)
  }

  /// Charges a use that belongs to no turn, such as a reviewer's, to the attempt and to everything else that pays.
  package func addUsage(
    _ task: TaskID, attempt number: Int, _ usage: Usage, day: CivilDate? = nil, run: String? = nil, at: Timestamp
  ) throws(StoreError) {
    guard let attempt = try attempt(task, number) else { throw .unknownAttempt(task, number: number) }
    guard usage != .zero else { return }
    try self.run(
      """
      UPDATE attempts SET cost_micro = ?, tokens_input = ?, tokens_cache_write = ?, tokens_cache_read = ?,
        tokens_output = ?, seconds = ? WHERE project_id = ? AND task = ? AND number = ?
      """, attempt.usage.adding(usage).arguments + [project.number, task.description, number])
    try charge(.project, "", usage, at: at)
    try charge(.task, task.description, usage, at: at)
    try charge(.day, (day ?? at.civil.date).budgetKey, usage, at: at)
    if let run { try charge(.run, run, usage, at: at) }
  }

  private func charge(_ scope: BudgetScope, _ key: String, _ usage: Usage, at: Timestamp) throws(StoreError) {
    let spent = (try spending(scope, key)?.spent ?? .zero).adding(usage)
    let place: [Argument] = [project.number, scope.rawValue, key, at.milliseconds]
    try run(
      """
      INSERT INTO budgets (project_id, scope, key, updated_at, spent_micro, tokens_input, tokens_cache_write,
        tokens_cache_read, tokens_output, seconds)
      VALUES (\(Self.placeholders(10)))
      ON CONFLICT (project_id, scope, key) DO UPDATE SET updated_at = excluded.updated_at,
        spent_micro = excluded.spent_micro, tokens_input = excluded.tokens_input,
        tokens_cache_write = excluded.tokens_cache_write, tokens_cache_read = excluded.tokens_cache_read,
        tokens_output = excluded.tokens_output, seconds = excluded.seconds
      """, place + spent.arguments)
  }

  private static let spendingColumns = """
    scope, key, updated_at, spent_micro, tokens_input, tokens_cache_write, tokens_cache_read, tokens_output, seconds
    """

  private static func spending(_ row: inout RowReader) throws -> Spending {
    let scope: BudgetScope = try row.value()
    let key = try row.text()
    let updatedAt = try row.time()
    return Spending(scope: scope, key: key, spent: try row.usage(), updatedAt: updatedAt)
  }

  /// What one part of the work has used; nil when nothing was ever charged to it.
  package func spending(_ scope: BudgetScope, _ key: String = "") throws(StoreError) -> Spending? {
    try first(
      "SELECT \(Self.spendingColumns) FROM budgets WHERE project_id = ? AND scope = ? AND key = ?",
      [project.number, scope.rawValue, key], Self.spending)
  }

  /// What all parts of a kind have used, in the order of their keys.
  package func spendings(_ scope: BudgetScope) throws(StoreError) -> [Spending] {
    try all(
      "SELECT \(Self.spendingColumns) FROM budgets WHERE project_id = ? AND scope = ? ORDER BY key",
      [project.number, scope.rawValue], Self.spending)
  }

  /// Sets aside what a turn will probably use; it stays set aside until the turn ends.
  package func reserve(
    _ amount: BudgetAmount, task: TaskID, attempt: Int, turn: Int
  ) throws(StoreError) {
    let changed = try run(
      """
      UPDATE turns SET reserved_micro = ?, reserved_tokens = ?, reserved_seconds = ?
      WHERE project_id = ? AND task = ? AND attempt = ? AND number = ?
      """,
      [amount.cost.amount, amount.tokens, amount.seconds, project.number, task.description, attempt, turn])
    if changed == 0 { throw .unknownTurn(task, attempt: attempt, number: turn) }
  }

  /// The turns that something is set aside for; their number alone decides the cost.
  package func openTurns() throws(StoreError) -> [OpenTurn] {
    try all(
      """
      SELECT t.task, t.attempt, t.number, t.reserved_micro, t.reserved_tokens, t.reserved_seconds, t.cost_micro,
        t.tokens_input, t.tokens_cache_write, t.tokens_cache_read, t.tokens_output, t.seconds
      FROM attempts AS a INDEXED BY attempts_open
      JOIN turns AS t ON t.project_id = a.project_id AND t.task = a.task AND t.attempt = a.number AND t.number = a.turn
      WHERE a.project_id = ? AND a.ended_at IS NULL AND t.ended_at IS NULL AND t.reserved_micro IS NOT NULL
      """, [project.number]
    ) { row in
      OpenTurn(
        task: try row.task(), attempt: try row.int(), number: try row.int(),
        reserved: BudgetAmount(cost: try row.money(), tokens: try row.int(), seconds: try row.int()),
        used: try row.usage())
    }
  }

  /// What the newest ended turns of an agent have used, newest first.
  package func recentTurns(agent: String, limit: Int = 50) throws(StoreError) -> [Usage] {
    try all(
      """
      SELECT t.cost_micro, t.tokens_input, t.tokens_cache_write, t.tokens_cache_read, t.tokens_output, t.seconds
      FROM turns AS t
      JOIN attempts AS a ON a.project_id = t.project_id AND a.task = t.task AND a.number = t.attempt
      WHERE t.project_id = ? AND COALESCE(t.agent, a.agent) = ? AND t.ended_at IS NOT NULL
      ORDER BY t.ended_at DESC LIMIT ?
      """, [project.number, agent, limit]
    ) { row in try row.usage() }
  }

  /// What every turn has used that ended after a moment, or has not ended.
  package func turnUses(since: Timestamp? = nil) throws(StoreError) -> [TurnUse] {
    try all(
      """
      SELECT t.task, COALESCE(t.agent, a.agent), COALESCE(t.model, a.model), t.ended_at, t.cost_micro, t.tokens_input,
        t.tokens_cache_write, t.tokens_cache_read, t.tokens_output, t.seconds
      FROM turns AS t
      JOIN attempts AS a ON a.project_id = t.project_id AND a.task = t.task AND a.number = t.attempt
      WHERE t.project_id = ? AND (t.ended_at IS NULL OR t.ended_at >= ?)
      """, [project.number, since?.milliseconds ?? Int64.min]
    ) { row in
      TurnUse(
        task: try row.task(), agent: try row.text(), model: try row.optionalText(), endedAt: try row.optionalTime(),
        usage: try row.usage())
    }
  }

  /// Remembers that people were told of a limit at so many percent.
  ///
  /// - Returns: Whether they had not been told yet. Another limit is another reason to tell.
  package func takeNotice(
    _ scope: BudgetScope, _ key: String, _ measure: BudgetMeasure, percent: Int, limit: Int64, at: Timestamp
  ) throws(StoreError) -> Bool {
    try run(
      """
      INSERT OR IGNORE INTO budget_notices (project_id, scope, key, measure, percent, limit_value, at)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """, [project.number, scope.rawValue, key, measure.rawValue, percent, limit, at.milliseconds]) > 0
  }

  /// Where an attempt last got anywhere; nil when it never did.
  package func progressMark(_ task: TaskID, attempt: Int) throws(StoreError) -> ProgressMark? {
    try first(
      """
      SELECT head, at, cost_micro, tokens_input, tokens_cache_write, tokens_cache_read, tokens_output, seconds
      FROM progress WHERE project_id = ? AND task = ? AND attempt = ?
      """, [project.number, task.description, attempt]
    ) { row in
      let head = try row.optionalText()
      let at = try row.time()
      return ProgressMark(head: head, used: try row.usage(), at: at)
    }
  }

  package func setProgressMark(_ mark: ProgressMark, task: TaskID, attempt: Int) throws(StoreError) {
    let key: [Argument] = [project.number, task.description, attempt, mark.head, mark.at.milliseconds]
    try run(
      """
      INSERT OR REPLACE INTO progress (project_id, task, attempt, head, at, cost_micro, tokens_input,
        tokens_cache_write, tokens_cache_read, tokens_output, seconds)
      VALUES (\(Self.placeholders(11)))
      """, key + mark.used.arguments)
  }
}
