import OrchDomain

/// What is written above a published declaration for those who use it: where that is rewritten together with code, the
/// declaration promises something else, although its own line is the same.
enum Promises {
  static func judge(
    _ changed: [(file: FileDiff, lines: [ScannedLine])], _ context: ReviewContext, _ evidence: inout EvidenceCollector
  ) {
    guard changed.contains(where: { doesSomething($0.file, $0.lines) }) else { return }
    for (file, _) in changed {
      let role = FileRole(file.path)
      guard let language = role.language, language.isCode, context.publishes(role, path: file.path, isNew: false) else {
        continue
      }
      for hunk in file.hunks {
        guard let line = rewritten(hunk, language) else { continue }
        evidence.add(.publicAPI, file.path, line.newLine, Excerpt.text("promises: \(Quoted.trimmed(line.text))"))
        break
      }
    }
  }

  private static func doesSomething(_ file: FileDiff, _ lines: [ScannedLine]) -> Bool {
    let role = FileRole(file.path)
    guard let language = role.language, language.isCode, !role.isTest, !role.isExample else { return false }
    return lines.contains { !$0.isComment && !isText($0.raw, language) }
  }

  /// The first line of a text above a published declaration that stands where another one stood before.
  private static func rewritten(_ hunk: FileDiff.Hunk, _ language: Language) -> FileDiff.Line? {
    guard hunk.lines.contains(where: { $0.origin == .removed && isText($0.text, language) }) else { return nil }
    var first: FileDiff.Line?
    for line in hunk.lines where line.origin != .removed {
      if isText(line.text, language) {
        if line.origin == .added, saysSomething(line.text) { first = first ?? line }
        continue
      }
      // Annotations stand between a declaration and what is written about it.
      let text = line.text.drop { $0.isWhitespace }
      if text.isEmpty || text.hasPrefix("@") || text.hasPrefix("#[") || text.hasPrefix("[") { continue }
      if let first, declares(line.text, language) { return first }
      first = nil
    }
    return nil
  }

  /// By its beginning alone, because a text may show code, and what is taken for a text here can only raise a verdict.
  private static func isText(_ line: String, _ language: Language) -> Bool {
    let text = line.drop { $0.isWhitespace }
    if language == .ruby { return text.hasPrefix("#") }
    return ["*", "/*", "//"].contains(where: text.hasPrefix)
  }

  /// Whether a line declares something for others, by itself or as a member of an interface.
  private static func declares(_ line: String, _ language: Language) -> Bool {
    if PublicDeclarations.name(of: line, language, isHeader: false) != nil { return true }
    guard language == .java || language == .csharp, line.hasSuffix(";"), line.contains("(") else { return false }
    return !line.contains("=") && !line.contains(".") && line.split(separator: " ").first != "return"
  }

  /// Whether a comment has a sentence rather than a link, a mark of a tool or a single word.
  private static func saysSomething(_ text: String) -> Bool {
    text.split(separator: " ").count { $0.allSatisfy { $0.isLetter || ".,;:'".contains($0) } } >= 4
  }
}
