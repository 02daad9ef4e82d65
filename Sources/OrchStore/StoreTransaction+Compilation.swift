package import OrchDomain

extension StoreTransaction {
  /// Above this many new tasks the log names them in groups instead of one by one.
  private static let eventsOneByOne = 100
  private static let tasksPerEvent = 500

  private struct Known {
    let digest: Int64
    let markdown: String
    let isRemoved: Bool
    var isSeen = false
  }

  /// Makes the stored tasks equal to the compiled ones. A row that says the same already is not touched.
  ///
  /// Plans change what a task is, never where it is in its life: states, attempts and changes stay as they are.
  package func applyCompilation(_ compilation: Compilation, at: Timestamp) throws(StoreError) -> SyncResult {
    var known = try knownTasks()
    var new: [NewTask] = []
    var result = SyncResult()
    for (index, compiled) in compilation.tasks.enumerated() {
      let id = compiled.task.id
      let digest = TaskDigest.of(compiled)
      guard let place = known.index(forKey: id) else {
        new.append(NewTask(index: index, digest: digest, id: id.description))
        known[id] = Known(digest: digest, markdown: "", isRemoved: false, isSeen: true)
        continue
      }
      guard !known.values[place].isSeen else { throw .duplicateTask(id) }
      known.values[place].isSeen = true
      let row = known.values[place]
      if row.digest == digest, row.markdown == compiled.task.status.rawValue, !row.isRemoved {
        result.unchanged += 1
      } else {
        try update(compiled, digest: digest, at: at)
        if row.isRemoved { result.restored.append(id) } else { result.updated.append(id) }
      }
    }
    for id in known.filter({ !$0.value.isSeen && !$0.value.isRemoved }).keys.sorted() {
      switch try absent(id, broken: compilation.brokenPaths, at: at) {
      case .removed: result.removed.append(id)
      case .keptAsUnsound: result.updated.append(id)
      case .unchanged: result.unchanged += 1
      }
    }
    try insert(new, of: compilation.tasks, at: at)
    result.inserted = new.map { compilation.tasks[$0.index].task.id }.sorted()
    result.restored.sort()
    result.updated.sort()
    try appendAdded(result.inserted, at: at)
    return result
  }

  /// Takes over new readings of known, sound tasks whose edges stay as they are, as ``applyCompilation(_:at:)`` would
  /// with all tasks.
  ///
  /// - Parameter tasks: Without dependencies.
  package func applyEdits(_ tasks: [PlanTask], at: Timestamp) throws(StoreError) -> SyncResult {
    var result = SyncResult()
    for var task in tasks {
      guard let old = try self.task(task.id) else { throw .unknownTask(task.id) }
      task.dependencies = old.plan.dependencies
      guard old.plan != task else {
        result.unchanged += 1
        continue
      }
      let compiled = CompiledTask(task)
      try update(compiled, digest: TaskDigest.of(compiled), at: at)
      result.updated.append(task.id)
    }
    result.updated.sort()
    return result
  }

  private func knownTasks() throws(StoreError) -> [TaskID: Known] {
    var known: [TaskID: Known] = [:]
    known.reserveCapacity(try counts().total)
    try each(
      """
      SELECT module, prefix, number, digest, markdown_status, removed_at IS NOT NULL FROM tasks WHERE project_id = ?
      """, [project.number]
    ) { row in
      known[try row.taskParts()] = Known(
        digest: try row.integer(), markdown: try row.text(), isRemoved: try row.bool())
    }
    return known
  }

  private func appendAdded(_ ids: [TaskID], at: Timestamp) throws(StoreError) {
    guard ids.count > Self.eventsOneByOne else {
      for id in ids { try appendEvent(.taskAdded, task: id, at: at) }
      return
    }
    for start in stride(from: 0, to: ids.count, by: Self.tasksPerEvent) {
      let group = ids[start..<min(start + Self.tasksPerEvent, ids.count)]
      try appendEvent(.tasksAdded, data: ["tasks": EventValue(group.map(\.description))], at: at)
    }
  }

  private struct NewTask {
    /// Its place in the compilation.
    let index: Int
    let digest: Int64
    let id: String
  }

  private func insert(_ new: [NewTask], of tasks: [CompiledTask], at: Timestamp) throws(StoreError) {
    try runEach(
      new,
      """
      INSERT INTO tasks (project_id, id, module, prefix, number, digest, markdown_status, written_status, status, state,
        priority, sound, needs_review, added_at, updated_at, phase, title, path, github_issue, agent, model, touches,
        verify, labels, timeout_ms, max_cost_micro, complexity, content_hash)
      VALUES (\(Self.placeholders(28)))
      """
    ) { [project] row, values in
      let compiled = tasks[row.index]
      let task = compiled.task
      let state = compiled.initialState
      values.add(project.number)
      values.add(row.id)
      values.add(task.id.module)
      values.add(task.id.prefix)
      values.add(task.id.number)
      values.add(row.digest)
      values.add(task.status.rawValue)
      values.add(task.status.rawValue)
      values.add(state.status().rawValue)
      values.add(state.rawValue)
      values.add(task.priority.rawValue)
      values.add(compiled.isSound)
      values.add(task.needsReview)
      values.add(at.milliseconds)
      values.add(at.milliseconds)
      Self.addContent(task, to: &values)
    }
    var edges: [Edge] = []
    edges.reserveCapacity(new.count * 2)
    var states: [TaskState: Int] = [:]
    for row in new {
      let compiled = tasks[row.index]
      for dependency in compiled.task.dependencies { edges.append(Edge(task: row.id, dependency: dependency)) }
      states[compiled.initialState, default: 0] += 1
    }
    try insert(edges)
    for (state, count) in states {
      context.count("state", state.rawValue, count)
      context.count("status", state.status().rawValue, count)
    }
  }

