import OrchDomain
import OrchEngine
import OrchStore

/// Everything that is known about one task.
struct TaskDetails {
  let task: StoredTask
  let root: String
  let tier: Int
  /// What it waits for; nil for tasks that no plan declares.
  let dependencies: [(Dependency, StoredTask?)]
  let dependants: [StoredTask]
  let attempts: AttemptList
  /// In the order of opening.
  let changes: [Change]
  /// What gates said about its trees, oldest first.
  let gates: [StoredEvent]
  /// Oldest first.
  let events: [StoredEvent]
  let reasons: TaskReasons

  private static let eventLimit = 200
  private static let shownEvents = 8

  static func read(_ id: TaskID, in view: ProjectView) throws -> TaskDetails {
    let task = try view.task(id)
    let dependencies = try task.plan.dependencies.map { ($0, try view.store.task(view.row, $0.id)) }
    let dependants = try view.look { tx in try tx.dependants(of: id) }.compactMap { try view.store.task(view.row, $0) }
    let events = try view.latestEvents(of: id, limit: eventLimit)
    return TaskDetails(
      task: task, root: view.place.root, tier: try view.look { tx in try tx.tiers() }[id.module] ?? 0,
      dependencies: dependencies, dependants: dependants, attempts: try AttemptList.read(id, in: view),
      changes: try view.look { tx in try tx.changes(of: id) }, gates: events.filter { $0.type == .gateRan },
      events: events, reasons: try TaskReasons.read(id, in: view))
  }

  var text: String {
    var text = "\(task.id): \(SafeText.line(task.plan.title, limit: 200))\n"
    for (name, value) in fields { text += "  \(name.padding(to: 14))\(SafeText.line(value, limit: 600))\n" }
    text += section("Depends on", dependencies.map(line))
    text += section("Needed by", dependants.map { "\($0.id.description.padding(to: 16))  \($0.state.rawValue)" })
    text += section("Attempts", attempts.entries.map(line))
    text += section("Changes", changes.flatMap(lines))
    text += section("Gates", gates.suffix(3).compactMap(EventText.line).map { String($0.dropLast()) })
    text += section(
      "Last events",
      events.filter { $0.type != .gateRan }.compactMap(EventText.line).suffix(Self.shownEvents).map {
        String($0.dropLast())
      })
    return text + section("Next", next)
  }

  private var fields: [(String, String)] {
    let plan = task.plan
    var state = "\(task.state.rawValue) since \(task.updatedAt.rfc3339)"
    if let until = task.parkedUntil { state += ", until \(until.rfc3339)" }
    if let failure = task.failureClass { state += " [\(failure.rawValue)]" }
    var status = "\(task.status.emoji) \(task.status.rawValue)"
    if plan.status != task.status { status += "; its plan says \(plan.status.rawValue)" }
    let all: [(String, String?)] = [
      ("State", state), ("Reason", task.reason), ("Paused", task.isPaused ? "yes" : nil), ("Status", status),
      ("Plan", plan.path + (task.isSound ? "" : " (has errors)")), ("Priority", plan.priority.rawValue),
      ("Tier", tier == 0 ? nil : String(tier)),
      ("Needs review", plan.needsReview ? "yes, the plan asks for a human" : nil), ("Agent", plan.agent),
      ("Model", plan.model), ("Complexity", plan.complexity?.rawValue), ("Labels", list(plan.labels)),
      ("Touches", list(plan.touches)), ("Verify", list(plan.verify)), ("Timeout", plan.timeout?.text),
      ("Cost limit", plan.maxCost.map { "\($0.shown) USD" }), ("Issue", plan.githubIssue.map { "#\($0)" }),
    ]
    return all.compactMap { name, value in value.map { (name, $0) } }
  }

  private func list(_ values: [String]) -> String? { values.isEmpty ? nil : values.joined(separator: ", ") }

  private func section(_ title: String, _ lines: [String]) -> String {
    lines.isEmpty ? "" : "\(title):\n" + lines.map { "  \($0)\n" }.joined()
  }

  private func line(_ dependency: Dependency, _ other: StoredTask?) -> String {
    let state = other?.state.rawValue ?? "no plan declares it"
    let kind = dependency.kind == .implicit ? " (the one before it)" : ""
    return "\(dependency.id.description.padding(to: 16))  \(state)\(kind)"
  }

