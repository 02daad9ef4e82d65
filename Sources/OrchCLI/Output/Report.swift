import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

/// What work has cost, what limits leave, and what waits for whom.
struct Report {
  /// One row of a table of what was used.
  struct Row: Hashable {
    var name: String
    var turns: Int
    var usage: Usage
  }

  let since: Timestamp?
  let total: Row
  /// Each sorted by cost, the dearest first; days by date.
  let tasks: [Row]
  let agents: [Row]
  let models: [Row]
  let days: [Row]
  /// Limits of today and of the work that is under way.
  let levels: [BudgetLevel]
  let parked: [StoredTask]
  let needsYou: [StoredTask]
  let failed: [StoredTask]

  static func read(_ view: ProjectView, since: Timestamp?, clock: EngineClock) throws -> Report {
    Report(
      since: since, uses: try view.look { tx in try tx.turnUses(since: since) },
      days: try view.look { tx in try tx.spendings(.day) }, live: try view.store.tasks(view.row, .live),
      levels: try BudgetBook(view, clock: clock).levels(),
      dayOf: { clock.day(of: $0 ?? clock.now()).budgetKey })
  }

  /// - Parameters:
  ///   - uses: Of the turns that ended after `since`, or have not ended.
  ///   - days: What every day has used; the one of `since` counts as a whole.
  ///   - dayOf: The key of the day of a moment; of today for nil.
  init(
    since: Timestamp?, uses: [TurnUse], days: [Spending], live: [StoredTask], levels: [BudgetLevel],
    dayOf: (Timestamp?) -> String
  ) {
    let first = since.map(dayOf)
    self.since = since
    total = Self.rows(uses) { _ in "total" }.first ?? Row(name: "total", turns: 0, usage: .zero)
    tasks = Self.rows(uses) { $0.task.description }
    agents = Self.rows(uses, by: \.agent)
    models = Self.rows(uses) { $0.model ?? "(chosen by the agent)" }
    self.days = days.filter { day in first.map { day.key >= $0 } ?? true }.map { day in
      Row(name: day.key, turns: uses.count { dayOf($0.endedAt) == day.key }, usage: day.spent)
    }
    self.levels = levels
    parked = live.filter { $0.state == .parked }
    needsYou = live.filter { $0.needsPerson && $0.state != .failed }
    failed = live.filter { $0.state == .failed }
  }

  private static func rows(_ uses: [TurnUse], by name: (TurnUse) -> String) -> [Row] {
    Dictionary(grouping: uses, by: name).map { name, uses in
      Row(name: name, turns: uses.count, usage: uses.reduce(.zero) { $0.adding($1.usage) })
    }.sorted { ($1.usage.cost, $0.name) < ($0.usage.cost, $1.name) }
  }

  func text(width: Int?) -> String {
    var text = since.map { "Since \($0.rfc3339)\n" } ?? ""
    text += table("TASK", tasks, width, total: total) + table("AGENT", agents, width)
    text += table("MODEL", models, width) + table("DAY", days, width)
    if !levels.isEmpty {
      text += "\nLimits:\n" + levels.map { "  \($0.text) (\($0.percent) %)\n" }.joined()
    }
    text += section("Parked", parked) { task in
      (task.parkedUntil.map { "until \($0.rfc3339): " } ?? "until somebody acts: ") + (task.reason ?? "parked")
    }
    text += section("Needs you", needsYou) { "\($0.state.rawValue): \($0.reason ?? "")" }
    text += section("Failed", failed) { task in
      (task.failureClass.map { "\($0.rawValue): " } ?? "") + (task.reason ?? "no reason is recorded")
    }
    return text
  }

  private func table(_ title: String, _ rows: [Row], _ width: Int?, total: Row? = nil) -> String {
    guard !rows.isEmpty else { return total == nil ? "" : "No agent has worked\(since == nil ? "" : " since then").\n" }
    var table = TextTable(
      header: [title, "TURNS", "COST USD", "INPUT", "CACHE WRITE", "CACHE READ", "OUTPUT", "AGENT TIME"])
    for row in rows + (total.map { [$0] } ?? []) {
      let (usage, tokens) = (row.usage, row.usage.tokens)
      table.add([
        SafeText.line(row.name, limit: 60), String(row.turns), usage.cost.shown, String(tokens.input),
        String(tokens.cacheWrite), String(tokens.cacheRead), String(tokens.output),
        Duration.seconds(usage.seconds).text,
      ])
    }
    return (total == nil ? "\n" : "") + table.text(width: width)
  }

  private func section(_ title: String, _ tasks: [StoredTask], _ detail: (StoredTask) -> String) -> String {
    guard !tasks.isEmpty else { return "" }
    return tasks.reduce("\n\(title):\n") { text, task in
      text + "  \(task.id.description.padding(to: 16))  \(SafeText.line(detail(task), limit: 300))\n"
    }
  }

  var json: JSONValue {
    .object([
      .init("since", JSONValue(since?.rfc3339)), .init("total", json(total)),
      .init("tasks", .array(tasks.map(json))), .init("agents", .array(agents.map(json))),
      .init("models", .array(models.map(json))), .init("days", .array(days.map(json))),
      .init("limits", .array(levels.map(json))), .init("parked", .array(parked.map(json))),
      .init("needs_you", .array(needsYou.map(json))), .init("failed", .array(failed.map(json))),
    ])
  }

  private func json(_ row: Row) -> JSONValue {
    .object([
      .init("name", .string(row.name)), .init("turns", JSONValue(row.turns)),
      .init("cost_usd", .double(row.usage.cost.usd)), .init("tokens", row.usage.tokens.json),
      .init("seconds", JSONValue(row.usage.seconds)),
    ])
  }

  private func json(_ level: BudgetLevel) -> JSONValue {
    let scale = { (value: Int64) -> JSONValue in
      level.measure == .cost ? .double(MicroUSD(value).usd) : .int(value)
    }
    return .object([
      .init("scope", .string(level.account.scope.rawValue)), .init("key", .string(level.account.key)),
      .init("measure", .string(level.measure.rawValue)), .init("used", scale(level.spent)),
      .init("limit", scale(level.limit)), .init("left", scale(max(0, level.limit.subtractingSaturated(level.spent)))),
    ])
  }

  private func json(_ task: StoredTask) -> JSONValue {
    .object([
      .init("id", .string(task.id.description)), .init("state", .string(task.state.rawValue)),
      .init("reason", JSONValue(task.reason)), .init("failure_class", JSONValue(task.failureClass?.rawValue)),
      .init("since", .string(task.updatedAt.rfc3339)), .init("until", JSONValue(task.parkedUntil?.rfc3339)),
    ])
  }
}
