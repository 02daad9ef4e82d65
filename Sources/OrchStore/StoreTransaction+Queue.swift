package import OrchDomain

/// Where a change is in the merge queue.
package struct QueueRecord: Hashable, Sendable {
  /// The number of the change.
  package let change: Int
  package let task: TaskID
  package var state: QueueState
  /// When it was approved, the last time.
  package var enteredAt: Timestamp
  /// When it came into ``state``.
  package var since: Timestamp
  /// What it waits for, or why it went back.
  package var reason: String?
  /// Where the base branch was that is red, status commits apart; only when it inherited its red.
  package var base: String?
  /// The key of the stage that is red on that base.
  package var stage: String?
  /// Whether its tree was red and then green.
  package var isFlaky: Bool
}

extension StoreTransaction {
  /// Records where an entry is, with an event when that is news. An entry that is not known, or has left the queue,
  /// enters it.
  ///
  /// - Parameters:
  ///   - enteredAt: Counts for one that enters.
  ///   - edit: Sets reason, base, stage and the mark for flaky gates; all but the mark are nil before.
  package func setQueueState(
    _ change: Change, _ state: QueueState, enteredAt: Timestamp? = nil, at: Timestamp,
    _ edit: (inout QueueRecord) -> Void = { _ in }
  ) throws(StoreError) {
    let old = try queueRecord(ofChange: change.number)
    let isNew = old.map { $0.state.isOver && !state.isOver } ?? true
    var new = QueueRecord(
      change: change.number, task: change.task, state: state,
      enteredAt: (isNew ? enteredAt : old?.enteredAt) ?? at, since: at, isFlaky: isNew ? false : old?.isFlaky ?? false)
    edit(&new)
    if let old, old.state == state, !isNew {
      new.since = old.since
      guard new != old else { return }
    }
    try run(
      """
      INSERT INTO queue_entries (project_id, change, state, entered_at, since, reason, base, stage, is_flaky)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (project_id, change) DO UPDATE SET state = excluded.state, entered_at = excluded.entered_at,
        since = excluded.since, reason = excluded.reason, base = excluded.base, stage = excluded.stage,
        is_flaky = excluded.is_flaky
      """,
      [
        project.number, new.change, new.state.rawValue, new.enteredAt.milliseconds, new.since.milliseconds, new.reason,
        new.base, new.stage, new.isFlaky,
      ])
    try appendEvent(
      .queueState, task: change.task, attempt: change.attempt,
      data: [
        "number": EventValue(change.number), "from": EventValue(old?.state.rawValue), "to": .string(state.rawValue),
        "reason": EventValue(new.reason), "flaky": .bool(new.isFlaky),
      ], at: at)
  }

  package func queueRecord(ofChange number: Int) throws(StoreError) -> QueueRecord? {
    try first("\(Self.queueRows) AND e.change = ?", [project.number, number], Self.queueRecord)
  }

  /// Entries in ascending order of their changes.
  ///
  /// - Parameter all: Also those that have left the queue.
  package func queueRecords(all: Bool = false) throws(StoreError) -> [QueueRecord] {
    let open = all ? "" : " AND c.state IN ('approved', 'landing')"
    return try self.all("\(Self.queueRows)\(open) ORDER BY e.change", [project.number], Self.queueRecord)
  }

  private static let queueRows = """
    SELECT e.change, c.task, e.state, e.entered_at, e.since, e.reason, e.base, e.stage, e.is_flaky
    FROM queue_entries e JOIN changes c ON c.project_id = e.project_id AND c.number = e.change
    WHERE e.project_id = ?
    """

  private static func queueRecord(_ row: inout RowReader) throws -> QueueRecord {
    QueueRecord(
      change: try row.int(), task: try row.task(), state: try row.value(), enteredAt: try row.time(),
      since: try row.time(), reason: try row.optionalText(), base: try row.optionalText(),
      stage: try row.optionalText(), isFlaky: try row.bool())
  }
}
