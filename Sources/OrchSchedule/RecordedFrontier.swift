package import OrchDomain

/// A frontier that remembers what it was told and what it decided, until somebody writes that down.
@dynamicMemberLookup
package struct RecordedFrontier: Sendable {
  package private(set) var value: Frontier
  private var steps: [FrontierStep]
  private var selection: Set<TaskID>?
  /// Tasks that the steps speak of.
  private var told: Set<TaskID> = []
  /// How many ready tasks a run names that ends.
  private static let restLimit = 20

  package init(_ knowledge: FrontierKnowledge) {
    value = Frontier(knowledge)
    steps = []
    // What is complete changes no decision, unless something that is not complete names it.
    var named: Set<TaskID> = []
    for known in knowledge.tasks where known.task.phase != .complete { named.formUnion(known.task.dependencies) }
    for known in knowledge.tasks where known.task.phase != .complete || named.contains(known.task.id) {
      steps.append(.task(known))
      told.insert(known.task.id)
    }
    steps.insert(.began(tasks: steps.count), at: 0)
    for id in knowledge.agentWaits.keys.sorted() { steps.append(.withoutAgent(id, true)) }
    if knowledge.isPaused { steps.append(.paused(true)) }
  }

  package subscript<Value>(dynamicMember path: KeyPath<Frontier, Value>) -> Value { value[keyPath: path] }

  /// Whether it has decided anything so far.
  package private(set) var hasDecided = false

  package mutating func know(_ known: FrontierKnowledge.Task) {
    for id in known.task.dependencies where value.phase(of: id) == .complete && told.insert(id).inserted {
      steps.append(.task(FrontierKnowledge.Task(SchedulableTask(id: id, phase: .complete))))
    }
    told.insert(known.task.id)
    let isNew = value.index(of: known.task.id) == nil
    value.know(known)
    // The frontier keeps a selection by task, and does not know whether a task belongs to it that comes later.
    if isNew, let selection { value.select(selection) }
    steps.append(.task(known))
  }

  package mutating func select(_ ids: Set<TaskID>?) {
    selection = ids
    value.select(ids)
    // Whoever asks for several, one after the other, leaves only the last one in the record.
    if case .selected = steps.last { steps.removeLast() }
    steps.append(.selected(ids?.sorted()))
  }

  package mutating func setPaused(_ isPaused: Bool) {
    guard isPaused != value.isPaused else { return }
    if isPaused { value.pauseAll() } else { value.unpauseAll() }
    steps.append(.paused(isPaused))
  }

  package mutating func setAgentWait(_ id: TaskID, _ reason: String?) {
    if value.isWithoutAgent(id) != (reason != nil) { steps.append(.withoutAgent(id, reason != nil)) }
    value.setAgentWait(id, reason)
  }

  package mutating func release(_ id: TaskID) {
    value.release(id)
    steps.append(.released(id))
  }

  package mutating func take() -> TaskID? {
    guard let id = value.take(1).first else { return nil }
    steps.append(.took(id))
    hasDecided = true
    return id
  }

  /// The run ends: notes what it could have started.
  @discardableResult
  package mutating func rest() -> FrontierStep.Rest {
    let ready = value.ready
    let rest = FrontierStep.Rest(count: ready.count, first: Array(ready.prefix(Self.restLimit)))
    steps.append(.rested(rest))
    return rest
  }

  /// The steps since the last call.
  package mutating func drain() -> [FrontierStep] {
    defer { steps = [] }
    return steps
  }
}
