package import OrchDomain

/// Something in a change for which a reviewer asks for a human.
package struct RiskFinding: Hashable, Sendable {
  /// `routine` when the reviewer's word is none of the four, which asks for a human all the same.
  package var category: Verdict.Category
  /// nil when the reviewer names no place.
  package var file: String?
  /// In the new version of the file, from 1.
  package var line: Int?
  /// At most 200 characters, free of control characters.
  package var why: String

  package init(_ category: Verdict.Category, file: String? = nil, line: Int? = nil, why: String) {
    self.category = category
    self.file = file
    self.line = line
    self.why = why
  }
}

/// Reads what a reviewer reports about the risk of a change. Like every report it is hostile text; what is odd in it
/// asks for a human, because a human is what the safe answer costs.
package enum RiskReport {
  /// The JSON schema of the member `risk`.
  package static let schema = """
    {"type":"object","properties":{"category":{"type":"string","enum":["security","migrations","architecture",\
    "routine"]},"findings":{"type":"array","items":{"type":"object","properties":{"category":{"type":"string","enum":\
    ["security","migrations","architecture","routine"]},"file":{"type":"string"},"line":{"type":"integer"},"why":\
    {"type":"string"}},"required":["category","why"]}}},"required":["category","findings"]}
    """

  /// More than these nobody reads.
  package static let findingLimit = 20
  private static let entryLimit = 1000

  /// What the report asks a human for, the worst first; empty when it calls the change routine, nil when it says
  /// nothing about the risk.
  ///
  /// Of several words the worse counts: a finding of security makes of a change that is called routine one of security.
  package static func read(_ value: JSONValue?) -> [RiskFinding]? {
    var words: [String] = []
    var findings: [RiskFinding] = []
    for risk in values(of: "risk", in: value) {
      words += values(of: "category", in: risk).compactMap(\.string)
      let entries = values(of: "findings", in: risk).flatMap { ($0.array ?? []).prefix(entryLimit) }
      findings += entries.compactMap(finding)
    }
    guard !words.isEmpty || !findings.isEmpty else { return nil }
    for category in words.prefix(entryLimit).compactMap(raised)
    where !findings.contains(where: { $0.category == category }) {
      findings.append(RiskFinding(category, why: "the reviewer names no place for it"))
    }
    let ranked = VerdictEngine.ranking.flatMap { category in findings.filter { $0.category == category } }
    return Array(ranked.prefix(findingLimit))
  }

  /// Every value of a key, for a text that says one twice.
  private static func values(of key: String, in value: JSONValue?) -> [JSONValue] {
    (value?.members ?? []).filter { $0.key == key }.map(\.value)
  }

  /// What a word raises a verdict to; nil for `routine`. A word that is none of the four asks for a human without
  /// saying what the change is about.
  private static func raised(by word: String) -> Verdict.Category? {
    word == Verdict.Category.routine.rawValue ? nil : Verdict.Category(rawValue: word) ?? .routine
  }

  private static func finding(_ value: JSONValue) -> RiskFinding? {
    guard value.members != nil else { return nil }
    let words = values(of: "category", in: value).compactMap(\.string)
    let categories = words.isEmpty ? [.routine] : words.compactMap(raised)
    guard let category = VerdictEngine.ranking.first(where: categories.contains) else { return nil }
    let why = SafeText.line(value["why"]?.string ?? "", limit: 200)
    let file = value["file"]?.string.flatMap { $0.isEmpty || $0.utf8.count > 4096 ? nil : $0 }
    let line = value["line"]?.int.flatMap { (1...10_000_000).contains($0) ? $0 : nil }
    return RiskFinding(
      category, file: file, line: file == nil ? nil : line,
      why: why.contains { !$0.isWhitespace } ? why : "the reviewer does not say why")
  }
}

/// What a second look at the risk came to.
package enum RiskAnswer: Hashable, Sendable {
  /// What a human is asked for; empty when the reviewer calls the change routine.
  case findings([RiskFinding])
  /// Why nobody has looked.
  case silence(String)
}

/// What a second look does to a verdict. It raises it or leaves it; no word of a reviewer lowers one.
package enum SecondLook {
  /// The rule of its evidence.
  package static var rule: String { ReviewRule.secondLook.name }

  /// - Parameters:
  ///   - answer: nil when no look was wanted; the verdict stays as it is then.
  ///   - isRequired: Whether a change that nobody has looked at needs a human.
  package static func apply(_ answer: RiskAnswer?, isRequired: Bool, _ policy: ReviewPolicy, to verdict: inout Verdict)
  {
    switch answer {
    case nil: break
    case .findings(let findings):
      verdict.secondLook =
        findings.isEmpty
        ? "a reviewer has found nothing beyond routine" : "a reviewer has found what a human should see"
      verdict.add(findings.map { evidence($0.category, $0.file, $0.line, $0.why, policy) }, policy)
    case .silence(let why):
      verdict.secondLook = "nobody has looked: \(SafeText.line(why, limit: 300))"
      if isRequired {
        verdict.add([evidence(.routine, nil, nil, "nobody has looked at what it touches: \(why)", policy)], policy)
      }
    }
  }

  private static func evidence(
    _ category: Verdict.Category, _ file: String?, _ line: Int?, _ why: String, _ policy: ReviewPolicy
  ) -> Evidence {
    Evidence(
      rule: rule, category: category, file: file ?? policy.planPath, line: line,
      excerpt: SafeText.line(why, limit: 200))
  }
}
