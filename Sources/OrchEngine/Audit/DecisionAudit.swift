package import OrchDomain
import OrchSchedule
package import OrchStore

/// Decides again what the log says was decided, and compares what the scheduler was told with what the log says.
package struct DecisionAudit: Sendable {
  package struct Difference: Hashable, Sendable {
    /// The event whose decision comes out otherwise.
    package let seq: Int64
    package let recorded: String
    package let now: String
  }

  /// Events that were looked at.
  package private(set) var events = 0
  package var runs: Int { replay.runs }
  package var decisions: Int { replay.decisions }

  private var replay = DecisionReplay()
  /// Whether the log says of a task that it was complete at any time; missing when it says nothing of its states.
  private var wasComplete: [TaskID: Bool] = [:]

  package init() {}

  /// - Parameters:
  ///   - event: The next event of the log.
  ///   - data: Its data, read.
  /// - Returns: The first difference in it.
  package mutating func take(_ event: StoredEvent, data: JSONValue) -> Difference? {
    events += 1
    if let task = event.task, case .string(let from) = data["from"], case .string(let to) = data["to"] {
      let complete = TaskState.complete.rawValue
      wasComplete[task] = wasComplete[task] == true || from == complete || to == complete
    }
    guard event.type == .scheduleDecided else { return nil }
    guard case .array(let steps) = data["steps"] else {
      return Difference(seq: event.seq, recorded: "something else than steps", now: "nothing")
    }
    for json in steps {
      guard let step = FrontierStep(json: json) else {
        return Difference(seq: event.seq, recorded: "a step that this version does not know", now: "nothing")
      }
      if case .task(let known) = step, known.task.phase == .complete, wasComplete[known.task.id] == false {
        return Difference(
          seq: event.seq, recorded: "\(known.task.id) is complete", now: "the log never says that it was")
      }
      if let found = replay.apply(step) {
        return Difference(seq: event.seq, recorded: found.recorded, now: found.now)
      }
    }
    return nil
  }
}
