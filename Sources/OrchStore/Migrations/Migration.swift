import GRDB

/// One step from a schema version to the next. Released steps are never edited; a new need is a new file.
struct Migration: Sendable {
  /// The version that the file has after this step.
  let version: Int
  /// Statements separated by semicolons, run inside the one transaction that also raises the version.
  let sql: String

  /// Every step, in ascending order of version.
  static let all: [Migration] = [
    .firstSchema, .cooldowns, .intents, .budgets, .worktrees, .disk, .forge, .queue, .night, .daemon, .logCheckpoints,
    .notices, .questions, .liveIndex,
  ]
}

/// What the head of a database file says about its owner.
struct FileIdentity {
  /// `ORCH` in ASCII, written at offset 68 of the file; tells our file from any other SQLite file.
  static let applicationID: Int32 = 0x4F52_4348

  let applicationID: Int32
  let version: Int
  let isEmpty: Bool

  /// Reads at one moment: another process may be making the schema just now.
  init(_ db: Database) throws {
    var read: (id: Int32, version: Int, isEmpty: Bool) = (0, 0, false)
    try db.inTransaction(.deferred) {
      read.id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
      read.version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
      read.isEmpty =
        read.id == 0 && read.version == 0
        ? try Int.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_master)") == 0 : false
      return .commit
    }
    (applicationID, version, isEmpty) = read
  }

  var isOurs: Bool { applicationID == FileIdentity.applicationID }
}
