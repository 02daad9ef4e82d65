import OrchDiagnostics
import OrchDomain

/// Collects the diagnostics of one file.
struct PlanFindings {
  let path: String
  private(set) var diagnostics: [Diagnostic] = []

  init(path: String) { self.path = path }

  /// - Parameter severity: Nil takes the one of the catalogue.
  mutating func add(
    _ code: String, at range: PlanRange, _ message: String, severity: Diagnostic.Severity? = nil,
    notes: [Diagnostic.Note] = [], fix: Diagnostic.Fix? = nil
  ) {
    let severity = severity ?? DiagnosticCatalog.entry(code)?.severity ?? .error
    diagnostics.append(Diagnostic(severity, code, at: range.location(in: path), message, notes: notes, fix: fix))
  }

  /// A fix that replaces `range`.
  func replace(_ range: PlanRange, with text: String) -> Diagnostic.Fix {
    Diagnostic.Fix("replace with '\(text)'", replacing: range.location(in: path), with: text)
  }

  /// Text of a file as part of a message: in quotes, on one line, cut.
  static func quoted(_ text: some StringProtocol) -> String {
    "'\(SafeText.line(text.unicodeScalars.count > 200 ? String(text.prefix(120)) : String(text), limit: 80))'"
  }
}
