import Foundation
import OrchStore
import Testing

/// Maintenance tasks go the way of every task.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MaintenanceTests {
  static let request = """
    Tidy the data.

    ```bash run
    mkdir -p data
    echo "ok tidy" > data/tidy
    git add data
    git commit --quiet -m "Tidy the data"
    ```
    """

  @Test func aRunIsATaskThatLands() async throws {
    let shop = try Workshop([Plan("core/E01")])
    try shop.write("notes.txt", "mine\n")
    let before = try shop.git("rev-parse", "main")
    let plan = "docs/plans/maintenance/epic-customdata-01-custom.md"

    let shown = try await shop.expect(
      0, "maintenance", "run", "custom", "--scope", "path:data/**", "--prompt", Self.request, "--dry-run")
    #expect(shown.out.contains("touches: ['data/**']") && shown.out.contains("Tidy the data."))
    let unasked = try await shop.expect(
      64, "maintenance", "run", "custom", "--scope", "path:data/**", "--prompt", Self.request)
    #expect(unasked.err.contains("--yes"))
    #expect(try shop.git("rev-parse", "main") == before && !shop.exists(plan), "nothing is written unasked")

    let run = try await shop.expect(
      0, "maintenance", "run", "custom", "--scope", "path:data/**", "--prompt", Self.request, "--yes", "--json")
    let summary = try #require(try Event.all(run).last).json
    #expect(summary["complete"].strings == ["maintenance/CUSTOMDATA01"])
    #expect(try shop.git("show", "main:data/tidy") == "ok tidy")
    #expect(try shop.git("show", "main:\(plan)").contains("status: complete\n"))
    #expect(try shop.read(plan).contains("status: complete\n"), "the checkout follows")
    #expect(
      try shop.read("notes.txt") == "mine\n" && shop.uncommitted() == [" M notes.txt"], "what is a person's stays")
    #expect(try shop.changes().map(\.state) == [.merged], "it was judged and landed as every change")
    try await shop.expect(0, "check", "--strict")
    #expect(try await shop.strays() == [])

    // The same again is the next task, and one that is open is not made twice.
    try shop.write("test.sh", "exit 1\n")
    try shop.git("commit", "--quiet", "-m", "Break the gate", "test.sh")
    try await shop.expect(
      1, "maintenance", "run", "custom", "--scope", "path:data/**", "--prompt", "echo", "--yes")
    let twice = try await shop.expect(
      1, "maintenance", "run", "custom", "--scope", "path:data/**", "--prompt", "echo", "--yes")
    #expect(twice.err.contains("maintenance/CUSTOMDATA02 is "), "\(twice)")
  }

  @Test func everyTemplateMakesASoundPlan() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let list = try JSON(try await shop.expect(0, "maintenance", "list", "--json").out)["templates"].array
    let names = list.map { $0["name"].string }
    #expect(names == ["refactor", "cleanup", "optimize", "docs", "tests", "security", "lint", "custom"])
    for (index, name) in names.enumerated() {
      let scope = ["all", "module:core", "path:Sources/X\(index)"][index % 3]
      let plan = try await shop.expect(
        0, "maintenance", "run", name, "--scope", scope, "--prompt", "As I say.", "--dry-run"
      ).out
      try shop.write("docs/plans/maintenance/epic-\(name)-01-x.md", plan)
    }
    try await shop.expect(0, "check", "--strict")
  }

  @Test func textsOfTheProjectReplaceOurs() async throws {
    let shop = try Workshop([Plan("core/E01")])
    try shop.write(
      ".claude-orchestrator/prompts/maintenance/docs.md",
      "# Write about {{scope}}\n\nOur way. {{request}}\n\n## Acceptance Criteria\n\n- [ ] The page is there\n")
    let plan = try await shop.expect(0, "maintenance", "run", "docs", "--scope", "all", "--dry-run").out
    #expect(plan.contains("# Write about the whole repository\n\nOur way."))
    let list = try await shop.expect(0, "maintenance", "list").out
    #expect(list.contains("prompts/maintenance/docs.md") && list.contains("built in"))
  }

  @Test(arguments: [
    ["docs", "--scope", "module:nowhere", "--yes"], ["nothing", "--scope", "all", "--yes"],
    ["docs", "--scope", "path:../x", "--yes"], ["custom", "--scope", "all", "--yes"],
  ])
  func whatCannotBeMeantIsRefused(_ arguments: [String]) async throws {
    let shop = try Workshop([Plan("core/E01")])
    let before = try shop.git("rev-parse", "main")
    let run = try await shop.launch(["maintenance", "run"] + arguments).output()
    #expect(run.status == 64 || run.status == 1, "\(run)")
    #expect(try shop.git("rev-parse", "main") == before)
  }
}
