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

  /// What all steps come to, for a file that has nothing yet: after each step SQLite reads the whole schema again,
  /// which was a third of a first sync. `SchemaTests` holds that it is the same, object by object, and writes it.
  static var newest: String { String(decoding: PackageResources.newest_sql, as: UTF8.self) }
}

/// What the head of a database file says about its owner.
struct FileIdentity {
  /// `ORCH` in ASCII, written at offset 68 of the file; tells our file from any other SQLite file.
  static let applicationID: Int32 = 0x4F52_4348

  let applicationID: Int32
  let version: Int
  let isEmpty: Bool

  /// - Parameter connection: Within a transaction, because another process may be making the schema just now.
  init(_ connection: RawConnection) throws(DatabaseError) {
    applicationID = Int32(truncatingIfNeeded: try connection.integer("PRAGMA application_id"))
    version = Int(try connection.integer("PRAGMA user_version"))
    isEmpty =
      applicationID == 0 && version == 0
      ? try connection.integer("SELECT EXISTS (SELECT 1 FROM sqlite_master)") == 0 : false
  }

  var isOurs: Bool { applicationID == FileIdentity.applicationID }
}
