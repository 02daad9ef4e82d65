package import OrchDomain

/// An attempt whose worktree was taken away to make room; its work is in a ref.
package struct Reclaimed: Hashable, Sendable {
  package var task: TaskID
  package var attempt: Int
  /// Keeps tip and uncommitted files.
  package var ref: String
  /// Which reclaiming took it; the greatest number is the last.
  package var round: Int

  package init(task: TaskID, attempt: Int, ref: String, round: Int) {
    self.task = task
    self.attempt = attempt
    self.ref = ref
    self.round = round
  }
}

extension StoreTransaction {
  /// What each worktree of the project took when it was measured last, by path.
  package func worktreeSizes() throws(StoreError) -> [String: ByteCount] {
    let rows = try all("SELECT path, bytes FROM worktree_sizes WHERE project_id = ?", [project.number]) { row in
      (try row.text(), ByteCount(try row.integer()))
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// Notes sizes and forgets the worktrees that are gone. A cache and not history, so it has no events.
  package func setWorktreeSizes(
    _ sizes: [String: ByteCount], keeping paths: Set<String>, at: Timestamp
  ) throws(StoreError) {
    for (path, size) in sizes {
      try run(
        """
        INSERT INTO worktree_sizes (project_id, path, bytes, measured_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (project_id, path) DO UPDATE SET bytes = excluded.bytes, measured_at = excluded.measured_at
        """, [project.number, path, size.bytes, at.milliseconds])
    }
    for path in try worktreeSizes().keys where !paths.contains(path) {
      try run("DELETE FROM worktree_sizes WHERE project_id = ? AND path = ?", [project.number, path])
    }
  }

  /// Notes that an attempt's worktree is about to be taken away.
  package func addReclaimed(_ item: Reclaimed, at: Timestamp) throws(StoreError) {
    try run(
      """
      INSERT INTO reclaimed (project_id, task, attempt, ref, round, at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (project_id, task, attempt) DO UPDATE SET ref = excluded.ref, round = excluded.round, at = excluded.at
      """, [project.number, item.task.description, item.attempt, item.ref, item.round, at.milliseconds])
  }

  /// Every attempt whose worktree was taken away and not brought back, the last round first.
  package func reclaimed() throws(StoreError) -> [Reclaimed] {
    try all(
      "SELECT task, attempt, ref, round FROM reclaimed WHERE project_id = ? ORDER BY round DESC, task, attempt",
      [project.number]
    ) { row in
      Reclaimed(task: try row.task(), attempt: try row.int(), ref: try row.text(), round: try row.int())
    }
  }

  /// An attempt has its worktree again, or will never need it.
  package func removeReclaimed(_ task: TaskID, attempt: Int) throws(StoreError) {
    try run(
      "DELETE FROM reclaimed WHERE project_id = ? AND task = ? AND attempt = ?",
      [project.number, task.description, attempt])
  }
}
