import OrchConfig
import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

/// A forecast for people and programs.
struct ForecastView {
  let forecast: Forecast
  let titles: [TaskID: String]
  let slots: Int
  let count: Int?
  /// Tasks that would start if `count` were larger; ascending.
  let overCount: [TaskID]
  /// Tasks that would not start however large `count` is; ascending.
  let waiting: [TaskID]
  /// Why the first few of those would not.
  let obstacles: [(task: TaskID, why: String)]
  /// Whether the store has any tasks at all.
  var isSynced = true

  private static let shownReasons = 5

  static func read(
    _ view: ProjectView, _ frontier: Frontier, slots: Int, count: Int?, now: Timestamp
  ) throws -> ForecastView {
    let tasks = try view.store.tasks(view.row)
    let byID = Dictionary(tasks.map { ($0.id, $0) }) { $1 }
    let attempts = try view.look { tx in try tx.attempts() }
    let changes = try view.look { tx in try tx.changes() }
    let history = WorkHistory(RunHistory.samples(tasks: tasks, attempts: attempts, changes: changes))
    let started = Dictionary(attempts.filter { $0.endedAt == nil }.map { ($0.task, $0.startedAt) }) { $1 }
    let settings = view.place.loaded.settings
    let estimate = { (id: TaskID) -> TaskEstimate in
      var estimate = history.estimate(id, complexity: byID[id]?.plan.complexity)
      let agent = byID[id]?.plan.agent ?? settings.general.agent
      // A script asks no model, so it costs nothing, whatever there is no history of.
      if estimate.basis == .fallback, settings.agent(named: agent).adapter == "script" { estimate.cost = .zero }
      guard let began = started[id] else { return estimate }
      return RunHistory.remaining(estimate, after: now.since(began))
    }
    let forecast = Forecast(frontier, slots: slots, limit: count, estimate: estimate)
    let whole = count == nil ? forecast : Forecast(frontier, slots: slots, estimate: estimate)
    let never = Set(whole.unscheduled)
    return ForecastView(
      forecast: forecast, titles: byID.mapValues(\.plan.title), slots: slots, count: count,
      overCount: forecast.unscheduled.filter { !never.contains($0) }, waiting: whole.unscheduled,
      obstacles: whole.unscheduled.prefix(shownReasons).compactMap { id in
        frontier.explain(id).first.map { (id, $0.description) }
      }, isSynced: !tasks.isEmpty)
  }

  func text(width: Int?) -> String {
    guard !forecast.entries.isEmpty else {
      guard isSynced else { return "No tasks are stored; run `claude-orch sync`.\n" }
      return forecast.unscheduled.isEmpty ? "Nothing is left to do.\n" : "Nothing would be started.\n" + unplannedText
    }
    var table = TextTable(header: ["WAVE", "TASK", "TITLE", "FROM", "UNTIL", "COST USD"])
    for entry in forecast.entries {
      table.add([
        String(entry.wave), entry.task.description, titles[entry.task] ?? "",
        entry.isRunning ? "running" : "+\(entry.start.text)", "+\(entry.end.text)", entry.estimate.cost.likely.cents,
      ])
    }
    return "\(headline)\n\n" + table.text(width: width) + "\n" + summary + unplannedText
  }

  private var headline: String {
    let tasks = forecast.entries.count.counted("task")
    let running = forecast.entries.count { $0.isRunning }
    let waves = forecast.waves.count.counted("wave")
    return "\(tasks)\(running > 0 ? " (\(running) at work already)" : "") in \(waves), "
      + (slots == 1 ? "one at a time" : "at most \(slots) at a time")
  }

  private var summary: String {
    let path = ForecastView.shortened(forecast.criticalPath.map(\.description)).joined(separator: " -> ")
    let cost = forecast.cost
    var text = "Critical path: \(path) (\(forecast.criticalDuration.text))\n"
    text += "Forecast: done in \(forecast.total.text), for \(cost.likely.cents) USD"
    if cost.low != cost.high { text += " (\(cost.low.cents) to \(cost.high.cents))" }
    return text + "\nBased on: \(basis)\n"
  }

  private var basis: String {
    let guesses = forecast.entries.count { $0.estimate.basis == .fallback }
    let known = forecast.entries.count - guesses
    let assumed = "an assumed \(TaskEstimate.fallback.duration.text) for each task, because nothing was run yet"
    if guesses == 0 { return "the runs of this project" }
    return known == 0 ? assumed : "the runs of this project for \(known) tasks, \(assumed) for \(guesses)"
  }

  private var unplannedText: String {
    var text = ""
    if !overCount.isEmpty { text += "\(overCount.count.counted("task")) more without --count.\n" }
    guard !waiting.isEmpty else { return text }
    text += "Not planned: \(waiting.count.counted("task"))\n"
    for item in obstacles {
      text += "  \(item.task.description.padding(to: 16))  \(SafeText.line(item.why, limit: 200))\n"
    }
    if waiting.count > obstacles.count { text += "  and \(waiting.count - obstacles.count) more\n" }
    return text
  }

  /// Both ends of a long chain.
  static func shortened(_ names: [String], to limit: Int = 12) -> [String] {
    guard names.count > limit else { return names }
    return names.prefix(limit - 2) + ["(\(names.count - limit + 1) more)"] + names.suffix(1)
  }

  var json: JSONValue {
    let ids = { (ids: [TaskID]) in JSONValue.array(ids.map { .string($0.description) }) }
    return .object([
      .init("count", JSONValue(count)), .init("slots", JSONValue(slots)),
      .init("tasks", .array(forecast.entries.map(json))), .init("waves", .array(forecast.waves.map(ids))),
      .init(
        "critical_path",
        .object([
          .init("tasks", ids(forecast.criticalPath)),
          .init("duration_seconds", .double(forecast.criticalDuration.inSeconds)),
        ])),
      .init("duration_seconds", .double(forecast.total.inSeconds)), .init("cost_usd", forecast.cost.json),
      .init("over_count", ids(overCount)), .init("unscheduled", ids(waiting)),
    ])
  }

  private func json(_ entry: Forecast.Entry) -> JSONValue {
    .object([
      .init("id", .string(entry.task.description)), .init("title", .string(titles[entry.task] ?? "")),
      .init("wave", JSONValue(entry.wave)), .init("running", .bool(entry.isRunning)),
      .init("start_seconds", .double(entry.start.inSeconds)), .init("end_seconds", .double(entry.end.inSeconds)),
      .init("cost_usd", entry.estimate.cost.json), .init("basis", .string(entry.estimate.basis.name)),
      .init("samples", JSONValue(entry.estimate.basis.samples)),
    ])
  }
}

extension CostRange {
  /// In US dollars.
  var json: JSONValue {
    .object([
      .init("low", .double(low.usd)), .init("likely", .double(likely.usd)), .init("high", .double(high.usd)),
    ])
  }
}

extension MicroUSD {
  /// `12.34`, rounded to cents.
  var cents: String {
    let cents = max(0, amount.addingReportingOverflow(5000).partialValue) / 10_000
    return "\(cents / 100).\(pad(Int(cents % 100)))"
  }
}

extension TaskEstimate.Basis {
  /// For programs.
  var name: String {
    switch self {
    case .module: "module"
    case .complexity: "complexity"
    case .project: "project"
    case .fallback: "fallback"
    }
  }

  /// How many runs it comes from.
  var samples: Int {
    switch self {
    case .module(let count), .complexity(let count), .project(let count): count
    case .fallback: 0
    }
  }
}
