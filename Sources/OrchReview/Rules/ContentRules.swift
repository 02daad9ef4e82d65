import OrchDomain

/// What the changed lines of code say.
enum ContentRules {
  /// No person reads a line that long.
  private static let longLine = 10_000

  /// - Returns: The changed lines, for the rules that look at the whole change.
  static func judge(
    _ file: FileDiff, _ policy: ReviewPolicy, _ context: ReviewContext, _ evidence: inout EvidenceCollector
  ) -> [ScannedLine] {
    let role = FileRole(file.path)
    InterfaceRules.judge(file, role, context, &evidence)
    let judge = LineJudge(file: file.path, role: role, policy: policy)
    let language = role.language
    // A translation may be a program, too; its words are for people all the same.
    let isCounted = (!role.isData || (role.isTranslation && language?.isCode == true)) && !role.isGenerated
    var all: [ScannedLine] = []
    for hunk in file.hunks {
      let lines = LineScanner.lines(of: hunk, language)
      for line in lines where line.isAdded { judgeAnywhere(line, file.path, role, &evidence) }
      // The same code with other line breaks and blanks is the same code.
      if let language, !language.isIndented, isFormatting(lines) { continue }
      all += lines
      guard isCounted else { continue }
      var statement = SchemaStatements.Beginning()
      for line in lines where !line.isComment { judge.judge(line, &statement, &evidence) }
      if judge.hasTellingWords {
        let around = hunk.lines.filter { $0.origin == .context }.map(\.text)
        Surroundings.judge(hunk, lines, role, file.path, &evidence)
        if file.kind == .modified || file.kind == .renamed { AcceptedTexts.judge(lines, role, file.path, &evidence) }
        LoosenedProtections.judge(lines.filter { !$0.isComment }, file.path, around, &evidence)
      }
    }
    Deprecations.judge(file, all, role, context, &evidence)
    return all
  }

  private static func isFormatting(_ lines: [ScannedLine]) -> Bool {
    let removed = lines.filter { !$0.isAdded }
    return !removed.isEmpty && removed.flatMap(\.bare) == lines.filter(\.isAdded).flatMap(\.bare)
  }

  /// In a comment too: these do their harm wherever they stand.
  private static func judgeAnywhere(
    _ line: ScannedLine, _ path: String, _ role: FileRole, _ evidence: inout EvidenceCollector
  ) {
    // Words of other languages have letters that look like others.
    if line.whole.deceives, !role.isTranslation {
      evidence.add(.hiddenText, path, line.line, Excerpt.around(0, of: Array(line.raw.utf8)))
    }
    if let secret = SecretLiterals.ranges(in: line.whole.bytes).first {
      evidence.add(.secretLiteral, path, line.line, Excerpt.around(secret.lowerBound, of: line.whole.bytes))
    }
    if line.whole.bytes.count > longLine, !role.isAsset {
      evidence.add(.size, path, line.line, "a line of \(line.whole.bytes.count) bytes")
    }
  }
}

/// Judges lines of one file by themselves.
struct LineJudge {
  let file: String
  // What the path says, asked once and not for every line.
  private let language: Language?
  private let isTest: Bool
  private let isExample: Bool
  private let isShell: Bool
  let hasTellingWords: Bool
  private let isAboutLanguages: Bool
  private let extraRules: [(name: String, category: Verdict.Category, phrases: [[String]])]

  init(file: String, role: FileRole, policy: ReviewPolicy) {
    self.file = file
    language = role.language
    isTest = role.isTest
    isExample = role.isExample
    isShell = role.isShell || role.runsInCI
    hasTellingWords = role.hasTellingWords && !role.isTest
    isAboutLanguages = SecurityWords.isAboutLanguages(role)
    extraRules = policy.extraRules.filter { rule in
      !rule.words.isEmpty && (rule.paths.isEmpty || rule.paths.contains { $0.matches(file) })
    }.map { rule in (rule.name, rule.category, rule.words.map { CodeLine($0).words.map(\.text) }) }
  }

