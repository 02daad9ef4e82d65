package import OrchDomain

extension StoreTransaction {
  /// Takes the oldest events away, all of which are older than `moment`, and keeps the hash that they end in.
  ///
  /// A log that was cut still proves what is left of it: the event `log.compacted` in it names how many are gone and
  /// their last hash, so nobody can cut more unseen. Events of the latest attempts of work under way stay.
  /// - Parameter least: Does nothing when fewer would go.
  /// - Returns: How many went.
  @discardableResult
  package func compactEvents(before moment: Timestamp, least: Int = 1, at now: Timestamp) throws(StoreError) -> Int {
    guard let last = try lastDroppable(before: moment) else { return 0 }
    let count = try events(upTo: last.seq)
    guard count >= max(1, least) else { return 0 }
    let total = (try checkpoint()?.count ?? 0) + count
    try run(
      "INSERT INTO event_checkpoints (project_id, until_seq, events, head) VALUES (?, ?, ?, ?)",
      [project.number, last.seq, total, last.hash])
    try run("DELETE FROM events WHERE project_id = ? AND seq <= ?", [project.number, last.seq])
    try appendEvent(
      .logCompacted, data: ["events": EventValue(total), "head": .string(last.hash), "until": .int(last.seq)], at: now)
    return count
  }

  /// How many events ``compactEvents(before:least:at:)`` would take.
  package func countCompactable(before moment: Timestamp) throws(StoreError) -> Int {
    guard let last = try lastDroppable(before: moment) else { return 0 }
    return try events(upTo: last.seq)
  }

  private func events(upTo seq: Int64) throws(StoreError) -> Int {
    try first("SELECT count(*) FROM events WHERE project_id = ? AND seq <= ?", [project.number, seq]) { row in
      try row.int()
    } ?? 0
  }

  /// What is gone from the beginning of the log; nil while it is whole.
  func checkpoint() throws(StoreError) -> EventChain? {
    try first(
      "SELECT events, head FROM event_checkpoints WHERE project_id = ? ORDER BY until_seq DESC LIMIT 1",
      [project.number]
    ) { row in EventChain(count: try row.int(), head: try row.text()) }
  }

  /// Whether an event that is still there tells of the checkpoint.
  func isAnnounced(_ checkpoint: EventChain) throws(StoreError) -> Bool {
    let texts = try all(
      "SELECT data FROM events WHERE project_id = ? AND type = ?", [project.number, EventType.logCompacted.rawValue]
    ) { row in try row.text() }
    return texts.contains { $0.hasPrefix("{\"events\":\(checkpoint.count),\"head\":\"\(checkpoint.head)\",") }
  }

  /// The event to cut behind: the newest one before the first that has to stay.
  private func lastDroppable(before moment: Timestamp) throws(StoreError) -> (seq: Int64, hash: String)? {
    let idle = [TaskState.blocked, .ready, .complete, .failed, .cancelled].map { "'\($0.rawValue)'" }
    // A clock that jumped back must not make an older event look newer, so the first young one ends the search.
    return try first(
      """
      SELECT seq, hash FROM events WHERE project_id = ?1 AND seq < min(
        coalesce((SELECT min(seq) FROM events WHERE project_id = ?1 AND at >= ?2), \(Int64.max)),
        coalesce((SELECT min(latest) FROM (
          SELECT max(e.seq) AS latest FROM tasks t JOIN events e ON e.project_id = t.project_id AND e.task = t.id
          WHERE t.project_id = ?1 AND t.state NOT IN (\(idle.joined(separator: ", "))) AND e.type = ?3 GROUP BY t.id
        )), \(Int64.max)))
      ORDER BY seq DESC LIMIT 1
      """, [project.number, moment.milliseconds, EventType.attemptStarted.rawValue]
    ) { row in (seq: try row.integer(), hash: try row.text()) }
  }
}
