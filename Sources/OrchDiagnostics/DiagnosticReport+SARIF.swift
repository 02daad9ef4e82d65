extension DiagnosticReport {
  /// Static Analysis Results Interchange Format 2.1.0 (OASIS), with every rule that occurs.
  var sarif: String {
    let codes = Array(Set(diagnostics.map(\.code))).sorted()
    let ruleIndex = Dictionary(uniqueKeysWithValues: zip(codes, codes.indices))
    var sources = SourceTexts(source)
    var writer = JSONText()
    writer.object { root in
      root.string("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
      root.string("version", "2.1.0")
      root.array("runs") { runs in
        runs.object { run in
          run.object("tool") { tool in
            tool.object("driver") { driver in
              driver.string("name", "claude-orch")
              if !toolVersion.isEmpty { driver.string("version", toolVersion) }
              driver.array("rules") { rules in
                for code in codes { rules.object { DiagnosticReport.writeRule(code, to: &$0) } }
              }
            }
          }
          // Ours are bytes, which SARIF can't say; code points are exact for every reader.
          run.string("columnKind", "unicodeCodePoints")
          run.array("results") { results in
            for diagnostic in diagnostics {
              results.object { result in
                result.string("ruleId", diagnostic.code)
                if let index = ruleIndex[diagnostic.code] { result.number("ruleIndex", index) }
                DiagnosticReport.writeResult(diagnostic, to: &result, &sources)
              }
            }
          }
        }
      }
    }
    return writer.text + "\n"
  }

  private static func writeRule(_ code: String, to rule: inout JSONText) {
    rule.string("id", code)
    guard let entry = DiagnosticCatalog.entry(code) else { return }
    rule.object("shortDescription") { $0.string("text", entry.title) }
    rule.object("fullDescription") { $0.string("text", entry.summary) }
    rule.object("help") { help in
      help.string("text", entry.page)
      help.string("markdown", entry.page)
    }
    rule.object("defaultConfiguration") { $0.string("level", entry.severity.rawValue) }
  }

  private static func writeResult(_ diagnostic: Diagnostic, to result: inout JSONText, _ sources: inout SourceTexts) {
    result.string("level", diagnostic.severity.rawValue)
    result.object("message") { message in
      let remarks = diagnostic.notes.filter { $0.location == nil }.map(\.message)
      message.string("text", ([diagnostic.message] + remarks).joined(separator: "\n"))
    }
    result.array("locations") { list in
      list.object { writePhysical(diagnostic.location, to: &$0, &sources) }
    }
    let related = diagnostic.notes.compactMap { note in note.location.map { (note.message, $0) } }
    if !related.isEmpty {
      result.array("relatedLocations") { list in
        for (index, (text, location)) in related.enumerated() {
          list.object { item in
            item.number("id", index)
            item.object("message") { $0.string("text", text) }
            writePhysical(location, to: &item, &sources)
          }
        }
      }
    }
    // A SARIF fix must carry an edit; advice without one is already in the message of the text form.
    guard let fix = diagnostic.fix, let location = fix.location, let replacement = fix.replacement else { return }
    result.array("fixes") { fixes in
      fixes.object { item in
        item.object("description") { $0.string("text", fix.message) }
        item.array("artifactChanges") { changes in
          changes.object { change in
            change.object("artifactLocation") { $0.string("uri", uri(location.file)) }
            change.array("replacements") { list in
              list.object { edit in
                edit.object("deletedRegion") { writeRegion(location, to: &$0, &sources) }
                edit.object("insertedContent") { $0.string("text", replacement) }
              }
            }
          }
        }
      }
    }
  }

  private static func writePhysical(
    _ location: SourceLocation, to object: inout JSONText, _ sources: inout SourceTexts
  ) {
    object.object("physicalLocation") { place in
      place.object("artifactLocation") { $0.string("uri", uri(location.file)) }
      place.object("region") { writeRegion(location, to: &$0, &sources) }
    }
  }

  private static func writeRegion(_ location: SourceLocation, to region: inout JSONText, _ sources: inout SourceTexts) {
    let file = location.file
    region.number("startLine", max(1, location.line))
    region.number("startColumn", sources.codePointColumn(location.column, line: location.line, of: file))
    region.number("endLine", max(1, location.endLine))
    region.number("endColumn", sources.codePointColumn(location.endColumn, line: location.endLine, of: file))
  }

  /// A relative reference of RFC 3986: everything but unreserved characters and `/` is percent-encoded.
  private static func uri(_ path: String) -> String {
    var result = ""
    for byte in path.utf8 {
      let scalar = Unicode.Scalar(byte)
      if byte < 0x80,
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._~/".contains(Character(scalar))
      {
        result.unicodeScalars.append(scalar)
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return result
  }
}
