import OrchDomain

/// Code that says nothing itself, but stands where something is guarded: within a function that checks who somebody is,
/// or beside the line that ends a session.
enum Surroundings {
  /// How far away a line still belongs to what changed.
  private static let reach = 2

  /// Judges the changed lines of one hunk of code by the unchanged ones around them.
  static func judge(
    _ hunk: FileDiff.Hunk, _ lines: [ScannedLine], _ role: FileRole, _ path: String,
    _ evidence: inout EvidenceCollector
  ) {
    guard let language = role.language, language.isCode else { return }
    let doing = lines.filter { !$0.isTest && does($0, language) }
    guard let first = doing.first else { return }
    let isAboutLanguages = SecurityWords.isAboutLanguages(role)
    if let (line, heading) = within(hunk, lines, role, language) {
      evidence.add(
        .surroundings, path, line.line,
        Excerpt.text("within \(Quoted.trimmed(heading)): \(Quoted.trimmed(line.raw))"))
      return
    }
    for (index, line) in hunk.lines.enumerated() where line.origin == .context {
      guard isNear(index, hunk) else { continue }
      let scanned = LineScanner.line(line, language)
      guard does(scanned, language) else { continue }
      let words = SecurityWords.find(in: scanned.identifiers, isAboutLanguages: isAboutLanguages)
      guard words.contains(where: { kinds.contains($0.rule) }) else { continue }
      return evidence.add(
        .surroundings, path, first.line,
        Excerpt.text("beside \(Quoted.trimmed(line.text)): \(Quoted.trimmed(first.raw))"))
    }
  }

  /// The first line that does something within a block whose heading speaks of what is guarded.
  private static func within(
    _ hunk: FileDiff.Hunk, _ lines: [ScannedLine], _ role: FileRole, _ language: Language
  ) -> (line: ScannedLine, heading: String)? {
    guard !role.isExample else { return nil }
    let enclosing = Enclosing(hunk)
    var known: [Int: Bool] = [:]
    for (index, line) in lines.enumerated() where !line.isTest && does(line, language) {
      let block = enclosing.block(around: index, &known) { speaks($0, language) }
      if let block { return (line, block.heading) }
    }
    return nil
  }

  private static func speaks(_ heading: String, _ language: Language) -> Bool {
    // What a function is called says what it does; what it is given does not. A condition counts whole.
    let words = heading.split { !($0.isLetter || $0.isNumber) }
    let isCondition = words.first.map { conditions.contains($0) } ?? false
    let told = isCondition ? heading[...] : heading.prefix { $0 != "(" }
    let scanned = LineScanner.line(FileDiff.Line(.context, newLine: 1, String(told)), language)
    return SecurityWords.find(in: scanned.identifiers, isAboutLanguages: true).contains {
      headingKinds.contains($0.rule)
    }
  }

  private static let conditions: Set<Substring> = ["if", "unless", "while", "guard", "switch", "case", "when", "elif"]

  /// Whether a line calls, returns or stores something: names in lists do not.
  private static func does(_ line: ScannedLine, _ language: Language) -> Bool {
    !line.isComment && !line.isMarkup && !line.isImport(language)
      && (line.code.words.first?.text == "return" || line.bare.contains { $0 == 0x28 || $0 == 0x3D })
  }

  private static let kinds: [ReviewRule] = [.auth, .password, .permissions]
  private static let headingKinds: [ReviewRule] = [.auth, .password, .permissions, .injection, .crypto]

  private static func isNear(_ index: Int, _ hunk: FileDiff.Hunk) -> Bool {
    let range = max(0, index - reach)...min(hunk.lines.count - 1, index + reach)
    return range.contains { hunk.lines[$0].origin != .context }
  }
}
