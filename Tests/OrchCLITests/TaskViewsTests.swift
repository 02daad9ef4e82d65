import ArgumentParser
@testable import OrchCLI
import OrchDomain
import OrchSchedule
import OrchStore
import Testing

@Suite struct TaskViewsTests {
  @Test func aDiffIsSafeAndColouredLineByLine() {
    let patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\u{1B}[31m\n+new\n same\n"
    #expect(!TaskDiff.shown(patch, colour: false).contains("\u{1B}"))
    let coloured = TaskDiff.shown(patch, colour: true)
    #expect(coloured.contains("\u{1B}[32m+new\u{1B}[0m\n"))
    #expect(coloured.contains("\u{1B}[31m-old\\u{1b}[31m\u{1B}[0m\n"))
    #expect(coloured.contains("\n--- a/x\n+++ b/x\n"), "file names are no changed lines")
  }

  @Test func aDiffOfWorkInProgressTellsWhatIsNotInIt() {
    var diff = TaskDiff(task: id("a/E01"), source: .attempt(number: 2), base: "b", head: "h")
    diff.uncommitted = (1...12).map { "file\($0)" }
    #expect(diff.heading.contains("attempt 2 at work"))
    #expect(diff.heading.contains("file10 and 2 more\n"))
    #expect(diff.heading.hasSuffix("No differences.\n"))
    #expect(diff.json["source"] == "attempt")
  }

  @Test func attemptsAreListedWithWhatWentWrong() {
    let failed = attempt("a/E01", 1, from: 0, to: 60, outcome: .failed, cost: 1_500_000, failure: .gate, detail: "red")
    let list = AttemptList(
      task: id("a/E01"),
      entries: [.init(attempt: failed, turns: []), .init(attempt: attempt("a/E01", 2, from: 90, to: nil), turns: [])])
    #expect(
      list.text(now: noon.advanced(by: .seconds(100)), width: nil) == """
        #  AGENT   MODEL  STARTED               TOOK  TURNS  OUTCOME        COST USD
        1  script  -      2023-11-14T22:13:20Z  1m    0      failed (gate)  1.5000
        2  script  -      2023-11-14T22:14:50Z  10s   0      goes on        0.0000
          1: red

        """)
    let none = AttemptList(task: id("a/E01"), entries: [])
    #expect(none.text(now: noon, width: nil).contains("has not been attempted yet"))
  }

  @Test func aFocusKeepsOnlyWhatBelongsToIt() {
    let tasks = [
      storedTask("a/E01", .complete), storedTask("a/E02", .ready, after: ["a/E01", "z/E09"]),
      storedTask("b/E01", .ready), storedTask("c/E01", .blocked, after: ["a/E02", "b/E01"]),
    ]
    let shown = GraphFocus.select(tasks, around: [id("a/E02")])
    #expect(shown.map(\.id.description) == ["a/E01", "a/E02", "c/E01"])
    #expect(shown[1].dependencies.map(\.id.description) == ["a/E01", "z/E09"], "an unknown task stays to be seen")
    #expect(shown[2].dependencies.map(\.id.description) == ["a/E02"])
    #expect(GraphFocus.select(tasks, around: []).count == 4)
  }

  @Test(arguments: [
    "", "billing", "billing/", "billing/e05", "Billing/E05", "a/b/E01", "a/E", "a/E1234567890", "../E01",
  ])
  func aMalformedIdIsRefusedWithTheRightForm(text: String) {
    #expect(throws: ValidationError.self) { try TaskOption.parse(text) }
  }

  @Test func aShortIdIsTheSameTask() throws { #expect(try TaskOption.parse("billing/E5") == id("billing/E05")) }

  @Test func everyCommandParsesItsOptions() throws {
    let lines: [[String]] = [
      ["show", "a/E01", "--json", "--config", "c", "--project", "p"], ["why", "a/E01"], ["attempts", "a/E01"],
      ["graph", "--format", "mermaid", "a/E01", "b/E01"], ["plan", "--count", "11"], ["plan", "--module", "a"],
      ["logs", "a/E01", "-f", "--attempt", "2", "--raw"], ["diff", "a/E01", "--raw"], ["groups"],
      ["groups", "set", "a", "2"], ["groups", "unset", "a"], ["events", "--after", "3", "--task", "a/E01"],
      ["events", "--verify", "--json"], ["version", "--json"], ["completions", "fish"],
    ]
    for line in lines { #expect(throws: Never.self) { try ClaudeOrch.parseAsRoot(line) } }
  }

  @Test(arguments: [
    ["plan", "--count", "0"], ["plan", "a/E01", "--module", "a"], ["logs", "a/E01", "--attempt", "0"],
    ["logs", "a/E01", "--raw", "--json"], ["groups", "set", "Core", "1"], ["groups", "set", "core", "1000001"],
    ["events", "--verify", "--last", "2"], ["events", "--last", "0"], ["completions", "tcsh"], ["show", "nonsense"],
  ])
  func wrongUsageIsStatus64(line: [String]) {
    let error = #expect(throws: (any Error).self) { try ClaudeOrch.parseAsRoot(line) }
    if let error { #expect(ClaudeOrch.exitCode(for: error).rawValue == 64) }
  }
}
