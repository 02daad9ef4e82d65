extension Migration {
  /// Version 14. The index of tasks under way again, with a condition that is cheap to look at: for `NOT IN` and a list
  /// of texts SQLite makes a table in memory, twice for every row that it writes.
  static let liveIndex = Migration(
    version: 14,
    sql: """
      DROP INDEX tasks_live;

      CREATE INDEX tasks_live ON tasks (project_id, id)
        WHERE removed_at IS NULL AND state <> 'blocked' AND state <> 'ready' AND state <> 'complete';
      """)
}
