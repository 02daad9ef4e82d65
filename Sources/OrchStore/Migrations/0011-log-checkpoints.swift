extension Migration {
  /// Version 11. Where the log of a project begins, when older events were taken away.
  ///
  /// The database itself sees to it that nothing goes but what a fitting checkpoint covers.
  static let logCheckpoints = Migration(
    version: 11,
    sql: """
      CREATE TABLE event_checkpoints (
        project_id INTEGER NOT NULL REFERENCES projects (id),
        until_seq INTEGER NOT NULL,
        events INTEGER NOT NULL,
        head TEXT NOT NULL,
        PRIMARY KEY (project_id, until_seq)
      ) STRICT, WITHOUT ROWID;

      CREATE TRIGGER event_checkpoints_fit BEFORE INSERT ON event_checkpoints
        WHEN NEW.head IS NOT (SELECT hash FROM events WHERE seq = NEW.until_seq AND project_id = NEW.project_id)
        BEGIN SELECT RAISE(ABORT, 'a checkpoint must be the hash of an event'); END;

      CREATE TRIGGER event_checkpoints_are_kept BEFORE DELETE ON event_checkpoints
        BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

      CREATE TRIGGER event_checkpoints_are_fixed BEFORE UPDATE ON event_checkpoints
        BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

      DROP TRIGGER events_are_kept;

      CREATE TRIGGER events_are_kept BEFORE DELETE ON events
        WHEN OLD.seq > coalesce(
          (SELECT max(until_seq) FROM event_checkpoints WHERE project_id = OLD.project_id), 0)
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
      """)
}
