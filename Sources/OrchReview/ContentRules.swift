import OrchDomain

/// What the added lines of code say.
enum ContentRules {
  /// No person reads a line that long.
  private static let longLine = 10_000

  static func judge(_ file: FileDiff, _ policy: ReviewPolicy, _ evidence: inout EvidenceCollector) {
    let role = FileRole(file.path)
    let filter = CommentFilter(role)
    let isAboutLanguages = SecurityWords.isAboutLanguages(role)
    let extraRules = policy.extraRules.filter { rule in
      !rule.words.isEmpty && (rule.paths.isEmpty || rule.paths.contains { $0.matches(file.path) })
    }
    for hunk in file.hunks {
      let comments = filter.comments(in: hunk.lines)
      var statement = SchemaStatements.Beginning()
      for (index, line) in hunk.lines.enumerated() {
        judgeAPI(line, file, role, &evidence)
        guard line.origin == .added else { continue }
        let code = CodeLine(line.text)
        // In a comment too: these two do their harm wherever they stand.
        judgeAnywhere(line, code, file.path, &evidence)
        guard !comments.contains(index) else { continue }
        let place = Place(file: file.path, line: line.newLine, raw: line.text, code: code)
        judgeCode(place, role, isAboutLanguages, &statement, &evidence)
        for rule in extraRules {
          let phrases = rule.words.map { CodeLine($0).words.map(\.text) }
          guard let position = phrases.compactMap({ SecurityWords.place(of: $0, in: code) }).min() else { continue }
          evidence.add(rule: rule.name, rule.category, file.path, line.newLine, place.excerpt(position))
        }
      }
    }
  }

  private struct Place {
    let file: String
    let line: Int?
    let raw: String
    let code: CodeLine

    func excerpt(_ position: Int) -> String {
      // A folded line has other offsets than the text; then its beginning has to do.
      let bytes = Array(raw.utf8)
      return Excerpt.around(bytes.count == code.bytes.count ? position : 0, of: bytes)
    }
  }

  private static func judgeAnywhere(
    _ line: FileDiff.Line, _ code: CodeLine, _ path: String, _ evidence: inout EvidenceCollector
  ) {
    if code.deceives { evidence.add(.hiddenText, path, line.newLine, Excerpt.around(0, of: Array(line.text.utf8))) }
    if let secret = SecretLiterals.ranges(in: code.bytes).first {
      evidence.add(
        .secretLiteral, path, line.newLine,
        Excerpt.around(secret.lowerBound, of: code.bytes))
    }
    if code.bytes.count > longLine {
      evidence.add(.size, path, line.newLine, "a line of \(code.bytes.count) bytes")
    }
  }

  private static func judgeCode(
    _ place: Place, _ role: FileRole, _ isAboutLanguages: Bool, _ statement: inout SchemaStatements.Beginning,
    _ evidence: inout EvidenceCollector
  ) {
    guard !role.isData else { return }
    for match in DangerousCalls.find(in: place.code, isShell: role.isShell || role.runsInCI) {
      evidence.add(match.rule, place.file, place.line, place.excerpt(match.position))
    }
    guard role.hasTellingWords else { return }
    for match in SecurityWords.find(in: place.code, isAboutLanguages: isAboutLanguages) {
      evidence.add(match.rule, place.file, place.line, place.excerpt(match.position))
    }
    if let position = SchemaStatements.find(in: place.code, isSQL: role.suffix == "sql", beginning: &statement) {
      evidence.add(.migrationSQL, place.file, place.line, place.excerpt(position))
    }
  }

  /// Taking a public declaration away breaks its users, so removed lines count here, and only here.
  private static func judgeAPI(
    _ line: FileDiff.Line, _ file: FileDiff, _ role: FileRole, _ evidence: inout EvidenceCollector
  ) {
    guard line.origin != .context, role.isAPI, PublicDeclarations.isDeclaration(line.text, in: role) else { return }
    evidence.add(.publicAPI, file.path, line.newLine, Excerpt.around(0, of: Array(line.text.utf8)))
  }
}

/// What the added lines of texts say. Never more than that a human should look.
enum ProseRules {
  static func judge(_ file: FileDiff, _ evidence: inout EvidenceCollector) {
    for line in file.hunks.lazy.flatMap(\.lines) where line.origin == .added {
      let bytes = Array(line.text.utf8)
      guard let secret = SecretLiterals.ranges(in: bytes).first else { continue }
      evidence.add(.secretInProse, file.path, line.newLine, Excerpt.around(secret.lowerBound, of: bytes))
    }
  }
}

/// What a change may not do to plans and status tables: say itself that it is done, or make that easier.
enum PlanRules {
  /// Keys of the frontmatter that decide when and how a task runs and counts.
  private static let keys: Set<String> = [
    "status", "needs_review", "depends_on", "touches", "verify", "timeout", "max_cost_usd", "agent", "model", "epic",
    "module", "github_issue", "priority",
  ]
  private static let circles: Set<Character> = ["🔴", "🟡", "🟢"]

  static func judge(_ file: FileDiff, _ policy: ReviewPolicy, _ evidence: inout EvidenceCollector) {
    let isOwnPlan = file.path == policy.planPath || file.oldPath == policy.planPath
    let isTable = file.path.split(separator: "/").last?.lowercased() == "readme.md"
    guard isOwnPlan || isTable else { return }
    for line in file.hunks.lazy.flatMap(\.lines) where line.origin != .context {
      let isTelling = isOwnPlan ? changesPlan(line.text) : line.text.contains(where: circles.contains)
      guard isTelling, line.text.utf8.count < 100_000 else { continue }
      let sign = line.origin == .added ? "+" : "-"
      evidence.add(.planStatus, file.path, line.newLine, Excerpt.text("\(sign) \(line.text)"))
    }
  }

  private static func changesPlan(_ text: String) -> Bool {
    let line = text.drop { $0.isWhitespace || $0 == "\"" || $0 == "'" }
    let key = line.prefix { $0.isLetter || $0 == "_" }
    if keys.contains(key.lowercased()) {
      let rest = line[key.endIndex...].drop { $0 == "\"" || $0 == "'" || $0 == " " }
      if rest.first == ":" { return true }
    }
    guard let bullet = line.first, "-*+".contains(bullet) || bullet.isNumber else { return false }
    let item = line.drop { $0.isNumber || "-*+.)".contains($0) }.drop { $0 == " " || $0 == "\t" }
    return item.hasPrefix("[ ]") || item.hasPrefix("[x]") || item.hasPrefix("[X]")
  }
}
