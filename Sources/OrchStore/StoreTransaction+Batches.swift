package import OrchDomain

extension StoreTransaction {
  /// Opens the record of a run.
  ///
  /// - Parameters:
  ///   - due: When it was due; nil when somebody started it by hand.
  ///   - data: More that its event tells.
  /// - Returns: Nil when this due time was dealt with already, by whomever.
  package func beginBatch(
    name: String, work: Batch.Work = .tasks, due: Timestamp? = nil, logPath: String? = nil,
    data: [String: EventValue] = [:], at: Timestamp
  ) throws(StoreError) -> Batch? {
    let added = try run(
      "INSERT OR IGNORE INTO batches (project_id, name, work, started_at, log_path, due_at) VALUES (?, ?, ?, ?, ?, ?)",
      [project.number, name, work.rawValue, at.milliseconds, logPath, due?.milliseconds])
    guard added > 0 else { return nil }
    let batch = Batch(id: lastRow, name: name, work: work, startedAt: at, logPath: logPath, dueAt: due)
    var data = data
    data["batch"] = .int(batch.id)
    data["name"] = .string(name)
    if let due { data["due"] = .int(due.milliseconds) }
    try appendEvent(.batchStarted, data: data, at: at)
    return batch
  }

  /// Records that due times got no run. Does nothing when the first of them was dealt with already.
  package func missBatch(
    name: String, work: Batch.Work = .tasks, from first: Timestamp, until last: Timestamp, count: Int, reason: String,
    at: Timestamp
  ) throws(StoreError) {
    let added = try run(
      """
      INSERT OR IGNORE INTO batches (project_id, name, work, started_at, ended_at, outcome, due_at, missed,
        missed_until)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        project.number, name, work.rawValue, at.milliseconds, at.milliseconds, "missed: \(reason)", first.milliseconds,
        count, last.milliseconds,
      ])
    guard added > 0 else { return }
    try appendEvent(
      .batchMissed,
      data: [
        "name": .string(name), "due": .int(first.milliseconds), "until": .int(last.milliseconds),
        "count": EventValue(count), "reason": .string(reason),
      ], at: at)
  }

  /// Since when a batch is known with this schedule; from `at` on when it is new or another one.
  package func batchKnownSince(name: String, schedule: String, at: Timestamp) throws(StoreError) -> Timestamp {
    let known = try first(
      "SELECT known_since FROM batch_schedules WHERE project_id = ? AND name = ? AND schedule = ?",
      [project.number, name, schedule]
    ) { row in try row.time() }
    if let known { return known }
    try run(
      "INSERT OR REPLACE INTO batch_schedules (project_id, name, schedule, known_since) VALUES (?, ?, ?, ?)",
      [project.number, name, schedule, at.milliseconds])
    return at
  }

  /// Changes the record of a batch; with `endedAt` also ends it, which a later call may repeat with other figures.
  @discardableResult
  package func updateBatch(
    _ id: Int64, endedAt: Timestamp? = nil, _ change: (inout Batch) -> Void
  ) throws(StoreError) -> Batch {
    guard let old = try batch(id) else { throw .unknownBatch(id: id) }
    var new = old
    change(&new)
    if let endedAt { new.endedAt = endedAt }
    guard new != old else { return old }
    try run(
      """
      UPDATE batches SET ended_at = ?, outcome = ?, started = ?, complete = ?, in_review = ?, parked = ?, failed = ?,
        cost_micro = ?, log_path = ? WHERE project_id = ? AND id = ?
      """,
      [
        new.endedAt?.milliseconds, new.outcome, new.started, new.complete, new.inReview, new.parked, new.failed,
        new.cost.amount, new.logPath, project.number, id,
      ])
    if let endedAt {
      try appendEvent(
        .batchEnded,
        data: [
          "batch": .int(id), "outcome": EventValue(new.outcome), "started": EventValue(new.started),
          "complete": EventValue(new.complete), "in_review": EventValue(new.inReview),
          "parked": EventValue(new.parked), "failed": EventValue(new.failed), "cost_micro_usd": .int(new.cost.amount),
        ], at: endedAt)
    }
    return new
  }

  private static let batchColumns = """
    id, name, work, started_at, ended_at, outcome, started, complete, in_review, parked, failed, cost_micro, log_path,
    due_at, missed, missed_until
    """

  private static func batch(_ row: inout RowReader) throws -> Batch {
    Batch(
      id: try row.integer(), name: try row.text(), work: try row.value(), startedAt: try row.time(),
      endedAt: try row.optionalTime(),
      outcome: try row.optionalText(), started: try row.int(), complete: try row.int(), inReview: try row.int(),
      parked: try row.int(), failed: try row.int(), cost: try row.money(), logPath: try row.optionalText(),
      dueAt: try row.optionalTime(), missed: try row.int(), missedUntil: try row.optionalTime())
  }

  /// One batch of this project.
  package func batch(_ id: Int64) throws(StoreError) -> Batch? {
    try first(
      "SELECT \(Self.batchColumns) FROM batches WHERE project_id = ? AND id = ?", [project.number, id], Self.batch)
  }

  /// The newest batches, newest first; only those of one name, if it is named.
  package func batches(named name: String? = nil, limit: Int = 100) throws(StoreError) -> [Batch] {
    try all(
      """
      SELECT \(Self.batchColumns) FROM batches WHERE project_id = ?1 AND (?2 IS NULL OR name = ?2)
      ORDER BY id DESC LIMIT ?3
      """, [project.number, name, max(0, limit)], Self.batch)
  }

  /// The tasks that a run has given an attempt.
  package func tasks(ofBatch id: Int64) throws(StoreError) -> [TaskID] {
    try all(
      "SELECT DISTINCT task FROM attempts WHERE project_id = ? AND batch = ? ORDER BY task", [project.number, id]
    ) { row in try row.task() }
  }

  /// The tier of every module that has one; a module without a tier belongs to tier 0.
  package func tiers() throws(StoreError) -> [String: Int] {
    var tiers: [String: Int] = [:]
    try each("SELECT module, tier FROM module_tiers WHERE project_id = ?", [project.number]) { row in
      tiers[try row.text()] = try row.int()
    }
    return tiers
  }

  /// Gives a module a tier, or takes it away. Does nothing when it is so already.
  package func setTier(_ module: String, _ tier: Int?, at: Timestamp) throws(StoreError) {
    let changed =
      if let tier {
        try run(
          """
          INSERT INTO module_tiers (project_id, module, tier) VALUES (?, ?, ?)
          ON CONFLICT (project_id, module) DO UPDATE SET tier = excluded.tier WHERE tier <> excluded.tier
          """, [project.number, module, tier])
      } else {
        try run("DELETE FROM module_tiers WHERE project_id = ? AND module = ?", [project.number, module])
      }
    if changed > 0 {
      try appendEvent(.tierSet, data: ["module": .string(module), "tier": EventValue(tier)], at: at)
    }
  }
}
