import OrchDomain
import OrchRandom
import OrchSchedule
import Testing

/// The frontier against ``FrontierModel`` over random plans and random sequences of what can happen to them.
@Suite struct FrontierPropertyTests {
  static let patterns = [
    "src/**", "src/a/**", "src/a/x.swift", "src/b/*.swift", "docs/", "docs/*.md", "*.md", "**/x.swift", "lib/[ab]/?",
    "./src/a/x.swift", "/docs//", "src",
  ]

  struct World {
    var random: SplitMix64
    var model: FrontierModel
    var frontier: Frontier
    let names: [TaskID]
    let acyclic: Bool

    init(seed: Int) {
      random = SplitMix64(seed: UInt64(seed))
      acyclic = seed % 3 != 0
      let count = 2 + random.below(14)
      var names: [TaskID] = []
      for number in 0..<count {
        names.append(
          TaskID(module: ["a", "b", "c"][number % 3], prefix: number % 4 == 1 ? "CLI" : "", number: number / 3))
      }
      self.names = names
      model = FrontierModel([])
      frontier = Frontier([])
      // Some names stay out, so that there are unknown dependencies and later insertions.
      let tasks = names.indices.filter { _ in random.chance(80) }.map { task($0, isNew: true) }.shuffled(using: &random)
      model = FrontierModel(tasks)
      frontier = Frontier(tasks)
    }

    mutating func task(_ number: Int, isNew: Bool) -> SchedulableTask {
      let limit = acyclic ? number : names.count
      let wanted = random.chance(30) ? 0 : random.below(4)
      var task = SchedulableTask(
        id: names[number], priority: [.high, .normal, .normal, .low][random.below(4)],
        dependencies: (0..<wanted).compactMap { _ in limit > 0 ? names[random.below(limit)] : nil },
        touches: random.chance(50)
          ? [] : (0...random.below(2)).map { _ in Glob(FrontierPropertyTests.patterns[random.below(12)]) },
        tier: random.chance(60) ? 0 : random.below(4) - 1, weight: Int64(random.below(5)),
        defect: random.chance(4) ? "P007: wrong type" : nil)
      if isNew { task.phase = phase() }
      return task
    }

    mutating func phase() -> SchedulableTask.Phase {
      switch random.below(12) {
      case 0: .running
      case 1: .held(hold())
      case 2, 3: .complete
      default: .waiting
      }
    }

    mutating func hold() -> Hold {
      Hold(Hold.Kind.allCases[random.below(5)], "waits for a human", holdsTouches: random.chance(50))
    }

    mutating func pick(_ isMeant: (TaskID) -> Bool) -> TaskID? {
      model.ids.filter(isMeant).randomElement(using: &random)
    }

    /// One random event, applied to both sides. Returns its name, for the message of a failure.
    mutating func step() -> String {
      switch random.below(20) {
      case 0..<5: return take()
      case 5..<9: return end()
      case 9..<13: return other()
      case 13: return pauseSome()
      case 14: return selectSome()
      default: return changePlan()
      }
    }

    private mutating func take() -> String {
      let limit = random.below(5)
      let expected = model.take(limit)
      let taken = frontier.take(limit)
      #expect(taken == expected)
      return "take \(limit)"
    }

    private mutating func end() -> String {
      guard let id = pick({ [model] in model.phase($0) == .running }) else { return "nothing" }
      switch random.below(6) {
      case 0:
        model.tasks[id]?.phase = .waiting
        frontier.release(id)
      case 1:
        let hold = hold()
        model.tasks[id]?.phase = .held(hold)
        frontier.hold(id, hold)
      default:
        model.tasks[id]?.phase = .complete
        frontier.complete(id)
      }
      return "end \(id)"
    }

    /// Things that a person does, at any time and to any task.
    private mutating func other() -> String {
      let id = names[random.below(names.count)]
      let isOpen = model.isOpen(id)
      let event = random.below(6)
      switch event {
      case 0:
        frontier.complete(id)
        if isOpen { model.tasks[id]?.phase = .complete }
      case 1:
        frontier.reopen(id)
        if model.isComplete(id) { model.tasks[id]?.phase = .waiting }
      case 2:
        frontier.resume(id)
        if model.isHeld(id) { model.tasks[id]?.phase = .waiting }
      case 3:
        frontier.start(id)
        if isOpen { model.tasks[id]?.phase = .running }
      case 4:
        let hold = hold()
        frontier.hold(id, hold)
        if isOpen { model.tasks[id]?.phase = .held(hold) }
      default:
        frontier.release(id)
        if model.phase(id) == .running { model.tasks[id]?.phase = .waiting }
      }
      return "event \(event) for \(id)"
    }

    private mutating func pauseSome() -> String {
      let id = names[random.below(names.count)]
      switch random.below(6) {
      case 0:
        model.isPaused.toggle()
        if model.isPaused { frontier.pauseAll() } else { frontier.unpauseAll() }
      case 1, 2:
        frontier.pause(id)
        if model.tasks[id] != nil { model.paused.insert(id) }
      default:
        frontier.unpause(id)
        model.paused.remove(id)
      }
      return "pause \(id)"
    }

    private mutating func selectSome() -> String {
      let ids = random.chance(50) ? nil : Set(model.ids.filter { _ in random.chance(60) })
      model.selected = ids
      frontier.select(ids)
      return "select"
    }

