package import OrchDomain

extension StoreTransaction {
  /// Opens the record of a batch.
  package func beginBatch(name: String, logPath: String? = nil, at: Timestamp) throws(StoreError) -> Batch {
    try run(
      "INSERT INTO batches (project_id, name, started_at, log_path) VALUES (?, ?, ?, ?)",
      [project.number, name, at.milliseconds, logPath])
    let batch = Batch(id: lastRow, name: name, startedAt: at, logPath: logPath)
    try appendEvent(.batchStarted, data: ["batch": .int(batch.id), "name": .string(name)], at: at)
    return batch
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
    id, name, started_at, ended_at, outcome, started, complete, in_review, parked, failed, cost_micro, log_path
    """

  private static func batch(_ row: inout RowReader) throws -> Batch {
    Batch(
      id: try row.integer(), name: try row.text(), startedAt: try row.time(), endedAt: try row.optionalTime(),
      outcome: try row.optionalText(), started: try row.int(), complete: try row.int(), inReview: try row.int(),
      parked: try row.int(), failed: try row.int(), cost: try row.money(), logPath: try row.optionalText())
  }

  /// One batch of this project.
  package func batch(_ id: Int64) throws(StoreError) -> Batch? {
    try first(
      "SELECT \(Self.batchColumns) FROM batches WHERE project_id = ? AND id = ?", [project.number, id], Self.batch)
  }

  /// The newest batches, newest first.
  package func batches(limit: Int = 100) throws(StoreError) -> [Batch] {
    try all(
      "SELECT \(Self.batchColumns) FROM batches WHERE project_id = ? ORDER BY id DESC LIMIT ?",
      [project.number, max(0, limit)], Self.batch)
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
