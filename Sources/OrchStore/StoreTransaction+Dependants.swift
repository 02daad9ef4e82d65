package import OrchDomain

extension StoreTransaction {
  /// The tasks that depend on `task` directly, in the order of ids.
  package func dependants(of task: TaskID) throws(StoreError) -> [TaskID] {
    try all(
      "SELECT task FROM dependencies WHERE project_id = ? AND depends_on = ?", [project.number, task.description]
    ) { row in try row.task() }.sorted()
  }
}