  private struct Edge {
    let task: String
    let dependency: Dependency
  }

  private func insert(_ edges: [Edge]) throws(StoreError) {
    // A list that names a task twice, once per kind, is one edge.
    try runEach(
      edges,
      "INSERT INTO dependencies (project_id, task, depends_on, kind) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
    ) { [project] edge, values in
      values.add(project.number)
      values.add(edge.task)
      values.add(edge.dependency.id.description)
      values.add(edge.dependency.kind.rawValue)
    }
  }

  /// The values of phase to content_hash, in the order of the columns.
  private static func addContent(_ task: PlanTask, to values: inout ValueBinder) {
    values.add(task.phase)
    values.add(task.title)
    values.add(task.path)
    values.add(task.githubIssue)
    values.add(task.agent)
    values.add(task.model)
    values.add(StringList.encode(task.touches))
    values.add(StringList.encode(task.verify))
    values.add(StringList.encode(task.labels))
    values.add(task.timeout?.wholeMilliseconds)
    values.add(task.maxCost?.amount)
    values.add(task.complexity?.rawValue)
    values.add(Int64(bitPattern: task.contentHash))
  }

  private func update(_ compiled: CompiledTask, digest: Int64, at: Timestamp) throws(StoreError) {
    let task = compiled.task
    guard let old = try self.task(task.id, includingRemoved: true) else { throw .unknownTask(task.id) }
    try runEach(
      [task],
      """
      UPDATE tasks SET digest = ?, markdown_status = ?, priority = ?, sound = ?, needs_review = ?, updated_at = ?,
        removed_at = NULL, phase = ?, title = ?, path = ?, github_issue = ?, agent = ?, model = ?, touches = ?,
        verify = ?, labels = ?, timeout_ms = ?, max_cost_micro = ?, complexity = ?, content_hash = ?
      WHERE project_id = ? AND id = ?
      """
    ) { [project] task, values in
      values.add(digest)
      values.add(task.status.rawValue)
      values.add(task.priority.rawValue)
      values.add(compiled.isSound)
      values.add(task.needsReview)
      values.add(at.milliseconds)
      Self.addContent(task, to: &values)
      values.add(project.number)
      values.add(task.id.description)
    }
    if old.plan.dependencies != task.dependencies { try replaceDependencies(of: old.plan, by: task) }
    guard old.removedAt == nil else {
      context.count("state", old.state.rawValue, 1)
      context.count("status", old.status.rawValue, 1)
      try appendEvent(.taskAdded, task: task.id, data: ["restored": true], at: at)
      return
    }
    var fields = old.plan.differences(from: task)
    if old.isSound != compiled.isSound { fields.append("sound") }
    // The digest alone changes when its recipe does; that is nothing to tell anybody.
    guard !fields.isEmpty else { return }
    var data: [String: EventValue] = ["fields": EventValue(fields)]
    if old.plan.status != task.status { data["status"] = .string(task.status.rawValue) }
    try appendEvent(.taskChanged, task: task.id, data: data, at: at)
  }

  private func replaceDependencies(of old: PlanTask, by new: PlanTask) throws(StoreError) {
    let id = new.id.description
    for dependency in old.dependencies where !new.dependencies.contains(dependency) {
      try run(
        "DELETE FROM dependencies WHERE project_id = ? AND task = ? AND depends_on = ?",
        [project.number, id, dependency.id.description])
    }
    try insert(
      new.dependencies.filter { !old.dependencies.contains($0) }.map { Edge(task: id, dependency: $0) })
  }

  private enum Absence {
    case removed, keptAsUnsound, unchanged
  }

  private func absent(_ id: TaskID, broken: Set<String>, at: Timestamp) throws(StoreError) -> Absence {
    guard let old = try task(id) else { throw .unknownTask(id) }
    let key: [Argument] = [project.number, id.description]
    if broken.contains(old.plan.path) {
      guard old.isSound else { return .unchanged }
      // A digest of zero makes the next compilation that does have the task write it again.
      let values: [Argument] = [at.milliseconds]
      try run("UPDATE tasks SET sound = 0, digest = 0, updated_at = ? WHERE project_id = ? AND id = ?", values + key)
      try appendEvent(.taskChanged, task: id, data: ["fields": EventValue(["sound"])], at: at)
      return .keptAsUnsound
    }
    let values: [Argument] = [at.milliseconds, at.milliseconds]
    try run("UPDATE tasks SET removed_at = ?, updated_at = ? WHERE project_id = ? AND id = ?", values + key)
    context.count("state", old.state.rawValue, -1)
    context.count("status", old.status.rawValue, -1)
    try appendEvent(.taskRemoved, task: id, data: ["state": .string(old.state.rawValue)], at: at)
    return .removed
  }
}

extension PlanTask {
  /// The frontmatter keys, or the like, in which two readings of one plan differ.
  fileprivate func differences(from other: PlanTask) -> [String] {
    let fields: [(String, Bool)] = [
      ("title", title == other.title), ("path", path == other.path), ("phase", phase == other.phase),
      ("status", status == other.status), ("priority", priority == other.priority),
      ("depends_on", dependencies == other.dependencies), ("needs_review", needsReview == other.needsReview),
      ("github_issue", githubIssue == other.githubIssue), ("agent", agent == other.agent),
      ("model", model == other.model), ("touches", touches == other.touches), ("verify", verify == other.verify),
      ("timeout", timeout == other.timeout), ("max_cost_usd", maxCost == other.maxCost),
      ("labels", labels == other.labels), ("complexity", complexity == other.complexity),
      ("content", contentHash == other.contentHash),
    ]
    return fields.filter { !$0.1 }.map(\.0)
  }
}
