extension DiagnosticReport {
  /// The `check` object of product.md, section 5.
  var json: String {
    var writer = JSONText()
    writer.object { root in
      root.array("diagnostics") { list in
        for diagnostic in diagnostics { list.object { DiagnosticReport.write(diagnostic, to: &$0) } }
      }
      root.object("summary") { summary in
        summary.number("files", files)
        summary.number("tasks", tasks)
        summary.number("errors", errors)
        summary.number("warnings", warnings)
      }
    }
    return writer.text + "\n"
  }

  private static func write(_ diagnostic: Diagnostic, to object: inout JSONText) {
    object.string("code", diagnostic.code)
    object.string("severity", diagnostic.severity.rawValue)
    object.string("message", diagnostic.message)
    write(diagnostic.location, to: &object)
    object.array("notes") { notes in
      for note in diagnostic.notes {
        notes.object { item in
          item.string("message", note.message)
          if let location = note.location { write(location, to: &item) }
        }
      }
    }
    guard let fix = diagnostic.fix else { return object.null("fix") }
    object.object("fix") { item in
      item.string("message", fix.message)
      if let location = fix.location { write(location, to: &item) }
      if let replacement = fix.replacement { item.string("replacement", replacement) }
    }
  }

  private static func write(_ location: SourceLocation, to object: inout JSONText) {
    object.string("file", location.file)
    object.number("line", location.line)
    object.number("column", location.column)
    object.number("end_line", location.endLine)
    object.number("end_column", location.endColumn)
  }
}
