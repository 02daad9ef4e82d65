import GRDB
import OrchDomain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Reads the columns of one row from left to right.
///
/// The tables are STRICT, so a value of the wrong kind means a damaged file, which is reported and never traps.
struct RowReader {
  private let row: Row
  private let path: String
  private var column = 0

  init(_ row: Row, path: String) {
    self.row = row
    self.path = path
  }

  private mutating func advance() -> Int {
    defer { column += 1 }
    return column
  }

  mutating func skip() { column += 1 }

  /// The text of the next column, without moving on.
  func peekText() throws -> String { try row.decode(String.self, atIndex: column) }

  mutating func integer() throws -> Int64 { try row.decode(Int64.self, atIndex: advance()) }
  mutating func optionalInteger() throws -> Int64? { try row.decode(Int64?.self, atIndex: advance()) }
  mutating func text() throws -> String { try row.decode(String.self, atIndex: advance()) }
  mutating func optionalText() throws -> String? { try row.decode(String?.self, atIndex: advance()) }

  mutating func bytes() throws -> [UInt8] { Array(try row.decode(Data.self, atIndex: advance())) }

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
    let text = try row.decode(String.self, atIndex: index)
    guard let value = E(rawValue: text) else { throw damage(at: index, text) }
    return value
  }

  mutating func optionalValue<E: RawRepresentable<String>>(_ type: E.Type = E.self) throws -> E? {
    let index = advance()
    guard let text = try row.decode(String?.self, atIndex: index) else { return nil }
    guard let value = E(rawValue: text) else { throw damage(at: index, text) }
    return value
  }

  mutating func task() throws -> TaskID {
    let index = advance()
    let text = try row.decode(String.self, atIndex: index)
    guard let id = TaskID(text) else { throw damage(at: index, text) }
    return id
  }

  mutating func optionalTask() throws -> TaskID? {
    let index = advance()
    guard let text = try row.decode(String?.self, atIndex: index) else { return nil }
    guard let id = TaskID(text) else { throw damage(at: index, text) }
    return id
  }

  /// The id from the columns module, prefix and number; faster than reading its text.
  mutating func taskParts() throws -> TaskID {
    let module = try text()
    let prefix = try text()
    let index = advance()
    let number = try row.decode(Int64.self, atIndex: index)
    guard number >= 0 else { throw damage(at: index, "\(number)") }
    return TaskID(module: module, prefix: prefix, number: Int(number))
  }

  mutating func strings() throws -> [String] {
    let index = advance()
    let text = try row.decode(String.self, atIndex: index)
    guard let list = StringList.decode(text) else { throw damage(at: index, text) }
    return list
  }

  mutating func usage() throws -> Usage {
    Usage(
      cost: try money(),
      tokens: TokenUsage(input: try int(), cacheWrite: try int(), cacheRead: try int(), output: try int()),
      seconds: try int())
  }

  private func damage(at index: Int, _ text: String) -> StoreError {
    damage(row.columnNames.dropFirst(index).first ?? "column \(index)", text)
  }

  /// The error for a value that none of our programs can have written.
  func damage(_ column: String, _ text: String) -> StoreError {
    .damaged(path: path, detail: "\(column) holds '\(SafeText.line(text, limit: 80))'")
  }
}
