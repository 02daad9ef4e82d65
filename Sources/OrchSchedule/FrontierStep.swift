package import OrchDomain

/// What a scheduler was told, or what it decided. All steps of a run, in order, are enough to decide again.
package enum FrontierStep: Hashable, Sendable {
  /// What tasks could have started when a run ended.
  package struct Rest: Hashable, Sendable, CustomStringConvertible {
    package var count: Int
    /// The first of them, in order.
    package var first: [TaskID]

    package init(count: Int, first: [TaskID]) {
      self.count = count
      self.first = first
    }

    package var description: String {
      "\(count) ready at the end" + (first.isEmpty ? "" : ": " + first.map(\.description).joined(separator: ", "))
    }
  }

  /// A run begins: what was told before does not count any more, and so many tasks are told at once.
  case began(tasks: Int)
  case task(FrontierKnowledge.Task)
  /// Only these tasks may start; nil lets all of them.
  case selected([TaskID]?)
  case paused(Bool)
  case withoutAgent(TaskID, Bool)
  /// A task that was taken goes back.
  case released(TaskID)
  /// The decision: this task starts next.
  case took(TaskID)
  /// The decision at the end of a run: to start nothing more.
  case rested(Rest)
}

// MARK: As JSON

extension FrontierStep {
  /// An array: the name of the step, then what it says. Members of a task that have their usual value are left out.
  package var json: JSONValue {
    switch self {
    case .began(let tasks): .array([.string("began"), .int(Int64(tasks))])
    case .task(let known): .array([.string("task"), Self.json(known)])
    case .selected(let ids): .array([.string("selected"), ids.map { Self.json($0) } ?? .null])
    case .paused(let isPaused): .array([.string("paused"), .bool(isPaused)])
    case .withoutAgent(let id, let isSo): .array([.string("without_agent"), Self.json(id), .bool(isSo)])
    case .released(let id): .array([.string("released"), Self.json(id)])
    case .took(let id): .array([.string("took"), Self.json(id)])
    case .rested(let rest): .array([.string("rested"), .int(Int64(rest.count)), Self.json(rest.first)])
    }
  }

  /// Nil for anything that is not the JSON of a step.
  package init?(json: JSONValue) {
    guard case .array(let parts) = json, case .string(let name) = parts.first else { return nil }
    switch (name, parts.dropFirst().first, parts.count) {
    case ("began", .int(let tasks), 2): self = .began(tasks: Int(clamping: tasks))
    case ("task", let value?, 2):
      guard let known = Self.known(value) else { return nil }
      self = .task(known)
    case ("selected", .null, 2): self = .selected(nil)
    case ("selected", let value?, 2):
      guard let ids = Self.ids(value) else { return nil }
      self = .selected(ids)
    case ("paused", .bool(let isPaused), 2): self = .paused(isPaused)
    case ("without_agent", let value?, 3):
      guard let id = Self.id(value), case .bool(let isSo) = parts[2] else { return nil }
      self = .withoutAgent(id, isSo)
    case ("released", let value?, 2):
      guard let id = Self.id(value) else { return nil }
      self = .released(id)
    case ("took", let value?, 2):
      guard let id = Self.id(value) else { return nil }
      self = .took(id)
    case ("rested", .int(let count), 3):
      guard let first = Self.ids(parts[2]) else { return nil }
      self = .rested(Rest(count: Int(clamping: count), first: first))
    default: return nil
    }
  }

  private static func json(_ id: TaskID) -> JSONValue { .string(id.description) }
  private static func json(_ ids: [TaskID]) -> JSONValue { .array(ids.map { json($0) }) }

  private static func id(_ json: JSONValue) -> TaskID? {
    guard case .string(let text) = json else { return nil }
    return TaskID(text)
  }

  private static func ids(_ json: JSONValue) -> [TaskID]? {
    guard case .array(let values) = json else { return nil }
    let ids = values.compactMap { id($0) }
    return ids.count == values.count ? ids : nil
  }

  private static func json(_ known: FrontierKnowledge.Task) -> JSONValue {
    let task = known.task
    var members = [JSONValue.Member("id", json(task.id))]
    func add(_ key: String, _ value: JSONValue, unless isUsual: Bool) {
      if !isUsual { members.append(.init(key, value)) }
    }
    add("priority", .string(task.priority.rawValue), unless: task.priority == .normal)
    add("after", json(task.dependencies), unless: task.dependencies.isEmpty)
    add("touches", .array(task.touches.map { .string($0.pattern) }), unless: task.touches.isEmpty)
    add("tier", .int(Int64(task.tier)), unless: task.tier == 0)
    add("weight", .int(task.weight), unless: task.weight == 1)
    add("unsound", .bool(true), unless: task.defect == nil)
    add("paused", .bool(true), unless: !known.isPaused)
    switch task.phase {
    case .waiting: break
    case .running: add("phase", .string("running"), unless: false)
    case .complete: add("phase", .string("complete"), unless: false)
    case .held(let hold):
      add("phase", .string(hold.kind.rawValue), unless: false)
      add("keeps_touches", .bool(true), unless: !hold.holdsTouches)
    }
    return .object(members)
  }

  private static func known(_ json: JSONValue) -> FrontierKnowledge.Task? {
    guard case .object(let members) = json else { return nil }
    let values = Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    guard let id = values["id"].flatMap({ id($0) }) else { return nil }
    var task = SchedulableTask(id: id)
    if case .string(let name) = values["priority"] {
      guard let priority = TaskPriority(rawValue: name) else { return nil }
      task.priority = priority
    }
    if let after = values["after"] {
      guard let ids = ids(after) else { return nil }
      task.dependencies = ids
    }
    if case .array(let globs) = values["touches"] {
      task.touches = globs.compactMap { if case .string(let text) = $0 { Glob(text) } else { nil } }
    }
    if case .int(let tier) = values["tier"] { task.tier = Int(clamping: tier) }
    if case .int(let weight) = values["weight"] { task.weight = weight }
    if values["unsound"] == .bool(true) { task.defect = "recorded as unsound" }
    switch values["phase"] {
    case nil: break
    case .string("running"): task.phase = .running
    case .string("complete"): task.phase = .complete
    case .string(let name):
      guard let kind = Hold.Kind(rawValue: name) else { return nil }
      task.phase = .held(Hold(kind, "recorded", holdsTouches: values["keeps_touches"] == .bool(true)))
    default: return nil
    }
    return FrontierKnowledge.Task(task, isPaused: values["paused"] == .bool(true))
  }
}
