package import OrchDomain

extension StoreTransaction {
  /// Records what a turn has used in total so far, and charges what is new to the attempt and to all its budgets.
  ///
  /// A total and not a difference, so that reading an agent's stream again after a crash charges nothing twice.
  ///
  /// - Parameter day: The day that pays; the day of `at` in UTC when nil.
  /// - Returns: The budgets that are exhausted now.
  @discardableResult
  package func recordUsage(
    _ task: TaskID, attempt number: Int, turn turnNumber: Int, total: Usage, day: CivilDate? = nil, at: Timestamp
  ) throws(StoreError) -> [Budget] {
    guard let turn = try turn(task, attempt: number, turnNumber) else {
      throw .unknownTurn(task, attempt: number, number: turnNumber)
    }
    let new = total.subtracting(turn.usage)
    if new != .zero {
      try run(
        """
        UPDATE turns SET cost_micro = ?, tokens_input = ?, tokens_cache_write = ?, tokens_cache_read = ?,
          tokens_output = ?, seconds = ? WHERE project_id = ? AND task = ? AND attempt = ? AND number = ?
        """, total.arguments + [project.number, task.description, number, turnNumber])
    }
    return try addUsage(task, attempt: number, new, day: day, at: at)
  }

  /// Charges a use that belongs to no turn, such as a reviewer's, to the attempt and to all its budgets.
  @discardableResult
  package func addUsage(
    _ task: TaskID, attempt number: Int, _ usage: Usage, day: CivilDate? = nil, at: Timestamp
  ) throws(StoreError) -> [Budget] {
    guard let attempt = try attempt(task, number) else { throw .unknownAttempt(task, number: number) }
    if usage != .zero {
      try run(
        """
        UPDATE attempts SET cost_micro = ?, tokens_input = ?, tokens_cache_write = ?, tokens_cache_read = ?,
          tokens_output = ?, seconds = ? WHERE project_id = ? AND task = ? AND number = ?
        """, attempt.usage.adding(usage).arguments + [project.number, task.description, number])
    }
    var places: [(Budget.Scope, String)] = [
      (.project, ""), (.task, task.description), (.day, (day ?? at.civil.date).budgetKey),
    ]
    if let batch = attempt.batch { places.append((.batch, String(batch))) }
    var exhausted: [Budget] = []
    for (scope, key) in places {
      let budget = try charge(scope, key, usage, at: at)
      if budget.isExhausted { exhausted.append(budget) }
    }
    return exhausted
  }

  private func charge(_ scope: Budget.Scope, _ key: String, _ usage: Usage, at: Timestamp) throws(StoreError) -> Budget
  {
    let old = try budget(scope, key)
    if let old, usage == .zero { return old }
    let new = Budget(
      scope: scope, key: key, spent: (old?.spent ?? .zero).adding(usage), limit: old?.limit, updatedAt: at)
    try write(new)
    return new
  }

  /// Sets or lifts the limit of a budget. Does nothing when it is so already.
  package func setBudgetLimit(
    _ scope: Budget.Scope, _ key: String, _ limit: MicroUSD?, at: Timestamp
  ) throws(StoreError) {
    let old = try budget(scope, key)
    guard old?.limit != limit else { return }
    try write(Budget(scope: scope, key: key, spent: old?.spent ?? .zero, limit: limit, updatedAt: at))
    try appendEvent(
      .budgetLimit,
      data: [
        "scope": .string(scope.rawValue), "key": .string(key),
        "limit_micro_usd": limit.map { .int($0.amount) } ?? .null,
      ], at: at)
  }

  private func write(_ budget: Budget) throws(StoreError) {
    let key: [Argument] = [
      project.number, budget.scope.rawValue, budget.key, budget.limit?.amount, budget.updatedAt.milliseconds,
    ]
    try run(
      """
      INSERT INTO budgets (project_id, scope, key, limit_micro, updated_at, spent_micro, tokens_input,
        tokens_cache_write, tokens_cache_read, tokens_output, seconds)
      VALUES (\(Self.placeholders(11)))
      ON CONFLICT (project_id, scope, key) DO UPDATE SET limit_micro = excluded.limit_micro,
        updated_at = excluded.updated_at, spent_micro = excluded.spent_micro, tokens_input = excluded.tokens_input,
        tokens_cache_write = excluded.tokens_cache_write, tokens_cache_read = excluded.tokens_cache_read,
        tokens_output = excluded.tokens_output, seconds = excluded.seconds
      """, key + budget.spent.arguments)
  }

  private static let budgetColumns = """
    scope, key, limit_micro, updated_at, spent_micro, tokens_input, tokens_cache_write, tokens_cache_read,
    tokens_output, seconds
    """

  private static func budget(_ row: inout RowReader) throws -> Budget {
    let scope: Budget.Scope = try row.value()
    let key = try row.text()
    let limit = try row.optionalInteger().map { MicroUSD($0) }
    let updatedAt = try row.time()
    return Budget(scope: scope, key: key, spent: try row.usage(), limit: limit, updatedAt: updatedAt)
  }

  /// One budget; nil when nothing was ever charged to it or limited.
  package func budget(_ scope: Budget.Scope, _ key: String = "") throws(StoreError) -> Budget? {
    try first(
      "SELECT \(Self.budgetColumns) FROM budgets WHERE project_id = ? AND scope = ? AND key = ?",
      [project.number, scope.rawValue, key], Self.budget)
  }

  /// All budgets of a scope, in the order of their keys.
  package func budgets(_ scope: Budget.Scope) throws(StoreError) -> [Budget] {
    try all(
      "SELECT \(Self.budgetColumns) FROM budgets WHERE project_id = ? AND scope = ? ORDER BY key",
      [project.number, scope.rawValue], Self.budget)
  }
}
