/// How `check` prints what it found.
package enum DiagnosticFormat: String, Hashable, Sendable, CaseIterable {
  /// For people, as compilers print.
  case text
  /// The product's own stable form.
  case json
  /// SARIF 2.1.0, read by code hosts and editors.
  case sarif
  /// Workflow commands that GitHub shows beside the changed line.
  case github
}

/// The result of one compilation, ready to be printed in every form.
package struct DiagnosticReport {
  let diagnostics: [Diagnostic]
  let files: Int
  let tasks: Int
  let toolVersion: String
  let source: (String) -> [UInt8]?

  /// - Parameters:
  ///   - files: Number of files that were read.
  ///   - tasks: Number of tasks that were found.
  ///   - toolVersion: Version of the program, for SARIF.
  ///   - source: The bytes of a file that a diagnostic names; nil leaves the source line out.
  package init(
    _ diagnostics: [Diagnostic], files: Int, tasks: Int, toolVersion: String = "",
    source: @escaping (String) -> [UInt8]? = { _ in nil }
  ) {
    self.diagnostics = diagnostics.sorted(by: Diagnostic.comesBefore)
    self.files = files
    self.tasks = tasks
    self.toolVersion = toolVersion
    self.source = source
  }

  package var errors: Int { diagnostics.count { $0.severity == .error } }
  package var warnings: Int { diagnostics.count { $0.severity == .warning } }

  /// The report in one form, ending with a line feed unless it is empty.
  ///
  /// - Parameter colour: Whether the text form uses ANSI colours.
  package func text(_ format: DiagnosticFormat, colour: Bool = false) -> String {
    switch format {
    case .text:
      var renderer = DiagnosticRenderer(colour: colour, source: source)
      return diagnostics.map { renderer.text($0) }.joined()
    case .json: return json
    case .sarif: return sarif
    case .github: return githubAnnotations
    }
  }
}

extension Diagnostic {
  /// The order of every report: file, line, column, then code and message, so that it is total.
  package static func comesBefore(_ a: Diagnostic, _ b: Diagnostic) -> Bool {
    if a.location != b.location { return a.location < b.location }
    return (a.code, a.message) < (b.code, b.message)
  }
}
