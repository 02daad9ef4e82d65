import OrchDomain
import OrchRandom
import OrchReview
import Testing

@Suite("What a reviewer reports about acceptance criteria")
struct AcceptanceReportTests {
  static let criteria = ["It adds", "It prints"]

  static func entry(_ number: Int, _ verdict: String, _ evidence: JSONValue = [["text": "seen"]]) -> JSONValue {
    ["number": .int(Int64(number)), "verdict": .string(verdict), "evidence": evidence]
  }

  static func findings(_ entries: [JSONValue]) -> [CriterionCheck.Finding]? {
    AcceptanceReport.read(.object([.init("criteria", .array(entries))]), criteria: criteria)?.map(\.finding)
  }

  @Test("Only what is said of a criterion with something that shows it counts; of two words the worse")
  func findings() {
    #expect(Self.findings([Self.entry(1, "met"), Self.entry(2, "unmet", [])]) == [.met, .unmet])
    #expect(Self.findings([Self.entry(2, "met")]) == [.notCovered, .met])
    #expect(Self.findings([Self.entry(1, "met", [])]) == [.unknown, .notCovered])
    #expect(Self.findings([Self.entry(1, "met", [["text": " "], 3, ["line": 1]])]) == [.unknown, .notCovered])
    #expect(Self.findings([Self.entry(1, "unmet"), Self.entry(1, "met")]) == [.unmet, .notCovered])
    #expect(Self.findings([Self.entry(1, "met"), Self.entry(1, "unknown")]) == [.unknown, .notCovered])
  }

  @Test(
    "What is no report about these criteria is none",
    arguments: [
      nil, "met", [:], ["criteria": "all met"], ["criteria": []], ["criteria": [1, "x", nil]],
      ["criteria": [["number": 3, "verdict": "met", "evidence": ["x"]]]],
      ["criteria": [["number": 0, "verdict": "met", "evidence": ["x"]]]],
      ["criteria": [["number": 1e300, "verdict": "met", "evidence": ["x"]]]],
      ["criteria": [["number": 1, "verdict": "MET", "evidence": ["x"]]]],
      ["criteria": [["number": 1, "verdict": "not_covered", "evidence": ["x"]]]],
    ] as [JSONValue?])
  func noReport(_ value: JSONValue?) {
    #expect(AcceptanceReport.read(value, criteria: Self.criteria) == nil)
    #expect(AcceptanceReport.read(value, criteria: []) == nil)
  }

  @Test("Evidence is bounded and harmless")
  func evidence() throws {
    let flood = JSONValue.array(
      Array(
        repeating: ["file": "a\u{1B}[31m\n", "line": -4, "text": .string(String(repeating: "x", count: 9999))],
        count: 500))
    let check = try #require(
      AcceptanceReport.read(["criteria": [Self.entry(1, "met", flood)]], criteria: Self.criteria)?.first)
    #expect(check.evidence.count == 5)
    #expect(check.evidence.allSatisfy { $0.text.count <= 300 && $0.line == nil && !$0.summary.contains("\u{1B}") })
  }

  @Test("No report lowers a verdict, and none makes a change land that would not have landed", arguments: 0..<200)
  func neverLowers(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let findings = CriterionCheck.Finding.allCases
    let checks = (0..<Int.random(in: 0...4, using: &random)).map { number in
      CriterionCheck("c\(number)", findings[Int.random(in: 0..<findings.count, using: &random)])
    }
    let weight: AcceptancePolicy.Weight? = [nil, .advice, .required][Int.random(in: 0..<3, using: &random)]
    let silence = Bool.random(using: &random) ? "it crashed" : nil
    let before = Verdict(
      category: .security, needsHuman: Bool.random(using: &random),
      evidence: [Evidence(rule: "r", category: .security, file: "f", line: 1, excerpt: "")])
    var after = before
    AcceptancePolicy.apply(checks, weight: weight, silence: silence, planPath: "p", to: &after)
    #expect(after.category == before.category && after.criteria == checks)
    #expect(after.evidence.starts(with: before.evidence))
    #expect(after.needsHuman || !before.needsHuman)
    let unmet = checks.contains { $0.finding == .unmet }
    let open = !checks.isEmpty && (silence != nil || checks.contains { $0.finding != .met })
    let isRaised = weight != nil && unmet || weight == .required && open
    #expect(after.needsHuman == (before.needsHuman || isRaised))
    #expect((after.evidence.count > 1) == isRaised)
  }

  @Test("Every finding has a name for programs and one for people")
  func names() {
    #expect(CriterionCheck.Finding.allCases.map(\.text) == ["met", "unmet", "unknown", "not covered"])
  }
}
