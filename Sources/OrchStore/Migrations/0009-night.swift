extension Migration {
  /// Version 9: due times of batches, and signs of life of whoever drives a project.
  static let night = Migration(
    version: 9,
    sql: """
      ALTER TABLE batches ADD COLUMN work TEXT NOT NULL DEFAULT 'tasks';
      ALTER TABLE batches ADD COLUMN due_at INTEGER;
      ALTER TABLE batches ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE batches ADD COLUMN missed_until INTEGER;

      CREATE UNIQUE INDEX batches_due ON batches (project_id, name, due_at) WHERE due_at IS NOT NULL;

      CREATE TABLE batch_schedules (
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        schedule TEXT NOT NULL,
        known_since INTEGER NOT NULL,
        PRIMARY KEY (project_id, name)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE heartbeats (
        id INTEGER PRIMARY KEY,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        who TEXT NOT NULL,
        began_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        ended_at INTEGER
      ) STRICT;

      CREATE INDEX heartbeats_project ON heartbeats (project_id, last_at);
      """)
}
