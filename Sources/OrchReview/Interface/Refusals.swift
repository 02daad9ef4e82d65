import OrchDomain

/// What a published package refuses newly. An error raised where none was raised before is a stricter check, and who
/// uses the package notices it although no declaration has changed.
enum Refusals {
  static func judge(
    _ changed: [(file: FileDiff, lines: [ScannedLine])], _ context: ReviewContext, _ evidence: inout EvidenceCollector
  ) {
    var added: [(path: String, line: ScannedLine)] = []
    var removed = 0
    for (file, lines) in changed where file.kind == .modified || file.kind == .renamed {
      let role = FileRole(file.path)
      guard let language = role.language, language.isCode, context.publishes(role, path: file.path, isNew: false) else {
        continue
      }
      for line in lines where !line.isComment && !line.isTest && refuses(line, language) {
        if line.isAdded { added.append((file.path, line)) } else { removed += 1 }
      }
    }
    // As many as before are the same ones with other words, or at another place.
    guard added.count > removed else { return }
    for (path, line) in added { evidence.add(.refuses, path, line.line, Excerpt.text(line.raw)) }
  }

  /// What makes an error by itself, in a line without its blanks.
  private static let makers: [Language: PatternTable] = [
    .go: table("errors.new(", "fmt.errorf(", "panic("),
    .rust: table("panic!(", "bail!(", "ensure!(", "return err("),
    .kotlin: table("require(", "requirenotnull(", "check("),
    .csharp: PatternTable([Pattern(".throwif", .refuses)]),
    .php: PatternTable([Pattern("->throw()", .refuses)]),
  ]

  /// What raises an error that is made, or passed on, behind it.
  private static let raisers: [Language: PatternTable] = [
    .python: table("raise "), .ruby: table("raise "), .swift: table("throw "), .script: table("throw "),
    .java: table("throw "), .kotlin: table("throw "), .scala: table("throw "), .csharp: table("throw "),
    .php: table("throw "), .dart: table("throw "),
  ]

  private static let passedOn = ["err)", "err);", "err),", "(e)", "(e);", "(e),", ".into())", ".into());", ".into()),"]

  private static func table(_ texts: String...) -> PatternTable {
    PatternTable(texts.map { Pattern($0, .refuses, left: .boundary) })
  }

  private static func refuses(_ line: ScannedLine, _ language: Language) -> Bool {
    let bytes = line.squeezed.bytes
    if let made = makers[language]?.matches(in: bytes).first {
      // With the error of somebody else in it, something was refused before already.
      return !passedOn.contains { bytes[made.position...].reversed().starts(with: $0.utf8.reversed()) }
    }
    guard let raised = raisers[language]?.matches(in: bytes).first else { return false }
    let error = bytes[(raised.position + "raise ".utf8.count)...]
    // A name alone is an error that somebody else has made.
    return error.contains(UInt8(ascii: "(")) || error.first.map { (0x41...0x5A).contains($0) } ?? false
  }
}
