import OrchDomain
import OrchSchedule

/// The rules of scheduling written down as directly as possible, without any index: slow and plainly right.
struct FrontierModel {
  var tasks: [TaskID: SchedulableTask] = [:]
  var paused: Set<TaskID> = []
  var isPaused = false
  var selected: Set<TaskID>?

  init(_ tasks: [SchedulableTask]) {
    for task in tasks { self.tasks[task.id] = task }
  }

  var ids: [TaskID] { tasks.keys.sorted() }

  func phase(_ id: TaskID) -> SchedulableTask.Phase? { tasks[id]?.phase }
  func isComplete(_ id: TaskID) -> Bool { phase(id) == .complete }
  func isOpen(_ id: TaskID) -> Bool { phase(id).map { $0 != .complete } ?? false }

  func isHeld(_ id: TaskID) -> Bool {
    if case .held = phase(id) { return true }
    return false
  }

  func holdsTouches(_ id: TaskID) -> Bool {
    switch phase(id) {
    case .running: true
    case .held(let hold): hold.holdsTouches
    default: false
    }
  }

  var activeTier: Int? { tasks.values.filter { isOpen($0.id) }.map(\.tier).min() }

  /// Whether open tasks wait for each other in a ring that includes `id`.
  func isKnotted(_ id: TaskID) -> Bool {
    var seen: Set<TaskID> = []
    var stack = tasks[id]?.dependencies.filter(isOpen) ?? []
    while let next = stack.popLast() {
      if next == id { return isOpen(id) }
      if seen.insert(next).inserted { stack += tasks[next]?.dependencies.filter(isOpen) ?? [] }
    }
    return false
  }

  func chains() -> [TaskID: Int64] {
    let usable = Set(ids.filter { isOpen($0) && !isKnotted($0) })
    var known: [TaskID: Int64] = [:]
    func chain(_ id: TaskID) -> Int64 {
      if let value = known[id] { return value }
      let behind = usable.filter { tasks[$0]?.dependencies.contains(id) == true }
      let value = behind.map { max(1, tasks[$0]?.weight ?? 1) + chain($0) }.max() ?? 0
      known[id] = value
      return value
    }
    var result: [TaskID: Int64] = [:]
    for id in ids where isOpen(id) { result[id] = usable.contains(id) ? chain(id) : 0 }
    return result
  }

  func isBarred(_ id: TaskID) -> Bool {
    isPaused || paused.contains(id) || selected.map { !$0.contains(id) } ?? false || tasks[id]?.defect != nil
  }

  func overlapsWork(_ task: SchedulableTask) -> Bool {
    tasks.values.contains { other in
      holdsTouches(other.id) && task.touches.contains { own in other.touches.contains { own.mayOverlap($0) } }
    }
  }

  var ready: [TaskID] {
    let chains = chains()
    let tier = activeTier
    return tasks.values
      .filter { task in
        task.phase == .waiting && !isBarred(task.id) && task.dependencies.allSatisfy(isComplete) && task.tier == tier
          && !overlapsWork(task)
      }
      .sorted { a, b in
        if a.priority != b.priority { return a.priority.rank < b.priority.rank }
        let left = chains[a.id] ?? 0
        let right = chains[b.id] ?? 0
        return left != right ? left > right : a.id < b.id
      }
      .map(\.id)
  }

  mutating func take(_ limit: Int) -> [TaskID] {
    var taken: [TaskID] = []
    while taken.count < limit, let next = ready.first {
      tasks[next]?.phase = .running
      taken.append(next)
    }
    return taken
  }
}
