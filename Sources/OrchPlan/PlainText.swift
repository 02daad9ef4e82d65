import OrchDomain

/// Quick comparisons of short texts: plans are mostly ASCII, for which properties of Unicode need not be asked.
enum PlainText {
  /// The words of `text` in lower case, joined by single spaces; everything but letters and digits parts words.
  static func words(_ text: some StringProtocol) -> String {
    let plain = text.utf8.withContiguousStorageIfAvailable { bytes in
      bytes.allSatisfy { $0 < 0x80 } ? plainWords(bytes) : nil
    }
    return plain.flatMap { $0 } ?? text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
  }

  private static func plainWords(_ text: UnsafeBufferPointer<UInt8>) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var parts = false
    for byte in text {
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
    let isPlain = text.utf8.withContiguousStorageIfAvailable { bytes in
      bytes.count <= limit && bytes.first != 0x20 && bytes.last != 0x20
        && bytes.allSatisfy { (0x20..<0x7F).contains($0) }
    }
    return isPlain == true ? text : SafeText.line(text.trimmed, limit: limit)
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
