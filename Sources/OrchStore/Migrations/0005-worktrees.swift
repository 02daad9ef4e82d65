extension Migration {
  /// Version 5. What attempts have of the machine beside their worktrees.
  ///
  /// Tables of their own, not columns of `attempts`: they come and go while an attempt stays for ever.
  static let worktrees = Migration(
    version: 5,
    sql: """
      CREATE TABLE port_ranges (
        project_id INTEGER NOT NULL,
        task TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        first INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (project_id, task, attempt),
        FOREIGN KEY (project_id, task, attempt) REFERENCES attempts (project_id, task, number) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      """)
}
