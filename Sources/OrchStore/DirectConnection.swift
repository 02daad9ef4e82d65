import GRDB
import GRDBSQLite
import Synchronization

/// What statements are prepared by: GRDB's connection, or a direct one.
protocol StatementSource {
  /// Rows that the last statement changed.
  var changesCount: Int { get }
  /// The number that SQLite gave to the last inserted row.
  var lastInsertedRowID: Int64 { get }

  /// The prepared form of one statement that neither begins nor ends a transaction, kept for the next time.
  func prepared(_ sql: String) throws -> PreparedStatement
}

/// A statement, and what keeps it alive.
struct PreparedStatement {
  let raw: OpaquePointer
  let owner: AnyObject
}

extension Database: StatementSource {
  func prepared(_ sql: String) throws -> PreparedStatement {
    let statement = try cachedStatement(sql: sql)
    return PreparedStatement(raw: statement.sqliteStatement, owner: statement)
  }
}

/// A connection by SQLite's own calls, for a process that does one thing and ends: to open GRDB's and to hop onto its
/// queue costs more than all that `status`, `list` and most syncs do.
final class DirectConnection: Sendable {
  private let turn = Mutex(())
  // Unsafe because the compiler cannot see that only the one whose turn it is touches it.
  nonisolated(unsafe) private var handle: Handle?

  /// - Parameters:
  ///   - writes: Whether statements that write are prepared, too.
  ///   - milliseconds: How long to wait for another process that holds the file.
  init(path: String, writes: Bool, patience milliseconds: Int32) throws(DatabaseError) {
    handle = try Handle(path: path, writes: writes, patience: milliseconds)
  }

  /// Runs `body` on one state of the file.
  func read<T>(_ body: (any StatementSource) throws -> T) throws -> T {
    try withHandle { handle in
      try SQLStatement(handle, "BEGIN").run([]) { _ in }
      // Nothing was written, so how it ends makes no difference.
      defer { sqlite3_exec(handle.raw, "ROLLBACK", nil, nil, nil) }
      return try body(handle)
    }
  }

  /// Runs `body` while nobody else uses the connection.
  func alone<T>(_ body: (any StatementSource, RawConnection) throws -> T) throws -> T {
    try withHandle { handle in try body(handle, RawConnection(handle.raw)) }
  }

  /// Rows inserted, updated or deleted; 0 when it is closed.
  var changedRows: Int {
    turn.withLock { _ in handle.map { Int(sqlite3_total_changes($0.raw)) } ?? 0 }
  }

  /// Every later call fails.
  func close() { turn.withLock { _ in handle = nil } }

  private func withHandle<T>(_ body: (Handle) throws -> T) throws -> T {
    // Carried out by hand: the lock gives out nothing that could still belong to what it protects.
    var result: Result<T, any Error> = .failure(DatabaseError(resultCode: .SQLITE_MISUSE, message: "it is closed"))
    turn.withLock { _ in
      if let handle { result = Result { try body(handle) } }
    }
    return try result.get()
  }

  private final class Handle: StatementSource {
    let raw: OpaquePointer
    private let writes: Bool
    private var statements: [(sql: String, statement: OpaquePointer)] = []
    var changesCount: Int { Int(sqlite3_changes(raw)) }
    var lastInsertedRowID: Int64 { sqlite3_last_insert_rowid(raw) }

    init(path: String, writes: Bool, patience milliseconds: Int32) throws(DatabaseError) {
      self.writes = writes
      var opened: OpaquePointer?
      // Not read-only to SQLite, which then could not tidy up the log beside the file.
      let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
      guard let opened else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
      raw = opened
      guard code == SQLITE_OK else { throw DatabaseError(code, of: raw) }
      sqlite3_extended_result_codes(raw, 1)
      sqlite3_busy_timeout(raw, milliseconds)
    }

    deinit {
      for known in statements { sqlite3_finalize(known.statement) }
      sqlite3_close_v2(raw)
    }

    func prepared(_ sql: String) throws -> PreparedStatement {
      // In a list because they are few, and the first use of a dictionary's type looks through all conformances.
      if let known = statements.first(where: { $0.sql == sql }) {
        return PreparedStatement(raw: known.statement, owner: self)
      }
      var prepared: OpaquePointer?
      let code = sqlite3_prepare_v2(raw, sql, -1, &prepared, nil)
      guard code == SQLITE_OK, let prepared else { throw DatabaseError(code, of: raw) }
      guard writes || sqlite3_stmt_readonly(prepared) != 0 else {
        sqlite3_finalize(prepared)
        throw DatabaseError(resultCode: .SQLITE_READONLY)
      }
      statements.append((sql, prepared))
      return PreparedStatement(raw: prepared, owner: self)
    }
  }
}
