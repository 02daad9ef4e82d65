import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch status`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", _superCommandName: "claude-orch",
    abstract: "Show how far the work is, what runs, and what needs you")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws { try await answer() }

  func answer() async throws {
    let view = try StatusView.read(try options.look(), now: EngineClock.system.now())
    Terminal.standardOutput.write(output.json ? view.json.text() + "\n" : view.text)
  }
}

extension StoredTask {
  /// Whether it cannot go on before a person has done something.
  var needsPerson: Bool {
    switch state {
    case .inReview, .stuck, .failed: true
    case .approved: reason != nil
    default: false
    }
  }
}

/// The state of a project for people and programs.
struct StatusView {
  let counts: TaskCounts
  let live: [StoredTask]
  /// All that are known; those that are over are not shown.
  let cooldowns: [Cooldown]
  /// Pairs of branches that do not merge; those of tasks that are not under way any more are not shown.
  let conflicts: [ForeseenConflict]
  /// What agents ask and nobody has answered.
  let questions: [Question]
  let isPaused: Bool
  /// Who drives the tasks now.
  let holder: String?
  let disk: DiskBudget
  /// Notices that did not arrive, newest first.
  var unsent: [StoredNotice] = []
  let now: Timestamp

  /// In constant time: counters, and only the tasks that are neither waiting nor done.
  static func read(_ view: ProjectView, now: Timestamp) throws -> StatusView {
    StatusView(
      counts: try view.store.counts(view.row), live: try view.store.tasks(view.row, .live),
      cooldowns: try view.look { tx in try tx.cooldowns() }, conflicts: try view.look { tx in try tx.conflicts() },
      questions: try view.look { tx in try tx.openQuestions() },
      isPaused: try view.look { tx in try tx.isProjectPaused() },
      holder: try view.holder(), disk: try view.diskBudget(),
      unsent: try view.look { tx in try tx.undeliveredNotices(since: now.advanced(by: .seconds(-86_400))) }, now: now)
  }

  private var holding: [Cooldown] { cooldowns.filter { $0.holds(at: now) } }
  private var running: [StoredTask] { live.filter { $0.state.holdsSlot || $0.state == .landing } }
  private var parked: [StoredTask] { live.filter { $0.state == .parked } }
  private var ahead: [ForeseenConflict] {
    let active = Set(live.filter(\.state.isActive).map(\.id))
    return conflicts.filter { active.contains($0.later) && active.contains($0.earlier) }
  }
  private var needsYou: [StoredTask] { live.filter(\.needsPerson) }

  var text: String {
    let (open, active, done) = (status(.notStarted), status(.inProgress), status(.complete))
    var text =
      "Tasks: \(counts.total) total | \(open) not started | \(active) in progress | \(done) complete\n"
    if isPaused { text += "Paused: nothing is started until `claude-orch resume`\n" }
    for cooldown in holding { text += "Waiting: \(SafeText.line(cooldown.text, limit: 400))\n" }
    for notice in unsent.prefix(5) {
      text += "Not sent by \(notice.channel): \(SafeText.line("\(notice.title) (\(notice.state))", limit: 300))\n"
    }
    if let holder { text += "Driven by \(SafeText.line(holder, limit: 200))\n" }
    if let hold = disk.hold { text += "Held: \(hold)\n" }
    text += section("Running", running) { "\($0.state.rawValue), for \(now.since($0.updatedAt).text)" }
    if !ahead.isEmpty { text += "Conflicts ahead:\n" }
    for conflict in ahead {
      let files = SafeText.line(conflict.files.joined(separator: ", "), limit: 200)
      text += "  \(conflict.later.description.padding(to: 16))  with \(conflict.earlier) in \(files)\n"
    }
    text += section("Parked", parked) { task in
      let until = task.parkedUntil.map { "until \($0.rfc3339): " } ?? ""
      return until + (task.reason ?? "parked")
    }
    text += section("Needs you", needsYou) { "\(advice($0)): \($0.reason ?? $0.state.rawValue)" }
    if needsYou.isEmpty, !questions.isEmpty { text += "Needs you:\n" }
    for question in questions {
      let asked = SafeText.line("send \(question.task) \"…\": asks: \(question.text)", limit: 300)
      text += "  \(question.task.description.padding(to: 16))  \(asked)\n"
    }
    return text
  }

  private func status(_ status: TaskStatus) -> Int { counts.statuses[status] ?? 0 }

  private func section(_ title: String, _ tasks: [StoredTask], _ detail: (StoredTask) -> String) -> String {
    guard !tasks.isEmpty else { return "" }
    return tasks.reduce("\(title):\n") { text, task in
      text + "  \(task.id.description.padding(to: 16))  \(SafeText.line(detail(task), limit: 300))\n"
    }
  }

  private func advice(_ task: StoredTask) -> String {
    switch task.state {
    case .inReview: "pr show \(task.id)"
    case .failed: "retry \(task.id)"
    case .stuck: "why \(task.id)"
    default: "waits"
    }
  }

  var json: JSONValue {
    .object([
      .init("total", JSONValue(counts.total)), .init("not_started", JSONValue(status(.notStarted))),
      .init("in_progress", JSONValue(status(.inProgress))), .init("complete", JSONValue(status(.complete))),
      .init(
        "states",
        .object(
          TaskState.allCases.compactMap { state in
            counts.states[state].flatMap { $0 > 0 ? .init(state.rawValue, JSONValue($0)) : nil }
          })),
      .init("paused", .bool(isPaused)), .init("held", JSONValue(disk.hold)), .init("running", list(running)),
      .init("parked", list(parked)),
      .init("needs_you", list(needsYou)),
      .init(
        "questions",
        .array(
          questions.map { question in
            .object([
              .init("number", .int(question.number)), .init("task", .string(question.task.description)),
              .init("text", .string(question.text)), .init("asked_at", .string(question.askedAt.rfc3339)),
            ])
          })),
      .init(
        "conflicts",
        .array(
          ahead.map { conflict in
            .object([
              .init("task", .string(conflict.later.description)), .init("with", .string(conflict.earlier.description)),
              .init("files", JSONValue(conflict.files)),
            ])
          })),
      .init(
        "cooldowns",
        .array(
          holding.map { cooldown in
            .object([
              .init("agent", .string(cooldown.agent)), .init("model", JSONValue(cooldown.model)),
              .init("until", .string(cooldown.until.rfc3339)),
              .init("failure_class", .string(cooldown.failure.rawValue)), .init("reason", .string(cooldown.reason)),
            ])
          })),
    ])
  }

  private func list(_ tasks: [StoredTask]) -> JSONValue {
    .array(
      tasks.map { task in
        .object([
          .init("id", .string(task.id.description)), .init("state", .string(task.state.rawValue)),
          .init("reason", JSONValue(task.reason)), .init("since", .string(task.updatedAt.rfc3339)),
          .init("until", JSONValue(task.parkedUntil?.rfc3339)),
          .init("failure_class", JSONValue(task.failureClass?.rawValue)),
        ])
      })
  }
}
