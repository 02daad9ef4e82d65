import OrchDomain

/// What one earlier attempt tried and why it ended, as the next one is told.
package struct AttemptMemory: Hashable, Sendable {
  /// The largest memory of all attempts together, in bytes.
  package static let limit = 8192

  package var number: Int
  package var agent: String
  /// `failed (gate): still red after 3 turns`.
  package var ending: String
  /// `a1b2c3d Add the reader`, oldest first.
  package var commits: [String]
  /// `Sources/A.swift +10 -2`.
  package var files: [String]
  /// What the gate said when it was red last.
  package var redLines: String
  /// The last thing that the agent said.
  package var message: String
  /// The ref under which its work is kept.
  package var keptAs: String?

  package init(
    number: Int, agent: String, ending: String, commits: [String] = [], files: [String] = [], redLines: String = "",
    message: String = "", keptAs: String? = nil
  ) {
    self.number = number
    self.agent = agent
    self.ending = ending
    self.commits = commits
    self.files = files
    self.redLines = redLines
    self.message = message
    self.keptAs = keptAs
  }

  /// All attempts in order; where they do not fit, the oldest are left out, and a long part is cut.
  package static func text(of attempts: [AttemptMemory]) -> String {
    var parts: [String] = []
    // Room for the line that says how many are left out.
    var left = limit - 100
    for attempt in attempts.reversed() {
      // Whatever the newest one holds, it is never left out.
      let text = parts.isEmpty ? attempt.text.bounded(left - 10) : attempt.text
      guard text.utf8.count < left else { break }
      left -= text.utf8.count + 2
      parts.insert(text, at: 0)
    }
    let missing = attempts.count - parts.count
    if missing > 0 {
      parts.insert("\(missing == 1 ? "1 older attempt is" : "\(missing) older attempts are") left out.", at: 0)
    }
    return parts.joined(separator: "\n\n")
  }

  private var text: String {
    var text = "Attempt \(number) with \(line(agent, 60)) \(line(ending, 600))."
    if let keptAs { text += "\nIts work is kept as \(line(keptAs, 200)); `git show` and `git diff` read it." }
    text += list("Its commits:", commits, 12)
    text += list("What it changed:", files, 12)
    text += block("What the gate said:", redLines, 1000)
    text += block("The last thing that it said:", message, 800)
    return text
  }

  private func list(_ title: String, _ lines: [String], _ most: Int) -> String {
    guard !lines.isEmpty else { return "" }
    let rest = lines.count > most ? "\n  and \(lines.count - most) more" : ""
    return "\n\(title)\n" + lines.prefix(most).map { "  \(line($0, 70))" }.joined(separator: "\n") + rest
  }

  private func block(_ title: String, _ content: String, _ most: Int) -> String {
    let lines = content.bounded(most).split(whereSeparator: \.isNewline)
    guard !lines.isEmpty else { return "" }
    return "\n\(title)\n" + lines.map { "  \(line($0, 200))" }.joined(separator: "\n")
  }

  private func line(_ text: some StringProtocol, _ limit: Int) -> String {
    // Cut first: a subject may have megabytes.
    SafeText.line(String(text).bounded(4 * limit), limit: limit)
  }
}
