package import OrchDomain

/// Two branches that have not landed and do not merge.
package struct ForeseenConflict: Hashable, Sendable {
  /// The task whose attempt began later: it hears of the other one.
  package var later: TaskID
  package var earlier: TaskID
  package var laterHead: String
  package var earlierHead: String
  package var files: [String]

  package init(later: TaskID, earlier: TaskID, laterHead: String, earlierHead: String, files: [String]) {
    self.later = later
    self.earlier = earlier
    self.laterHead = laterHead
    self.earlierHead = earlierHead
    self.files = files
  }
}

extension StoreTransaction {
  /// Makes the stored conflicts equal to these. Only a pair that was not known tells an event.
  package func setConflicts(_ conflicts: [ForeseenConflict], at: Timestamp) throws(StoreError) {
    let known = try self.conflicts()
    for old in known where !conflicts.contains(where: { $0.later == old.later && $0.earlier == old.earlier }) {
      try run(
        "DELETE FROM conflicts WHERE project_id = ? AND later = ? AND earlier = ?",
        [project.number, old.later.description, old.earlier.description])
    }
    for conflict in conflicts where !known.contains(conflict) {
      try run(
        """
        INSERT INTO conflicts (project_id, later, earlier, later_head, earlier_head, files, found_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (project_id, later, earlier) DO UPDATE SET later_head = excluded.later_head,
          earlier_head = excluded.earlier_head, files = excluded.files
        """,
        [
          project.number, conflict.later.description, conflict.earlier.description, conflict.laterHead,
          conflict.earlierHead, StringList.encode(conflict.files), at.milliseconds,
        ])
      guard !known.contains(where: { $0.later == conflict.later && $0.earlier == conflict.earlier }) else { continue }
      try appendEvent(
        .conflictForeseen, task: conflict.later,
        data: ["with": .string(conflict.earlier.description), "files": EventValue(conflict.files)], at: at)
    }
  }

  /// In a fixed order.
  package func conflicts() throws(StoreError) -> [ForeseenConflict] {
    try all(
      """
      SELECT later, earlier, later_head, earlier_head, files FROM conflicts WHERE project_id = ?
      ORDER BY later, earlier
      """, [project.number]
    ) { row in
      ForeseenConflict(
        later: try row.task(), earlier: try row.task(), laterHead: try row.text(), earlierHead: try row.text(),
        files: try row.strings())
    }
  }
}
