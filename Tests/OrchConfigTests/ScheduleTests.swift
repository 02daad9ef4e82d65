import OrchConfig
import OrchDiagnostics
import OrchDomain
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
    #expect(batches.map(\.times.name) == ["nightly", "noon"])
    #expect(batches[0].times.cron == "0 22 * * *")
    #expect(batches[0].maxTasks == 5 && batches[1].maxTasks == 10)
    #expect(batches[0].maxDuration == .seconds(28_800) && batches[1].maxDuration == .seconds(14_400))
    #expect(batches.map(\.times.location.line) == [1, 7])
    #expect(batches.map(\.times.cronLocation.line) == [3, 9] && batches[0].times.cronLocation.column == 8)
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
    #expect(loaded.schedule.batches.map(\.times.name) == (good.isEmpty ? [] : ["ok"]))
  }

  @Test("Reads every key of a batch and of a job, and a shortcut for a time")
  func everyKey() throws {
    let text = """
      [[batch]]
      name = "nightly"
      cron = "@nightly"
      timezone = "Europe/Berlin"
      max_cost_usd = 2.5
      modules = ["a", "b"]
      agent = "codex"
      priority = "high"
      catchup = "all"
      overlap = "queue"
      jitter = "5m"
      grace = "1m"
      notify_on_complete = true

      [[job]]
      name = "backup"
      cron = "0 6 * * *"
      command = ["make", "backup"]
      catchup = "none"

      [[job]]
      name = "tidy"
      cron = "0 7 * * 6"
      maintenance = "cleanup"
      scope = "module:core"
      prompt = "Only comments."
      max_duration = "2h"
      """
    let schedule = ScheduleLoader.parse(text, file: "s.toml").schedule
    let batch = try #require(schedule.batches.first)
    #expect(batch.times.cron == "@nightly" && batch.times.timezone == "Europe/Berlin" && batch.times.catchup == .all)
    #expect(batch.times.overlap == .queue && batch.times.jitter == .seconds(300) && batch.times.notifyOnComplete)
    #expect(batch.maxCost?.usd == 2.5 && batch.modules == ["a", "b"] && batch.agent == "codex")
    #expect(batch.priority == .high && batch.grace == .seconds(60))
    #expect(schedule.jobs.map(\.command) == [["make", "backup"], []] && schedule.jobs[0].times.catchup == .none)
    #expect(schedule.jobs[1].maintenance == "cleanup" && schedule.jobs[1].scope == "module:core")
    #expect(schedule.jobs[1].prompt == "Only comments." && schedule.jobs[1].maxDuration == .seconds(7200))
  }

  @Test("A job does one thing, and no job has the name of a batch")
  func jobMistakes() {
    let times = "cron = \"0 6 * * *\"\n"
    let loaded = ScheduleLoader.parse(
      """
      [[batch]]
      name = "a"
      \(times)
      [[job]]
      name = "a"
      command = ["x"]
      \(times)
      [[job]]
      name = "b"
      \(times)
      [[job]]
      name = "c"
      command = ["x"]
      maintenance = "cleanup"
      \(times)
      """, file: "s.toml")
    #expect(loaded.schedule.jobs.isEmpty && loaded.schedule.batches.count == 1)
    #expect(loaded.diagnostics.map(\.code) == ["C008", "C007", "C008"], "\(loaded.diagnostics)")
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
