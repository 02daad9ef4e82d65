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
    var binder = ValueBinder(raw)
    for item in items {
      binder.restart()
      bind(item, &binder)
      let code = binder.step()
      guard code == SQLITE_DONE else { throw error(code) }
      sqlite3_reset(raw)
    }
  }

  private func error(_ code: Int32) -> DatabaseError { DatabaseError(code, of: sqlite3_db_handle(raw)) }
}

/// Gives a statement its values from left to right, each by its own type: a list of values of any type costs more than
/// what SQLite does with them.
struct ValueBinder {
  private struct Part {
    let index: Int32
    let range: Range<Int>
    let isText: Bool
  }

  private let statement: SQLiteStatement
  private var index: Int32 = 0
  /// The first result that was not good.
  private var code = SQLITE_OK
  /// The texts and blobs of one row, where SQLite reads them: it copies none and asks for no memory. The first byte
  /// sees to it that there is an address, without which SQLite would bind NULL.
  private var bytes: [UInt8] = [0]
  private var parts: [Part] = []

  init(_ statement: SQLiteStatement) {
    self.statement = statement
    // Room for most rows, which a list that grows would be moved to step by step.
    bytes.reserveCapacity(512)
    parts.reserveCapacity(16)
  }

  /// Begins with the first parameter again.
  mutating func restart() {
    index = 0
    bytes.removeSubrange(1...)
    parts.removeAll(keepingCapacity: true)
  }

  mutating func add(_ value: some SQLValue) {
    index += 1
    note(value.bind(to: statement, at: index))
  }

  mutating func add(_ value: (some SQLValue)?) { if let value { add(value) } else { addNull() } }

  mutating func add(_ text: String) { addPart(text.utf8, isText: true) }

  mutating func add(_ text: String?) { if let text { add(text) } else { addNull() } }

  mutating func add(_ blob: [UInt8]) { addPart(blob, isText: false) }

  /// Binds what was added and steps once.
  ///
  /// - Returns: SQLite's result code.
  func step() -> Int32 {
    var result = code
    return bytes.withUnsafeBytes { bytes in
      for part in parts where result == SQLITE_OK {
        let start = bytes.baseAddress?.advanced(by: part.range.lowerBound)
        let count = Int32(clamping: part.range.count)
        result =
          part.isText
          ? sqlite3_bind_text(statement, part.index, start?.assumingMemoryBound(to: CChar.self), count, nil)
          : sqlite3_bind_blob(statement, part.index, start, count, nil)
      }
      return result == SQLITE_OK ? sqlite3_step(statement) : result
    }
  }

  private mutating func addPart(_ part: some Collection<UInt8>, isText: Bool) {
    index += 1
    let start = bytes.count
    bytes.append(contentsOf: part)
    parts.append(Part(index: index, range: start..<bytes.count, isText: isText))
  }

  private mutating func addNull() {
    index += 1
    note(sqlite3_bind_null(statement, index))
  }

  private mutating func note(_ result: Int32) { if code == SQLITE_OK { code = result } }
}
