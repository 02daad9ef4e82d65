import OrchDomain
import OrchSchedule
import Testing

@testable import OrchCLI
@testable import OrchStore

/// What `report` makes of what turns have used.
@Suite struct ReportTests {
  private static func use(
    _ task: String, _ agent: String, _ model: String?, day: Int?, usd: Double, tokens: Int = 0, seconds: Int = 0
  ) -> TurnUse {
    TurnUse(
      task: id(task), agent: agent, model: model, endedAt: day.map { noon.advanced(by: .seconds($0 * 86_400)) },
      usage: Usage(
        cost: MicroUSD(usd: usd),
        tokens: TokenUsage(input: tokens, cacheWrite: 2 * tokens, cacheRead: 3 * tokens, output: 4 * tokens),
        seconds: seconds))
  }

  private static func spending(_ day: Int, usd: Double) -> Spending {
    Spending(
      scope: .day, key: key(noon.advanced(by: .seconds(day * 86_400))), spent: Usage(cost: MicroUSD(usd: usd)),
      updatedAt: noon)
  }

  /// Days in UTC; today is two days after noon.
  private static func key(_ moment: Timestamp?) -> String {
    (moment ?? noon.advanced(by: .seconds(2 * 86_400))).civil.date.budgetKey
  }

  private static let uses = [
    use("a/E01", "claude-code", "opus", day: 0, usd: 1, tokens: 10, seconds: 60),
    use("a/E01", "claude-code", "opus", day: 1, usd: 2, tokens: 100, seconds: 30),
    use("b/E01", "codex", nil, day: 1, usd: 4, tokens: 1000, seconds: 10),
    use("a/E02", "codex", "gpt", day: nil, usd: 0.5),
    use("c/E01", "claude-code", "opus", day: 1, usd: 0.5),
  ]

  private static func report(
    _ events: [StoredEvent] = [], since: Timestamp? = nil, until: Timestamp? = nil, uses: [TurnUse] = uses,
    levels: [BudgetLevel] = [], tested: [Int: String] = [:], graph: [GraphTask] = []
  ) -> Report {
    Report(
      project: "ledger", log: NightLog(events, since: since, until: until), uses: uses,
      days: [spending(0, usd: 1), spending(1, usd: 6.5), spending(2, usd: 0.5)], levels: levels, tested: tested,
      graph: graph, zone: .utc, dayOf: key)
  }

  private static func text(_ report: Report) -> String { report.page(now: noon).text(width: nil) }

  private static func state(_ task: String, _ state: String, _ more: String = "") -> StoredEvent {
    event(.taskState, #"{"from":"running","to":"\#(state)"\#(more)}"#, task: task)
  }

  private static func short(_ rows: [Report.Row]) -> [String] {
    rows.map { "\($0.name) \($0.turns) \($0.usage.cost.usd) \($0.usage.tokens.total) \($0.usage.seconds)" }
  }

  @Test("What was used is added up by task, agent and model, the dearest first, equal ones by name")
  func sums() {
    let report = Self.report()
    #expect(
      Self.short(report.tasks) == ["b/E01 1 4.0 10000 10", "a/E01 2 3.0 1100 90", "a/E02 1 0.5 0 0", "c/E01 1 0.5 0 0"])
    #expect(Self.short(report.agents) == ["codex 2 4.5 10000 10", "claude-code 3 3.5 1100 90"])
    #expect(
      Self.short(report.models) == ["(chosen by the agent) 1 4.0 10000 10", "opus 3 3.5 1100 90", "gpt 1 0.5 0 0"])
    #expect(Self.short([report.total]) == ["total 5 8.0 11100 100"])
    for rows in [report.tasks, report.agents, report.models] {
      #expect(rows.reduce(.zero) { $0.adding($1.usage) } == report.total.usage, "every table has the same sum")
    }
  }

  @Test("A day has what was charged to it, the turns that ended on it, and today those that go on")
  func days() {
    let days = Self.report().days
    #expect(days.map(\.name) == ["2023-11-14", "2023-11-15", "2023-11-16"])
    #expect(days.map(\.turns) == [1, 3, 1] && days.map(\.usage.cost.usd) == [1, 6.5, 0.5])
    let later = Self.report(since: noon.advanced(by: .seconds(86_400 + 3600)))
    #expect(later.days.map(\.name) == ["2023-11-15", "2023-11-16"], "the day of the moment counts as a whole")
  }

  @Test("Each task that waits is named once, with what it waits for; what most work waits for comes first")
  func waiting() {
    let report = Self.report(
      [
        Self.state("a/E01", "parked", #","reason":"limit","parked_until":1700000000000,"failure_class":"rate_limit""#),
        Self.state("a/E02", "parked", #","reason":"stopped by a person""#),
        Self.state("b/E03", "in_review", #","reason":"needs a human""#),
        Self.state("b/E01", "stuck", #","reason":"log in\u001b[31m","failure_class":"auth""#),
        Self.state("b/E02", "failed", #","failure_class":"crash""#), Self.state("c/E01", "running"),
        Self.state("c/E02", "stuck"), Self.state("c/E02", "ready"),
      ], uses: [],
      graph: [
        graphTask("b/E01", .stuck), graphTask("b/E04", .blocked, after: ["b/E01"]),
        graphTask("b/E05", .blocked, after: ["b/E04"]), graphTask("b/E06", .complete, after: ["b/E03"]),
      ])
    #expect(report.needsYou.map(\.task) == [id("b/E01"), id("b/E03")])
    #expect(
      Self.text(report).hasSuffix(
        """

        Landed:
          Nothing

        Needs you:
          b/E01             stuck (2 tasks wait for it): log in\\u{1b}[31m
          b/E03             in_review: needs a human

        Parked:
          a/E01             until 2023-11-14 22:13 +00:00: limit
          a/E02             until somebody acts: stopped by a person

        Failed:
          b/E02             crash: no reason is recorded

        """), "\(Self.text(report))")
  }

  @Test("Limits tell what is used and left, in their own unit")
  func limits() {
    let day = BudgetAccount(.day, "2023-11-16")
    let report = Self.report(levels: [
      BudgetLevel(day, .cost, spent: 500_000, limit: 2_000_000), BudgetLevel(day, .tokens, spent: 90, limit: 80),
    ])
    #expect(Self.text(report).contains("\nLimits:\n  0.50 of 2.00 USD for the day 2023-11-16 (25 %)\n"))
    guard case .array(let limits)? = report.json(now: noon)["limits"] else {
      Issue.record("no list of limits")
      return
    }
    #expect(limits.map { $0["used"] } == [.double(0.5), .int(90)])
    #expect(limits.map { $0["left"] } == [.double(1.5), .int(0)], "nothing is left when more was used than allowed")
  }

  @Test("Nothing to tell is said")
  func nothing() {
    let empty = Self.report(uses: [])
    let head = "From the beginning until now\nLanded 0, needs you 0, parked 0, failed 0\nNo agent has worked\n"
    #expect(Self.text(empty) == head + "\nLanded:\n  Nothing\n")
    #expect(Self.text(Self.report(since: noon, uses: [])).hasPrefix("Since 2023-11-14 22:13 +00:00 until now\n"))
    let json = empty.json(now: noon)
    #expect(json["total"]?["turns"] == .int(0) && json["tasks"] == .array([]) && json["landed"] == .array([]))
  }
}
