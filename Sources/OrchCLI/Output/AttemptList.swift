import OrchDomain
import OrchEngine
import OrchStore

/// The attempts at one task.
struct AttemptList {
  /// One attempt with its turns.
  struct Entry {
    let attempt: Attempt
    let turns: [Turn]
    /// In the order in which they ran.
    var stages: [StageRun] = []
  }

  /// One run of a stage of the gate in the worktree of an attempt.
  struct StageRun: Hashable {
    var stage: String
    var passed: Bool
    var duration: Duration
    var tree: String
    var at: Timestamp

    /// - Returns: nil for an event that tells less.
    init?(_ event: StoredEvent) {
      let data = JSONFields(event.data)
      guard let stage = data.string("stage"), let passed = data.bool("passed"), let tree = data.string("tree") else {
        return nil
      }
      self.stage = stage
      self.passed = passed
      self.tree = tree
      duration = .milliseconds(data.int("duration_ms") ?? 0)
      at = event.at
    }

    var json: JSONValue {
      .object([
        .init("stage", .string(stage)), .init("passed", .bool(passed)),
        .init("duration_seconds", .double(duration.inSeconds)), .init("tree", .string(tree)),
        .init("at", .string(at.rfc3339)),
      ])
    }
  }

  let task: TaskID
  /// In ascending order.
  let entries: [Entry]

  static func read(_ id: TaskID, in view: ProjectView) throws -> AttemptList {
    _ = try view.task(id)
    let entries = try view.look { tx in
      let gates = try tx.events(.gateRan, of: id)
      return try tx.attempts(of: id).map { attempt in
        Entry(
          attempt: attempt, turns: try tx.turns(of: id, attempt: attempt.number),
          stages: gates.filter { $0.attempt == attempt.number }.compactMap(StageRun.init))
      }
    }
    return AttemptList(task: id, entries: entries)
  }

  func text(now: Timestamp, width: Int?) -> String {
    guard !entries.isEmpty else { return "\(task) has not been attempted yet; `claude-orch why \(task)` tells why.\n" }
    var table = TextTable(header: ["#", "AGENT", "MODEL", "STARTED", "TOOK", "TURNS", "OUTCOME", "COST USD"])
    for entry in entries {
      let attempt = entry.attempt
      table.add([
        String(attempt.number), attempt.agent, attempt.model ?? "-", attempt.startedAt.rfc3339,
        (attempt.endedAt ?? now).since(attempt.startedAt).text, String(entry.turns.count),
        AttemptList.outcome(attempt), attempt.usage.cost.shown,
      ])
    }
    return table.text(width: width) + entries.map { AttemptList.details($0) }.joined()
  }

  /// `failed (gate)`; `goes on` before the end.
  static func outcome(_ attempt: Attempt) -> String {
    let outcome = attempt.outcome?.rawValue ?? "goes on"
    return attempt.failureClass.map { "\(outcome) (\($0.rawValue))" } ?? outcome
  }

  /// Why it failed, why it took more than one turn, and where its work is; empty when there is nothing to tell.
  private static func details(_ entry: Entry) -> String {
    var text = ""
    let again = entry.turns.dropFirst().map { $0.purpose.replacing("_", with: " ") }
    if !again.isEmpty { text += "  \(entry.attempt.number): went on because of \(again.joined(separator: ", "))\n" }
    if !entry.stages.isEmpty {
      let shown = entry.stages.suffix(12).map { "\($0.stage) \($0.passed ? "green" : "red") in \($0.duration.text)" }
      text += "  \(entry.attempt.number): gate: \(SafeText.line(shown.joined(separator: ", "), limit: 600))\n"
    }
    if let detail = entry.attempt.failureDetail {
      text += "  \(entry.attempt.number): \(SafeText.line(detail, limit: 400))\n"
    }
    if let ref = entry.attempt.preservedRef {
      text += "  \(entry.attempt.number): kept as \(SafeText.visible(ref))\n"
    }
    return text
  }

  var json: JSONValue {
    .object([
      .init("task", .string(task.description)), .init("attempts", .array(entries.map(AttemptList.json))),
    ])
  }

  private static func json(_ entry: Entry) -> JSONValue {
    let attempt = entry.attempt
    return .object([
      .init("number", JSONValue(attempt.number)), .init("agent", .string(attempt.agent)),
      .init("model", JSONValue(attempt.model)), .init("session", JSONValue(attempt.session)),
      .init("branch", JSONValue(attempt.branch)), .init("worktree", JSONValue(attempt.worktree)),
      .init("run_directory", JSONValue(attempt.runDirectory)), .init("base", JSONValue(attempt.baseCommit)),
      .init("head", JSONValue(attempt.headCommit)), .init("started_at", .string(attempt.startedAt.rfc3339)),
      .init("ended_at", JSONValue(attempt.endedAt?.rfc3339)),
      .init("duration_seconds", JSONValue(attempt.endedAt?.since(attempt.startedAt).inSeconds)),
      .init("outcome", JSONValue(attempt.outcome?.rawValue)),
      .init("failure_class", JSONValue(attempt.failureClass?.rawValue)),
      .init("evidence", JSONValue(attempt.failureClass == nil ? nil : attempt.failureDetail)),
      .init("failure_detail", JSONValue(attempt.failureDetail)),
      .init("preserved_ref", JSONValue(attempt.preservedRef)), .init("cost_usd", .double(attempt.usage.cost.usd)),
      .init("tokens", attempt.usage.tokens.json), .init("turns", .array(entry.turns.map(json))),
      .init("stages", .array(entry.stages.map(\.json))),
    ])
  }

  private static func json(_ turn: Turn) -> JSONValue {
    .object([
      .init("number", JSONValue(turn.number)), .init("purpose", .string(turn.purpose)),
      .init("started_at", .string(turn.startedAt.rfc3339)), .init("ended_at", JSONValue(turn.endedAt?.rfc3339)),
      .init("agent", JSONValue(turn.agent)), .init("model", JSONValue(turn.model)),
      .init("exit", JSONValue(turn.exit)), .init("outcome", JSONValue(turn.outcome)),
      .init("evidence", JSONValue(turn.evidence)),
      .init("cost_usd", .double(turn.usage.cost.usd)), .init("tokens", turn.usage.tokens.json),
    ])
  }
}
