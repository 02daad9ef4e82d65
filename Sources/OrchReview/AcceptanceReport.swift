package import OrchDomain

/// Reads what a reviewer reports about acceptance criteria. The reviewer is a model that has read hostile text, so
/// nothing in its report is taken on trust: what is odd counts for less, never for more.
package enum AcceptanceReport {
  /// The JSON schema of the member `criteria`.
  package static let schema = """
    {"type":"array","items":{"type":"object","properties":{"number":{"type":"integer"},"verdict":{"type":"string",\
    "enum":["met","unmet","unknown"]},"evidence":{"type":"array","items":{"type":"object","properties":{"file":\
    {"type":"string"},"line":{"type":"integer"},"text":{"type":"string"}},"required":["text"]}}},"required":\
    ["number","verdict","evidence"]}}
    """

  private static let entryLimit = 1000
  private static let proofLimit = 5

  /// The report as one check for each criterion; nil when `value` is no report about them.
  ///
  /// Of two entries about one criterion the worse counts. A criterion that is said to be met without anything that
  /// shows it is unknown, and one that is not mentioned is not covered.
  package static func read(_ value: JSONValue?, criteria: [String]) -> [CriterionCheck]? {
    guard let entries = value?["criteria"]?.array else { return nil }
    var found: [Int: CriterionCheck] = [:]
    for entry in entries.prefix(entryLimit) {
      guard let number = entry["number"]?.int, (1...max(1, criteria.count)).contains(number),
        let word = entry["verdict"]?.string, var finding = CriterionCheck.Finding(rawValue: word),
        finding != .notCovered
      else { continue }
      let proofs = (entry["evidence"]?.array ?? []).prefix(proofLimit).compactMap(proof)
      if finding == .met, proofs.isEmpty { finding = .unknown }
      if let other = found[number], rank(other.finding) <= rank(finding) { continue }
      found[number] = CriterionCheck(criteria[number - 1], finding, evidence: proofs)
    }
    guard !found.isEmpty else { return nil }
    return criteria.enumerated().map { found[$0 + 1] ?? CriterionCheck($1, .notCovered) }
  }

  /// The checks of a plan that nobody has looked at.
  package static func unchecked(_ criteria: [String]) -> [CriterionCheck] {
    criteria.map { CriterionCheck($0, .notCovered) }
  }

  private static func rank(_ finding: CriterionCheck.Finding) -> Int {
    switch finding {
    case .unmet: 0
    case .unknown: 1
    case .met: 2
    case .notCovered: 3
    }
  }

  private static func proof(_ value: JSONValue) -> CriterionCheck.Proof? {
    let text = SafeText.line(value.string ?? value["text"]?.string ?? "", limit: 300)
    let file = value["file"]?.string.map { SafeText.line($0, limit: 300) }.flatMap { $0.isEmpty ? nil : $0 }
    guard file != nil || text.contains(where: { !$0.isWhitespace }) else { return nil }
    let line = value["line"]?.int.flatMap { (1...10_000_000).contains($0) ? $0 : nil }
    return CriterionCheck.Proof(file: file, line: file == nil ? nil : line, text: text)
  }
}

/// What the acceptance check does to a verdict. It raises it or leaves it; no word of a reviewer lowers one.
package enum AcceptancePolicy {
  /// How much a change needs the check.
  package enum Weight: Hashable, Sendable {
    /// Only a criterion that is found unmet counts.
    case advice
    /// Every criterion has to be found met.
    case required
  }

  private static let evidenceLimit = 20

  /// - Parameters:
  ///   - weight: nil when no check was asked for; the criteria are then only told.
  ///   - silence: Why there is no report; nil when there is one.
  package static func apply(
    _ checks: [CriterionCheck], weight: Weight?, silence: String?, planPath: String, to verdict: inout Verdict
  ) {
    verdict.criteria = checks
    guard let weight, !checks.isEmpty else { return }
    var reasons: [(rule: String, text: String)] = []
    if weight == .required, let silence { reasons.append(("acceptance.no-report", silence)) }
    for check in checks {
      switch check.finding {
      case .unmet:
        let why = check.evidence.first.map { " (\($0.summary))" } ?? ""
        reasons.append(("acceptance.unmet", check.criterion + why))
      case .unknown, .notCovered:
        if weight == .required, silence == nil {
          reasons.append(("acceptance.unproven", "\(check.finding.text): \(check.criterion)"))
        }
      case .met: break
      }
    }
    guard !reasons.isEmpty else { return }
    verdict.needsHuman = true
    verdict.evidence += reasons.prefix(evidenceLimit).map { reason in
      Evidence(
        rule: reason.rule, category: verdict.category, file: planPath, line: nil,
        excerpt: SafeText.line(reason.text, limit: 200))
    }
  }
}
