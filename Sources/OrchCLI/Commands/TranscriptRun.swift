import OrchAgents
import OrchConfig
import OrchDomain
import OrchEngine
import OrchProcess
import OrchStore

/// Prints transcripts, once or as they grow.
struct TranscriptRun {
  /// How the parts are written.
  enum Form {
    case text, json, raw
  }

  let view: ProjectView
  let task: TaskID
  /// The latest when nil; a later one that begins is followed too.
  let attempt: Int?
  let form: Form
  let follow: Bool
  var clock = EngineClock.system

  /// How long something may be written before it is shown.
  private static let interval = Duration.milliseconds(200)

  func execute() async throws {
    if follow { ExitStatus.endAtInterrupt() }
    var reader = try reader(behind: 0)
    while true {
      // Asked before reading, so that what was written until then is shown.
      let isSettled = try !follow || self.isSettled()
      if reader == nil || reader?.isOver == true { reader = try self.reader(behind: reader?.attempt ?? 0) ?? reader }
      if reader == nil, isSettled { throw try notAttempted() }
      while let parts = try reader?.read(), !parts.isEmpty { write(parts) }
      if isSettled || (attempt != nil && reader?.isOver == true) { break }
      try await clock.sleep(Self.interval)
    }
    if follow { try writeState() }
  }

  /// The transcript to read next; nil when it has not begun.
  private func reader(behind number: Int) throws -> TranscriptReader? {
    let attempts = try view.look { tx in try tx.attempts(of: task) }
    if let attempt {
      guard let found = attempts.first(where: { $0.number == attempt }) else {
        let known =
          attempts.count > 1
          ? "there are 1 to \(attempts.count)" : attempts.isEmpty ? "there is none yet" : "there is 1"
        throw EngineError.invalid("\(task) has no attempt \(attempt); \(known)")
      }
      return number == 0 ? makeReader(found) : nil
    }
    guard let latest = attempts.last, latest.number > number else { return nil }
    return makeReader(number == 0 ? latest : attempts.first { $0.number > number } ?? latest)
  }

  private func makeReader(_ attempt: Attempt) -> TranscriptReader {
    TranscriptReader(
      view: view, task: task, attempt: attempt.number, isRaw: form == .raw, parser: Self.parser(of: attempt.agent, view)
    )
  }

  /// Reads the stream of an agent, also of one that was taken out of the configuration since.
  static func parser(of name: String, _ view: ProjectView) -> any AgentStreamParser {
    let settings = view.place.loaded.settings
    let registry = AgentRegistry(
      settings.agents.map {
        OrchAgents.AgentSettings(name: $0.key, adapter: $0.value.adapter, command: $0.value.command)
      })
    do throws(AgentError) {
      return try registry.agent(named: name).adapter.makeParser()
    } catch {
      // It was taken out of the configuration since; this one reads plain text and our JSON alike.
      return CommandAdapter().makeParser()
    }
  }

  /// Whether nothing more will come without a person.
  private func isSettled() throws -> Bool {
    let now = try view.task(task)
    switch now.state {
    case .complete, .inReview, .stuck, .failed, .cancelled, .parked: return true
    case .approved where now.reason != nil: return true
    case .blocked, .ready, .approved, .landing: return try view.holder() == nil
    case .queued, .preparing, .running, .verifying, .fixing, .publishing:
      return try view.holder() == nil && !isAgentAlive()
    }
  }

  /// Agents outlive the process that started them.
  private func isAgentAlive() throws -> Bool {
    let turn = try view.look { tx in
      try tx.latestAttempt(of: task).flatMap { try tx.turns(of: task, attempt: $0.number).last }
    }
    guard let turn else { return false }
    let directory = turn.runDirectory ?? view.place.paths.turn(task, attempt: turn.attempt, turn: turn.number)
    if case .running = Supervisor(shimPath: "").state(in: directory) { return true }
    return false
  }

  private func notAttempted() throws -> EngineError {
    let state = try view.task(task).state.rawValue
    return .invalid("\(task) is \(state) and has not been attempted yet; `claude-orch why \(task)` tells why")
  }

  private func write(_ parts: [TranscriptPart]) {
    let terminal = Terminal.standardOutput
    switch form {
    case .text: terminal.write(parts.map { $0.text(bold: terminal.allowsColour) }.joined())
    case .json: terminal.write(parts.compactMap { $0.json.map { $0.text() + "\n" } }.joined())
    case .raw:
      for case .raw(let bytes) in parts {
        if terminal.isInteractive {
          terminal.write(TranscriptPart.raw(bytes).text(bold: false))
        } else {
          terminal.write(bytes: bytes[...])
        }
      }
    }
  }

  /// Where following ended; only for people, who else wonder why.
  private func writeState() throws {
    guard form == .text else { return }
    let now = try view.task(task)
    let text = TaskReasons.Reason.activity(now, nil, isDriven: true)
    Terminal.standardOutput.write("\(task) \(SafeText.line(text, limit: 400))\n")
  }
}
