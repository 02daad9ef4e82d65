package import OrchDomain

extension StoreTransaction {
  /// The ports of an attempt; nil before it has got some.
  package func ports(of task: TaskID, attempt: Int) throws(StoreError) -> PortRange? {
    try first(
      "SELECT first, count FROM port_ranges WHERE project_id = ? AND task = ? AND attempt = ?",
      [project.number, task.description, attempt], Self.portRange)
  }

  /// The ports of every attempt that has not ended, of all projects in the file: they share one machine.
  package func portsInUse() throws(StoreError) -> [PortRange] {
    try all(
      """
      SELECT p.first, p.count FROM port_ranges p
      JOIN attempts a ON a.project_id = p.project_id AND a.task = p.task AND a.number = p.attempt
      WHERE a.ended_at IS NULL
      """, [], Self.portRange)
  }

  package func setPorts(of task: TaskID, attempt: Int, to range: PortRange) throws(StoreError) {
    try run(
      """
      INSERT INTO port_ranges (project_id, task, attempt, first, count) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (project_id, task, attempt) DO UPDATE SET first = excluded.first, count = excluded.count
      """, [project.number, task.description, attempt, range.first, range.count])
  }

  private static func portRange(_ row: inout RowReader) throws -> PortRange {
    PortRange(first: try row.int(), count: try row.int())
  }
}
