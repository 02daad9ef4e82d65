import OrchDomain

/// What stands within a published type without saying itself that it is published: members of an interface, cases of an
/// enumeration, fields of a structure, and parameters that have a line of their own.
enum PublicMembers {
  static func judge(
    _ hunk: FileDiff.Hunk, _ path: String, _ language: Language, _ evidence: inout EvidenceCollector
  ) {
    let comments = CommentFilter(language)
    let hidden = comments.comments(in: hunk.lines, .added).union(comments.comments(in: hunk.lines, .removed))
    let moved = Moved(hunk)
    var number = max(1, hunk.newStart)
    for (index, line) in hunk.lines.enumerated() {
      if let own = line.newLine { number = own }
      defer { if line.origin != .removed { number += 1 } }
      guard line.origin != .context, !hidden.contains(index), !moved.contains(line), isTelling(line.text) else {
        continue
      }
      let headings = Enclosing.headings(of: index, in: hunk)
      guard let type = headings.first(where: { isPublished($0, language) }),
        isMember(line.text, of: type, isDirect: type == headings.first, language)
      else { continue }
      let sign = line.origin == .added ? "added" : "removed"
      evidence.add(
        .publicAPI, path, number,
        Excerpt.text("\(sign) in \(Quoted.trimmed(type)): \(Quoted.trimmed(line.text))"))
    }
  }

  /// Lines that are there on both sides.
  private struct Moved {
    private let both: Set<Substring>

    init(_ hunk: FileDiff.Hunk) {
      func texts(_ origin: FileDiff.Line.Origin) -> Set<Substring> {
        Set(hunk.lines.filter { $0.origin == origin }.map { Quoted.trimmed($0.text) })
      }
      both = texts(.added).intersection(texts(.removed))
    }

    func contains(_ line: FileDiff.Line) -> Bool { both.contains(Quoted.trimmed(line.text)) }
  }

  private static func isTelling(_ text: String) -> Bool { text.contains { $0.isLetter } }

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
    case .rust: return first.hasPrefix("pub") && has("enum", "trait", "union")
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
    case .script: return true
    case .go: return isDirect && line.first?.isUppercase == true
    case .swift: return isDirect && (line.hasPrefix("case ") || type.contains("protocol"))
    default: return isDirect && !line.hasPrefix("@Override") && !line.hasPrefix("private") && !line.hasPrefix("import")
    }
  }
}
