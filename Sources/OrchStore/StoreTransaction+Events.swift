package import OrchDomain

/// One line of the append-only log.
package struct StoredEvent: Hashable, Sendable {
  /// Ascending through the whole file; a project's numbers have gaps when there are several projects.
  package let seq: Int64
  package let at: Timestamp
  package let type: EventType
  package let task: TaskID?
  package let attempt: Int?
  /// A JSON object in canonical form.
  package let data: String
  /// The hash of the project's event before this one; empty for the first.
  package let previousHash: String
  package let hash: String
}

extension StoreTransaction {
  /// Appends to the log, in the same transaction as what it tells about.
  ///
  /// - Returns: The event's number.
  @discardableResult
  package func appendEvent(
    _ type: EventType, task: TaskID? = nil, attempt: Int? = nil, data: [String: EventValue] = [:], at: Timestamp
  ) throws(StoreError) -> Int64 {
    var chain = try loadedChain()
    let text = EventValue.object(data).canonicalJSON
    let taskText = task?.description
    let hash = EventChain.hash(
      after: chain.head, at: at, type: type, task: taskText, attempt: attempt, data: text, by: &context.hashed)
    try run(
      """
      INSERT INTO events (project_id, at, type, task, attempt, data, prev_hash, hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """
    ) { row in
      row.add(project.number)
      row.add(at.milliseconds)
      row.add(type.rawValue)
      row.add(taskText)
      row.add(attempt)
      row.add(text)
      row.add(chain.head)
      row.add(hash)
    }
    chain.count += 1
    chain.head = hash
    context.chain = chain
    context.chainHasGrown = true
    return lastRow
  }

  private func loadedChain() throws(StoreError) -> EventChain {
    if let chain = context.chain { return chain }
    let found = try first("SELECT event_count, event_head FROM projects WHERE id = ?", [project.number]) { row in
      EventChain(count: try row.int(), head: try row.text())
    }
    guard let found else { throw .unknownProject(project) }
    context.chain = found
    return found
  }

  static let eventColumns = "seq, at, type, task, attempt, data, prev_hash, hash"

  static func event(_ row: inout RowReader) throws -> StoredEvent {
    StoredEvent(
      seq: try row.integer(), at: try row.time(), type: EventType(rawValue: try row.text()),
      task: try row.optionalTask(), attempt: try row.optionalInt(), data: try row.text(),
      previousHash: try row.text(), hash: try row.text())
  }

  /// Events after `seq`, oldest first. An event about many tasks at once is not found under any one of them.
  package func events(after seq: Int64 = 0, limit: Int = 1000, task: TaskID? = nil) throws(StoreError) -> [StoredEvent]
  {
    let limit = max(0, limit)
    if let task {
      return try all(
        """
        SELECT \(Self.eventColumns) FROM events
        WHERE project_id = ? AND task = ? AND seq > ? ORDER BY seq LIMIT ?
        """, [project.number, task.description, seq, limit], Self.event)
    }
    return try all(
      "SELECT \(Self.eventColumns) FROM events WHERE project_id = ? AND seq > ? ORDER BY seq LIMIT ?",
      [project.number, seq, limit], Self.event)
  }

  /// When the newest event of a kind about a task happened; nil when there is none.
  package func lastEvent(_ type: EventType, task: TaskID) throws(StoreError) -> Timestamp? {
    try first(
      "SELECT at FROM events WHERE project_id = ? AND task = ? AND type = ? ORDER BY seq DESC LIMIT 1",
      [project.number, task.description, type.rawValue]
    ) { row in try row.time() }
  }

  /// The newest events, oldest first.
  package func latestEvents(limit: Int) throws(StoreError) -> [StoredEvent] {
    try all(
      "SELECT \(Self.eventColumns) FROM events WHERE project_id = ? ORDER BY seq DESC LIMIT ?",
      [project.number, max(0, limit)], Self.event
    ).reversed()
  }

  /// The events of one kind about a task, oldest first.
  package func events(_ type: EventType, of task: TaskID) throws(StoreError) -> [StoredEvent] {
    try all(
      "SELECT \(Self.eventColumns) FROM events WHERE project_id = ? AND task = ? AND type = ? ORDER BY seq",
      [project.number, task.description, type.rawValue], Self.event)
  }

  /// The events of some kinds, oldest first.
  package func events(of types: [EventType]) throws(StoreError) -> [StoredEvent] {
    let names: [Argument] = types.map(\.rawValue)
    return try all(
      """
      SELECT \(Self.eventColumns) FROM events
      WHERE project_id = ? AND type IN (\(Self.placeholders(types.count))) ORDER BY seq
      """, [project.number] + names, Self.event)
  }

  /// Computes every hash again and compares the end with the record kept apart.
  package func verifyChain() throws(StoreError) -> ChainStatus {
    try flush()
    context.chain = nil
    let recorded = try loadedChain()
    let checkpoint = try checkpoint()
    let start = checkpoint ?? EventChain()
    var count = start.count
    // The bytes of the last hash: a million rows are read without a string for each column.
    var head = Array(start.head.utf8)
    var text = HashedText()
    var broken: ChainStatus?
    try each(
      "SELECT \(Self.eventColumns) FROM events WHERE project_id = ? ORDER BY seq", [project.number]
    ) { row in
      guard broken == nil else { return }
      let seq = try row.integer()
      let at = try row.time()
      let (type, task, attempt) = (try row.rawText(), try row.optionalRawText(), try row.optionalInteger())
      let (data, previous, hash) = (try row.rawText(), try row.rawText(), try row.rawText())
      if !previous.elementsEqual(head) {
        broken = .broken(seq: seq, reason: "it does not follow the event before it")
        return
      }
      text.set(after: previous, at: at, type: type, task: task, attempt: attempt, data: data)
      if !SHA256.hex(text.bytes).utf8.elementsEqual(hash) {
        broken = .broken(seq: seq, reason: "its content does not match its hash")
        return
      }
      count += 1
      head.replaceSubrange(0..., with: hash)
    }
    let seen = EventChain(count: count, head: String(decoding: head, as: UTF8.self))
    if let broken { return broken }
    guard seen == recorded else {
      return .broken(seq: nil, reason: "the log ends after \(seen.count) of \(recorded.count) events")
    }
    if let checkpoint, try !isAnnounced(checkpoint) {
      return .broken(seq: nil, reason: "\(checkpoint.count) events at its beginning are gone, and nothing says why")
    }
    let dropped = checkpoint?.count ?? 0
    return .intact(events: seen.count - dropped, dropped: dropped)
  }
}
