/// Prints diagnostics as compilers do: place, message, source line with caret, notes, fix.
package struct DiagnosticRenderer {
  private let colour: Bool
  private let width: Int
  private var sources: SourceTexts

  /// - Parameters:
  ///   - width: Most cells of a printed source line; a longer line is cut around the caret.
  ///   - source: The bytes of a file; nil leaves the source line out.
  package init(colour: Bool = false, width: Int = 110, source: @escaping (String) -> [UInt8]?) {
    self.colour = colour
    self.width = max(20, width)
    sources = SourceTexts(source)
  }

  /// One diagnostic with everything that belongs to it, ending with a line feed.
  package mutating func text(_ diagnostic: Diagnostic) -> String {
    var result = header(
      diagnostic.location, diagnostic.severity, diagnostic.message, code: diagnostic.code)
    result += snippet(diagnostic.location)
    let gutter = String(repeating: " ", count: String(diagnostic.location.line).count + 2)
    for note in diagnostic.notes {
      if let location = note.location {
        result += header(location, .note, note.message, code: nil) + snippet(location)
      } else {
        result += gutter + paint("note:", .note) + " " + VisibleText.line(note.message) + "\n"
      }
    }
    if let fix = diagnostic.fix { result += gutter + bold("fix:") + " " + VisibleText.line(fix.message) + "\n" }
    return result
  }

  private func header(
    _ location: SourceLocation, _ severity: Diagnostic.Severity, _ message: String, code: String?
  ) -> String {
    let place = "\(VisibleText.line(location.file)):\(location.line):\(location.column):"
    let suffix = code.map { " [\($0)]" } ?? ""
    return "\(bold(place)) \(paint(severity.rawValue + ":", severity)) \(VisibleText.line(message))\(suffix)\n"
  }

  private mutating func snippet(_ location: SourceLocation) -> String {
    guard let line = sources.line(location.line, of: location.file) else { return "" }
    // What spans lines is marked up to the end of its first line.
    let end = location.endLine > location.line ? line.count + 1 : location.endColumn
    let columns = location.column..<max(location.column, end)
    let snippet = SourceSnippet(line: line, columns: columns, limit: width)
    let number = String(location.line)
    let gutter = String(repeating: " ", count: number.count)
    let mark = "^" + String(repeating: "~", count: snippet.width - 1)
    let pad = String(repeating: " ", count: snippet.indent)
    let source = snippet.text.isEmpty ? "" : " " + snippet.text
    return " \(number) |\(source)\n \(gutter) | \(pad)\(green(mark))\n"
  }

  private func bold(_ text: String) -> String { colour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  private func green(_ text: String) -> String { colour ? "\u{1B}[1;32m\(text)\u{1B}[0m" : text }

  private func paint(_ text: String, _ severity: Diagnostic.Severity) -> String {
    guard colour else { return text }
    let code =
      switch severity {
      case .error: "31"
      case .warning: "33"
      case .note: "36"
      }
    return "\u{1B}[1;\(code)m\(text)\u{1B}[0m"
  }
}
