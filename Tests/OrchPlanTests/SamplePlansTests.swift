import OrchDomain
import OrchPlan
import Testing

/// The fixture of the older tool (reference, 17.1).
@Suite("The sample plans of the older tool")
struct SamplePlansTests {
  static func plan(_ title: String, _ keys: String) -> String {
    "---\n\(keys)---\n\n# \(title)\n\nA sentence.\n\n## Requirements\n\n- one\n- two\n- three\n"
  }

  static let plans = ScratchPlans([
    ("testing/epic-00-setup.md", plan("Epic 00: Setup", "status: complete\npriority: high\nneeds_review: false\n")),
    (
      "testing/epic-01-core.md",
      plan("Epic 01: Core", "status: in_progress\npriority: high\ndepends_on: [testing/E00]\nneeds_review: true\n")
    ),
    (
      "testing/epic-02-advanced.md",
      plan("Epic 02: Advanced", "priority: medium\ndepends_on: [testing/E01, billing/E00]\nneeds_review: true\n")
    ),
    ("billing/epic-00-setup.md", plan("Epic 00: Setup", "status: done\npriority: high\nneeds_review: false\n")),
    (
      "billing/epic-01-payments.md",
      plan("Epic 01: Payments", "priority: medium\ndepends_on: [billing/E00]\nneeds_review: true\n")
    ),
    ("README.md", "# Plans\n"),
    ("billing/00-overview.md", "# Billing\n"), ("billing/README.md", "# Billing\n"),
  ])

  @Test("Five tasks with their values, and no complaint")
  func values() {
    let compilation = Self.plans.compile()
    #expect(compilation.diagnostics.isEmpty)
    #expect(
      compilation.tasks.map(\.id.description) == [
        "billing/E00", "billing/E01", "testing/E00", "testing/E01", "testing/E02",
      ])
    #expect(compilation.tasks.map(\.status) == [.complete, .notStarted, .complete, .inProgress, .notStarted])
    #expect(compilation.tasks.map(\.priority) == [.high, .normal, .high, .high, .normal])
    #expect(compilation.tasks.map(\.needsReview) == [false, true, false, true, true])
    #expect(compilation.edges("billing/E01") == ["!billing/E00"], "the implicit edge is not added again")
    #expect(compilation.edges("testing/E02") == ["!billing/E00", "!testing/E01"])
    #expect(compilation.unsound.isEmpty)
    #expect(
      compilation.overviews == ["billing": ["docs/plans/billing/00-overview.md", "docs/plans/billing/README.md"]])
  }
}