  private func line(_ entry: AttemptList.Entry) -> String {
    let attempt = entry.attempt
    var text = "\(attempt.number)  \(SafeText.visible(attempt.agent))"
    if let model = attempt.model { text += " (\(SafeText.visible(model)))" }
    text += ", \(entry.turns.count.counted("turn")), \(AttemptList.outcome(attempt))"
    if let end = attempt.endedAt { text += " after \(end.since(attempt.startedAt).text)" }
    if attempt.usage.cost > .zero { text += ", \(attempt.usage.cost.shown) USD" }
    if let detail = attempt.failureDetail { text += ": \(SafeText.line(detail, limit: 300))" }
    if let ref = attempt.preservedRef { text += "; kept as \(SafeText.visible(ref))" }
    return text
  }

  private func lines(_ change: Change) -> [String] {
    var text = "#\(change.number)  \(change.state.rawValue), \(change.verdict?.summary ?? "no verdict")"
    text += ", \(SafeText.visible(change.branch)) at \(change.headCommit.prefix(12))"
    if let person = change.approvedBy { text += ", approved by \(SafeText.line(person, limit: 60))" }
    if let commit = change.landingCommit, change.landedTree != nil { text += ", landed as \(commit.prefix(12))" }
    if let url = change.url { text += ", \(SafeText.visible(url))" }
    let evidence = change.verdict?.evidence ?? []
    return [text]
      + evidence.prefix(5).map { "    \($0.place): \(SafeText.visible($0.rule))" }
      + (evidence.count > 5 ? ["    and \(evidence.count - 5) more"] : [])
  }

  private var next: [String] {
    if let advice = Advice(task, isDriven: reasons.isDriven), task.state != .blocked || !task.isSound {
      return ["\(SafeText.visible(advice.command))  (\(advice.text))"]
    }
    let first = reasons.reasons.first { $0.advice != nil }
    guard task.state == .blocked || task.state == .ready, let first, let advice = first.advice else { return [] }
    return ["\(SafeText.visible(advice.command))  (it \(SafeText.line(first.text, limit: 200)))"]
  }

  var json: JSONValue {
    guard case .object(var members) = TaskView.json(task, change: changes.last { !$0.state.isFinished }) else {
      return .null
    }
    guard case .object(let attempts) = attempts.json else { return .null }
    let plan = task.plan
    // The list of attempts takes the place of their number.
    members.removeAll { $0.key == "attempts" || $0.key == "depends_on" }
    members += [
      .init("reason", JSONValue(task.reason)), .init("failure_class", JSONValue(task.failureClass?.rawValue)),
      .init("parked_until", JSONValue(task.parkedUntil?.rfc3339)),
      .init("updated_at", .string(task.updatedAt.rfc3339)), .init("paused", .bool(task.isPaused)),
      .init("sound", .bool(task.isSound)), .init("tier", JSONValue(tier)), .init("agent", JSONValue(plan.agent)),
      .init("model", JSONValue(plan.model)), .init("complexity", JSONValue(plan.complexity?.rawValue)),
      .init("labels", JSONValue(plan.labels)), .init("touches", JSONValue(plan.touches)),
      .init("verify", JSONValue(plan.verify)), .init("timeout_seconds", JSONValue(plan.timeout?.inSeconds)),
      .init("max_cost_usd", JSONValue(plan.maxCost?.usd)), .init("github_issue", JSONValue(plan.githubIssue)),
      .init("depends_on", .array(dependencies.map(json))),
      .init("needed_by", .array(dependants.map { .string($0.id.description) })),
    ]
    members += attempts.filter { $0.key == "attempts" }
    members += [
      .init("changes", .array(changes.map { TaskView.json($0) })),
      .init("gates", .array(gates.map(EventLog.json))),
      .init("events", .array(events.suffix(Self.shownEvents * 4).map(EventLog.json))),
      .init("obstacles", .array(reasons.reasons.map(\.json))), .init("ready", .bool(reasons.isReady)),
      .init("next", JSONValue(Advice(task, isDriven: reasons.isDriven)?.command)),
    ]
    return .object(members)
  }

  private func json(_ dependency: Dependency, _ other: StoredTask?) -> JSONValue {
    .object([
      .init("id", .string(dependency.id.description)), .init("kind", .string(dependency.kind.rawValue)),
      .init("state", JSONValue(other?.state.rawValue)),
    ])
  }
}
