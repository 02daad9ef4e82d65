extension Duration {
  /// Whole milliseconds, rounded towards zero; the greatest or least number when there are more than it can tell.
  package var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow ? (seconds < 0 ? .min : .max) : product.addingSaturated(attoseconds / 1_000_000_000_000_000)
  }

  /// The duration in seconds.
  package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

  /// Reads `90s`, `30m`, `8h`, `1h30m`, `2d`, `500ms`; nil for anything else, also for a bare number.
  ///
  /// Every unit may occur once, largest first. The greatest value is 10 years.
  package init?(text: some StringProtocol) {
    let units: [(name: String, milliseconds: Int64)] = [
      ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
    var rest = Substring(text)
    var next = 0
    var total: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isWholeNumber }
      let letters = rest[digits.endIndex...].prefix { $0.isASCII && $0.isLetter }
      guard (1...12).contains(digits.utf8.count), let value = Int64(digits),
        let unit = units[next...].firstIndex(where: { $0.name == letters })
      else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: units[unit].milliseconds)
      guard !overflow, product <= 315_576_000_000 else { return nil }
      total += product
      next = unit + 1
      rest = rest[letters.endIndex...]
    }
    guard total <= 315_576_000_000 else { return nil }
    self = .milliseconds(total)
  }

  /// `1h30m`, `45s`, `350ms`: the shortest text with at most two units, for people.
  package var text: String {
    let milliseconds = wholeMilliseconds
    guard milliseconds >= 0 else {
      return "-" + Duration.milliseconds(Int64(0).subtractingSaturated(milliseconds)).text
    }
    if milliseconds < 1000 { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
    let seconds = milliseconds / 1000
    let parts: [(Int64, String)] = [
      (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"),
    ]
    let first = parts.firstIndex { $0.0 > 0 } ?? 3
    return parts[first..<min(first + 2, 4)].filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
  }
}
