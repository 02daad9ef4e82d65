import OrchDomain

/// What stands within a published type without saying itself that it is published: members of an interface, cases of an
/// enumeration, fields of a structure, and parameters that have a line of their own.
enum PublicMembers {
  static func judge(
    _ hunk: FileDiff.Hunk, _ path: String, _ language: Language, _ evidence: inout EvidenceCollector
  ) {
    let scanned = LineScanner.lines(of: hunk, language)
    let enclosing = Enclosing(hunk)
    var known: [Int: Bool] = [:]
    func codes(_ isAdded: Bool) -> Set<[UInt8]> { Set(scanned.filter { $0.isAdded == isAdded }.map(\.bare)) }
    // What is there on both sides has only moved.
    let kept = codes(true).intersection(codes(false))
    for (index, line) in scanned.enumerated() where !kept.contains(line.bare) {
      guard line.code.words.contains(where: { $0.text.first?.isLetter == true }) else { continue }
      let block = enclosing.block(around: index, &known) { isPublished($0, language) }
      guard let type = block?.heading, isMember(line.raw, of: type, isDirect: block?.isDirect == true, language) else {
        continue
      }
      let sign = line.isAdded ? "added" : "removed"
      evidence.add(
        .publicAPI, path, line.line, Excerpt.text("\(sign) in \(Quoted.trimmed(type)): \(Quoted.trimmed(line.raw))"))
    }
  }

  private static func words(_ text: String) -> [Substring] {
    text.prefix(200).split { $0 == " " || $0 == "\t" || $0 == "{" || $0 == "<" || $0 == "(" || $0 == ":" }
  }

  /// Whether a heading opens a type whose members others see although they do not say so.
  private static func isPublished(_ heading: String, _ language: Language) -> Bool {
    let words = words(heading)
    guard let first = words.first else { return false }
    func has(_ kinds: Substring...) -> Bool { words.prefix(6).contains { kinds.contains($0) } }
    switch language {
    case .script: return first == "export" && has("interface", "type", "enum") || first == "declare"
    case .go:
      return first == "type" && words.count > 2 && words[1].first?.isUppercase == true && has("struct", "interface")
    case .rust: return heading.contains("pub ") && first == "pub" && has("enum", "trait", "union")
    case .swift: return (first == "public" || first == "open" || first == "indirect") && has("protocol", "enum")
    case .java, .csharp: return first == "public" && has("interface", "enum", "@interface", "record")
    case .kotlin: return !has("private", "internal") && has("interface", "enum") || first == "data"
    case .php: return first == "interface" || first == "enum"
    default: return false
    }
  }

  private static func isMember(_ text: String, of type: String, isDirect: Bool, _ language: Language) -> Bool {
    let line = text.drop { $0.isWhitespace }
    switch language {
    // A capital begins a case of an enumeration, or a sentence of a comment that began further up.
    case .script: return type.contains("enum ") || line.first?.isUppercase != true
    case .go: return isDirect && line.first?.isUppercase == true
    case .swift: return isDirect && (line.hasPrefix("case ") || type.contains("protocol"))
    default: return isDirect && !line.hasPrefix("@Override") && !line.hasPrefix("private") && !line.hasPrefix("import")
    }
  }
}
