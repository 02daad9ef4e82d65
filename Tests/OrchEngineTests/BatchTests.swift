import OrchDiagnostics
import OrchDomain
import OrchSchedule
import Testing

@testable import OrchEngine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Batches")
struct BatchTests {
  static let expressions = [
    "0 22 * * 1-5", "*/15 3,5 1 jan-mar fri-sun", "5/20 * * * *", "0 0 13 * 5", "0 0 */2 * mon", "30 4 1,15 * 7",
    "@nightly", "@weekly", "0 0 29 2 *", "1-59/7 0-23/5 * * *",
  ]

  @Test("The form for cron fires when the original does", arguments: expressions)
  func crontab(_ text: String) throws {
    let cron = try CronExpression(text)
    let shown = try CronExpression(cron.crontab)
    #expect(!cron.crontab.contains("@") && !cron.crontab.contains(where: \.isLetter))
    var moment = Timestamp(milliseconds: 1_700_000_000_000)
    for _ in 0..<40 {
      let next = cron.next(after: moment)
      #expect(shown.next(after: moment) == next)
      guard let next else { return }
      moment = next
    }
  }

  @Test func systemdCalendars() throws {
    #expect(try CronExpression("0 22 * * 1-5").systemdCalendars == ["Mon,Tue,Wed,Thu,Fri *-*-* 22:00:00"])
    #expect(try CronExpression("5 * 1 2 *").systemdCalendars == ["*-02-01 *:05:00"])
    // Either of two day fields is enough.
    #expect(try CronExpression("0 0 13 * 5").systemdCalendars == ["*-*-13 00:00:00", "Fri *-*-* 00:00:00"])
  }

  static let installation = BatchInstallation(
    program: "/opt/a b/claude-orch", projectRoot: "/home/x/it's 100%", projectKey: "x-1234", config: nil,
    environment: [("HOME", "/home/x"), ("PATH", "/bin:/usr/bin")])

