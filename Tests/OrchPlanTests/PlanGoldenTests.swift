import OrchDiagnostics
import OrchDomain
import OrchPlan
import Testing

/// Every code as people and tools see it, byte for byte.
@Suite("Diagnostics of plans")
struct PlanGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let code: String
    let files: [(String, String)]
    var testDescription: String { code }
  }

  static let good = "---\nstatus: not_started\n---\n# Title\n"

  static let cases: [Case] = [
    Case(
      code: "P001",
      files: [
        ("m/epic-01-a.md", "---\nstatus: todo\ndepends_on: [m/E01\n---\n# A\n"),
        ("m/epic-02-b.md", "---\nstatus: todo\ntouches: [*.swift]\nstatus: done\n---\n# B\n"),
        ("m/epic-03-c.md", "---\ntitle: a: b\n---\n# C\n"), ("m/epic-04-d.md", "---\na:\n\tb: 1\n---\n# D\n"),
        ("m/epic-05-e.md", "---\nx: &a 1\ny: *a\nx: !t 2\n---\n# E\n"),
      ]),
    Case(code: "P002", files: [("m/epic-01-a.md", "---\nstatus: todo\n--\n\n# A\n")]),
    Case(code: "P003", files: [("m/epic-01-a.md", "---\ndepends_on:\n  - m/e00\n  - what\n---\n# A\n")]),
    Case(
      code: "P004",
      files: [
        ("billing/epic-09-y.md", good),
        ("billing/epic-01-x.md", "---\nstatus: todo\ndepends_on:\n  - 9\n  - billing/E99\n---\n# X\n"),
      ]),
    Case(
      code: "P005",
      files: [
        ("a/epic-01-x.md", "---\ndepends_on: b/E02\n---\n# X\n"), ("a/epic-02-x.md", good),
        ("b/epic-02-x.md", "---\ndepends_on: [a/E02]\n---\n# X\n"),
      ]),
    Case(
      code: "P006",
      files: [("m/epic-1.2-a.md", good), ("m/epic-2.2-b.md", good), ("m/x.md", "---\nepic: 2\n---\n# X\n")]),
    Case(
      code: "P007",
      files: [
        (
          "m/epic-01-a.md",
          "---\nneeds_review: maybe\ntimeout: 90\ntouches: src/*.c\ngithub_issue: \"42\"\n"
            + "priority: hihg\nmax_cost_usd: -1\n---\n# A\n"
        )
      ]),
    Case(
      code: "P008",
      files: [
        ("m/epic-01-a.md", "---\nstatus: finished\n---\n# A\n"), ("m/epic-02-a.md", "---\nstatus: 🟢\n---\n# A\n"),
      ]),
    Case(
      code: "P009",
      files: [
        ("m/epic-01-a.md", "---\nmodule: n\nepic: 2\ntitle: Other\n---\n# Epic 03: Title\n"),
        ("m/2026-01-01-n-epic-4-x.md", good),
      ]),
    Case(code: "P010", files: [("m/epic-01-invoice-list.md", "---\nstatus: todo\n---\n## Only two\n")]),
    Case(code: "P011", files: [("m/epic-01-a.md", "---\ndepend_on: []\nowner: me\n---\n# A\n")]),
    Case(code: "P012", files: [("m/epic-01-a.md", "---\ndepends_on: [m/E01]\n---\n# A\n")]),
    Case(code: "P013", files: [("Bad_Name/epic-01-a.md", good), ("Bad_Name/epic-02-a.md", good)]),
    Case(
      code: "P015",
      files: [
        ("m/epic-01-a.md", "# A\n## Acceptance Criteria\n\n- [ ] works\n- [x] The list is sorted\n"),
        ("m/epic-02-b.md", "# B\n\n## Acceptance Criteria\n\nLater.\n"),
      ]),
    Case(
      code: "P016",
      files: [
        ("api/epic-01-a.md", "---\ntouches: [\"doc/*\", \"src/**\"]\n---\n# A\n"),
        ("web/epic-01-b.md", "---\ntouches:\n  - src/web/**\n---\n# B\n"),
      ]),
    Case(code: "P019", files: [("m/epic-01-a.md", "---\nstatus: what\n---\n# A\n"), ("m/epic-02-b.md", good)]),
  ]

  @Test("Prints what is wrong, where, and what to do", arguments: cases)
  func text(_ item: Case) throws {
    let text = ScratchPlans(item.files).report().text(.text)
    #expect(text.contains("[\(item.code)]"))
    try expectGolden(text, "\(item.code).txt")
  }

  @Test("Tools get the same", arguments: cases.filter { ["P004", "P005", "P007"].contains($0.code) })
  func tools(_ item: Case) throws {
    let report = ScratchPlans(item.files).report()
    try expectGolden(report.text(.json), "\(item.code).json")
    try expectGolden(report.text(.sarif), "\(item.code).sarif")
    try expectGolden(report.text(.github), "\(item.code).github")
  }

  @Test("Files that are not text, or too large, and plans that change")
  func others() throws {
    var plans = ScratchPlans([("m/epic-01-a.md", ""), ("m/epic-02-b.md", "")])
    plans.files[0].bytes = Array("# Pr".utf8) + [0xFC] + Array("fung\n".utf8)
    plans.files[1].bytes = [UInt8](repeating: 0x78, count: PlanReader.maximumSize + 1)
    try expectGolden(plans.report().text(.text), "P014-P018.txt")
    let id = try #require(TaskID("billing/E02"))
    let changed = PlanCompiler.planChanged(id, attempt: 3, path: "docs/plans/billing/epic-02-tax.md")
    var renderer = DiagnosticRenderer { _ in Array(Self.good.utf8) }
    try expectGolden(renderer.text(changed), "P017.txt")
  }

  @Test("All pages of --explain")
  func pages() throws { try expectGolden(DiagnosticCatalog.entries.map(\.page).joined(separator: "\n"), "explain.md") }

  @Test("The examples of the pages cause the code, and are sound when put right")
  func examples() throws {
    for code in ["P001", "P002", "P003", "P007", "P008", "P010", "P011", "P015"] {
      let entry = try #require(DiagnosticCatalog.entry(code))
      let wrap = { (text: String) in
        text.hasPrefix("---") ? text + "\n" : text.hasPrefix("#") ? "# T\n" + text : "---\n\(text)\n---\n# T\n"
      }
      #expect(unit(wrap(entry.wrong)).codes.contains(code), "\(code)")
      let right = unit(wrap(entry.right)).codes.filter { $0 != "P010" }
      #expect(right.isEmpty, "\(code): \(right)")
    }
  }
}
