extension Migration {
  /// Version 7. What agents were told of what a forge says, and how often forges were asked.
  static let forge = Migration(
    version: 7,
    sql: """
      CREATE TABLE forge_facts (
        project_id INTEGER NOT NULL,
        change INTEGER NOT NULL,
        fact TEXT NOT NULL,
        told_at INTEGER NOT NULL,
        PRIMARY KEY (project_id, change, fact),
        FOREIGN KEY (project_id, change) REFERENCES changes (project_id, number) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE forge_requests (
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        hour INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        unchanged INTEGER NOT NULL,
        refused INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        rate_limit INTEGER,
        remaining INTEGER,
        PRIMARY KEY (project_id, hour)
      ) STRICT, WITHOUT ROWID;
      """)
}
