extension Migration {
  /// The projects that the daemon works for, what it was asked to start, and what people wrote to agents.
  static let daemon = Migration(
    version: 10,
    sql: """
      CREATE TABLE served_projects (
        project_id INTEGER PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
        config TEXT,
        added_at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE submitted_runs (
        number INTEGER PRIMARY KEY,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        asked_by TEXT NOT NULL,
        tasks TEXT,
        module TEXT,
        task_count INTEGER,
        max_parallel INTEGER,
        agent TEXT,
        model TEXT,
        max_duration_ms INTEGER,
        max_cost_micro INTEGER,
        created_at INTEGER NOT NULL,
        started TEXT NOT NULL,
        ended_at INTEGER,
        exit_status INTEGER,
        summary TEXT
      ) STRICT;

      CREATE INDEX submitted_runs_open ON submitted_runs (project_id) WHERE ended_at IS NULL;

      CREATE TABLE messages (
        number INTEGER PRIMARY KEY,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        task TEXT NOT NULL,
        sender TEXT NOT NULL,
        text TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        delivered_at INTEGER,
        attempt INTEGER,
        turn INTEGER
      ) STRICT;

      CREATE INDEX messages_waiting ON messages (project_id, task) WHERE delivered_at IS NULL;
      """)
}
