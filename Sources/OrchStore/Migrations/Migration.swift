import GRDB

/// One step from a schema version to the next. Released steps are never edited; a new need is a new file.
struct Migration: Sendable {
  /// The version that the file has after this step.
  let version: Int
  /// Statements separated by semicolons, run inside the one transaction that also raises the version.
  let sql: String

  /// Every step, in ascending order of version, without gaps, from 1.
  static let all: [Migration] = [.firstSchema, .cooldowns, .intents, .budgets, .worktrees, .disk]
}

/// What the head of a database file says about its owner.
struct FileIdentity {
  /// `ORCH` in ASCII, written at offset 68 of the file; tells our file from any other SQLite file.
  static let applicationID: Int32 = 0x4F52_4348

  let applicationID: Int32
  let version: Int
  let isEmpty: Bool

  init(_ db: Database) throws {
    applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    isEmpty =
      applicationID == 0 && version == 0
      ? try Int.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_master)") == 0 : false
  }

  var isOurs: Bool { applicationID == FileIdentity.applicationID }
}
