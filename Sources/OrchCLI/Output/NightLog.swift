import OrchDomain
import OrchEngine
import OrchStore

/// What the event log tells of a stretch of time. Made from events alone, so that it is the same on every later day.
struct NightLog: Hashable {
  /// The work of a task got onto the base branch.
  struct Landed: Hashable {
    var task: TaskID
    var at: Timestamp
    var change: Int
    var commit: String?
    /// What is on the base branch.
    var tree: String?
    var approvedBy: String?
  }

  /// Where a task stood at the end.
  struct Standing: Hashable {
    var task: TaskID
    var state: TaskState
    var reason: String?
    var failure: FailureClass?
    var until: Timestamp?
    var since: Timestamp
  }

  /// An agent asked a person something, and nobody has answered.
  struct Question: Hashable {
    var task: TaskID
    var text: String
    var at: Timestamp
  }

  /// An agent got no work.
  struct Wall: Hashable {
    var agent: String
    var model: String?
    var failure: String
    var reason: String
    var at: Timestamp
    var until: Timestamp
  }

  struct Limit: Hashable {
    var at: Timestamp
    var percent: Int
    var text: String
  }

  /// A run of a batch or job.
  struct Run: Hashable {
    var id: Int64
    var name: String
    var due: Timestamp?
    var startedAt: Timestamp?
    var endedAt: Timestamp?
    var outcome: String?
    var cost = MicroUSD.zero
    var forecastTasks: Int?
    var forecastTime: Duration?
    var forecastCost: MicroUSD?
  }

  struct Missed: Hashable {
    var name: String
    var due: Timestamp
    var until: Timestamp
    var count: Int
    var reason: String
  }

  /// Nobody drove the project although somebody should have.
  struct Gap: Hashable {
    var who: String
    var from: Timestamp
    var to: Timestamp
    /// Whether the process died; else it slept, or was stopped.
    var hasDied: Bool
  }

  var since: Timestamp?
  var until: Timestamp?
  /// In the order of the log.
  var landed: [Landed] = []
  /// How many attempts ended, by class; `complete` for those that did not fail.
  var attempts: [String: Int] = [:]
  var walls: [Wall] = []
  var limits: [Limit] = []
  var runs: [Run] = []
  var missed: [Missed] = []
  var gaps: [Gap] = []
  /// Open at the end, oldest first.
  private(set) var questions: [Question] = []
  /// Tasks that were neither waiting nor complete at the end, by id.
  private(set) var standing: [TaskID: Standing] = [:]

  /// The kinds of events that it is made from.
  static let types: [EventType] = [
    .taskState, .taskRemoved, .changeState, .changeUpdated, .attemptEnded, .cooldownSet, .budgetReached, .batchStarted,
    .batchEnded, .batchMissed, .heartbeatLost, .heartbeatGap, .questionAsked, .messageSent,
  ]

  /// - Parameters:
  ///   - events: Of these types, from the beginning of the log, because where a task stands follows from all before.
  ///   - since: Nil for the beginning.
  ///   - until: Nil for the end.
  init(_ events: some Sequence<StoredEvent>, since: Timestamp? = nil, until: Timestamp? = nil) {
    self.since = since
    self.until = until
    var commits: [Int64: String] = [:]
    var people: [Int64: String] = [:]
    for event in events {
      if let until, event.at > until { continue }
      let fields = JSONFields(event.data)
      if let task = event.task { stand(task, event, fields) }
      if let number = fields.int("number") {
        // Known at the landing, and told with an earlier event.
        if let commit = fields.string("landing_commit") { commits[number] = commit }
        if let person = fields.string("approved_by") { people[number] = person }
      }
      let isOpen = event.type == .batchEnded && runs.contains { $0.id == fields.int("batch") }
      guard isOpen || since.map({ event.at >= $0 }) ?? true else { continue }
      note(event, fields, commits, people)
    }
  }

  private mutating func stand(_ task: TaskID, _ event: StoredEvent, _ fields: JSONFields) {
    if event.type == .taskRemoved { standing[task] = nil }
    let isOver = event.type == .taskState && ["complete", "cancelled"].contains(fields.string("to"))
    if isOver || [.taskRemoved, .messageSent].contains(event.type) { questions.removeAll { $0.task == task } }
    if event.type == .questionAsked {
      questions.append(Question(task: task, text: fields.string("text") ?? "", at: event.at))
    }
    guard event.type == .taskState, let state = fields.string("to").flatMap(TaskState.init) else { return }
    guard !TaskFilter.resting.contains(state), state != .cancelled else {
      standing[task] = nil
      return
    }
    standing[task] = Standing(
      task: task, state: state, reason: fields.string("reason"),
      failure: fields.string("failure_class").flatMap(FailureClass.init),
      until: fields.int("parked_until").map(Timestamp.init), since: event.at)
  }

  private mutating func note(
    _ event: StoredEvent, _ fields: JSONFields, _ commits: [Int64: String], _ people: [Int64: String]
  ) {
    switch event.type {
    case .changeState:
      guard fields.string("to") == Change.State.merged.rawValue, let task = event.task,
        let number = fields.int("number")
      else { return }
      landed.append(
        Landed(
          task: task, at: event.at, change: Int(number), commit: commits[number], tree: fields.string("landed_tree"),
          approvedBy: people[number]))
    case .attemptEnded:
      attempts[fields.string("failure_class") ?? fields.string("outcome") ?? "unknown", default: 0] += 1
    case .cooldownSet:
      walls.append(
        Wall(
          agent: fields.string("agent") ?? "", model: fields.string("model"),
          failure: fields.string("failure_class") ?? "", reason: fields.string("reason") ?? "", at: event.at,
          until: fields.time("until") ?? event.at))
    case .budgetReached:
      limits.append(
        Limit(at: event.at, percent: Int(fields.int("percent") ?? 0), text: fields.string("text") ?? ""))
    case .batchStarted, .batchEnded: run(event, fields)
    case .batchMissed:
      guard let due = fields.time("due") else { return }
      missed.append(
        Missed(
          name: fields.string("name") ?? "", due: due, until: fields.time("until") ?? due,
          count: Int(fields.int("count") ?? 1), reason: fields.string("reason") ?? ""))
    case .heartbeatLost, .heartbeatGap:
      guard let from = fields.time("from"), let to = fields.time("to") else { return }
      gaps.append(
        Gap(who: fields.string("who") ?? "", from: from, to: to, hasDied: event.type == .heartbeatLost))
    default: break
    }
  }

  private mutating func run(_ event: StoredEvent, _ fields: JSONFields) {
    guard let id = fields.int("batch") else { return }
    let place = runs.firstIndex { $0.id == id } ?? runs.endIndex
    if place == runs.endIndex { runs.append(Run(id: id, name: fields.string("name") ?? "#\(id)")) }
    if event.type == .batchStarted {
      runs[place].startedAt = event.at
      runs[place].due = fields.time("due")
      runs[place].forecastTasks = fields.int("forecast_tasks").map { Int($0) }
      runs[place].forecastTime = fields.int("forecast_seconds").map { .seconds($0) }
      runs[place].forecastCost = fields.int("forecast_cost_micro_usd").map { MicroUSD($0) }
    } else {
      runs[place].endedAt = event.at
      runs[place].outcome = fields.string("outcome")
      runs[place].cost = MicroUSD(fields.int("cost_micro_usd") ?? 0)
    }
  }
}
