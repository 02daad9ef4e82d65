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
  var local = TimeZoneOffsets.local

  private func zone(_ batch: BatchSpec) -> TimeZoneOffsets { schedule.zone(of: batch, local: local) }

  /// The next `count` times; fewer when the schedule never fires again.
  func times(_ batch: BatchSpec, _ count: Int) -> [Timestamp] {
    var times: [Timestamp] = []
    let zone = zone(batch)
    while times.count < count, let next = batch.cron.next(after: times.last ?? now, zone: zone) { times.append(next) }
    return times
  }

  private func last(_ batch: BatchSpec) -> Batch? { history.first { $0.name == batch.name } }

  var text: String {
    guard let file = schedule.file else {
      return "There is no schedule. It would be one of:\n" + schedule.searched.map { "  \($0)\n" }.joined()
    }
    guard !schedule.batches.isEmpty else { return "\(SafeText.visible(file)) has no batch that can be run.\n" }
    var table = TextTable(header: ["NAME", "CRON", "DOES", "AT MOST", "NEXT", "THEN", "LAST"])
    for batch in schedule.batches {
      let times = times(batch, 2).map(zone(batch).text)
      table.add([
        batch.name, batch.schedule, BatchText.work(batch), batch.maxDuration.text, times.first ?? "never",
        times.count > 1 ? times[1] : "-",
        last(batch).map { "\(local.text($0.dueAt ?? $0.startedAt)) \(BatchText.outcome($0))" } ?? "-",
      ])
    }
    let terminal = Terminal.standardOutput
    return table.text(width: terminal.isInteractive ? terminal.width : nil)
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
              .init("timezone", JSONValue(batch.timezone)), .init("work", .string(batch.kind.rawValue)),
              .init("max_tasks", JSONValue(batch.maxTasks)),
              .init("max_duration_seconds", .double(batch.maxDuration.inSeconds)),
              .init("grace_seconds", .double(batch.grace.inSeconds)),
              .init("max_cost_usd", JSONValue(batch.maxCost?.usd)),
              .init("modules", .array(batch.modules.map { .string($0) })), .init("agent", JSONValue(batch.agent)),
              .init("priority", .string(batch.priority.rawValue)), .init("catchup", .string(batch.catchup.rawValue)),
              .init("overlap", .string(batch.overlap.rawValue)),
              .init("jitter_seconds", .double(batch.jitter.inSeconds)),
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

  /// `10 tasks`, `runs make`, `maintenance cleanup`.
  static func work(_ batch: BatchSpec) -> String {
    switch batch.work {
    case .tasks: "\(batch.maxTasks) tasks"
    case .command(let words): "runs \(words.first ?? "")"
    case .maintenance(let template, _, _): "maintenance \(template)"
    }
  }

  private static func due(_ batch: Batch) -> String {
    guard let due = batch.dueAt.map(TimeZoneOffsets.local.text) else { return "by hand" }
    guard batch.missed > 1, let until = batch.missedUntil else { return due }
    return "\(due) and \(batch.missed - 1) more until \(TimeZoneOffsets.local.text(until))"
  }

  static func table(_ history: [Batch]) -> String {
    guard !history.isEmpty else { return "No batch has run yet.\n" }
    var table = TextTable(
      header: [
        "#", "NAME", "DUE", "STARTED", "TIME", "TASKS", "COMPLETE", "REVIEW", "PARKED", "FAILED", "USD", "OUTCOME",
      ])
    for batch in history {
      table.add([
        String(batch.id), batch.name, due(batch), batch.missed > 0 ? "-" : TimeZoneOffsets.local.text(batch.startedAt),
        batch.missed > 0 ? "-" : batch.endedAt.map { $0.since(batch.startedAt).text } ?? "-", String(batch.started),
        String(batch.complete),
        String(batch.inReview), String(batch.parked), String(batch.failed), batch.cost.shown, outcome(batch),
      ])
    }
    let terminal = Terminal.standardOutput
    var text = table.text(width: terminal.isInteractive ? terminal.width : nil)
    if let last = history.first(where: { $0.logPath != nil }), let log = last.logPath {
      text += "Log of #\(last.id): \(SafeText.visible(log))\n"
    }
    return text
  }

  static func json(_ history: [Batch]) -> JSONValue {
    .object([.init("batches", .array(history.map(json)))])
  }

  static func json(_ batch: Batch) -> JSONValue {
    .object([
      .init("id", .int(batch.id)), .init("name", .string(batch.name)), .init("work", .string(batch.work.rawValue)),
      .init("due_at", JSONValue(batch.dueAt?.rfc3339)), .init("missed", JSONValue(batch.missed)),
      .init("missed_until", JSONValue(batch.missedUntil?.rfc3339)),
      .init("started_at", .string(batch.startedAt.rfc3339)), .init("ended_at", JSONValue(batch.endedAt?.rfc3339)),
      .init("outcome", JSONValue(batch.outcome)), .init("started", JSONValue(batch.started)),
      .init("complete", JSONValue(batch.complete)), .init("in_review", JSONValue(batch.inReview)),
      .init("parked", JSONValue(batch.parked)), .init("failed", JSONValue(batch.failed)),
      .init("cost_usd", .double(batch.cost.usd)), .init("log", JSONValue(batch.logPath)),
    ])
  }
}
