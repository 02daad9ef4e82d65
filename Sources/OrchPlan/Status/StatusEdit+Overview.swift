package import OrchDomain

extension StatusEdit {
  /// Edits of the circles in the status tables of a README, one per row about one of the tasks that says otherwise.
  ///
  /// - Parameters:
  ///   - readmePath: Relative to the project's root; links are relative to its directory.
  ///   - statuses: All known plans. Those that are left out are unknown to the links, too.
  package static func overview(
    _ bytes: [UInt8], readmePath: String, statuses: [(id: TaskID, path: String, status: TaskStatus)]
  ) throws(StatusEditError) -> [TextEdit] {
    let rows = try OverviewRows(bytes, readmePath: readmePath, plans: statuses.map { ($0.id, $0.path) }).rows()
    let wanted = Dictionary(statuses.map { ($0.id, $0.status) }) { first, _ in first }
    return rows.compactMap { row in
      guard let status = wanted[row.task], status != row.circle.status else { return nil }
      let circle = StatusEmoji.bytes(row.circle.status)
      return TextEdit(offset: row.circle.offset, length: circle.count, replacement: StatusEmoji.bytes(status))
    }
  }

  /// What the status tables of a README say, for plans that say nothing themselves.
  ///
  /// Of several rows about one task the least finished counts: work done twice is better than work skipped.
  package static func readOverview(
    _ bytes: [UInt8], readmePath: String, plans: [(id: TaskID, path: String)]
  ) throws(StatusEditError) -> [TaskID: TaskStatus] {
    let order = TaskStatus.allCases
    var result: [TaskID: TaskStatus] = [:]
    for row in try OverviewRows(bytes, readmePath: readmePath, plans: plans).rows() {
      guard let other = result[row.task] else {
        result[row.task] = row.circle.status
        continue
      }
      let isLess = (order.firstIndex(of: row.circle.status) ?? 0) < (order.firstIndex(of: other) ?? 0)
      if isLess { result[row.task] = row.circle.status }
    }
    return result
  }
}
