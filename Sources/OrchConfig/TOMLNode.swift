import TOMLKit

/// A TOML value. The only place that knows the library.
indirect enum TOMLNode: Sendable {
  case text(String)
  case integer(Int)
  case number(Double)
  case flag(Bool)
  /// A date, a time, or both; nothing is configured with one.
  case moment
  case list([TOMLNode])
  /// In ascending order of the keys.
  case table([(key: String, value: TOMLNode)])

  /// What the value is, for messages.
  var kind: String {
    switch self {
    case .text: "a string"
    case .integer: "an integer"
    case .number: "a number"
    case .flag: "a boolean"
    case .moment: "a date or time"
    case .list: "an array"
    case .table: "a table"
    }
  }

  /// The root table of a document, which the caller has checked to be free of NUL bytes.
  static func parse(_ text: String) throws(TOMLFailure) -> TOMLNode {
    do {
      return TOMLNode(try TOMLTable(string: text))
    } catch let error as TOMLParseError {
      throw TOMLFailure(
        message: error.description, line: error.source.begin.line, character: error.source.begin.column)
    } catch {
      throw TOMLFailure(message: String(describing: error), line: 1, character: 1)
    }
  }

  private init(_ table: TOMLTable) {
    // The library's own iterator traps on a key that holds a NUL; such a key has no value here, and the scanner
    // reports it.
    self = .table(table.keys.sorted().compactMap { key in table[key].map { (key, TOMLNode($0)) } })
  }

  private init(_ value: any TOMLValueConvertible) {
    switch value.type {
    case .table: self = value.table.map(TOMLNode.init) ?? .moment
    case .array: self = .list(value.array?.map(TOMLNode.init) ?? [])
    case .string: self = value.string.map(TOMLNode.text) ?? .moment
    case .int: self = value.int.map(TOMLNode.integer) ?? .moment
    case .double: self = value.double.map(TOMLNode.number) ?? .moment
    case .bool: self = value.bool.map(TOMLNode.flag) ?? .moment
    case .date, .time, .dateTime: self = .moment
    }
  }
}

/// Why a text is not TOML.
struct TOMLFailure: Error {
  var message: String
  /// From 1.
  var line: Int
  /// From 1, in Unicode scalars.
  var character: Int
}