  @Test(
    "What is quoted for a shell comes out of a real one as it went in",
    arguments: [
      "plain", "", "it's", "100%", "a b", "$HOME `id` \\ \"q\"", "*?[!~#&;|<>(){}", "ümlaut 漢字", "-n", "line\nfeed",
    ])
  func shellWord(_ text: String) throws {
    let pipe = try #require(popen("printf '%s.' \(BatchInstallation.shellWord(text))", "r"))
    defer { pclose(pipe) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(pipe), byte >= 0 { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    #expect(String(decoding: bytes, as: UTF8.self) == text + ".")
  }

  @Test func crontabLineEscapesPercentSigns() throws {
    let batch = BatchSpec(name: "night 100%", cron: try CronExpression("0 22 * * *"))
    #expect(
      Self.installation.crontabLine(batch)
        == "0 22 * * * HOME=/home/x PATH=/bin:/usr/bin '/opt/a b/claude-orch' batch run 'night 100\\%' --if-due "
        + "--project '/home/x/it'\\''s 100\\%' >/dev/null")
  }

  @Test func whatCronCannotSayIsAskedEveryFiveMinutes() throws {
    var batch = BatchSpec(name: "n", cron: try CronExpression("0 22 * * *"))
    batch.jitter = .seconds(60)
    #expect(Self.installation.crontabLine(batch).hasPrefix("*/5 * * * * "))
    (batch.jitter, batch.timezone) = (.zero, "Europe/Berlin")
    #expect(Self.installation.crontabLine(batch).hasPrefix("*/5 * * * * "))
    #expect(Self.installation.units(batch)[1].text.contains("OnCalendar=*:0/5\n"))
  }

  @Test(
    "Foreign lines of a crontab are byte for byte the same after install, update and uninstall",
    arguments: [
      "", "\n", "# mine\nMAILTO=x\n5 4 * * * echo 100\\%\n", "no line feed at the end", "a\r\n\n\n  b\t\n",
      "# BEGIN claude-orch other (made by `claude-orch batch install`)\n1 1 * * * x\n# END claude-orch other\n",
    ])
  func crontabBlock(_ foreign: String) throws {
    let block = CrontabBlock(key: "x-1234")
    let installed = try block.replacing(foreign, with: ["one", "two"])
    #expect(installed.hasPrefix(foreign))
    #expect(try block.replacing(installed, with: ["one", "two"]) == installed)
    // What somebody adds behind ours stays behind it.
    let longer = installed + "9 9 * * * later\n"
    let updated = try block.replacing(longer, with: ["three"])
    #expect(updated.contains("\nthree\n") || updated.hasPrefix("three\n"))
    #expect(!updated.contains("two") && updated.hasSuffix("9 9 * * * later\n"))
    let gone = try block.replacing(updated, with: [])
    let feed = foreign.isEmpty || foreign.hasSuffix("\n") ? "" : "\n"
    #expect(gone == foreign + feed + "9 9 * * * later\n")
    #expect(try block.replacing(foreign, with: []) == foreign)
  }

  @Test(
    "A crontab whose marks do not pair is left alone",
    arguments: [
      ["# END claude-orch x-1234"], ["# END claude-orch x-1234", "B"], ["B"], ["B", "B", "# END claude-orch x-1234"],
    ])
  func brokenBlock(_ rows: [String]) throws {
    let mark = "# BEGIN claude-orch x-1234 (made by `claude-orch batch install`)"
    let text = rows.map { $0 == "B" ? mark : $0 }.joined(separator: "\n") + "\n"
    #expect(throws: EngineError.self) { try CrontabBlock(key: "x-1234").replacing(text, with: ["one"]) }
  }

  @Test func unitFilesKeepSystemdFromSubstituting() throws {
    let batch = BatchSpec(name: "$HOME %h", cron: try CronExpression("0 22 * * *"))
    let units = Self.installation.units(batch)
    try #require(units.count == 2)
    #expect(units[0].text.contains("\"$$HOME %%h\""))
    #expect(units[0].text.contains("Environment=\"HOME=/home/x\"\n"))
    #expect(units[1].text.contains("OnCalendar=*-*-* 22:00:00\n"))
    #expect(units[0].name.hasSuffix(".service") && units[1].name.hasSuffix(".timer"))
    #expect(units[0].name.dropLast(8) == units[1].name.dropLast(6))
  }

  @Test func namesOfUnitsStayApart() {
    #expect(BatchInstallation.unitName("nightly") == "nightly")
    #expect(BatchInstallation.unitName("a b") != BatchInstallation.unitName("a-b"))
    #expect(BatchInstallation.unitName("../../x").allSatisfy { $0 != "/" && $0 != "." })
    #expect(BatchInstallation.unitName(String(repeating: "a", count: 500)).count < 120)
  }

  @Test func aMistakeInOneBatchLeavesTheOthers() throws {
    let text = """
      [[batch]]
      name = "good"
      cron = "0 22 * * *"
      max_tasks = 3

      [[batch]]
      name = "bad"
      cron = "0 25 * * *"
      """
    let schedule = BatchSchedule.read(Array(text.utf8), file: "schedule.toml", searched: [])
    #expect(schedule.batches.map(\.name) == ["good"])
    #expect(schedule.batches.first?.maxTasks == 3)
    let problem = try #require(schedule.diagnostics.first)
    #expect(schedule.diagnostics.count == 1)
    #expect(problem.location.line == 8 && problem.location.column == 8)
    #expect(problem.message.contains("25 is out of range"))
    #expect(try schedule.batch(named: "good").name == "good")
    #expect { try schedule.batch(named: "bad") } throws: { "\($0)".contains("it has good") }
  }

  @Test func limitsOfABatchHoldForItsRun() throws {
    let spec = BatchSpec(name: "n", cron: try CronExpression("0 0 * * *"), maxTasks: 4, maxDuration: .seconds(60))
    let options = RunOptions(spec)
    #expect(options.count == 4 && options.maxDuration == .seconds(60) && options.patience == .seconds(60))
    #expect(options.endsAtLimit && options.grace == .seconds(600) && !RunOptions().endsAtLimit)
    let rest = RunOptions(spec, begun: 3, timeLeft: .seconds(20))
    #expect(rest.count == 1 && rest.maxDuration == .seconds(20) && RunOptions(spec, begun: 9).count == 0)
  }

  @Test func aZoneThatIsNotKnownIsAMistakeAtItsPlace() throws {
    let text = """
      [[batch]]
      name = "a"
      cron = "@daily"
      timezone = "Europe/Berlin"
      [[batch]]
      name = "b"
      cron = "@daily"
      timezone = "../../etc/passwd"
      """
    let schedule = BatchSchedule.read(Array(text.utf8), file: "s.toml", searched: [])
    #expect(schedule.batches.map(\.name) == ["a"])
    let problem = try #require(schedule.diagnostics.first)
    #expect(problem.location.line == 8 && problem.message.contains("no time zone"))
    let noon = Timestamp(milliseconds: 1_783_000_000_000)  // In July.
    #expect(schedule.zone(of: schedule.batches[0], local: .utc).offset(noon) == 7200)
  }

  @Test func outcomes() {
    var summary = RunSummary()
    #expect(BatchLedger.outcome(of: summary) == "done")
    let id = TaskID(module: "a", number: 1)
    summary.complete = [id]
    summary.parked = [id]
    summary.failed = [id, id]
    #expect(BatchLedger.outcome(of: summary) == "2 failed, 1 parked")
    summary.endedEarly = "the time limit of 1m is reached"
    #expect(BatchLedger.outcome(of: summary) == "ended early: the time limit of 1m is reached")
    summary.wasInterrupted = true
    #expect(BatchLedger.outcome(of: summary) == "interrupted")
  }

  @Test func localTimesTellTheirOffset() {
    #expect(TimeZoneOffsets.utc.text(Timestamp(milliseconds: 0)) == "1970-01-01 00:00 +00:00")
    #expect(TimeZoneOffsets.fixed(seconds: -12_600).text(Timestamp(milliseconds: 0)) == "1969-12-31 20:30 -03:30")
    #expect(TimeZoneOffsets.fixed(seconds: 20_700).text(Timestamp(milliseconds: 0)) == "1970-01-01 05:45 +05:45")
  }
}
