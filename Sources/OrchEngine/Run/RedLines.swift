import OrchDomain

/// Finds, in what a gate printed, the lines that say what is wrong.
enum RedLines {
  /// Words that testers, compilers and linters begin bad news with.
  private static let signs = [
    "error", "fail", "not ok", "panic", "assert", "exception", "traceback", "fatal", "✘", "✗", "undefined", "expected",
  ]
  private static let lineLimit = 300
  private static let countLimit = 12

  /// The first lines that tell of a failure; the last lines when none does; empty for no output.
  static func first(of output: String) -> String {
    let lines = output.split(whereSeparator: \.isNewline).filter { $0.contains { !$0.isWhitespace } }
    let red = lines.filter { line in
      let text = line.prefix(2000).lowercased()
      return signs.contains { text.contains($0) }
    }
    let chosen = red.isEmpty ? Array(lines.suffix(countLimit)) : Array(red.prefix(countLimit))
    return chosen.map { SafeText.line($0, limit: lineLimit) }.joined(separator: "\n")
  }
}
