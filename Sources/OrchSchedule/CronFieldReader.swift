import OrchDomain

/// Reads one field of a cron expression into a bit per value.
struct CronFieldReader {
  let kind: CronField
  let text: String
  let bytes: [UInt8]
  /// Of the field's first byte, from 1.
  let column: Int
  private var position = 0

  init(kind: CronField, text: String, bytes: [UInt8], column: Int) {
    self.kind = kind
    self.text = text
    self.bytes = bytes
    self.column = column
  }

  mutating func read() throws(CronError) -> UInt64 {
    var set = try item()
    while take(",") { set |= try item() }
    guard position == bytes.count else { throw error(.unexpected(rest)) }
    return set
  }

  /// `*`, `5`, `1-5`, `mon-fri`, each with an optional `/step`; `5/15` means from 5 to the end.
  private mutating func item() throws(CronError) -> UInt64 {
    var low = kind.whole.lowerBound
    var high = kind.whole.upperBound
    var isSingle = false
    if !take("*") {
      let start = position
      low = try value()
      high = low
      isSingle = true
      if take("-") {
        high = try value()
        isSingle = false
        // `fri-sun` and `5-0` are ranges up to Sunday, the end of the week.
        if kind == .dayOfWeek, high == 0, low > 0 { high = 7 }
        guard low <= high else { throw error(.backwardsRange(low, high), at: start) }
      }
    }
    var step = 1
    if take("/") {
      let start = position
      guard let number = number(), number > 0 else { throw error(.zeroStep, at: start) }
      step = number
      if isSingle { high = kind.whole.upperBound }
    }
    var set: UInt64 = 0
    for value in stride(from: low, through: max(low, high), by: step) { set |= 1 << UInt64(value) }
    return set
  }

  private mutating func value() throws(CronError) -> Int {
    let start = position
    if let number = number() {
      guard kind.range.contains(number) else { throw error(.outOfRange(number), at: start) }
      return number
    }
    while position < bytes.count, isLetter(bytes[position]) { position += 1 }
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let place = kind.names.firstIndex(of: name.lowercased()) else {
      let shown =
        name.isEmpty ? String(decoding: bytes[start...].prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self) : name
      throw error(.notAValue(shown), at: start)
    }
    return kind.range.lowerBound + place
  }

  /// Digits, at most nine of them; nil when there is none.
  private mutating func number() -> Int? {
    var result = 0
    let start = position
    while position < bytes.count, (48...57).contains(bytes[position]), position - start < 9 {
      result = result * 10 + Int(bytes[position] - 48)
      position += 1
    }
    return position > start ? result : nil
  }

  private func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private var rest: String { String(decoding: bytes[position...], as: UTF8.self) }

  private func error(_ problem: CronError.Problem, at place: Int? = nil) -> CronError {
    CronError(text: text, field: kind, column: column + (place ?? position), problem: problem)
  }
}
