/// The grammar of TOML values without quotes: booleans, numbers, dates and times. Source: TOML 1.0.0.
///
/// Strict, because the parser's assertions abort the process on some words that only look like numbers.
struct BareValue {
  private var rest: ArraySlice<UInt8>

  /// Whether the whole of `text` is such a value. Ranges of numbers and days are for the parser to check.
  static func isValid(_ text: ArraySlice<UInt8>) -> Bool {
    if text.elementsEqual("true".utf8) || text.elementsEqual("false".utf8) { return true }
    return [BareValue.number, BareValue.moment].contains { rule in
      var value = BareValue(rest: text)
      return rule(&value) && value.rest.isEmpty
    }
  }

  private static func number(_ value: inout BareValue) -> Bool {
    let isSigned = value.skip("+-")
    if value.skipWord("inf") || value.skipWord("nan") { return true }
    if !isSigned, value.rest.first == UInt8(ascii: "0") {
      for (prefix, digits) in [("0x", "0123456789abcdefABCDEF"), ("0o", "01234567"), ("0b", "01")]
      where value.skipWord(prefix) {
        return value.group(of: digits)
      }
    }
    let whole = value.rest
    guard value.group() else { return false }
    if whole.first == UInt8(ascii: "0"), whole.count - value.rest.count > 1 { return false }
    if value.skip("."), !value.group() { return false }
    if value.skip("eE") {
      value.skip("+-")
      return value.group()
    }
    return true
  }

  private static func moment(_ value: inout BareValue) -> Bool {
    let all = value
    if value.digits(4), value.skip("-"), value.digits(2), value.skip("-"), value.digits(2) {
      guard !value.rest.isEmpty else { return true }
      guard value.skip("Tt "), value.time() else { return false }
      if value.rest.isEmpty || value.skip("Zz") { return true }
      return value.skip("+-") && value.digits(2) && value.skip(":") && value.digits(2)
    }
    value = all
    return value.time()
  }

  private mutating func time() -> Bool {
    guard digits(2), skip(":"), digits(2), skip(":"), digits(2) else { return false }
    guard skip(".") else { return true }
    let fraction = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest[fraction.endIndex...]
    return !fraction.isEmpty
  }

  /// Skips digits with single underscores between them; false when there are none.
  private mutating func group(of digits: String = "0123456789") -> Bool {
    repeat { guard skip(digits) else { return false } } while skip(digits, keeping: true) || skip("_")
    return true
  }

  private mutating func digits(_ count: Int) -> Bool {
    for _ in 0..<count where !skip("0123456789") { return false }
    return true
  }

  private mutating func skipWord(_ word: String) -> Bool {
    guard rest.starts(with: word.utf8) else { return false }
    rest = rest.dropFirst(word.utf8.count)
    return true
  }

  /// Skips one byte that is among `signs`.
  ///
  /// - Parameter keeping: Only looks.
  @discardableResult
  private mutating func skip(_ signs: String, keeping: Bool = false) -> Bool {
    guard let first = rest.first, signs.utf8.contains(first) else { return false }
    if !keeping { rest = rest.dropFirst() }
    return true
  }
}
