import OrchDomain
import OrchReview
import Testing

@Suite("Guards against lost work")
struct LostLinesTests {
  static let lines = (1...10).map { "let setting\($0) = load(\($0))" }
  static let landing = LostLines.Landing(
    name: "billing/E01", when: "2026-01-02",
    LostLines.Change([diff("src/a.ts", ["-let old = load(0)"] + lines.map { "+" + $0 })]))

  private func lost(_ lines: [String], supersedes: Set<String> = [], removes: [Glob] = []) -> [Evidence] {
    LostLines.judge(
      LostLines.Change([diff("src/a.ts", lines)]), of: "billing/E02", landings: [Self.landing], supersedes: supersedes,
      removes: removes)
  }

  @Test("Lines that another task landed and that go are evidence with both tasks")
  func reverted() throws {
    let evidence = try #require(lost(Self.lines.map { "-" + $0 } + ["+let old = load(0)"]).first)
    #expect(evidence.rule == "policy.lost-lines" && evidence.file == "src/a.ts" && evidence.line == 1)
    #expect(evidence.excerpt.contains("billing/E01") && evidence.excerpt.contains("billing/E02"))
    #expect(lost(Self.lines.map { "-" + $0 }).count == 1)
  }

  @Test("What is rewritten, moved, announced or small is ordinary work")
  func ordinary() {
    let gone = Self.lines.map { "-" + $0 }
    #expect(lost(gone + ["+let all = loadEverything()"]).isEmpty)
    #expect(lost(gone + Self.lines.map { "+  " + $0 }).isEmpty)
    #expect(lost(Array(gone.prefix(2))).isEmpty)
    #expect(lost(gone, supersedes: ["billing/E01"]).isEmpty)
    #expect(lost(gone, removes: [Glob("src/**")]).isEmpty)
    #expect(lost(["-let somethingElse = load(1)"]).isEmpty)
    let own = LostLines.judge(
      LostLines.Change([diff("src/a.ts", gone)]), of: "billing/E01", landings: [Self.landing])
    #expect(own.isEmpty)
  }

  @Test("Half of what was landed in a file is enough, however little that is")
  func half() {
    let small = LostLines.Landing(
      name: "a/E01", when: "", LostLines.Change([diff("b.ts", (1...4).map { "+let value\($0) = 1" })]))
    func lost(_ count: Int) -> [Evidence] {
      LostLines.judge(
        LostLines.Change([diff("b.ts", (1...4).prefix(count).map { "-let value\($0) = 1" })]), of: "a/E02",
        landings: [small])
    }
    #expect(lost(2).isEmpty)
    #expect(lost(3).count == 1)
  }

  @Test("A line is taken apart once, with however many landings it is compared")
  func operations() {
    var operations = 0
    let lines = (1...50).map { "-let value\($0) = 1" }
    let change = LostLines.Change([diff("b.ts", lines + [" let context = 1"])]) { line in
      operations += 1
      return LostLines.telling(line)
    }
    let landings = (1...40).map { number in
      LostLines.Landing(
        name: "a/E\(number)", when: "", LostLines.Change([diff("b.ts", lines.map { "+" + $0.dropFirst() })]))
    }
    #expect(LostLines.judge(change, of: "b/E01", landings: landings).count == 40)
    #expect(operations == 50)
  }

  @Test("Tests that go are evidence by name; the same ones in another order are not")
  func tests() {
    let removed = diff("tests/test_a.py", ["-def test_total():", "-    assert total(x) == 1"])
    #expect(rules(judge(removed)) == ["architecture.tests-removed"])
    #expect(judge(removed).evidence[0].excerpt.contains("test_total"))
    #expect(rules(judge(removed, diff("tests/test_b.py", ["+def test_sum():", "+    assert total(x) == 1"]))) == [])
    #expect(rules(judge(diff("a.test.ts", ["-  expect(x).toBe(1)", "+  run(x)"]))) == ["architecture.checks-removed"])
    let skipped = rules(judge(diff("a.test.ts", ["-  it('works', f)", "+  it.skip('works', f)"])))
    #expect(skipped.contains("architecture.tests-skipped"))
    // A new test that does not run everywhere was never there before.
    #expect(rules(judge(diff("a_test.go", ["+func TestNew(t *testing.T) {", "+\tt.Skip(reason)"]))) == [])
    #expect(
      rules(judge(diff("a_test.go", [" func TestOld(t *testing.T) {", "+\tt.Skip(reason)"]))) == [
        "architecture.tests-skipped"
      ])
  }

  @Test("An agent's opinion raises a verdict and never lowers it")
  func opinion() {
    let policy = ReviewPolicy()
    let routine = judge(diff("src/a.go", ["+x := 1"]))
    let raised = AgentOpinion.raise(routine, by: ["Add x\n\nNeeds-Review: I am not sure about the default"], policy)
    #expect(raised.needsHuman && raised.category == .routine && raised.evidence.map(\.rule) == ["policy.agent-opinion"])
    #expect(AgentOpinion.raise(routine, by: ["needs-review: security: a new door"], policy).category == .security)
    #expect(AgentOpinion.raise(routine, by: ["Nothing", "Needs-Review:"], policy) == routine)
    let security = judge(diff("src/a.go", ["+eval(x)"]))
    let again = AgentOpinion.raise(security, by: ["Needs-Review: routine: all is well"], policy)
    #expect(again.category == .security && again.needsHuman)
  }
}
