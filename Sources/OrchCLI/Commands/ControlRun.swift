import OrchDomain
import OrchEngine
import OrchStore

/// Asks something of tasks, waits for the answers, and prints them.
struct ControlRun: Sendable {
  let options: ControlOptions
  let kind: Request.Kind
  let tasks: [TaskID]

  /// - Throws: ``ExitStatus/failed`` when something was refused, ``ExitStatus/parked`` when it is not answered yet.
  func execute() async throws {
    let error = Terminal.standardError
    let project = try await options.project.open { observation in
      if case .diagnostic(let text) = observation { error.write("warning: \(SafeText.visible(text))\n") }
    }
    var seen: Set<TaskID> = []
    let unique = tasks.filter { seen.insert($0).inserted }
    let answers = try await RequestDelivery(project: project, kind: kind).deliver(unique) { holder in
      if !options.output.json { error.write("Asked \(SafeText.line(holder, limit: 200)); waiting for its answer.\n") }
    }
    if options.output.json {
      let rows = try answers.map { try $0.json(kind, project) }
      Terminal.standardOutput.write(JSONValue.object([.init("requests", .array(rows))]).text() + "\n")
    } else {
      for answer in answers { try show(answer, project) }
    }
    if answers.contains(where: { if case .refused = $0.outcome { true } else { false } }) { throw ExitStatus.failed }
    if answers.contains(where: { $0.outcome == nil }) { throw ExitStatus.parked }
  }

  private func show(_ answer: RequestDelivery.Answer, _ project: OpenProject) throws {
    switch answer.outcome {
    case .done:
      let isDriven = try ProjectLock.holder(project.paths) != nil
      Terminal.standardOutput.write(
        try ControlText.done(kind, answer.task.map(project.task), isDriven: isDriven) + "\n")
    case .refused(let reason): Terminal.standardError.write("error: \(SafeText.visible(reason))\n")
    case nil:
      let what = answer.task.map { "\(kind.rawValue) \($0)" } ?? kind.rawValue
      Terminal.standardError.write(
        "error: \(what): not answered yet by \(SafeText.line(answer.holder ?? "", limit: 200)); the request stays in "
          + "its "
          + "mailbox, and `claude-orch status` shows when it is done\n")
    }
  }
}

extension RequestDelivery.Answer {
  /// One row of what `stop`, `retry` and their like print.
  func json(_ kind: Request.Kind, _ project: OpenProject) throws -> JSONValue {
    let stored = try task.map(project.task)
    var (name, reason) = ("pending", String?.none)
    switch outcome {
    case .done: name = "done"
    case .refused(let text): (name, reason) = ("refused", text)
    case nil: break
    }
    return .object([
      .init("kind", .string(kind.rawValue)), .init("task", JSONValue(task?.description)),
      .init("outcome", .string(name)), .init("reason", JSONValue(reason)),
      .init("state", JSONValue(stored?.state.rawValue)),
      .init("paused", .bool(try stored?.isPaused ?? project.isPaused())),
      .init("holder", JSONValue(holder)),
    ])
  }
}

/// What a person is told when something asked was done.
enum ControlText {
  /// - Parameters:
  ///   - task: The task as it is now; nil for the project.
  ///   - isDriven: Whether a process drives the project, so that nothing more has to be started.
  static func done(_ kind: Request.Kind, _ task: StoredTask?, isDriven: Bool) -> String {
    guard let task else {
      switch kind {
      case .stop: return "Stopped what was running; `claude-orch start` goes on with it"
      case .pause: return "Paused the project: nothing more is started until `claude-orch resume`"
      default: return "Resumed the project" + (isDriven ? "" : "; `claude-orch start` goes on with it")
      }
    }
    let next = isDriven ? "" : "; `claude-orch start` goes on with it"
    switch kind {
    case .stop: return "Stopped \(task.id); `claude-orch resume \(task.id)` lets it go on in the same session"
    case .pause: return "Paused \(task.id): it is not started until `claude-orch resume \(task.id)`" + goesOn(task)
    case .resume: return "Resumed \(task.id): it is \(shown(task.state))" + next
    case .retry: return "Gave \(task.id) a new attempt: it is \(shown(task.state))" + next
    default: return "Reset \(task.id): it is \(shown(task.state))"
    }
  }

  private static func goesOn(_ task: StoredTask) -> String {
    task.state.holdsSlot ? "; its agent, which is at work, goes on" : ""
  }

  private static func shown(_ state: TaskState) -> String { state.rawValue.replacing("_", with: " ") }
}
