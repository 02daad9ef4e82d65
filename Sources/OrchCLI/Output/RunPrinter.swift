import OrchAgents
import OrchDomain
import OrchEngine
import OrchStore
import Synchronization

/// Prints a run as it goes: readable lines, or one JSON object a line.
final class RunPrinter: Sendable {
  /// What is shown below the lines on a terminal.
  private struct Live {
    var running: [TaskID: String] = [:]
    var isShown = false
  }

  private let json: Bool
  private let isLive: Bool
  /// Agents talk at the same time; a line is never torn.
  private let live = Mutex(Live())

  init(json: Bool) {
    self.json = json
    isLive = !json && Terminal.standardOutput.allowsColour
  }

  func show(_ observation: Observation) {
    switch observation {
    case .event(let event):
      follow(event)
      if json {
        write(RunPrinter.json(event).text() + "\n")
      } else if let line = EventText.line(event) {
        write(line)
      }
    case .agent(let id, let event):
      if !json { write("          \(id.description.padding(to: 16))  | \(event.rendered)\n") }
    case .diagnostic(let text):
      note("warning: \(SafeText.visible(text))")
    }
  }

  func note(_ text: String) {
    live.withLock { live in
      clear(&live)
      Terminal.standardError.write(text + "\n")
      draw(&live)
    }
  }

  func plan(_ ids: [(TaskID, String)]) {
    if json {
      let tasks = ids.map { JSONValue.string($0.0.description) }
      write(JSONValue.object([.init("type", "plan"), .init("would_start", .array(tasks))]).text() + "\n")
    } else if ids.isEmpty {
      write("Nothing would be started; `claude-orch why TASK` tells why.\n")
    } else {
      write("Would start \(ids.count.counted("task")):\n")
      for (id, title) in ids { write("  \(id): \(SafeText.visible(title))\n") }
    }
  }

  func summary(_ summary: RunSummary, _ project: OpenProject) {
    if json {
      write(summary.json.text() + "\n")
      return
    }
    var text = "\nStarted \(summary.started.count), complete \(summary.complete.count)"
    let others = [
      ("in review", summary.inReview), ("parked", summary.parked), ("stuck", summary.stuck), ("failed", summary.failed),
    ]
    for (name, ids) in others where !ids.isEmpty { text += ", \(name) \(ids.count)" }
    text += " in \(summary.duration.text)"
    if summary.cost > .zero { text += " for \(summary.cost.shown) USD (\(summary.tokens.total) tokens)" }
    text += "\n"
    for (name, ids) in others {
      for id in ids { text += "  \(name): \(id)\(reason(id, project))\n" }
    }
    if let early = summary.endedEarly { text += "Ended early: \(SafeText.visible(early))\n" }
    write(text)
  }

  private func reason(_ id: TaskID, _ project: OpenProject) -> String {
    switch Result(catching: { try project.task(id).reason }) {
    case .success(let reason?): " - \(SafeText.line(reason, limit: 300))"
    case .success(nil), .failure: ""
    }
  }

  func write(_ text: String) {
    live.withLock { live in
      clear(&live)
      Terminal.standardOutput.write(text)
      draw(&live)
    }
  }

  private func follow(_ event: StoredEvent) {
    guard isLive, event.type == .taskState, let id = event.task, let to = JSONFields(event.data).string("to"),
      let state = TaskState(rawValue: to)
    else { return }
    live.withLock { $0.running[id] = state.holdsSlot || state == .landing ? state.rawValue : nil }
  }

  private func clear(_ live: inout Live) {
    guard live.isShown else { return }
    Terminal.standardOutput.write("\r\u{1B}[2K")
    live.isShown = false
  }

  private func draw(_ live: inout Live) {
    guard isLive, !live.running.isEmpty else { return }
    let tasks = live.running.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "  ")
    let line = TextTable.cut("\(live.running.count) at work: \(tasks)", to: Terminal.standardOutput.width - 1)
    Terminal.standardOutput.write("\u{1B}[2m\(line)\u{1B}[0m")
    live.isShown = true
  }

  static func json(_ event: StoredEvent) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("type", .string(event.type.rawValue)), .init("seq", .int(event.seq)),
      .init("at", .string(event.at.rfc3339)),
      .init("task", JSONValue(event.task?.description)), .init("attempt", JSONValue(event.attempt)),
    ]
    let taken = Set(members.map(\.key))
    members += JSONFields(event.data).members.filter { !taken.contains($0.key) }
    return .object(members)
  }
}

extension MicroUSD {
  /// `0.1234`.
  var shown: String {
    let hundredths = (amount + 50) / 100
    return "\(hundredths / 10_000).\(pad(Int(hundredths % 10_000), 4))"
  }
}
