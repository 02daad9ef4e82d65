extension Migration {
  /// Version 3. Acts outside the database that were decided and are not known to be done; a row goes with its deed.
  static let intents = Migration(
    version: 3,
    sql: """
      CREATE TABLE intents (
        project_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        task TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        made_at INTEGER NOT NULL,
        PRIMARY KEY (project_id, kind, key),
        FOREIGN KEY (project_id, task, attempt) REFERENCES attempts (project_id, task, number) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      """)
}
