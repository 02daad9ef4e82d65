extension Migration {
  /// Version 4: what is set aside for turns, when people were told of a limit, and when attempts last got anywhere.
  static let budgets = Migration(
    version: 4,
    sql: """
      ALTER TABLE turns ADD COLUMN reserved_micro INTEGER;
      ALTER TABLE turns ADD COLUMN reserved_tokens INTEGER;
      ALTER TABLE turns ADD COLUMN reserved_seconds INTEGER;

      CREATE TABLE budget_notices (
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        scope TEXT NOT NULL,
        key TEXT NOT NULL,
        measure TEXT NOT NULL,
        percent INTEGER NOT NULL,
        limit_value INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (project_id, scope, key, measure, percent, limit_value)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE progress (
        project_id INTEGER NOT NULL,
        task TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        head TEXT,
        at INTEGER NOT NULL,
        cost_micro INTEGER NOT NULL,
        tokens_input INTEGER NOT NULL,
        tokens_cache_write INTEGER NOT NULL,
        tokens_cache_read INTEGER NOT NULL,
        tokens_output INTEGER NOT NULL,
        seconds INTEGER NOT NULL,
        PRIMARY KEY (project_id, task, attempt),
        FOREIGN KEY (project_id, task, attempt) REFERENCES attempts (project_id, task, number) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      """)
}
