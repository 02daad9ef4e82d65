extension Migration {
  /// Version 13. What agents ask people, until somebody has answered.
  static let questions = Migration(
    version: 13,
    sql: """
      CREATE TABLE questions (
        number INTEGER PRIMARY KEY,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        task TEXT NOT NULL,
        text TEXT NOT NULL,
        asked_at INTEGER NOT NULL,
        message INTEGER REFERENCES messages (number) ON DELETE SET NULL
      ) STRICT;

      CREATE INDEX questions_open ON questions (project_id, task) WHERE message IS NULL;
      """)
}
