import OrchDiagnostics
import OrchDomain

/// Collects the diagnostics of one file.
struct PlanFindings {
  /// More of them help nobody, and a hostile file must not fill the store with them.
  static let limit = 500

  let path: String
  private var kept: [Diagnostic] = []
  private var hasError = false
  private var dropped = 0

  init(path: String) { self.path = path }

  /// Whether another note or warning would be left out, so that finding good words for it is waste.
  var isFull: Bool { kept.count >= PlanFindings.limit }

  /// At most ``limit`` and one, among them an error if there is any; the last tells how many are left out.
  var diagnostics: [Diagnostic] {
    guard dropped > 0, var last = kept.last else { return kept }
    last.notes.append(Diagnostic.Note("\(dropped) more problems of this file are not shown"))
    return kept.dropLast() + [last]
  }

  /// - Parameter severity: Nil takes the one of the catalogue.
  mutating func add(
    _ code: String, at range: PlanRange, _ message: String, severity: Diagnostic.Severity? = nil,
    notes: [Diagnostic.Note] = [], fix: Diagnostic.Fix? = nil
  ) {
    let severity = severity ?? DiagnosticCatalog.entry(code)?.severity ?? .error
    guard kept.count < PlanFindings.limit || (severity == .error && !hasError) else {
      dropped += 1
      return
    }
    if severity == .error { hasError = true }
    kept.append(Diagnostic(severity, code, at: range.location(in: path), message, notes: notes, fix: fix))
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
