import OrchConfig
import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

/// Why a task does not start now, or what it is doing instead.
struct TaskReasons {
  /// One reason with what to do about it.
  struct Reason: Hashable {
    /// Stable, for programs.
    let kind: String
    /// The second half of a sentence that starts with the task's id.
    let text: String
    /// The task to look at.
    var task: TaskID?
    var advice: Advice?
  }

  let task: StoredTask
  /// In the order of what to do about them; empty when the task would start with the next free slot.
  let reasons: [Reason]
  /// The place in the order of starting, from 1, and how many may start; nil for a task that may not.
  var place: (number: Int, of: Int)?
  var slots: (taken: Int, of: Int)
  /// Whether a process starts tasks now.
  let isDriven: Bool
  /// What it waits for outside of us; nil when for nothing.
  var wait: Wait?

  var isReady: Bool { reasons.isEmpty }

  static func read(_ id: TaskID, in view: ProjectView, frontier: Frontier? = nil) throws -> TaskReasons {
    let task = try view.task(id)
    var frontier = try frontier ?? view.frontier(now: EngineClock.system.now())
    if let missing = try view.missingProgram(for: task) { frontier.setAgentWait(id, missing) }
    let settings = view.place.loaded.settings
    let isDriven = try view.holder() != nil
    let obstacles = frontier.explain(id)
    // Found before the sentences are made, because making them reads nothing.
    let named = Set(obstacles.compactMap(Reason.cause))
    let others = Dictionary(try named.compactMap { try view.store.task(view.row, $0) }.map { ($0.id, $0) }) { $1 }
    let attempt = try view.look { tx in try tx.latestAttempt(of: id) }
    let turn = try attempt.flatMap { attempt in
      try view.look { tx in try tx.turn(id, attempt: attempt.number, attempt.turn) }
    }
    var reasons = obstacles.map { Reason($0, of: task, attempt, isDriven: isDriven) { others[$0] } }
    if task.state == .blocked || task.state == .ready {
      let queue = try view.store.tasks(view.row, TaskFilter(states: [.approved, .landing]))
      if let full = Reason(landingQueue: queue, depth: settings.landing.queueDepth) { reasons.append(full) }
      if let hold = try view.diskBudget().hold {
        reasons.append(Reason(kind: "disk", text: "waits for room on the disk: \(hold)", task: nil, advice: nil))
      }
    }
    let ready = reasons.isEmpty ? frontier.ready : []
    return TaskReasons(
      task: task, reasons: reasons, place: ready.firstIndex(of: id).map { ($0 + 1, ready.count) },
      slots: (frontier.runningCount, max(1, settings.general.maxParallelAgents)), isDriven: isDriven,
      wait: Wait(task, attempt: attempt, turn: turn, settings: settings))
  }

  var text: String {
    var text = "\(task.id): \(SafeText.line(task.plan.title, limit: 200))\n"
    guard !reasons.isEmpty else { return text + readyText }
    if let wait { text += "  \(wait.text)\n" }
    for (index, reason) in reasons.enumerated() {
      let number = reasons.count > 1 ? "\(index + 1). " : ""
      text += "  \(number)\(SafeText.line(reason.text, limit: 600))\n"
      if let advice = reason.advice { text += "     -> \(SafeText.visible(advice.command))  (\(advice.text))\n" }
    }
    return text
  }

  private var readyText: String {
    var text = "  is ready"
    if let place { text += ", number \(place.number) of \(place.of) that may start now" }
    text += slots.taken >= slots.of ? "; all \(slots.of) slots are taken\n" : "; \(slots.of - slots.taken) slots free\n"
    if !isDriven || (place?.number ?? 1) > 1 { text += "     -> claude-orch start \(task.id)  (start it)\n" }
    return text
  }

  var json: JSONValue {
    .object(
      [
        .init("task", .string(task.id.description)), .init("state", .string(task.state.rawValue)),
        .init("ready", .bool(isReady)), .init("position", JSONValue(place?.number)),
        .init("ready_tasks", JSONValue(place?.of)),
        .init("obstacles", .array(reasons.map(\.json))),
      ] + (wait.map { [.init("wait", $0.json)] } ?? []))
  }
}

