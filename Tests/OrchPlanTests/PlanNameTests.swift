import OrchDiagnostics
import OrchDomain
import OrchPlan
import Testing

@Suite("Names of plan files")
struct PlanNameTests {
  @Test(
    "The patterns of the older tool and dates give the same ids",
    arguments: [
      ("m/epic-00-setup.md", "m/E00"), ("m/epic-01-entities.md", "m/E01"), ("m/epic-99-final.md", "m/E99"),
      ("m/epic-123-x.md", "m/E123"), ("m/epic-001-x.md", "m/E01"), ("m/01-epic-setup.md", "m/E01"),
      ("m/02-epic-foundation.md", "m/E02"), ("m/10-epic-testing.md", "m/E10"),
      ("m/epic-cli-02-customer.md", "m/CLI02"), ("m/epic-tui-05-dashboard.md", "m/TUI05"),
      ("m/epic-api-00-scaffolding.md", "m/API00"), ("m/epic-e-03-x.md", "m/E03"), ("m/epic-ex-02-x.md", "m/EX02"),
      ("m/epic-1.1-workspace-setup.md", "m/E01"), ("m/epic-1.2-ci-cd-pipeline.md", "m/E02"),
      ("m/epic-2.3-something.md", "m/E03"), ("m/epic-10.15-large-numbers.md", "m/E15"),
      ("technical-module/epic-05-validators.md", "technical-module/E05"),
      ("api-v2-migration/epic-05-validators.md", "api-v2-migration/E05"),
      ("billing/issue-42/epic-00-x.md", "billing/E00"), ("billing/a/b/c/epic-00-x.md", "billing/E00"),
      ("2026-01-05-subledger-epic-1-core-foundation.md", "subledger/E01"),
      ("2026-01-07-task-module-epic-0-scaffolding.md", "task-module/E00"),
      ("task-module/2026-01-07-task-module-epic-3-task-types-sla.md", "task-module/E03"),
      ("task-module/2026-01-07-epic-3-x.md", "task-module/E03"),
      ("task-module/2026-01-07-epic-cli-3-x.md", "task-module/CLI03"),
      ("task-module/2026-01-07-04-epic-x.md", "task-module/E04"),
      ("my-epic-1-a/2026-01-07-my-epic-1-a-epic-2-x.md", "my-epic-1-a/E02"),
      ("2026-01-07-web-cli-epic-cli-2-x.md", "web-cli/CLI02"), ("2026-01-07-web-03-epic-x.md", "web/E03"),
      ("m/epic-01-.md", "m/E01"), ("m/epic-01-äöü 😀.md", "m/E01"),
    ])
  func ids(_ name: String, _ expected: String) {
    let unit = unit("# T\n", name)
    #expect(unit.kind == .plan)
    #expect(unit.task?.id.description == expected)
    #expect(unit.isSound)
  }

  @Test(
    "Other files are not plans",
    arguments: [
      "m/epic.md", "m/epic-name.md", "m/some-file.txt", "m/epic-01-x.txt", "m/EPIC-01-x.md", "m/epic-01.md",
      "m/epic-CLI-02-x.md", "m/epic-1.2.3-x.md", "m/notes.md", "m/x-epic-01-y.md", "m/sub/README.md", "README.md",
      "m/epic-01-x.MD", "m/.md", "m/2026-1-07-epic-3-x.md", "00-overview.md", "Bad/README.md",
    ])
  func others(_ name: String) {
    let unit = unit("# T\n", name)
    #expect(unit.kind == .other)
    #expect(unit.diagnostics.isEmpty)
  }

  @Test("Files outside the root are not plans", arguments: ["docs/plansx/m/epic-01-x.md", "epic-01-x.md", "", "/"])
  func outside(_ path: String) {
    #expect(PlanReader.read(PlanSource(path: path, bytes: []), root: "docs/plans").kind == .other)
  }

  @Test("Another root may be set, with or without a slash", arguments: ["plans", "plans/", "a/b", ".", ""])
  func root(_ root: String) {
    let prefix = root.isEmpty || root == "." ? "" : root + (root.hasSuffix("/") ? "" : "/")
    let unit = PlanReader.read(PlanSource(path: prefix + "m/epic-01-x.md", bytes: Array("# T".utf8)), root: root)
    #expect(unit.task?.id.description == "m/E01")
  }

  @Test("README and overview describe the module", arguments: ["README.md", "00-overview.md"])
  func overviews(_ name: String) {
    let unit = unit("anything: [", "billing/\(name)")
    #expect(unit.kind == .overview)
    #expect(unit.module == "billing")
    #expect(unit.diagnostics.isEmpty)
  }

  @Test("The phase is kept", arguments: [("m/epic-3.04-x.md", 3 as Int?), ("m/epic-04-x.md", nil)])
  func phase(_ name: String, _ phase: Int?) { #expect(unit("# T", name).task?.phase == phase) }

  @Test("`epic` makes any file a plan, decimal also with zeros in front")
  func frontmatterID() {
    #expect(unit("---\nepic: 7\n---\n# T\n", "billing/notes.md").task?.id.description == "billing/E07")
    #expect(unit("---\nepic: 010\n---\n# T\n", "billing/notes.md").task?.id.description == "billing/E10")
    #expect(unit("---\nepic: 7\nmodule: web\n---\n# T\n", "notes.md").task?.id.description == "web/E07")
    #expect(unit("---\nepic: 7\n---\n# T\n", "billing/notes.md").idRange == PlanRange(line: 2, column: 7, endColumn: 8))
    #expect(unit("---\nepic: seven\n---\n", "billing/notes.md").codes.contains("P007"))
    #expect(unit("---\nepic:\n---\n", "billing/notes.md").codes.contains("P003"))
    #expect(unit("---\nepic: 7\n---\n", "notes.md").codes.contains("P003"))
    #expect(unit("---\nother: 7\n---\n", "billing/notes.md").kind == .other)
    #expect(unit("---\nother: [\n---\n", "billing/notes.md").kind == .other)
    #expect(unit("---\nepic: 7\nother: [\n---\n", "billing/notes.md").codes == ["P001", "P010"])
  }

  @Test(
    "A module that can't be one is told, and a better name is offered",
    arguments: [("Billing", "billing"), ("api_v2", "api-v2"), ("2fast", nil), ("ünï", nil)] as [(String, String?)])
  func badModule(_ name: String, _ better: String?) {
    let unit = unit("# T\n", "\(name)/epic-01-x.md")
    #expect(unit.codes == ["P013"])
    #expect(unit.task == nil)
    #expect(unit.diagnostics.first?.fix?.message == better.map { "rename it to '\($0)'" })
  }

  @Test("A number that is too large is told, not cut")
  func hugeNumber() {
    let unit = unit("# T\n", "m/epic-99999999999999999999-x.md")
    #expect(unit.codes == ["P003"])
    #expect(unit.task == nil)
  }

  @Test("A plan in the root without a module is no task, and says so")
  func rootPlan() {
    let unit = unit("# T\n", "epic-01-x.md")
    #expect(unit.task == nil)
    #expect(unit.diagnostics.map(\.severity) == [.warning])
  }
}
