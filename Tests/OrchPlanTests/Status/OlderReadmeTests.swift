import OrchDomain
import Testing

@testable import OrchPlan

/// The shapes of reference 17.2: flat dated files, dated files in a module's directory, and a legend with all circles.
@Suite("README tables of older repositories")
struct OlderReadmeTests {
  private static let plans: [(id: TaskID, path: String, status: TaskStatus)] = {
    func plan(_ module: String, _ number: Int, _ path: String, _ status: TaskStatus) -> (TaskID, String, TaskStatus) {
      (TaskID(module: module, number: number), "docs/plans/" + path, status)
    }
    return [
      plan("technical-module", 0, "technical-module/epic-00-setup.md", .complete),
      plan("technical-module", 1, "technical-module/epic-01-entities.md", .complete),
      plan("technical-module", 2, "technical-module/epic-02-repos.md", .complete),
      plan("technical-module", 5, "technical-module/epic-05-validators.md", .notStarted),
      plan("technical-module", 6, "technical-module/epic-06-events.md", .inProgress),
      plan("subledger", 1, "2026-01-05-subledger-epic-1-core-foundation.md", .complete),
      plan("subledger", 2, "2026-01-05-subledger-epic-2-postings.md", .complete),
      plan("subledger", 3, "2026-01-05-subledger-epic-3-reports.md", .notStarted),
      plan("customer-module", 0, "customer-module/epic-00-setup.md", .complete),
      plan("customer-module", 1, "customer-module/epic-01-model.md", .complete),
      plan("customer-module", 5, "customer-module/epic-05-import.md", .notStarted),
      plan("task-module", 0, "2026-01-07-task-module-epic-0-scaffolding.md", .complete),
      plan("task-module", 1, "2026-01-07-task-module-epic-1-model.md", .complete),
      plan("task-module", 3, "task-module/2026-01-07-task-module-epic-3-task-types-sla.md", .complete),
      plan("testing-strategy", 1, "testing-strategy/epic-01-pyramid.md", .complete),
      plan("testing-strategy", 2, "testing-strategy/epic-02-fixtures.md", .complete),
      plan("testing-strategy", 6, "testing-strategy/epic-06-load.md", .notStarted),
    ]
  }()

  private static var readme: String {
    var text = "# Project\n\n**Legend:** 🟢 complete | 🟡 in progress | 🔴 open\n"
    for section in ["technical-module", "subledger", "customer-module", "task-module", "testing-strategy"] {
      text += "\n### \(section)\n\n| Epic | Description | Status |\n|------|-------------|:------:|\n"
      for plan in plans where plan.id.module == section {
        text += "| [E\(plan.id.number)](\(plan.path)) | Some words, 4 of 5 | \(plan.status.emoji) |\n"
      }
    }
    return text + "\n| [E09](docs/plans/unknown/epic-09-x.md) | not a plan | 🟢 |\n"
  }

  @Test("Exactly the rows of known plans are read")
  func read() throws {
    let plans = Self.plans.map { ($0.id, $0.path) }
    let found = try StatusEdit.readOverview(Array(Self.readme.utf8), readmePath: "README.md", plans: plans)
    #expect(found == Dictionary(uniqueKeysWithValues: Self.plans.map { ($0.id, $0.status) }))
    #expect(found.count == 17)
  }

  @Test("A table of all modules under one heading is read and written by its links")
  func moduleStatus() throws {
    let rows = Self.plans.prefix(5).map { "| [E0\($0.id.number)](\($0.path)) | text | \($0.status.emoji) |\n" }.joined()
    let text = "## Module Status\n\n| Epic | Description | Status |\n|---|---|---|\n" + rows
    let bytes = Array(text.utf8)
    let statuses = Self.plans.map { ($0.id, $0.path, TaskStatus.complete) }
    let edits = try StatusEdit.overview(bytes, readmePath: "docs/plans/README.md", statuses: statuses)
    #expect(edits.count == 2)
    let after = String(decoding: try #require(bytes.applying(edits)), as: UTF8.self)
    #expect(after == text.replacing("🔴", with: "🟢").replacing("🟡", with: "🟢"))
  }
}
