extension Migration {
  /// Version 2: which agent each turn had and what it said last, what a red gate printed, and which agents are given no
  /// work for a while.
  static let cooldowns = Migration(
    version: 2,
    sql: """
      ALTER TABLE turns ADD COLUMN agent TEXT;
      ALTER TABLE turns ADD COLUMN model TEXT;
      ALTER TABLE turns ADD COLUMN message TEXT;
      ALTER TABLE attempts ADD COLUMN red_lines TEXT;

      CREATE TABLE cooldowns (
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        agent TEXT NOT NULL,
        model TEXT NOT NULL,
        failure_class TEXT NOT NULL,
        reason TEXT NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        named INTEGER NOT NULL,
        guesses INTEGER NOT NULL,
        PRIMARY KEY (project_id, agent, model)
      ) STRICT, WITHOUT ROWID;

      """)
}
