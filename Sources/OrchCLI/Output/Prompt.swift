import OrchDomain

/// Questions on a terminal. The end of the input takes the default, of this question and of all that follow.
enum Prompt {
  /// - Parameter complaint: What an answer should have been; nil when it is fine.
  static func text(_ question: String, default answer: String, complaint: (String) -> String? = { _ in nil }) -> String
  {
    while true {
      Terminal.standardOutput.write("\(question) [\(SafeText.visible(answer))]: ")
      guard let line = Terminal.standardInput.readLine() else {
        Terminal.standardOutput.write("\n")
        return answer
      }
      let given = trimmed(line)
      if given.isEmpty { return answer }
      guard let wanted = complaint(given) else { return given }
      Terminal.standardOutput.write("Please give \(wanted).\n")
    }
  }

  static func confirm(_ question: String) -> Bool {
    let answer = text(question, default: "yes") { isYes($0) == nil ? "yes or no" : nil }
    return isYes(answer) ?? true
  }

  /// Shows a list, and asks for another one when it is not wanted.
  static func list(_ question: String, default proposal: [String]) -> [String] {
    let output = Terminal.standardOutput
    if !proposal.isEmpty {
      output.write("\(question):\n" + proposal.map { "  \(SafeText.visible($0))\n" }.joined())
      if confirm("Take these?") { return proposal }
    }
    output.write("\(question), one on each line, an empty line to end:\n")
    var lines: [String] = []
    while true {
      output.write("  ")
      guard let line = Terminal.standardInput.readLine().map(trimmed), !line.isEmpty else { return lines }
      lines.append(line)
    }
  }

  static func isYes(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "y", "yes": true
    case "n", "no": false
    default: nil
    }
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
