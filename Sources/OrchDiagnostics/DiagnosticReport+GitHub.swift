extension DiagnosticReport {
  /// Workflow commands, one line each: `::error file=…,line=…,col=…,title=P004::message`.
  var githubAnnotations: String {
    diagnostics.map { diagnostic in
      let place = diagnostic.location
      let command =
        switch diagnostic.severity {
        case .error: "error"
        case .warning: "warning"
        case .note: "notice"
        }
      var properties = "file=\(escapeProperty(place.file)),line=\(place.line),endLine=\(place.endLine)"
      properties += ",col=\(place.column)"
      // The columns of a range over several lines are refused there.
      if place.endLine == place.line { properties += ",endColumn=\(place.endColumn)" }
      properties += ",title=\(escapeProperty(diagnostic.code))"
      var lines = [diagnostic.message]
      for note in diagnostic.notes {
        let origin = note.location.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
        lines.append(origin + "note: " + note.message)
      }
      if let fix = diagnostic.fix { lines.append("fix: " + fix.message) }
      return "::\(command) \(properties)::\(lines.map(escapeData).joined(separator: "%0A"))\n"
    }.joined()
  }

  private func escapeData(_ text: String) -> String {
    // Line ends keep their meaning there; everything else that is unsafe becomes visible.
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var result = ""
      for character in VisibleText.line(line).unicodeScalars {
        if character == "%" { result += "%25" } else { result.unicodeScalars.append(character) }
      }
      return result
    }.joined(separator: "%0A")
  }

  private func escapeProperty(_ text: String) -> String {
    var result = ""
    for character in VisibleText.line(text).unicodeScalars {
      switch character {
      case "%": result += "%25"
      case ":": result += "%3A"
      case ",": result += "%2C"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
