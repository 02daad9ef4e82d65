import GRDB
import GRDBSQLite

/// A connection as SQLite knows it, whoever has opened it and closes it.
struct RawConnection {
  let handle: OpaquePointer

  init(_ handle: OpaquePointer) { self.handle = handle }

  /// What GRDB has opened, for as long as it lends it out.
  init(_ db: Database) throws(DatabaseError) {
    guard let handle = db.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
    self.handle = handle
  }

  /// Runs statements that are separated by semicolons and whose rows nobody needs.
  func execute(_ script: String) throws(DatabaseError) {
    let code = sqlite3_exec(handle, script, nil, nil, nil)
    guard code == SQLITE_OK else { throw DatabaseError(code, of: handle) }
  }

  /// The first value of the first row; 0 without a row.
  func integer(_ sql: String) throws(DatabaseError) -> Int64 { try first(sql) { sqlite3_column_int64($0, 0) } ?? 0 }

  /// The first value of the first row; nil without one.
  func text(_ sql: String) throws(DatabaseError) -> String? {
    try first(sql) { row in sqlite3_column_text(row, 0).map { String(cString: $0) } } ?? nil
  }

  private func first<Value>(_ sql: String, _ read: (OpaquePointer) -> Value) throws(DatabaseError) -> Value? {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    guard code == SQLITE_OK, let statement else { throw DatabaseError(code, of: handle) }
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return read(statement)
    case SQLITE_DONE: return nil
    case let code: throw DatabaseError(code, of: handle)
    }
  }

  /// When a transaction takes its locks.
  enum Kind: String {
    /// That of a reader, when it first reads.
    case deferred = "BEGIN"
    /// That of a writer, at once, so that what is read cannot change before it is written.
    case immediate = "BEGIN IMMEDIATE"
  }

  /// Runs `body` as one transaction: all of it or, when it throws, nothing.
  func inTransaction<Value>(_ kind: Kind, _ body: () throws -> Value) throws -> Value {
    try execute(kind.rawValue)
    do {
      let value = try body()
      try execute("COMMIT")
      return value
    } catch {
      // Some errors have taken it back already; then this one has nothing to do and fails, which changes nothing.
      sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
      throw error
    }
  }
}

extension DatabaseError {
  /// What SQLite says of a result.
  init(_ code: Int32, of connection: OpaquePointer?) {
    self.init(
      resultCode: ResultCode(rawValue: code), message: sqlite3_errmsg(connection).map { String(cString: $0) })
  }
}
