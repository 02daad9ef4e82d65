package import OrchDomain

extension StoreTransaction {
  /// Puts a request into the mailbox.
  ///
  /// - Returns: Its number, under which ``request(_:)`` tells what came of it.
  @discardableResult
  package func postRequest(
    _ kind: Request.Kind, task: TaskID? = nil, argument: String? = nil, at: Timestamp
  ) throws(StoreError) -> Int64 {
    try run(
      "INSERT INTO requests (project_id, kind, task, argument, created_at) VALUES (?, ?, ?, ?, ?)",
      [project.number, kind.rawValue, task?.description, argument, at.milliseconds])
    let seq = lastRow
    try appendEvent(
      .requestPosted, task: task,
      data: ["request": .int(seq), "kind": .string(kind.rawValue), "argument": EventValue(argument)], at: at)
    return seq
  }

  /// Takes one request, together with whatever else this transaction does about it: it happens once, or not at all,
  /// also when the process is killed.
  ///
  /// - Throws: ``StoreError/requestTaken(seq:)`` when another process has it.
  @discardableResult
  package func takeRequest(_ seq: Int64, outcome: String? = nil, at: Timestamp) throws(StoreError) -> Request {
    let changed = try run(
      "UPDATE requests SET handled_at = ?, outcome = ? WHERE project_id = ? AND seq = ? AND handled_at IS NULL",
      [at.milliseconds, outcome, project.number, seq])
    guard changed == 1, let request = try request(seq) else { throw .requestTaken(seq: seq) }
    try appendEvent(
      .requestHandled, task: request.task, data: ["request": .int(seq), "outcome": EventValue(outcome)], at: at)
    return request
  }

  /// Takes everything that is in the mailbox, oldest first. No two callers get the same request.
  ///
  /// A process that is killed between this and the deed loses the request; ``takeRequest(_:outcome:at:)`` does not.
  package func takeRequests(at: Timestamp) throws(StoreError) -> [Request] {
    var taken: [Request] = []
    for pending in try pendingRequests() { taken.append(try takeRequest(pending.seq, at: at)) }
    return taken
  }

  private static let requestColumns = "seq, kind, task, argument, created_at, handled_at, outcome"

  private static func request(_ row: inout RowReader) throws -> Request {
    Request(
      seq: try row.integer(), kind: try row.value(), task: try row.optionalTask(), argument: try row.optionalText(),
      createdAt: try row.time(), handledAt: try row.optionalTime(), outcome: try row.optionalText())
  }

  /// What nobody has taken yet, oldest first.
  package func pendingRequests() throws(StoreError) -> [Request] {
    try all(
      """
      SELECT \(Self.requestColumns) FROM requests INDEXED BY requests_pending
      WHERE project_id = ? AND handled_at IS NULL ORDER BY seq
      """, [project.number], Self.request)
  }

  package func request(_ seq: Int64) throws(StoreError) -> Request? {
    try first(
      "SELECT \(Self.requestColumns) FROM requests WHERE project_id = ? AND seq = ?", [project.number, seq],
      Self.request)
  }
}
