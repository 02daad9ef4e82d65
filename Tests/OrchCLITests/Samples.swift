@testable import OrchStore
import OrchDomain

// Small values that the views of this target are shown.

let noon = Timestamp(milliseconds: 1_700_000_000_000)

func id(_ text: String) -> TaskID { TaskID(text)! }

func storedTask(
  _ name: String, _ state: TaskState, title: String = "A title", after: [String] = [], reason: String? = nil,
  until: Timestamp? = nil, failure: FailureClass? = nil, isSound: Bool = true, isPaused: Bool = false,
  complexity: TaskComplexity? = nil
) -> StoredTask {
  StoredTask(
    plan: PlanTask(
      id: id(name), title: title, path: "docs/plans/x.md", dependencies: after.map { Dependency(id($0), .explicit) },
      complexity: complexity),
    isSound: isSound, state: state, heldState: nil, reason: reason, parkedUntil: until, failureClass: failure,
    isPaused: isPaused, writtenStatus: .notStarted, attempts: 0, addedAt: noon, updatedAt: noon, removedAt: nil)
}

func attempt(
  _ task: String, _ number: Int, from start: Int, to end: Int?, outcome: Attempt.Outcome? = .complete,
  cost: Int64 = 0, failure: FailureClass? = nil, detail: String? = nil
) -> Attempt {
  var attempt = Attempt(
    task: id(task), number: number, agent: "script", turn: 1, startedAt: noon.advanced(by: .seconds(start)),
    usage: Usage(cost: MicroUSD(cost)))
  attempt.endedAt = end.map { noon.advanced(by: .seconds($0)) }
  attempt.outcome = end == nil ? nil : outcome
  attempt.failureClass = failure
  attempt.failureDetail = detail
  return attempt
}

func change(_ task: String, attempt: Int, openedAt: Int) -> Change {
  Change(
    number: 1, task: id(task), attempt: attempt, title: "", body: "", branch: "feat/x", baseBranch: "main",
    baseCommit: "b", headCommit: "h", state: .merged, needsHuman: false, forge: "local",
    createdAt: noon.advanced(by: .seconds(openedAt)), updatedAt: noon)
}

func event(_ type: EventType, _ data: String, task: String? = "a/E01", attempt: Int? = nil) -> StoredEvent {
  StoredEvent(
    seq: 7, at: noon, type: type, task: task.map(id), attempt: attempt, data: data, previousHash: "", hash: "abc")
}

func graphTask(_ name: String, _ state: TaskState, after: [String] = []) -> GraphTask {
  GraphTask(
    id: id(name), state: state, heldState: nil, priority: .normal, isPaused: false, isSound: true, needsReview: false,
    attempts: 0, parkedUntil: nil, failureClass: nil, touches: [],
    dependencies: after.map { Dependency(id($0), .explicit) })
}
