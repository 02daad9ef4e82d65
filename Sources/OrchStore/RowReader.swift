import GRDBSQLite
import OrchDomain

/// Reads the columns of one row from left to right.
///
/// The tables are STRICT, so a value of the wrong kind means a damaged file, which is reported and never traps.
struct RowReader {
  private let row: OpaquePointer
  private let path: String
  private var column: Int32 = 0

  /// - Parameter row: A statement that has just given a row; valid until it is stepped again.
  init(_ row: OpaquePointer, path: String) {
    self.row = row
    self.path = path
  }

  private mutating func advance() -> Int32 {
    defer { column += 1 }
    return column
  }

  mutating func skip() { column += 1 }

  /// The text of the next column, without moving on.
  func peekText() throws -> String { try text(at: column) }

  mutating func integer() throws -> Int64 { try integer(at: advance()) }

  mutating func optionalInteger() throws -> Int64? {
    let index = advance()
    return isNull(index) ? nil : try integer(at: index)
  }

  mutating func text() throws -> String { try text(at: advance()) }

  mutating func optionalText() throws -> String? {
    let index = advance()
    return isNull(index) ? nil : try text(at: index)
  }

  /// The bytes of a text where SQLite has them: gone as soon as the statement is stepped.
  mutating func rawText() throws -> UnsafeBufferPointer<UInt8> { try rawText(at: advance()) }

  mutating func optionalRawText() throws -> UnsafeBufferPointer<UInt8>? {
    let index = advance()
    return isNull(index) ? nil : try rawText(at: index)
  }

  mutating func bytes() throws -> [UInt8] {
    let index = advance()
    guard sqlite3_column_type(row, index) == SQLITE_BLOB else { throw wrongKind(at: index) }
    // An empty blob has no address.
    let start = sqlite3_column_blob(row, index)
    return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(row, index))))
  }

  private func isNull(_ index: Int32) -> Bool { sqlite3_column_type(row, index) == SQLITE_NULL }

  private func integer(at index: Int32) throws -> Int64 {
    guard sqlite3_column_type(row, index) == SQLITE_INTEGER else { throw wrongKind(at: index) }
    return sqlite3_column_int64(row, index)
  }

  private func text(at index: Int32) throws -> String { String(decoding: try rawText(at: index), as: UTF8.self) }

  private func rawText(at index: Int32) throws -> UnsafeBufferPointer<UInt8> {
    guard sqlite3_column_type(row, index) == SQLITE_TEXT, let start = sqlite3_column_text(row, index) else {
      throw wrongKind(at: index)
    }
    return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(row, index)))
  }

  mutating func int() throws -> Int { Int(try integer()) }
  mutating func optionalInt() throws -> Int? { try optionalInteger().map { Int($0) } }
  mutating func bool() throws -> Bool { try integer() != 0 }
  mutating func bits() throws -> UInt64 { UInt64(bitPattern: try integer()) }
  mutating func optionalBits() throws -> UInt64? { try optionalInteger().map { UInt64(bitPattern: $0) } }
  mutating func time() throws -> Timestamp { Timestamp(milliseconds: try integer()) }
  mutating func optionalTime() throws -> Timestamp? { try optionalInteger().map { Timestamp(milliseconds: $0) } }
  mutating func money() throws -> MicroUSD { MicroUSD(try integer()) }

  mutating func value<E: RawRepresentable<String>>(_ type: E.Type = E.self) throws -> E {
    let index = advance()
    let text = try text(at: index)
    guard let value = E(rawValue: text) else { throw damage(at: index, text) }
    return value
  }

  mutating func optionalValue<E: RawRepresentable<String>>(_ type: E.Type = E.self) throws -> E? {
    let index = advance()
    if isNull(index) { return nil }
    let text = try text(at: index)
    guard let value = E(rawValue: text) else { throw damage(at: index, text) }
    return value
  }

  mutating func task() throws -> TaskID {
    let index = advance()
    let text = try text(at: index)
    guard let id = TaskID(text) else { throw damage(at: index, text) }
    return id
  }

  mutating func optionalTask() throws -> TaskID? {
    let index = advance()
    if isNull(index) { return nil }
    let text = try text(at: index)
    guard let id = TaskID(text) else { throw damage(at: index, text) }
    return id
  }

  /// The id from the columns module, prefix and number; faster than reading its text.
  mutating func taskParts() throws -> TaskID {
    let module = try text()
    let prefix = try text()
    let index = advance()
    let number = try integer(at: index)
    guard number >= 0 else { throw damage(at: index, "\(number)") }
    return TaskID(module: module, prefix: prefix, number: Int(number))
  }

  mutating func strings() throws -> [String] {
    let index = advance()
    let text = try text(at: index)
    guard let list = StringList.decode(text) else { throw damage(at: index, text) }
    return list
  }

  mutating func usage() throws -> Usage {
    Usage(
      cost: try money(),
      tokens: TokenUsage(input: try int(), cacheWrite: try int(), cacheRead: try int(), output: try int()),
      seconds: try int())
  }

  private func damage(at index: Int32, _ text: String) -> StoreError { damage(name(of: index), text) }

  private func wrongKind(at index: Int32) -> StoreError {
    .damaged(path: path, detail: "\(name(of: index)) holds a value of the wrong kind")
  }

  private func name(of index: Int32) -> String {
    sqlite3_column_name(row, index).map { String(cString: $0) } ?? "column \(index)"
  }

  /// The error for a value that none of our programs can have written.
  func damage(_ column: String, _ text: String) -> StoreError {
    .damaged(path: path, detail: "\(column) holds '\(SafeText.line(text, limit: 80))'")
  }
}
