package import OrchDomain

extension StoreTransaction {
  private static let taskColumns = """
    module, prefix, number, markdown_status, written_status, state, held_state, priority, paused, sound,
    needs_review, attempts, parked_until, failure_class, reason, removed_at, added_at, updated_at, phase, title, path,
    github_issue, agent, model, touches, verify, timeout_ms, max_cost_micro, labels, complexity, content_hash
    """

  /// One task; nil when there is none, or when its plan has been removed.
  package func task(_ id: TaskID, includingRemoved: Bool = false) throws(StoreError) -> StoredTask? {
    let found = try first(
      "SELECT \(Self.taskColumns) FROM tasks WHERE project_id = ? AND id = ?", [project.number, id.description],
      Self.storedTask)
    guard var found, includingRemoved || found.removedAt == nil else { return nil }
    found.plan.dependencies = try dependencies(of: id)
    return found
  }

  /// Tasks in the order of ids.
  package func tasks(_ filter: TaskFilter = TaskFilter()) throws(StoreError) -> [StoredTask] {
    let (source, arguments) = Self.source(filter)
    var found = try all(
      "SELECT \(Self.taskColumns) FROM " + source, [project.number] + arguments, Self.storedTask)
    try fillDependencies(of: &found)
    found.sort { $0.id < $1.id }
    return found
  }

  /// The tables and conditions of a filter; the first argument is the project.
  static func source(_ filter: TaskFilter) -> (sql: String, arguments: [Argument]) {
    let isLive =
      !filter.includesRemoved && !filter.states.isEmpty && filter.states.isDisjoint(with: TaskFilter.resting)
    // SQLite would take the primary key, which walks over all tasks. The condition must be that of the index.
    var sql = isLive ? "tasks INDEXED BY tasks_live WHERE project_id = ?" : "tasks WHERE project_id = ?"
    if isLive { sql += " AND state <> 'blocked' AND state <> 'ready' AND state <> 'complete'" }
    if !filter.includesRemoved { sql += " AND removed_at IS NULL" }
    var arguments: [Argument] = []
    func restrict(_ column: String, to values: [String]) {
      guard !values.isEmpty else { return }
      sql += " AND \(column) IN (\(placeholders(values.count)))"
      for value in values.sorted() { arguments.append(value) }
    }
    restrict("module", to: filter.module.map { [$0] } ?? [])
    restrict("state", to: filter.states.map(\.rawValue))
    restrict("status", to: filter.statuses.map(\.rawValue))
    restrict("priority", to: filter.priorities.map(\.rawValue))
    return (sql, arguments)
  }

  private func fillDependencies(of tasks: inout [StoredTask]) throws(StoreError) {
    // A few tasks are asked for one by one; many are cheaper in one walk over all edges.
    guard tasks.count > 200 else {
      for index in tasks.indices { tasks[index].plan.dependencies = try dependencies(of: tasks[index].id) }
      return
    }
    var places: [String: Int] = [:]
    places.reserveCapacity(tasks.count)
    for index in tasks.indices { places[tasks[index].id.description] = index }
    var lists = [[Dependency]](repeating: [], count: tasks.count)
    let ids = tasks.map(\.id)
    try readEdges(places: places, ids: ids) { place, dependency in lists[place].append(dependency) }
    for index in tasks.indices { tasks[index].plan.dependencies = lists[index].sorted { $0.id < $1.id } }
  }

  /// Reads every edge of the project whose owner is in `places`.
  ///
  /// Edges come grouped by their owner, so an owner is looked up once; a target that is a known task is not parsed.
  func readEdges(
    places: [String: Int], ids: [TaskID], _ body: (Int, Dependency) -> Void
  ) throws(StoreError) {
    var owner = ""
    var place: Int?
    try each("SELECT task, depends_on, kind FROM dependencies WHERE project_id = ?", [project.number]) { row in
      let text = try row.text()
      if text != owner {
        owner = text
        place = places[text]
      }
      guard let place else { return }
      let id: TaskID
      if let known = places[try row.peekText()] {
        id = ids[known]
        row.skip()
      } else {
        id = try row.task()
      }
      body(place, Dependency(id, try row.value()))
    }
  }

  /// What a task waits for, in the order of ids.
  package func dependencies(of task: TaskID) throws(StoreError) -> [Dependency] {
    try all(
      "SELECT depends_on, kind FROM dependencies WHERE project_id = ? AND task = ?", [project.number, task.description]
    ) { row in
      Dependency(try row.task(), try row.value())
    }.sorted { $0.id < $1.id }
  }

  private static func storedTask(_ row: inout RowReader) throws -> StoredTask {
    let id = try row.taskParts()
    let markdown: TaskStatus = try row.value()
    let written: TaskStatus = try row.value()
    let state: TaskState = try row.value()
    let held: TaskState? = try row.optionalValue()
    let priority: TaskPriority = try row.value()
    let isPaused = try row.bool()
    let isSound = try row.bool()
    let needsReview = try row.bool()
    let attempts = try row.int()
    let parkedUntil = try row.optionalTime()
    let failureClass: FailureClass? = try row.optionalValue()
    let reason = try row.optionalText()
    let removedAt = try row.optionalTime()
    let addedAt = try row.time()
    let updatedAt = try row.time()
    let phase = try row.optionalInt()
    let title = try row.text()
    let path = try row.text()
    let plan = PlanTask(
      id: id, title: title, path: path, phase: phase, status: markdown, priority: priority, needsReview: needsReview,
      githubIssue: try row.optionalInt(), agent: try row.optionalText(), model: try row.optionalText(),
      touches: try row.strings(), verify: try row.strings(),
      timeout: try row.optionalInteger().map { .milliseconds($0) },
      maxCost: try row.optionalInteger().map { MicroUSD($0) }, labels: try row.strings(),
      complexity: try row.optionalValue(), contentHash: try row.bits())
    return StoredTask(
      plan: plan, isSound: isSound, state: state, heldState: held, reason: reason, parkedUntil: parkedUntil,
      failureClass: failureClass, isPaused: isPaused, writtenStatus: written, attempts: attempts, addedAt: addedAt,
      updatedAt: updatedAt, removedAt: removedAt)
  }

  /// How many tasks and changes there are in each state; the cost does not depend on their number.
  package func counts() throws(StoreError) -> TaskCounts {
    try flush()
    var counts = TaskCounts()
    try each("SELECT kind, key, n FROM counters WHERE project_id = ? AND n <> 0", [project.number]) { row in
      switch try row.text() {
      case "state":
        let state: TaskState = try row.value()
        let n = try row.int()
        counts.states[state] = n
        counts.total += n
      case "status": counts.statuses[try row.value()] = try row.int()
      case "change": counts.changes[try row.value()] = try row.int()
      default: break
      }
    }
    return counts
  }
}
