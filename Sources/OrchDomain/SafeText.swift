/// Hostile text made fit for a terminal or a log line.
package enum SafeText {
  /// `text` with every control character, bidirectional override and line separator shown as `\u{..}`.
  ///
  /// - Parameter keepingNewlines: Leaves line feeds and tabs as they are.
  package static func visible(_ text: some StringProtocol, keepingNewlines: Bool = false) -> String {
    // Through a plain string, because asking an unknown kind of text for every byte takes longer than all the rest.
    var text = String(text)
    if text.withUTF8({ $0.allSatisfy { (0x20..<0x7F).contains($0) } }) { return text }
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if !isUnsafe(scalar) || (keepingNewlines && (scalar == "\n" || scalar == "\t")) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return result
  }

  /// One line of at most `limit` characters; a longer text ends with `…`.
  package static func line(_ text: some StringProtocol, limit: Int) -> String {
    let flat = visible(text.split(whereSeparator: \.isNewline).joined(separator: " "))
    return flat.count <= limit ? flat : flat.prefix(max(0, limit - 1)) + "…"
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }
}
