import OrchDomain

/// A verdict in words.
enum VerdictText {
  /// The verdict on one line, and each piece of evidence on its own with place, rule and the text that gave it.
  static func explanation(_ verdict: Verdict, colour: Bool) -> String {
    var text = "verdict: \(paint(verdict.summary, verdict.needsHuman ? 33 : 32, colour))\n"
    if verdict.evidence.isEmpty {
      text += verdict.needsHuman ? "  no rule matched; the policy asks for a human\n" : "  no rule matched\n"
    }
    for item in verdict.evidence { text += "  \(line(item, colour: colour))\n" }
    return text
  }

  /// `src/a.go:12: security.exec: os.system(x)`
  static func line(_ item: Evidence, colour: Bool) -> String {
    let excerpt = item.excerpt.isEmpty ? "" : ": \(SafeText.line(item.excerpt, limit: 160))"
    return "\(paint(item.place, 1, colour)): \(paint(item.rule, 33, colour))\(excerpt)"
  }

  static func paint(_ text: String, _ code: Int, _ colour: Bool) -> String {
    colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
