/// A range of text in a file. Lines and columns count from 1; columns count UTF-8 bytes, as compilers do.
package struct SourceLocation: Hashable, Sendable, Comparable {
  /// Relative to the project's root.
  package var file: String
  package var line: Int
  package var column: Int
  /// The last line of the range.
  package var endLine: Int
  /// The column behind the last byte of the range.
  package var endColumn: Int

  package init(file: String, line: Int, column: Int, endLine: Int? = nil, endColumn: Int? = nil) {
    self.file = file
    self.line = line
    self.column = column
    self.endLine = endLine ?? line
    self.endColumn = endColumn ?? column + 1
  }

  package static func < (a: SourceLocation, b: SourceLocation) -> Bool {
    (a.file, a.line, a.column, a.endLine, a.endColumn) < (b.file, b.line, b.column, b.endLine, b.endColumn)
  }
}
