import Foundation
import OrchDomain
import OrchRandom
import OrchReview
import Testing

@Suite("What a reviewer says about the risk of a change")
struct SecondLookTests {
  static func report(_ category: JSONValue, _ findings: JSONValue = []) -> JSONValue {
    ["risk": ["category": category, "findings": findings]]
  }

  static func finding(_ category: JSONValue, _ file: JSONValue = "a.swift", line: JSONValue = 3) -> JSONValue {
    ["category": category, "file": file, "line": line, "why": "it does"]
  }

  static func found(_ value: JSONValue?) -> [Verdict.Category]? { RiskReport.read(value)?.map(\.category) }

  @Test("Of the word for the change and those of its places the worst counts, and comes first")
  func worst() {
    #expect(Self.found(Self.report("routine")) == [])
    #expect(Self.found(Self.report("security", [Self.finding("security")])) == [.security])
    #expect(Self.found(Self.report("routine", [Self.finding("migrations")])) == [.migrations])
    #expect(Self.found(Self.report("routine", [Self.finding("routine")])) == [])
    #expect(
      Self.found(Self.report("architecture", [Self.finding("architecture"), Self.finding("security")]))
        == [.security, .architecture])
    #expect(Self.found(Self.report("security", [Self.finding("architecture")])) == [.security, .architecture])
  }

  @Test("What is said twice is heard twice")
  func duplicates() {
    let calm = JSONValue.Member("risk", ["category": "routine", "findings": []])
    let loud = JSONValue.Member("risk", ["category": "migrations", "findings": []])
    #expect(Self.found(.object([calm, loud])) == [.migrations])
    #expect(Self.found(.object([loud, calm])) == [.migrations])
    let words = JSONValue.object([.init("category", "routine"), .init("category", "security")])
    #expect(Self.found(["risk": words]) == [.security])
    #expect(Self.found(["risk": ["findings": [words]]]) == [.security])
  }

  @Test(
    "A word that is none of the four asks for a human, without a category",
    arguments: ["ROUTINE", "high", "", "routine ", "none", "safe"])
  func strangeWords(_ word: String) {
    #expect(Self.found(Self.report(.string(word))) == [.routine])
    #expect(Self.found(Self.report("routine", [Self.finding(.string(word))])) == [.routine])
  }

  @Test("A place without a word asks for a human too, and a place without a name or reason still counts")
  func incomplete() throws {
    #expect(Self.found(["risk": ["category": "routine", "findings": [["file": "a", "why": "leaks"]]]]) == [.routine])
    let bare = try #require(RiskReport.read(Self.report("security", [["category": "security"]])))
    #expect(bare == [RiskFinding(.security, why: "the reviewer does not say why")])
    let lines = RiskReport.read(Self.report("routine", [Self.finding("security", "", line: 4)]))
    #expect(lines?.first?.file == nil && lines?.first?.line == nil)
    for line in [0, -1, 1e300, "4", nil] as [JSONValue] {
      #expect(RiskReport.read(Self.report("routine", [Self.finding("security", line: line)]))?.first?.line == nil)
    }
  }

  @Test(
    "What says nothing about the risk is no report",
    arguments: [
      nil, "routine", [:], ["risk": "routine"], ["risk": nil], ["risk": [:]], ["risk": ["category": 3]],
      ["risk": ["category": nil, "findings": []]], ["risk": ["findings": ["security", 1, nil]]],
      ["risk": ["findings": [["category": "routine"]]]], ["criteria": []], ["category": "security"],
      [["risk": ["category": "security"]]],
    ] as [JSONValue?])
  func noReport(_ value: JSONValue?) { #expect(RiskReport.read(value) == nil) }

  @Test("A million findings, escapes and endless texts come to twenty harmless lines")
  func hostile() throws {
    let flood = JSONValue.array(
      Array(
        repeating: [
          "category": "architecture", "file": .string(String(repeating: "../", count: 9999)), "line": 7,
          "why": .string("\u{1B}[2J\u{202E}\n" + String(repeating: "x", count: 9999)),
        ],
        count: 1_000_000))
    let findings = try #require(RiskReport.read(Self.report("security", flood)))
    #expect(findings.count == RiskReport.findingLimit)
    #expect(findings.first?.category == .security, "however many there are of the milder kind")
    #expect(findings.allSatisfy { $0.file == nil && $0.why.count <= 200 })
    #expect(!findings.contains { $0.why.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E } })
  }

  // MARK: The verdict

  static func judged(
    _ answer: RiskAnswer?, required: Bool = false, disabled: Set<String> = [], _ before: Verdict? = nil
  ) -> Verdict {
    var verdict = before ?? Verdict(category: .routine, needsHuman: false, evidence: [])
    let policy = ReviewPolicy(disabledRules: disabled, planPath: "docs/plans/a/epic-1.md")
    SecondLook.apply(answer, isRequired: required, policy, to: &verdict)
    return verdict
  }

  @Test("What a reviewer names is evidence with its place, and names the change")
  func evidence() {
    let verdict = Self.judged(
      .findings([
        RiskFinding(.security, file: "a.swift", line: 3, why: "any length is taken"),
        RiskFinding(.architecture, why: "another result"),
      ]))
    #expect(verdict.category == .security && verdict.needsHuman)
    #expect(
      verdict.evidence == [
        Evidence(
          rule: "policy.second-look", category: .security, file: "a.swift", line: 3, excerpt: "any length is taken"),
        Evidence(
          rule: "policy.second-look", category: .architecture, file: "docs/plans/a/epic-1.md", line: nil,
          excerpt: "another result"),
      ])
    #expect(verdict.secondLook == "a reviewer has found what a human should see")
  }

  @Test("Silence asks for a human only where a look is required, and is told in any case")
  func silence() {
    let advice = Self.judged(.silence("it\ncrashed"))
    #expect(!advice.needsHuman && advice.evidence.isEmpty)
    #expect(advice.secondLook?.hasPrefix("nobody has looked: it") == true && advice.secondLook?.contains("\n") == false)
    let required = Self.judged(.silence("it crashed"), required: true)
    #expect(
      required.needsHuman && required.category == .routine
        && required.evidence.map(\.file) == ["docs/plans/a/epic-1.md"])
    #expect(required.evidence.map(\.excerpt) == ["nobody has looked at what it touches: it crashed"])
    for required in [false, true] {
      let routine = Self.judged(.findings([]), required: required)
      #expect(!routine.needsHuman && routine.evidence.isEmpty && routine.secondLook != nil)
      #expect(Self.judged(nil, required: required) == Verdict(category: .routine, needsHuman: false, evidence: []))
    }
  }

  @Test("No answer lowers a verdict, whatever stood there before", arguments: 0..<400)
  func neverLowers(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let categories = Verdict.Category.allCases
    func category() -> Verdict.Category { categories[Int.random(in: 0..<categories.count, using: &random)] }
    let old = (0..<Int.random(in: 0...2, using: &random)).map {
      Evidence(rule: "r\($0)", category: category(), file: "f", line: nil, excerpt: "")
    }
    let before = Verdict(category: category(), needsHuman: Bool.random(using: &random), evidence: old)
    let findings = (0..<Int.random(in: 0...3, using: &random)).map { RiskFinding(category(), why: "w\($0)") }
    let answer: RiskAnswer? = [nil, .silence("s"), .findings(findings)][Int.random(in: 0..<3, using: &random)]
    let required = Bool.random(using: &random)
    let after = Self.judged(answer, required: required, before)
    let rank = { (category: Verdict.Category) in VerdictEngine.ranking.firstIndex(of: category) ?? .max }
    #expect(rank(after.category) <= rank(before.category))
    #expect(after.needsHuman || !before.needsHuman)
    #expect(after.evidence.starts(with: before.evidence))
    let isRaised =
      switch answer {
      case nil: false
      case .silence: required
      case .findings(let findings): !findings.isEmpty
      }
    #expect(after.needsHuman == (before.needsHuman || isRaised))
    #expect((after.evidence.count > before.evidence.count) == isRaised)
  }

  @Test("A verdict keeps what came of a look, and one of the time before there were looks can be read")
  func stored() throws {
    let verdict = Self.judged(.findings([RiskFinding(.security, why: "x")]))
    #expect(try JSONDecoder().decode(Verdict.self, from: JSONEncoder().encode(verdict)) == verdict)
    let old = #"{"category": "routine", "needsHuman": false, "evidence": []}"#
    #expect(
      try JSONDecoder().decode(Verdict.self, from: Data(old.utf8))
        == Verdict(category: .routine, needsHuman: false, evidence: []))
  }

  @Test("Who switches the rule off hears nothing of it", arguments: ["policy.second-look", "policy.*"])
  func disabled(_ rule: String) {
    let verdict = Self.judged(.findings([RiskFinding(.security, why: "x")]), disabled: [rule])
    #expect(!verdict.needsHuman && verdict.evidence.isEmpty && verdict.category == .routine)
  }
}
