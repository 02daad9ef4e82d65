/// Everything that is known about a diagnostic code, for `check --explain` and for SARIF.
package enum DiagnosticCatalog {
  /// One code with its explanation.
  package struct Entry: Hashable, Sendable {
    /// `P004`; stable, never reused.
    package let code: String
    /// A few words in lower case.
    package let title: String
    /// The severity that is used unless a place needs another.
    package let severity: Diagnostic.Severity
    /// What the code says, in one or two sentences.
    package let summary: String
    /// Why it matters and what the compiler does with such a plan.
    package let reason: String
    /// An example that causes the diagnostic.
    package let wrong: String
    /// The example put right.
    package let right: String

    init(
      _ code: String, _ severity: Diagnostic.Severity, _ title: String, summary: String, reason: String,
      wrong: String, right: String
    ) {
      self.code = code
      self.severity = severity
      self.title = title
      self.summary = summary
      self.reason = reason
      self.wrong = wrong
      self.right = right
    }

    /// The explanation as a page of Markdown, ending with a line feed.
    package var page: String {
      """
      # \(code): \(title) (\(severity.rawValue))

      \(summary)

      \(reason)

      Wrong:

      \(DiagnosticCatalog.indented(wrong))

      Right:

      \(DiagnosticCatalog.indented(right))

      """
    }
  }

  /// All codes in ascending order.
  package static let entries: [Entry] = (frontMatterEntries + graphEntries).sorted { $0.code < $1.code }

  /// The entry of a code, in any letter case; nil when there is no such code.
  package static func entry(_ code: String) -> Entry? {
    let wanted = code.uppercased()
    return entries.first { $0.code == wanted }
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n")
  }
}
