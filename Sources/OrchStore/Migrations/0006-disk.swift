extension Migration {
  /// Version 6. What worktrees take, and what was taken away to make room.
  static let disk = Migration(
    version: 6,
    sql: """
      CREATE TABLE worktree_sizes (
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        measured_at INTEGER NOT NULL,
        PRIMARY KEY (project_id, path)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE reclaimed (
        project_id INTEGER NOT NULL,
        task TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        ref TEXT NOT NULL,
        round INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (project_id, task, attempt),
        FOREIGN KEY (project_id, task, attempt) REFERENCES attempts (project_id, task, number) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      """)
}
