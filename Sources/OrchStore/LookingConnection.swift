import GRDB
import GRDBSQLite
import Synchronization

/// What statements are prepared by: GRDB's connection, or the one that only looks.
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

extension StatementSource {
  /// The first value of the first row; 0 without a row.
  func integer(_ sql: String) throws -> Int64 {
    var result: Int64 = 0
    try SQLStatement(self, sql).run([]) { row in result = sqlite3_column_int64(row, 0) }
    return result
  }
}

extension Database: StatementSource {
  func prepared(_ sql: String) throws -> PreparedStatement {
    let statement = try cachedStatement(sql: sql)
    return PreparedStatement(raw: statement.sqliteStatement, owner: statement)
  }
}

/// A connection that only reads, by SQLite's own calls: to open GRDB's and to hop onto its queue costs more than all
/// that `status` and `list` ask.
final class LookingConnection: Sendable {
  private let turn = Mutex(())
  // Unsafe because the compiler cannot see that only the one whose turn it is touches it.
  nonisolated(unsafe) private let handle: Handle

  /// - Parameter milliseconds: How long to wait for another process that holds the file.
  init(path: String, patience milliseconds: Int32) throws(DatabaseError) {
    handle = try Handle(path: path, patience: milliseconds)
  }

  /// Runs `body` on one state of the file.
  func read<T>(_ body: (any StatementSource) throws -> T) throws -> T {
    // Carried out by hand: the lock gives out nothing that could still belong to what it protects.
    var result: Result<T, any Error> = .failure(StoreError.abandoned("nothing was read"))
    turn.withLock { _ in result = Result { try handle.read(body) } }
    return try result.get()
  }

  private final class Handle: StatementSource {
    private let raw: OpaquePointer
    private var statements: [String: OpaquePointer] = [:]
    let changesCount = 0
    let lastInsertedRowID: Int64 = 0

    init(path: String, patience milliseconds: Int32) throws(DatabaseError) {
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
      for statement in statements.values { sqlite3_finalize(statement) }
      sqlite3_close_v2(raw)
    }

    func prepared(_ sql: String) throws -> PreparedStatement {
      if let known = statements[sql] { return PreparedStatement(raw: known, owner: self) }
      var prepared: OpaquePointer?
      let code = sqlite3_prepare_v2(raw, sql, -1, &prepared, nil)
      guard code == SQLITE_OK, let prepared else { throw DatabaseError(code, of: raw) }
      guard sqlite3_stmt_readonly(prepared) != 0 else {
        sqlite3_finalize(prepared)
        throw DatabaseError(resultCode: .SQLITE_READONLY)
      }
      statements[sql] = prepared
      return PreparedStatement(raw: prepared, owner: self)
    }

    func read<T>(_ body: (any StatementSource) throws -> T) throws -> T {
      try SQLStatement(self, "BEGIN").run([]) { _ in }
      // Nothing was written, so how it ends makes no difference.
      defer { sqlite3_exec(raw, "ROLLBACK", nil, nil, nil) }
      return try body(self)
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
