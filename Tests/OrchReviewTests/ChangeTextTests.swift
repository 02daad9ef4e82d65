import OrchDomain
import OrchReview
import Testing

@Suite("Title and description of a change")
struct ChangeTextTests {
  static let task = TaskID(module: "billing", number: 5)

  @Test("The title names the task on one line, whatever the plan's title holds")
  func title() {
    func title(_ text: String, _ task: TaskID = Self.task) -> String {
      ChangeText(task: task, taskTitle: text, planPath: "p.md").title
    }
    #expect(title("Send invoices") == "feat(billing): implement E05 - Send invoices")
    #expect(title("A", TaskID(module: "cli", prefix: "TUI", number: 7)) == "feat(cli): implement TUI07 - A")
    #expect(title("a\nb\u{202E}\u{1B}[31m") == "feat(billing): implement E05 - a b\\u{202e}\\u{1b}[31m")
    #expect(title(String(repeating: "x", count: 999)).count == 200)
  }

  @Test("The description has every section, and its evidence is the gate's")
  func body() {
    let text = ChangeText(
      task: Self.task, taskTitle: "Send invoices", summary: "Invoices go out by mail.",
      planPath: "docs/plans/billing/epic-05-mail.md", planURL: "https://forge/x",
      criteria: [
        CriterionCheck("A mail is sent", .met, evidence: [.init(file: "src/b.go", line: 3, text: "sends @it")]),
        CriterionCheck("It is blue", .notCovered),
      ],
      files: [
        diff("src/b.go", ["+a", "+b", "-c"]), diff("src/a.go", [], kind: .renamed, from: "src/z.go"),
        FileDiff(kind: .added, path: "a`b.png", isBinary: true),
      ], checks: [.init(stage: "test", commands: ["make test"], passed: true, duration: .seconds(75))],
      testedTree: "abc123", issue: 12, agent: "claude-code", cost: MicroUSD(1_250_000))
    #expect(
      text.body == """
        ## Summary

        Implements Send invoices.

        Invoices go out by mail.

        ## Changes

        - `` a`b.png `` (new, binary)
        - `src/a.go` (renamed, +0 −0, was `src/z.go`)
        - `src/b.go` (changed, +2 −1)

        ## Acceptance criteria

        - A mail is sent (met, src/b.go:3: sends @<!-- -->it)
        - It is blue (not covered)

        ## Evidence

        - test: passed in 1m15s (`make test`)

        Tested tree: `abc123`

        ## Plan

        [docs/plans/billing/epic-05-mail.md](<https://forge/x>) (billing/E05), for issue #12

        ---
        Made by claude-orch with claude-code for 1.25 USD.

        """)
  }

  @Test("Nothing from a plan pings people, closes issues or hides text")
  func harmless() {
    let text = ChangeText(
      task: Self.task, taskTitle: "Fixes #12 @all", summary: "Closes #1 <!-- @bob", planPath: "p.md",
      criteria: [CriterionCheck("resolves #3", .notCovered), CriterionCheck("a\nb", .notCovered)]
    ).body
    for trap in ["#12", "#1 ", "#3", "@all", "@bob", "<!-- @"] { #expect(!text.contains(trap), "\(trap)") }
    #expect(text.contains("- a b (not covered)\n"))
    #expect(text.contains("nothing has proven this change"))
  }

  @Test("A change of thousands of files has a short description")
  func long() {
    let files = (0..<5000).map { diff("f\($0).go", ["+x"]) }
    let text = ChangeText(
      task: Self.task, taskTitle: "T", summary: String(repeating: "s", count: 90_000), planPath: "p.md", files: files
    ).body
    #expect(text.utf8.count < 20_000)
    #expect(text.contains("and 4950 more files"))
  }
}
