import OrchDomain
import OrchEngine
import OrchStore

/// What `pr approve`, `pr merge` and `pr reject` have done, for people and as JSON.
struct ChangeAnswer: Sendable {
  /// The values of `outcome` in docs/formats/json.md.
  enum Outcome: String, Sendable {
    case approved, rejected, landed
    case sentBack = "sent_back"
    case waiting, stuck
  }

  let task: TaskID
  let outcome: Outcome
  /// Why it has not landed although that was asked for.
  var reason: String?
  /// Who lands it, when another process is at work.
  var holder: String?
  /// What a person reads.
  let text: String

  /// - Throws: ``ExitStatus`` when what was asked for has not happened.
  func tell(_ project: OpenProject, json: Bool) throws {
    if json {
      let changes = try project.store.read(project.row) { tx throws(StoreError) in try tx.changes(of: task) }
      let object = JSONValue.object([
        .init("task", .string(task.description)), .init("outcome", .string(outcome.rawValue)),
        .init("reason", JSONValue(reason)), .init("holder", JSONValue(holder)),
        .init("landed_commit", JSONValue(changes.last?.landingCommit)),
        .init("change", changes.last.map(TaskView.json) ?? .null),
      ])
      Terminal.standardOutput.write(object.text() + "\n")
    }
    switch outcome {
    case .approved, .rejected, .landed:
      if !json { Terminal.standardOutput.write(text + "\n") }
    case .sentBack, .waiting, .stuck:
      Terminal.standardError.write("error: \(text)\n")
      throw outcome == .waiting ? ExitStatus.parked : ExitStatus.failed
    }
  }
}
