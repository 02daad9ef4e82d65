import OrchDiagnostics
import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

/// What `batch list` shows.
struct BatchOverview {
  let schedule: BatchSchedule
  /// Newest first.
  let history: [Batch]
  let now: Timestamp
  var zone = TimeZoneOffsets.local

  /// The next `count` times; fewer when the schedule never fires again.
  func times(_ batch: BatchSpec, _ count: Int) -> [Timestamp] {
    var times: [Timestamp] = []
    while times.count < count, let next = batch.cron.next(after: times.last ?? now, zone: zone) { times.append(next) }
    return times
  }

  private func last(_ batch: BatchSpec) -> Batch? { history.first { $0.name == batch.name } }

  var text: String {
    guard let file = schedule.file else {
      return "There is no schedule. It would be one of:\n" + schedule.searched.map { "  \($0)\n" }.joined()
    }
    guard !schedule.batches.isEmpty else { return "\(SafeText.visible(file)) has no batch that can be run.\n" }
    var table = TextTable(header: ["NAME", "CRON", "TASKS", "AT MOST", "NEXT", "THEN", "LAST RUN"])
    for batch in schedule.batches {
      let times = times(batch, 2).map(zone.text)
      table.add([
        batch.name, batch.cron.text, String(batch.maxTasks), batch.maxDuration.text, times.first ?? "never",
        times.count > 1 ? times[1] : "-",
        last(batch).map { "\(zone.text($0.startedAt)) \(BatchText.outcome($0))" } ?? "-",
      ])
    }
    let terminal = Terminal.standardOutput
    var text = table.text(width: terminal.isInteractive ? terminal.width : nil)
    let notifying = schedule.batches.filter(\.notifyOnComplete).map(\.name)
    if !notifying.isEmpty {
      text +=
        "notify_on_complete (\(notifying.joined(separator: ", "))): so far the result is only printed and logged\n"
    }
    return text
  }

  var json: JSONValue {
    .object([
      .init("file", JSONValue(schedule.file)),
      .init(
        "batches",
        .array(
          schedule.batches.map { batch in
            .object([
              .init("name", .string(batch.name)), .init("cron", .string(batch.cron.text)),
              .init("max_tasks", JSONValue(batch.maxTasks)),
              .init("max_duration_seconds", .double(batch.maxDuration.inSeconds)),
              .init("notify_on_complete", .bool(batch.notifyOnComplete)),
              .init("next", .array(times(batch, 3).map { .string($0.rfc3339) })),
              .init("last", last(batch).map(BatchText.json) ?? .null),
            ])
          })),
    ])
  }
}

/// Batches for people and programs.
enum BatchText {
  static func show(_ diagnostics: [Diagnostic]) {
    let error = Terminal.standardError
    var renderer = DiagnosticRenderer(colour: error.allowsColour, width: error.width) { Surroundings.source($0) }
    for diagnostic in diagnostics { error.write(renderer.text(diagnostic)) }
  }

  static func outcome(_ batch: Batch) -> String {
    batch.outcome ?? (batch.endedAt == nil ? "goes on, or its process was killed" : "ended")
  }

  static func table(_ history: [Batch]) -> String {
    guard !history.isEmpty else { return "No batch has run yet.\n" }
    var table = TextTable(
      header: ["#", "NAME", "STARTED", "TIME", "TASKS", "COMPLETE", "REVIEW", "PARKED", "FAILED", "USD", "OUTCOME"])
    for batch in history {
      table.add([
        String(batch.id), batch.name, TimeZoneOffsets.local.text(batch.startedAt),
        batch.endedAt.map { $0.since(batch.startedAt).text } ?? "-", String(batch.started), String(batch.complete),
        String(batch.inReview), String(batch.parked), String(batch.failed), batch.cost.shown, outcome(batch),
      ])
    }
    let terminal = Terminal.standardOutput
    var text = table.text(width: terminal.isInteractive ? terminal.width : nil)
    if let log = history.first?.logPath { text += "Log of #\(history[0].id): \(SafeText.visible(log))\n" }
    return text
  }

  static func json(_ history: [Batch]) -> JSONValue {
    .object([.init("batches", .array(history.map(json)))])
  }

  static func json(_ batch: Batch) -> JSONValue {
    .object([
      .init("id", .int(batch.id)), .init("name", .string(batch.name)),
      .init("started_at", .string(batch.startedAt.rfc3339)), .init("ended_at", JSONValue(batch.endedAt?.rfc3339)),
      .init("outcome", JSONValue(batch.outcome)), .init("started", JSONValue(batch.started)),
      .init("complete", JSONValue(batch.complete)), .init("in_review", JSONValue(batch.inReview)),
      .init("parked", JSONValue(batch.parked)), .init("failed", JSONValue(batch.failed)),
      .init("cost_usd", .double(batch.cost.usd)), .init("log", JSONValue(batch.logPath)),
    ])
  }
}
