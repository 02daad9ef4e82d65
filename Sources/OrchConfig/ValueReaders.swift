import OrchDomain

/// A ``Mismatch`` on its way out of a reader.
struct ValueFailure: Error {
  var mismatch: Mismatch
}

/// Reads durations.
struct DurationReader: Sendable {
  var range: ClosedRange<Duration>
  /// Whether a bare integer counts as seconds.
  var allowsSeconds: Bool

  var takes: String {
    let base = "duration, \(range.lowerBound.text) to \(range.upperBound.text)"
    return allowsSeconds ? base + "; an integer means seconds" : base
  }

  func read(_ node: TOMLNode) -> Result<Duration, ValueFailure> {
    let example = allowsSeconds ? "\"90s\", or a number of seconds" : "\"90s\", \"30m\" or \"1h30m\""
    let limits = "a duration from \(range.lowerBound.text) to \(range.upperBound.text)"
    switch node {
    case .text(let text):
      guard let value = Duration(text: text) else {
        return failure(.outOfRange("a duration such as \(example)", TOMLText.string(text)))
      }
      guard range.contains(value) else { return failure(.outOfRange(limits, TOMLText.string(text))) }
      return .success(value)
    case .integer(let seconds) where allowsSeconds:
      // Checked before the conversion, which traps on numbers that no duration can hold.
      guard (0...315_576_000).contains(seconds), range.contains(.seconds(seconds)) else {
        return failure(.outOfRange(limits, "\(seconds) seconds"))
      }
      return .success(.seconds(seconds))
    default: return failure(.wrongType("a duration in quotes, such as \(example)", node))
    }
  }

  private func failure(_ mismatch: Mismatch) -> Result<Duration, ValueFailure> {
    .failure(ValueFailure(mismatch: mismatch))
  }
}

/// Reads amounts of money.
enum MoneyReader {
  /// More than any bill, and far from the limits of the type.
  static let limit = 1_000_000.0
  static let takes = "number, 0 to 1000000 (USD)"

  static func read(_ node: TOMLNode) -> Result<MicroUSD, ValueFailure> {
    let expected = "an amount in US dollars from 0 to 1000000, such as 2.50"
    let usd: Double
    switch node {
    case .integer(let value): usd = Double(value)
    case .number(let value): usd = value
    default: return .failure(ValueFailure(mismatch: .wrongType(expected, node)))
    }
    guard (0...limit).contains(usd) else {
      return .failure(ValueFailure(mismatch: .outOfRange(expected, "\(usd)")))
    }
    return .success(MicroUSD(usd: usd))
  }

  /// The shortest number with at least one digit behind the point.
  static func text(_ amount: MicroUSD) -> String {
    var digits = pad(Int(clamping: amount.amount % 1_000_000), 6)
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    return "\(amount.amount / 1_000_000).\(digits)"
  }
}