extension TaskReasons.Reason {
  /// - Parameter depth: How many changes may wait before nothing new is started.
  init?(landingQueue: [StoredTask], depth: Int) {
    guard landingQueue.count >= depth else { return nil }
    let first = landingQueue.first { $0.reason != nil } ?? landingQueue.first
    self.init(
      kind: "landing_queue",
      text: "waits because \(landingQueue.count) changes wait to land and [landing] queue_depth is \(depth)",
      task: first?.id, advice: first.flatMap { Advice($0, isDriven: false) })
  }

  init(
    _ obstacle: Obstacle, of task: StoredTask, _ attempt: Attempt?, isDriven: Bool, other: (TaskID) -> StoredTask?
  ) {
    kind = Self.kind(obstacle, task)
    switch obstacle {
    case .running, .held, .complete: text = Self.activity(task, attempt, isDriven: isDriven)
    case .defect: text = "has a plan with errors"
    default: text = obstacle.description
    }
    self.task = Self.cause(obstacle)
    advice = Advice(obstacle, of: task, isDriven: isDriven, other: other)
  }

  /// What a task that has been started does or waits for.
  static func activity(_ task: StoredTask, _ attempt: Attempt?, isDriven: Bool) -> String {
    var text =
      switch task.state {
      case .failed: "has failed"
      case .cancelled: "was cancelled"
      case .approved where task.reason == nil: "is approved and waits for its turn to land"
      default: "is \(task.state.rawValue.replacing("_", with: " "))"
      }
    if task.state.holdsSlot, let attempt {
      text += ": attempt \(attempt.number) with \(attempt.agent)"
      if attempt.turn > 1 { text += ", turn \(attempt.turn)" }
    }
    if task.state == .parked, let until = task.parkedUntil { text += " until \(until.rfc3339)" }
    if task.state == .parked, task.failureClass?.isLimit == true, let attempt {
      text += ", when agent \(attempt.agent)\(attempt.model.map { " with model \($0)" } ?? "") may work again"
    }
    if let reason = task.reason { text += task.state.holdsSlot ? ", because \(reason)" : ": \(reason)" }
    if let failure = task.failureClass, task.state != .ready { text += " [\(failure.rawValue)]" }
    if task.state.holdsSlot && !isDriven { text += "; no process drives it now" }
    return text
  }

  /// The other task that an obstacle is about.
  static func cause(_ obstacle: Obstacle) -> TaskID? {
    switch obstacle {
    case .dependency(_, let root): root.task
    case .unknownDependency(let id), .tierInversion(let id, _, _), .overlap(let id, _): id
    case .closedTier(_, _, let tasks, _): tasks.first
    case .cycle(let path): path.dropFirst().first
    case .notInPlan, .complete, .running, .held, .defect, .paused, .notSelected, .withoutAgent: nil
    }
  }

  private static func kind(_ obstacle: Obstacle, _ task: StoredTask) -> String {
    switch obstacle {
    case .notInPlan: "not_in_plan"
    case .complete: "complete"
    case .running, .held: task.state.rawValue
    case .defect: "plan_errors"
    case .cycle: "cycle"
    case .unknownDependency: "unknown_dependency"
    case .tierInversion: "tier_inversion"
    case .paused(let everything): everything ? "project_paused" : "paused"
    case .notSelected: "not_selected"
    case .withoutAgent: "agent"
    case .dependency: "dependency"
    case .closedTier: "closed_tier"
    case .overlap: "overlap"
    }
  }

  var json: JSONValue {
    var members: [JSONValue.Member] = [.init("kind", .string(kind)), .init("text", .string(text))]
    if let task { members.append(.init("task", .string(task.description))) }
    if let advice { members.append(.init("command", .string(advice.command))) }
    return .object(members)
  }
}

extension Wait {
  var json: JSONValue {
    .object([
      .init("kind", .string(kind.rawValue)), .init("owner", .string(kind.owner)),
      .init("since", .string(since.rfc3339)), .init("until", JSONValue(until?.rfc3339)),
      .init("deadline", .string(kind.deadline)),
    ])
  }
}
