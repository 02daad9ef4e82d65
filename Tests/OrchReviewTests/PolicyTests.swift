import OrchDomain
import OrchReview
import Testing

@Suite("The policy of a project")
struct PolicyTests {
  static let plan = "docs/plans/a/epic-01-x.md"

  @Test("Only a routine change lands by itself, and only where the project and the plan allow it")
  func autoMerge() {
    let routine = diff("a.go", ["+x"])
    let security = diff("a.go", ["+eval(x)"])
    let table: [(FileDiff, Bool, Bool, Bool)] = [
      (routine, true, false, false), (routine, true, true, true), (routine, false, false, true),
      (security, true, false, true), (security, false, true, true),
    ]
    for (file, autoMerge, needsReview, expected) in table {
      let policy = ReviewPolicy(autoMerge: autoMerge, needsReview: needsReview, planPath: Self.plan)
      #expect(VerdictEngine.judge(files: [file], policy: policy).needsHuman == expected)
    }
  }

  @Test("A change stays within what its plan declares; its own plan is always allowed")
  func touches() {
    let policy = ReviewPolicy(touches: [Glob("src/**")], planPath: Self.plan)
    #expect(!VerdictEngine.judge(files: [diff("src/a/b.go", ["+x"])], policy: policy).needsHuman)
    #expect(!VerdictEngine.judge(files: [diff(Self.plan, ["+note"])], policy: policy).needsHuman)
    let outside = VerdictEngine.judge(files: [diff("lib/a.go", ["+x"])], policy: policy)
    #expect(rules(outside) == ["policy.outside-touches"])
    let moved = diff("src/a.go", [], kind: .renamed, from: "lib/a.go")
    #expect(rules(VerdictEngine.judge(files: [moved], policy: policy)) == ["policy.outside-touches"])
  }

  @Test(
    "A change may not say itself that it is done, or make that easier",
    arguments: [
      "+status: complete", "-status: not_started", "+  status : done", "+\"status\": complete", "+- [x] It works",
      "-- [ ] It works", "+1. [X] It works", "+needs_review: false", "-verify:", "+touches: ['**']",
    ])
  func ownPlan(_ line: String) {
    let verdict = judge(diff(Self.plan, [line]))
    #expect(rules(verdict) == ["policy.plan-status"], "\(verdict.evidence)")
    #expect(verdict.category == .routine && verdict.needsHuman)
  }

  @Test("Notes in the own plan are allowed; status circles in a table are not")
  func planNotes() {
    #expect(!judge(diff(Self.plan, ["+The status is good.", "+- a list item", "-old text"])).needsHuman)
    #expect(rules(judge(diff("README.md", ["+| [E01](x) | 🟢 |"]))) == ["policy.plan-status"])
    #expect(!judge(diff("README.md", ["+| [E01](x) | new |"])).needsHuman)
  }

  @Test("Protected paths, own rules and rules that are switched off")
  func ownRules() {
    var policy = ReviewPolicy(
      protectedPaths: [Glob("infra/")], disabledRules: ["security.exec", "architecture.*"],
      extraRules: [
        .init(name: "billing.tax", category: .architecture, words: ["tax rate"]),
        .init(name: "legal.terms", category: .routine, paths: [Glob("legal/**")]),
      ], planPath: Self.plan)
    func found(_ path: String, _ line: String) -> Set<String> {
      rules(VerdictEngine.judge(files: [diff(path, ["+" + line])], policy: policy))
    }
    #expect(found("infra/x/a.go", "x") == ["policy.protected-path"])
    #expect(found("a.py", "eval(x)") == [])
    #expect(found("Makefile", "x") == [])
    #expect(found("a.py", "TAX_RATE = 1") == ["billing.tax"])
    #expect(found("a.py", "syntaxRate = 1") == [])
    #expect(found("legal/a.md", "x") == ["legal.terms"])
    policy.disabledRules.insert("billing.tax")
    #expect(found("a.py", "taxRate = 1") == [])
  }

  @Test(
    "Where all code is for a human, what people read, look at, test and try out still lands",
    arguments: [
      ("src/a.go", true), ("web/index.html", true), ("docs/CNAME", true), ("lib/data.json", true),
      ("dist/a.min.js", true),
      ("README.md", false), ("src/app.css", false), ("img/logo.svg", false), ("tests/a_test.go", false),
      ("examples/a.go", false), ("locales/de.json", false), (".gitignore", false),
    ])
  func code(_ path: String, _ isCode: Bool) {
    let verdict = judge(diff(path, ["+x"]), policy: ReviewPolicy(planPath: Self.plan, reviewsCode: true))
    #expect(verdict.needsHuman == isCode)
    #expect(rules(verdict).contains("policy.code") == isCode)
    #expect(!judge(diff(path, ["+x"])).needsHuman)
  }

  @Test("A comment is no code, and what moves into code or out of it is")
  func whatIsCode() {
    let policy = ReviewPolicy(planPath: Self.plan, reviewsCode: true)
    #expect(!judge(diff("src/a.go", ["-// one", "+// two"]), policy: policy).needsHuman)
    #expect(rules(judge(diff("tests/a.go", [], kind: .renamed, from: "src/a.go"), policy: policy)) == ["policy.code"])
    #expect(!judge(diff("src/a.go", ["+x"]), policy: ReviewPolicy(planPath: Self.plan)).needsHuman)
  }

  @Test("A very large change needs a human")
  func size() {
    let lines = (0..<2001).map { "+x\($0)" }
    #expect(rules(judge(diff("a.go", lines))) == ["architecture.size"])
    #expect(!judge(diff("a.go", Array(lines.dropLast()))).needsHuman)
    let files = (0..<101).map { diff("f\($0).go", ["+x"]) }
    #expect(VerdictEngine.judge(files: files, policy: ReviewPolicy()).needsHuman)
  }

  @Test("Every rule shows at most twenty places, the first ones")
  func bounded() {
    let verdict = judge(diff("a.go", (0..<50).map { _ in "+eval(x)" }.shuffled()))
    #expect(verdict.evidence.map(\.line) == (1...20).map(Int?.some))
  }

  @Test("Every built-in rule has a name of its own and a text")
  func catalogue() {
    #expect(Set(ReviewRule.all.map(\.name)).count == ReviewRule.all.count)
    for rule in ReviewRule.all {
      let kind = rule.name.split(separator: ".").first.map(String.init)
      #expect(kind == (rule.category == .routine ? "policy" : rule.category.rawValue))
      #expect(!rule.summary.isEmpty)
    }
  }
}
