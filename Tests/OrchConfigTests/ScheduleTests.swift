import OrchConfig
import OrchDiagnostics
import Testing

@Suite("Schedule files")
struct ScheduleTests {
  @Test("Reads batches with defaults and places")
  func reads() throws {
    let text = """
      [[batch]]
      name = "nightly"
      cron = "0  22 * * *"
      max_tasks = 5
      max_duration = "8h"

      [[batch]]
      name = "noon"
      cron = "0 12 * * 1-5"
      """
    let loaded = ScheduleLoader.parse(text, file: "s.toml")
    #expect(loaded.diagnostics.isEmpty)
    let batches = loaded.schedule.batches
    #expect(batches.map(\.name) == ["nightly", "noon"])
    #expect(batches[0].cron == "0 22 * * *")
    #expect(batches[0].maxTasks == 5 && batches[1].maxTasks == 10)
    #expect(batches[0].maxDuration == .seconds(28_800) && batches[1].maxDuration == .seconds(14_400))
    #expect(batches.map(\.location.line) == [1, 7])
    #expect(batches.map(\.cronLocation.line) == [3, 9] && batches[0].cronLocation.column == 8)
  }

  @Test(
    "Says what is wrong and leaves only that batch out",
    arguments: [
      ("[[batch]]\nname = \"a\"", "C007", 1, "needs a cron"),
      ("[[batch]]\ncron = \"0 0 * * *\"", "C007", 1, "needs a name"),
      ("[[batch]]\nname = \"a\"\ncron = \"daily\"", "C004", 3, "five fields"),
      (
        "[[batch]]\nname = \"a\"\ncron = \"0 0 * * *\"\nmax_duration = 28800000000000", "C003", 4,
        "a duration in quotes"
      ),
      ("[[batch]]\nname = \"ok\"\ncron = \"0 0 * * *\"", "C008", 1, "two batches"),
      ("[batch]\nname = \"a\"", "C003", 1, "[[batch]]"),
      ("[[batch]]\nname = \"a\"\ncron = \"0 0 * * *\"\nmax_tasks = 0", "C004", 4, "from 1 to"),
    ])
  func mistakes(_ text: String, _ code: String, _ line: Int, _ message: String) {
    let good = text.hasPrefix("[batch]") ? "" : "\n[[batch]]\nname = \"ok\"\ncron = \"1 1 * * *\"\n"
    let loaded = ScheduleLoader.parse(text + good, file: "s.toml")
    let errors = loaded.diagnostics.filter { $0.severity == .error }
    #expect(errors.count == 1 && errors[0].code == code, "\(loaded.diagnostics)")
    // The second of two equal names is the one that is wrong.
    #expect(errors[0].location.line == (code == "C008" ? 5 : line))
    #expect(errors[0].message.contains(message))
    #expect(loaded.schedule.batches.map(\.name) == (good.isEmpty ? [] : ["ok"]))
  }

  @Test("Unknown keys are warnings with the nearest known one")
  func unknown() {
    let loaded = ScheduleLoader.parse("[[batches]]\nname = \"a\"\n", file: "s.toml")
    #expect(loaded.diagnostics.map(\.code) == ["C002"])
    #expect(loaded.diagnostics[0].fix?.replacement == "batch")
  }

  @Test("Looks in the documented places")
  func places() {
    #expect(
      ScheduleLoader.candidates(configFile: "/p/.claude-orchestrator.toml", projectRoot: "/p", home: "/h") == [
        "/p/schedule.toml", "/p/.claude-orchestrator/schedule.toml",
        "/h/.config/claude-plan-orchestrator/schedule.toml", "/h/.config/claude-orchestrator/schedule.toml",
      ])
    #expect(
      ScheduleLoader.candidates(configFile: nil, projectRoot: nil, home: "/h") == [
        "/h/.config/claude-plan-orchestrator/schedule.toml", "/h/.config/claude-orchestrator/schedule.toml",
      ])
  }
}
