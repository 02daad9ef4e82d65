package import OrchDomain

/// One `start` that the daemon was asked for. It is kept, so that a daemon that is killed goes on with it.
package struct SubmittedRun: Hashable, Sendable {
  /// What may be started, and what it may take; nil where nothing was asked for.
  package struct Terms: Hashable, Sendable {
    package var tasks: [TaskID]?
    package var module: String?
    package var count: Int?
    package var maxParallel: Int?
    package var agent: String?
    package var model: String?
    package var maxDuration: Duration?
    package var maxCost: MicroUSD?

    package init() {}
  }

  package let number: Int64
  package let askedBy: String
  package let terms: Terms
  package let createdAt: Timestamp
  /// What it has started so far, in that order.
  package let started: [TaskID]
  /// Nil while it is under way.
  package let endedAt: Timestamp?
  /// The exit status of a `start` that ended like this.
  package let exitStatus: Int32?
  /// What it came to, as a JSON object.
  package let summary: String?
}

extension StoreTransaction {
  private static let runColumns = """
    number, asked_by, tasks, module, task_count, max_parallel, agent, model, max_duration_ms, max_cost_micro,
    created_at, started, ended_at, exit_status, summary
    """

  private static func decodeRun(_ row: inout RowReader) throws -> SubmittedRun {
    let (number, askedBy) = (try row.integer(), try row.text())
    var terms = SubmittedRun.Terms()
    terms.tasks = try row.optionalText().map { try Self.ids($0, row) }
    terms.module = try row.optionalText()
    terms.count = try row.optionalInt()
    terms.maxParallel = try row.optionalInt()
    terms.agent = try row.optionalText()
    terms.model = try row.optionalText()
    terms.maxDuration = try row.optionalInteger().map { .milliseconds($0) }
    terms.maxCost = try row.optionalInteger().map { MicroUSD($0) }
    let createdAt = try row.time()
    let started = try Self.ids(try row.text(), row)
    return SubmittedRun(
      number: number, askedBy: askedBy, terms: terms, createdAt: createdAt, started: started,
      endedAt: try row.optionalTime(), exitStatus: try row.optionalInteger().map { Int32(clamping: $0) },
      summary: try row.optionalText())
  }

  private static func ids(_ text: String, _ row: RowReader) throws -> [TaskID] {
    guard let names = StringList.decode(text) else { throw row.damage("tasks of a run", text) }
    return try names.map { name in
      guard let id = TaskID(name) else { throw row.damage("tasks of a run", name) }
      return id
    }
  }

  private static func text(_ ids: [TaskID]) -> String { StringList.encode(ids.map(\.description)) }

  /// Asks the daemon for a run.
  package func submitRun(
    _ terms: SubmittedRun.Terms, by person: String, at: Timestamp
  ) throws(StoreError) -> SubmittedRun {
    try run(
      """
      INSERT INTO submitted_runs (project_id, asked_by, tasks, module, task_count, max_parallel, agent, model,
        max_duration_ms, max_cost_micro, created_at, started) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '[]')
      """,
      [
        project.number, person, terms.tasks.map(Self.text), terms.module, terms.count, terms.maxParallel, terms.agent,
        terms.model, terms.maxDuration.map { Int64($0.inSeconds * 1000) }, terms.maxCost?.amount, at.milliseconds,
      ])
    let number = lastRow
    try appendEvent(
      .runSubmitted,
      data: [
        "run": .int(number), "by": .string(person), "module": EventValue(terms.module),
        "tasks": .array((terms.tasks ?? []).prefix(500).map { .string($0.description) }),
        "count": EventValue(terms.count),
      ], at: at)
    return SubmittedRun(
      number: number, askedBy: person, terms: terms, createdAt: at, started: [], endedAt: nil, exitStatus: nil,
      summary: nil)
  }

  /// Runs that have not ended, oldest first.
  package func openRuns() throws(StoreError) -> [SubmittedRun] {
    try all(
      """
      SELECT \(Self.runColumns) FROM submitted_runs INDEXED BY submitted_runs_open
      WHERE project_id = ? AND ended_at IS NULL ORDER BY number
      """, [project.number], Self.decodeRun)
  }

  /// The newest runs, newest first.
  package func submittedRuns(limit: Int = 100) throws(StoreError) -> [SubmittedRun] {
    try all(
      "SELECT \(Self.runColumns) FROM submitted_runs WHERE project_id = ? ORDER BY number DESC LIMIT ?",
      [project.number, max(0, limit)], Self.decodeRun)
  }

  package func submittedRun(_ number: Int64) throws(StoreError) -> SubmittedRun? {
    try first(
      "SELECT \(Self.runColumns) FROM submitted_runs WHERE project_id = ? AND number = ?", [project.number, number],
      Self.decodeRun)
  }

  /// Takes note of a task that a run has started; a second time changes nothing.
  package func addStarted(_ id: TaskID, toRun number: Int64) throws(StoreError) {
    guard let known = try submittedRun(number), !known.started.contains(id) else { return }
    try run(
      "UPDATE submitted_runs SET started = ? WHERE project_id = ? AND number = ?",
      [Self.text(known.started + [id]), project.number, number])
  }

  /// Ends a run; one that has ended stays as it is.
  ///
  /// - Parameter summary: A JSON object.
  package func endRun(
    _ number: Int64, exitStatus: Int32, summary: String, at: Timestamp
  ) throws(StoreError) {
    let changed = try run(
      """
      UPDATE submitted_runs SET ended_at = ?, exit_status = ?, summary = ?
      WHERE project_id = ? AND number = ? AND ended_at IS NULL
      """, [at.milliseconds, Int64(exitStatus), summary, project.number, number])
    guard changed == 1 else { return }
    try appendEvent(.runEnded, data: ["run": .int(number), "exit_status": .int(Int64(exitStatus))], at: at)
  }
}
