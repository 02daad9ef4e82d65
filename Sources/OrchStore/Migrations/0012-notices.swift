extension Migration {
  /// Version 12: notices on their way to people, and up to which event people have been told.
  static let notices = Migration(
    version: 12,
    sql: """
      CREATE TABLE notices (
        id INTEGER PRIMARY KEY,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        channel TEXT NOT NULL,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        problem TEXT,
        sent_at INTEGER,
        given_up_at INTEGER
      ) STRICT;

      CREATE UNIQUE INDEX notices_key ON notices (project_id, channel, key);

      CREATE INDEX notices_waiting ON notices (project_id, channel, id) WHERE sent_at IS NULL AND given_up_at IS NULL;

      CREATE TABLE notice_marks (
        project_id INTEGER PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
        event INTEGER NOT NULL
      ) STRICT;
      """)
}