  func judge(_ line: ScannedLine, _ statement: inout SchemaStatements.Beginning, _ evidence: inout EvidenceCollector) {
    judgeSchema(line, &statement, &evidence)
    guard line.isAdded else { return }
    for match in DangerousCalls.find(in: line, isShell: isShell) where counts(match.rule) {
      evidence.add(match.rule, file, line.line, line.excerpt(match.position))
    }
    if !isTest, let position = Injection.find(in: line) {
      evidence.add(.injection, file, line.line, line.excerpt(position))
    }
    if hasTellingWords, !line.isTest, !line.isMarkup, !line.isImport(language),
      language?.hasTellingWords != false || line.runsInTemplate
    {
      for match in SecurityWords.find(in: line.identifiers, isAboutLanguages: isAboutLanguages) {
        evidence.add(match.rule, file, line.line, line.excerpt(match.position))
      }
    }
    for rule in extraRules {
      guard let position = rule.phrases.compactMap({ SecurityWords.place(of: $0, in: line.code) }).min() else {
        continue
      }
      evidence.add(rule: rule.name, rule.category, file, line.line, line.excerpt(position))
    }
  }

  /// Tests talk to servers that they start, and start programs to test them; they do not run text as code for that.
  private func counts(_ rule: ReviewRule) -> Bool {
    !isTest || ![.network, .crypto, .permissions, .unsafe].contains(rule)
  }

  private func judgeSchema(
    _ line: ScannedLine, _ statement: inout SchemaStatements.Beginning, _ evidence: inout EvidenceCollector
  ) {
    guard hasTellingWords else { return }
    if line.isAdded,
      let position = SchemaStatements.find(in: line.code, isSQL: language == .sql, beginning: &statement)
    {
      evidence.add(.migrationSQL, file, line.line, line.excerpt(position))
    }
    guard let language, language.isCode, !isExample else { return }
    if let position = SchemaInCode.find(in: line.squeezed.bytes, language) {
      evidence.add(.migrationModel, file, line.line, line.excerpt(line.squeezed.origins[position]))
    }
  }
}

/// Text that is put into a query or a path without anybody knowing where it begins and ends.
enum Injection {
  private static let verbs: [[UInt8]] = [
    "select ", "insert into ", "delete from ", "update ", " where ", " order by ", " and ", " values (", " from ",
  ].map { Array($0.utf8) }
  private static let joins: [[UInt8]] = [
    "${", "#{", "\\(", "\" +", "' +", "\" . $", "' . $", "%s\" %", "%s' %", "\"+", "'+", ".format(", "{$",
    "fmt.Sprintf(",
  ].map {
    Array($0.utf8)
  }

  /// The place of the join in a line that holds a part of a statement in quotes.
  static func find(in line: ScannedLine) -> Int? {
    let lower = line.code.bytes.map(CodeLine.lower)
    if let place = parentPath(lower) { return place }
    guard let verb = verbs.prefix(6).lazy.compactMap({ Bytes.index(of: $0, in: lower[...]) }).min(),
      lower[..<verb].contains(where: { $0 == 0x22 || $0 == 0x27 || $0 == 0x60 }), isStatement(lower, from: verb)
    else { return nil }
    let rest = line.code.bytes[verb...]
    if let join = joins.lazy.compactMap({ Bytes.index(of: $0, in: rest) }).min() { return join }
    // f"… {name}"
    let opens =
      Bytes.index(of: Array("f\"".utf8), in: line.code.bytes[...])
      ?? Bytes.index(of: Array("f'".utf8), in: line.code.bytes[...])
    guard let opens, opens < verb else { return nil }
    return rest.firstIndex(of: UInt8(ascii: "{"))
  }

  private static let parents: [[UInt8]] = ["'../'", "\"../\"", "'..'", "\"..\""].map { Array($0.utf8) }
  private static let searches: [[UInt8]] = [
    "startswith", "hasprefix", "contains", "includes", "indexof", "index(", "replace", " in ",
  ].map {
    Array($0.utf8)
  }

  /// A look for the way out of a directory: whether a path may leave it is decided here.
  private static func parentPath(_ lower: [UInt8]) -> Int? {
    guard let place = parents.lazy.compactMap({ Bytes.index(of: $0, in: lower[...]) }).min() else { return nil }
    return searches.contains { Bytes.contains(lower[...], $0) } ? place : nil
  }

  /// `select` and `update` are words of English, too.
  private static func isStatement(_ bytes: [UInt8], from verb: Int) -> Bool {
    let rest = bytes[verb...]
    func has(_ text: String) -> Bool { Bytes.contains(rest, Array(text.utf8)) }
    if rest.starts(with: verbs[0]) { return has(" from ") }
    if rest.starts(with: verbs[3]) { return has(" set ") }
    if rest.starts(with: verbs[4]) || rest.starts(with: verbs[5]) {
      return has("=") || has(" in ") || has(" like ") || rest.starts(with: verbs[5])
    }
    return true
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
