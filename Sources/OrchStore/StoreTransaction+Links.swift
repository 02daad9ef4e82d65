package import OrchDomain

extension StoreTransaction {
  /// Whether the plan of some task has errors, of its own or in how it fits the others.
  package func hasUnsoundTasks() throws(StoreError) -> Bool {
    try first(
      "SELECT 1 FROM tasks WHERE project_id = ? AND sound = 0 AND removed_at IS NULL LIMIT 1", [project.number]
    ) { row in try row.int() } != nil
  }

  /// The tasks that depend on `task` directly, in the order of ids.
  package func dependants(of task: TaskID) throws(StoreError) -> [TaskID] {
    try all(
      "SELECT task FROM dependencies WHERE project_id = ? AND depends_on = ?", [project.number, task.description]
    ) { row in try row.task() }.sorted()
  }
}