    private mutating func changePlan() -> String {
      let number = random.below(names.count)
      let id = names[number]
      if random.chance(30) {
        frontier.remove(id)
        model.tasks[id] = nil
        model.paused.remove(id)
        model.selected?.remove(id)
        return "remove \(id)"
      }
      let old = model.tasks[id]
      var task = task(number, isNew: old == nil)
      if random.chance(50) { frontier.insert(task) } else { frontier.update(task) }
      if let old { task.phase = old.phase }
      model.tasks[id] = task
      return "write \(id)"
    }
  }

  @Test("Every decision is that of the rules written down without an index", arguments: 0..<300)
  func matchesModel(seed: Int) {
    var world = World(seed: seed)
    var history: [String] = []
    for _ in 0..<60 {
      let ready = world.model.ready
      let isSame =
        world.frontier.ready == ready && world.frontier.readyCount == ready.count
        && world.frontier.activeTier == world.model.activeTier
        && world.frontier.incomplete == world.model.ids.filter(world.model.isOpen)
        && world.frontier.incompleteCount == world.frontier.incomplete.count
        && world.frontier.running == world.model.ids.filter { world.model.phase($0) == .running }
        && world.frontier.runningCount == world.frontier.running.count
        && world.frontier.held.map(\.id) == world.model.ids.filter(world.model.isHeld)
        && world.names.allSatisfy { world.frontier.phase(of: $0) == world.model.phase($0) }
      #expect(isSame, "after \(history.suffix(6)): \(world.frontier.ready) instead of \(ready)")
      let chains = world.model.chains()
      #expect(
        world.names.allSatisfy { world.frontier.chain(of: $0) == chains[$0] }, "chains after \(history.suffix(3))")
      for id in world.names {
        #expect(world.frontier.isReady(id) == ready.contains(id))
        #expect(world.frontier.explain(id).isEmpty == ready.contains(id), "\(id): \(world.frontier.explain(id))")
      }
      guard isSame else { return }
      history.append(world.step())
    }
  }

  @Test(
    "What is taken never waits for anything, never shares files, and never comes from a closed tier", arguments: 0..<200
  )
  func safety(seed: Int) {
    var world = World(seed: seed)
    for _ in 0..<40 {
      let taken = world.frontier.take(1 + world.random.below(3))
      for id in taken {
        guard let task = world.model.tasks[id] else { continue }
        #expect(task.dependencies.allSatisfy(world.model.isComplete))
        #expect(!world.model.overlapsWork(task))
        #expect(world.model.tasks.values.allSatisfy { $0.tier >= task.tier || $0.phase == .complete })
        world.model.tasks[id]?.phase = .running
      }
      guard let id = world.pick({ [model = world.model] in model.phase($0) == .running }) else { break }
      world.frontier.complete(id)
      world.model.tasks[id]?.phase = .complete
    }
  }

  @Test("A deadlock is one: with every hold and pause lifted, nothing that was left ever completes", arguments: 0..<300)
  func deadlock(seed: Int) {
    var world = World(seed: seed)
    for _ in 0..<30 { _ = world.step() }
    repeat {
      for id in world.frontier.running { world.frontier.complete(id) }
    } while !world.frontier.take(1).isEmpty
    switch world.frontier.quiescence {
    case .ready, .running: Issue.record("everything that could run has been run")
    case .complete: break
    case .waitingForHeld(let ids):
      #expect(!ids.isEmpty && ids.allSatisfy { id in world.frontier.held.contains { $0.id == id } })
    case .paused(let ids): #expect(ids.isEmpty == world.frontier.isPaused)
    case .notSelected(let ids): #expect(!ids.isEmpty && world.frontier.isSelective)
    case .deadlock(let ids):
      let left = world.frontier.incomplete
      #expect(!ids.isEmpty && ids.allSatisfy(left.contains))
      let selected = left.filter { world.model.selected?.contains($0) ?? true }
      for id in world.names {
        world.frontier.resume(id)
        world.frontier.unpause(id)
      }
      world.frontier.select(nil)
      while let id = world.frontier.take(1).first { world.frontier.complete(id) }
      #expect(selected.allSatisfy(world.frontier.incomplete.contains))
    }
  }

  @Test("The order of ready tasks is total: it does not depend on the order of the input", arguments: 0..<100)
  func totalOrder(seed: Int) {
    var world = World(seed: seed)
    let tasks = world.model.ids.compactMap { world.model.tasks[$0] }
    var frontier = Frontier(tasks)
    let first = frontier.take(50)
    for _ in 0..<3 {
      var other = Frontier(tasks.shuffled(using: &world.random))
      #expect(other.take(50) == first)
    }
  }

  @Test("Hundreds of tasks inserted between two others keep the order", arguments: [0, 1, 2])
  func manyInsertions(way: Int) {
    func id(_ number: Int) -> TaskID { TaskID(module: "m", number: number) }
    var frontier = Frontier([SchedulableTask(id: id(0)), SchedulableTask(id: id(1000)), SchedulableTask(id: id(2000))])
    var random = SplitMix64(seed: 7)
    var numbers = Array(1..<400)
    if way == 1 { numbers.reverse() }
    if way == 2 { numbers.shuffle(using: &random) }
    for number in numbers { frontier.insert(SchedulableTask(id: id(number))) }
    #expect(frontier.take(500) == (Array(0..<400) + [1000, 2000]).map(id))
  }
}
