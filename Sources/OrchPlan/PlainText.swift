import OrchDomain

/// Quick comparisons of short texts: plans are mostly ASCII, for which properties of Unicode need not be asked.
enum PlainText {
  /// The words of `text` in lower case, joined by single spaces; everything but letters and digits parts words.
  static func words(_ text: some StringProtocol) -> String {
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
      return text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
    }
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    var parts = false
    for byte in text.utf8 {
      let isUpper = (65...90).contains(byte)
      if isUpper || (97...122).contains(byte) || (48...57).contains(byte) {
        if parts, !result.isEmpty { result.append(0x20) }
        parts = false
        result.append(isUpper ? byte | 0x20 : byte)
      } else {
        parts = true
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// One safe line of at most `limit` characters without white space around it.
  static func line(_ text: String, limit: Int) -> String {
    let isPlain = text.utf8.count <= limit && text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    guard isPlain, text.utf8.first != 0x20, text.utf8.last != 0x20 else {
      return SafeText.line(text.trimmed, limit: limit)
    }
    return text
  }

  /// Whether there is something else than white space.
  static func isBlank(_ text: String) -> Bool {
    if let first = text.utf8.first, (0x21..<0x7F).contains(first) { return false }
    return text.allSatisfy(\.isWhitespace)
  }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return String(self[first...last])
  }
}
