import OrchDomain

/// What the author calls a change, in the first line of its commit messages or the title of its plan.
///
/// Whoever writes "escape the name" knows what it is about even where the code does not say so. It raises a verdict and
/// never lowers one.
enum ToldRules {
  private static let security = PatternTable(
    [
      "security", "insecure", "vulnerab", "cve-", "exploit", "xss", "csrf", "ssrf", "redos", "injection", "escape",
      "escaping", "unescape", "sanitiz", "sanitis", "traversal", "untrusted", "privilege", "permission", "authoriz",
      "authoris", "authentic", "unauthor", "password", "credential", "secret", "encrypt", "decrypt", "hijack", "spoof",
      "bypass", "forgery", "sandbox", "whitelist", "allowlist", "blacklist", "denylist", "blocklist", "access control",
      "impersonat", "rate limit", "size limit", "leaking", "xxe", "percent-encod", "url-encod", "not encoded",
      "other user", "another user",
    ].map { Pattern($0, .securityTold, left: .boundary) })

  private static let architecture = PatternTable(
    [
      "breaking change", "breaking:", "breaking(", "incompatib", "deprecate ", "deprecates ", "deprecating ",
      "drop support", "drops support", "public api", "backward compat", "backwards compat",
    ].map { Pattern($0, .architectureTold, left: .boundary) })

  private static let removal = PatternTable(
    ["remove deprecated", "removes deprecated", "removed deprecated", "delete deprecated"].map {
      Pattern($0, .architectureTold, left: .boundary)
    })
  private static let denials = PatternTable(
    ["avoid", "non-breaking", "not breaking", "without breaking"].map { Pattern($0, .architectureTold) })

  static func judge(
    _ messages: [String], _ changed: [(file: FileDiff, lines: [ScannedLine])], _ policy: ReviewPolicy,
    _ evidence: inout EvidenceCollector
  ) {
    guard changed.contains(where: doesSomething) else { return }
    for message in messages {
      let title = title(message)
      // The name of a branch has hyphens where a title has blanks.
      let bytes = Array((title + " " + branch(message).replacing("-", with: " ")).lowercased().utf8)
      guard bytes.count < 1000 else { continue }
      var told = security.matches(in: bytes).map(\.rule)
      if denials.matches(in: bytes).isEmpty { told += architecture.matches(in: bytes).map(\.rule) }
      if !removal.matches(in: bytes).isEmpty, changed.contains(where: takesAway) { told.append(.architectureTold) }
      for rule in told { evidence.add(rule, policy.planPath, nil, Excerpt.text(String(title))) }
      // `feat!: …` and `fix(parser)!: …`
      if let colon = title.firstIndex(of: ":"), title[..<colon].last == "!", !title[..<colon].contains(" ") {
        evidence.add(.architectureTold, policy.planPath, nil, Excerpt.text(String(title)))
      }
    }
  }

  /// A file of Changesets says which packages get a new version; one that is more than a patch has something new.
  ///
  /// Source of the format: https://github.com/changesets/changesets, "Adding a changeset".
  static func judge(changesets files: [FileDiff], _ evidence: inout EvidenceCollector) {
    for file in files where file.kind == .added && file.path.hasPrefix(".changeset/") && file.path.hasSuffix(".md") {
      for line in file.hunks.lazy.flatMap(\.lines).prefix(50) where line.origin == .added {
        let parts = line.text.split(separator: ":")
        guard parts.count == 2, let level = parts.last, [" minor", " major"].contains(level) else { continue }
        evidence.add(.architectureTold, file.path, line.newLine, Excerpt.text(line.text))
      }
    }
  }

  /// The line that names the change; a merge has it below its own.
  private static func title(_ message: String) -> Substring {
    let lines = message.split(whereSeparator: \.isNewline).lazy.filter { $0.contains { !$0.isWhitespace } }
    return lines.first { !$0.hasPrefix("Merge ") } ?? lines.first ?? ""
  }

  /// The branch that a merge names; empty for everything else.
  private static func branch(_ message: String) -> Substring {
    guard message.hasPrefix("Merge pull request "), let line = message.split(whereSeparator: \.isNewline).first,
      let slash = line.lastIndex(of: "/")
    else { return "" }
    return line[line.index(after: slash)...]
  }

  /// Whether code of the program changes, rather than tests, texts or how something looks.
  private static func doesSomething(_ file: FileDiff, _ lines: [ScannedLine]) -> Bool {
    let role = FileRole(file.path)
    guard let language = role.language, language.isCode || language == .template else { return false }
    return !role.isTest && !role.isExample && !role.isTranslation && !role.isData && !role.isDependencies
      && !role.isBelow(["docs", "doc", "documentation", "website"]) && lines.contains { !$0.isComment }
  }

  /// Whether something goes that code in other files could see, in a package or not.
  private static func takesAway(_ file: FileDiff, _ lines: [ScannedLine]) -> Bool {
    let role = FileRole(file.path)
    guard let language = role.language, !role.isTest else { return false }
    return lines.contains {
      !$0.isAdded && !$0.isComment && PublicDeclarations.name(of: $0.raw, language, isHeader: false) != nil
    }
  }
}
