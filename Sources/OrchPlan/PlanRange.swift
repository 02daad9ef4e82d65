package import OrchDiagnostics

/// A range of text in a file that the context names; as ``SourceLocation`` without the file.
package struct PlanRange: Hashable, Sendable {
  package var line: Int32
  package var column: Int32
  package var endLine: Int32
  package var endColumn: Int32

  package init(line: Int, column: Int, endLine: Int? = nil, endColumn: Int? = nil) {
    self.line = Int32(clamping: line)
    self.column = Int32(clamping: column)
    self.endLine = Int32(clamping: endLine ?? line)
    self.endColumn = Int32(clamping: endColumn ?? column)
  }

  /// The first character of a file, for what concerns the file as a whole.
  package static let fileStart = PlanRange(line: 1, column: 1, endColumn: 2)

  /// The same range in a named file.
  package func location(in file: String) -> SourceLocation {
    SourceLocation(
      file: file, line: Int(line), column: Int(column), endLine: Int(endLine), endColumn: Int(endColumn))
  }
}
