import GRDB
import GRDBSQLite

/// A value that a statement can be given.
///
/// Own conformances instead of GRDB's, which copy every text twice: binding was half of the time of a first sync.
protocol SQLValue {
  /// - Returns: SQLite's result code.
  func bind(to statement: SQLiteStatement, at index: Int32) -> Int32
}

/// Tells SQLite to copy what it is given before the call returns.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Int64: SQLValue {
  func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 { sqlite3_bind_int64(statement, index, self) }
}

extension Int: SQLValue {
  func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 {
    sqlite3_bind_int64(statement, index, Int64(self))
  }
}

extension Int32: SQLValue {
  func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 {
    sqlite3_bind_int64(statement, index, Int64(self))
  }
}

extension Bool: SQLValue {
  func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 {
    sqlite3_bind_int64(statement, index, self ? 1 : 0)
  }
}

extension String: SQLValue {
  func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 {
    var text = self
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        // Without an address SQLite would bind NULL.
        guard let start = characters.baseAddress else { return sqlite3_bind_text(statement, index, "", 0, copied) }
        return sqlite3_bind_text(statement, index, start, Int32(clamping: characters.count), copied)
      }
    }
  }
}

extension [UInt8]: SQLValue {
  func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 {
    guard !isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
    return withUnsafeBytes { sqlite3_bind_blob(statement, index, $0.baseAddress, Int32(clamping: $0.count), copied) }
  }
}

/// One use of a prepared statement: bound and stepped directly, reset at its end on every path.
struct SQLStatement {
  private let statement: PreparedStatement
  private var raw: OpaquePointer { statement.raw }

  init(_ source: any StatementSource, _ sql: String) throws { statement = try source.prepared(sql) }

  /// Binds `arguments` and hands every row to `body`, which must not use the same statement.
  func run(_ arguments: [(any SQLValue)?], _ body: (SQLiteStatement) throws -> Void) throws {
    defer {
      sqlite3_reset(raw)
      sqlite3_clear_bindings(raw)
    }
    for (place, value) in arguments.enumerated() {
      guard let value else { continue }
      let code = value.bind(to: raw, at: Int32(place + 1))
      guard code == SQLITE_OK else { throw error(code) }
    }
    while true {
      let code = sqlite3_step(raw)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw error(code) }
      try body(raw)
    }
  }

  /// Runs the statement once for every item; one that gives rows does not belong here.
  ///
  /// - Parameter bind: Gives every parameter its value, in order.
  func runEach<Item>(_ items: [Item], _ bind: (Item, inout ValueBinder) -> Void) throws {
    defer {
      sqlite3_reset(raw)
      sqlite3_clear_bindings(raw)
    }
    for item in items {
      var binder = ValueBinder(raw)
      bind(item, &binder)
      guard binder.code == SQLITE_OK else { throw error(binder.code) }
      let code = sqlite3_step(raw)
      guard code == SQLITE_DONE else { throw error(code) }
      sqlite3_reset(raw)
    }
  }

  private func error(_ code: Int32) -> DatabaseError { DatabaseError(code, of: sqlite3_db_handle(raw)) }
}

/// Gives a statement its values from left to right, each by its own type: a list of values of any type costs more than
/// what SQLite does with them.
struct ValueBinder {
  private let statement: SQLiteStatement
  private var index: Int32 = 0
  /// The first result that was not good.
  private(set) var code = SQLITE_OK

  init(_ statement: SQLiteStatement) { self.statement = statement }

  mutating func add(_ value: some SQLValue) {
    index += 1
    let result = value.bind(to: statement, at: index)
    if code == SQLITE_OK { code = result }
  }

  mutating func add(_ value: (some SQLValue)?) {
    if let value { return add(value) }
    index += 1
    let result = sqlite3_bind_null(statement, index)
    if code == SQLITE_OK { code = result }
  }
}
