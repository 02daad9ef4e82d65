package import OrchDomain

/// A schedule in the five fields of cron: minute, hour, day of month, month, day of week.
///
/// Understands lists, ranges, steps, names (`JAN`, `mon`), `7` for Sunday, and `@hourly`, `@daily`, `@nightly`,
/// `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`; `@nightly` is our own and means 22:00. As in Vixie cron,
/// when both the day of month and the day of week are restricted, a day matches if either does; a field that begins
/// with `*` is not a restriction in that sense.
package struct CronExpression: Hashable, Sendable {
  /// As it was written.
  package let text: String
  let minutes: UInt64
  let hours: UInt64
  let days: UInt64
  let months: UInt64
  let weekdays: UInt64
  /// Whether one of the two day fields begins with `*`, so that both must match.
  let needsBothDays: Bool

  private static let aliases = [
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@nightly": "0 22 * * *",
    "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
  ]

  /// - Throws: ``CronError`` with the field and the column of the first mistake.
  package init(_ text: String) throws(CronError) {
    self.text = text
    let source: [UInt8]
    let words = CronExpression.words(Array(text.utf8))
    if let first = words.first, first.bytes.first == UInt8(ascii: "@") {
      let name = String(decoding: first.bytes, as: UTF8.self)
      guard words.count == 1, let meaning = CronExpression.aliases[name.lowercased()] else {
        throw CronError(text: text, field: nil, column: first.column, problem: .unknownShortcut(name))
      }
      source = Array(meaning.utf8)
    } else {
      source = Array(text.utf8)
    }
    let fields = CronExpression.words(source)
    guard fields.count == 5 else {
      let column = fields.count > 5 ? fields[5].column : text.utf8.count + 1
      throw CronError(text: text, field: nil, column: column, problem: .wrongFieldCount(fields.count))
    }
    var sets: [UInt64] = []
    for (kind, word) in zip(CronField.allCases, fields) {
      var reader = CronFieldReader(kind: kind, text: text, bytes: word.bytes, column: word.column)
      sets.append(try reader.read())
    }
    minutes = sets[0]
    hours = sets[1]
    days = sets[2]
    months = sets[3]
    // Sunday may be 0 or 7.
    weekdays = (sets[4] | sets[4] >> 7) & 0x7F
    needsBothDays = [fields[2], fields[4]].contains { $0.bytes.first == UInt8(ascii: "*") }
  }

  private static func words(_ bytes: [UInt8]) -> [(bytes: [UInt8], column: Int)] {
    var words: [(bytes: [UInt8], column: Int)] = []
    var start: Int?
    for (place, byte) in (bytes + [UInt8(ascii: " ")]).enumerated() {
      let isSpace = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
      if !isSpace, start == nil { start = place }
      if isSpace, let first = start {
        words.append((Array(bytes[first..<place]), first + 1))
        start = nil
      }
    }
    return words
  }

  /// Whether the schedule fires on this day at all.
  package func matches(_ date: CivilDate) -> Bool {
    guard months & 1 << UInt64(date.month) != 0 else { return false }
    let day = days & 1 << UInt64(date.day) != 0
    let weekday = weekdays & 1 << UInt64(date.weekday) != 0
    return needsBothDays ? day && weekday : day || weekday
  }
}

extension CronExpression: CustomStringConvertible {
  package var description: String { text }
}

/// The five fields in their order.
package enum CronField: String, Hashable, Sendable, CaseIterable {
  case minute, hour
  case dayOfMonth = "day of month"
  case month
  case dayOfWeek = "day of week"

  var range: ClosedRange<Int> {
    switch self {
    case .minute: 0...59
    case .hour: 0...23
    case .dayOfMonth: 1...31
    case .month: 1...12
    case .dayOfWeek: 0...7
    }
  }

  /// What `*` means: Sunday once.
  var whole: ClosedRange<Int> { self == .dayOfWeek ? 0...6 : range }

  /// Names of the values, the first for the lowest value.
  var names: [String] {
    switch self {
    case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    default: []
    }
  }
}

/// What is wrong with a cron expression, and where.
package struct CronError: Error, Hashable, Sendable {
  /// What is wrong.
  package enum Problem: Hashable, Sendable {
    case wrongFieldCount(Int)
    case unknownShortcut(String)
    case notAValue(String)
    case outOfRange(Int)
    case backwardsRange(Int, Int)
    case zeroStep
    /// Something is left over behind a complete value.
    case unexpected(String)
  }

  package let text: String
  /// Nil when the expression as a whole is wrong.
  package let field: CronField?
  /// From 1, in bytes.
  package let column: Int
  package let problem: Problem

  package init(text: String, field: CronField?, column: Int, problem: Problem) {
    self.text = text
    self.field = field
    self.column = column
    self.problem = problem
  }
}

extension CronError: CustomStringConvertible {
  package var description: String {
    let place = field.map { "the \($0.rawValue) field, column \(column)" } ?? "column \(column)"
    return "cron expression '\(SafeText.visible(text))' is wrong at \(place): \(reason)"
  }

  private var reason: String {
    switch problem {
    case .wrongFieldCount(let count):
      "it has \(count) \(count == 1 ? "field" : "fields") instead of 5; write "
        + "'minute hour day-of-month month day-of-week', such as '0 22 * * 1-5'"
    case .unknownShortcut(let name):
      "'\(SafeText.visible(name))' is not one of @hourly, @daily, @nightly, @weekly, @monthly, @yearly, alone"
    case .notAValue(let text):
      text.isEmpty ? "a value is missing\(allowed)" : "'\(SafeText.visible(text))' is not a value\(allowed)"
    case .outOfRange(let value): "\(value) is out of range\(allowed)"
    case .backwardsRange(let low, let high): "the range \(low)-\(high) runs backwards; write two ranges with a comma"
    case .zeroStep: "a step is a whole number from 1"
    case .unexpected(let text): "'\(SafeText.visible(text))' does not belong there"
    }
  }

  private var allowed: String {
    guard let field else { return "" }
    let names = field.names.isEmpty ? "" : " or \(field.names[0].uppercased()) and so on"
    return "; allowed is \(field.range.lowerBound)-\(field.range.upperBound)\(names)"
  }
}
