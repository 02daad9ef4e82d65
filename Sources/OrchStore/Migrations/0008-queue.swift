extension Migration {
  /// Version 8. Where changes are in the merge queue, where the base stood when several landed at once, and which
  /// branches are going to conflict.
  static let queue = Migration(
    version: 8,
    sql: """
      ALTER TABLE changes ADD COLUMN landing_tip TEXT;

      CREATE TABLE queue_entries (
        project_id INTEGER NOT NULL,
        change INTEGER NOT NULL,
        state TEXT NOT NULL,
        entered_at INTEGER NOT NULL,
        since INTEGER NOT NULL,
        reason TEXT,
        base TEXT,
        stage TEXT,
        is_flaky INTEGER NOT NULL,
        PRIMARY KEY (project_id, change),
        FOREIGN KEY (project_id, change) REFERENCES changes (project_id, number) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE conflicts (
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        later TEXT NOT NULL,
        earlier TEXT NOT NULL,
        later_head TEXT NOT NULL,
        earlier_head TEXT NOT NULL,
        files TEXT NOT NULL,
        found_at INTEGER NOT NULL,
        PRIMARY KEY (project_id, later, earlier)
      ) STRICT, WITHOUT ROWID;
      """)
}
