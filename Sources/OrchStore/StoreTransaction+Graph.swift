import OrchDomain

extension StoreTransaction {
  /// Everything the scheduler needs, in the order of ids, without titles and other texts. Removed tasks are left out.
  package func loadGraph() throws(StoreError) -> [GraphTask] {
    var tasks: [GraphTask] = []
    var ids: [TaskID] = []
    var places: [String: Int] = [:]
    let total = try counts().total
    tasks.reserveCapacity(total)
    ids.reserveCapacity(total)
    places.reserveCapacity(total)
    try each(
      """
      SELECT id, module, prefix, number, state, held_state, priority, paused, sound, needs_review, attempts,
        parked_until, failure_class, touches
      FROM tasks WHERE project_id = ? AND removed_at IS NULL
      """, [project.number]
    ) { row in
      places[try row.text()] = tasks.count
      let task = try Self.graphTask(&row)
      tasks.append(task)
      ids.append(task.id)
    }
    var edges = [[Dependency]](repeating: [], count: tasks.count)
    try readEdges(places: places, ids: ids) { place, dependency in edges[place].append(dependency) }
    for index in tasks.indices {
      if edges[index].count > 1 { edges[index].sort { $0.id < $1.id } }
      tasks[index].dependencies = edges[index]
    }
    tasks.sort { $0.id < $1.id }
    return tasks
  }

  private static func graphTask(_ row: inout RowReader) throws -> GraphTask {
    GraphTask(
      id: try row.taskParts(), state: try row.value(), heldState: try row.optionalValue(), priority: try row.value(),
      isPaused: try row.bool(), isSound: try row.bool(), needsReview: try row.bool(), attempts: try row.int(),
      parkedUntil: try row.optionalTime(), failureClass: try row.optionalValue(), touches: try row.strings(),
      dependencies: [])
  }
}
