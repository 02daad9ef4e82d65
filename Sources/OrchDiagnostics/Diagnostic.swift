/// One thing about the user's input that a person should know, with the place to edit.
package struct Diagnostic: Hashable, Sendable {
  /// How bad it is.
  package enum Severity: String, Hashable, Sendable, Comparable, CaseIterable {
    case note, warning, error
    private var rank: Int { self == .note ? 0 : self == .warning ? 1 : 2 }
    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
  }

  /// A remark that belongs to a diagnostic, often at another place.
  package struct Note: Hashable, Sendable {
    package var message: String
    package var location: SourceLocation?
    package init(_ message: String, at location: SourceLocation? = nil) {
      self.message = message
      self.location = location
    }
  }

  /// An edit that would settle the diagnostic.
  package struct Fix: Hashable, Sendable {
    /// What the edit does, in the imperative.
    package var message: String
    /// The text to replace; nil when only a person can choose the edit.
    package var location: SourceLocation?
    package var replacement: String?
    package init(_ message: String, replacing location: SourceLocation? = nil, with replacement: String? = nil) {
      self.message = message
      self.location = location
      self.replacement = replacement
    }
  }

  package var severity: Severity
  /// `P004`; stable, never reused.
  package var code: String
  package var message: String
  package var location: SourceLocation
  package var notes: [Note]
  package var fix: Fix?

  package init(
    _ severity: Severity, _ code: String, at location: SourceLocation, _ message: String, notes: [Note] = [],
    fix: Fix? = nil
  ) {
    self.severity = severity
    self.code = code
    self.location = location
    self.message = message
    self.notes = notes
    self.fix = fix
  }
}
