import OrchDomain
import OrchRandom
import OrchSchedule
import Testing

/// What a scheduler recorded is enough to decide again, and a changed record is found.
@Suite("Deciding again")
struct DecisionReplayTests {
  /// A run of random events over a random plan, as the loop of `start` drives it, with its record.
  static func record(seed: Int) -> [FrontierStep] {
    var random = SplitMix64(seed: UInt64(seed))
    let names = (0..<(3 + random.below(20))).map {
      TaskID(module: ["a", "b", "c"][$0 % 3], prefix: "", number: $0 / 3 + 1)
    }
    func known(_ number: Int, _ phase: SchedulableTask.Phase) -> FrontierKnowledge.Task {
      var task = SchedulableTask(
        id: names[number], priority: [.high, .normal, .low][random.below(3)],
        dependencies: (0..<random.below(3)).compactMap { _ in number > 0 ? names[random.below(number)] : nil },
        touches: random.chance(60) ? [] : [Glob(FrontierPropertyTests.patterns[random.below(12)])],
        tier: random.chance(70) ? 0 : random.below(3), phase: phase,
        defect: random.chance(5) ? "P007: wrong type" : nil)
      if random.chance(10) { task.weight = Int64(random.below(9)) }
      return FrontierKnowledge.Task(task, isPaused: random.chance(8))
    }
    func phase() -> SchedulableTask.Phase {
      switch random.below(12) {
      case 0: .running
      case 1: .held(Hold(Hold.Kind.allCases[random.below(5)], "why", holdsTouches: random.chance(50)))
      case 2, 3: .complete
      default: .waiting
      }
    }
    var tasks = names.indices.filter { _ in random.chance(85) }.map { known($0, phase()) }
    var knowledge = FrontierKnowledge(tasks)
    if random.chance(15) {
      knowledge.agentWaits = Dictionary(
        uniqueKeysWithValues: tasks.prefix(1).filter { $0.task.phase == .waiting }.map { ($0.task.id, "limit") })
    }
    var frontier = RecordedFrontier(knowledge)
    if random.chance(20) { frontier.select(Set(names.filter { _ in random.chance(60) })) }
    var steps: [FrontierStep] = []
    for _ in 0..<60 {
      switch random.below(10) {
      case 0..<5:
        guard let id = frontier.take() else { continue }
        if random.chance(10) { frontier.release(id) }
      case 5..<8:
        tasks.shuffle(using: &random)
        guard let running = frontier.running.randomElement(using: &random),
          let place = tasks.firstIndex(where: { $0.task.id == running })
        else { continue }
        tasks[place].task.phase = random.chance(75) ? .complete : phase()
        frontier.know(tasks[place])
      case 8:
        let number = random.below(names.count)
        let changed = known(number, phase())
        tasks.removeAll { $0.task.id == changed.task.id }
        tasks.append(changed)
        frontier.know(changed)
      default:
        if random.chance(50) {
          // Nothing is said of the agents of what is complete.
          let open = frontier.incomplete
          if !open.isEmpty { frontier.setAgentWait(open[random.below(open.count)], random.chance(50) ? "limit" : nil) }
        } else {
          frontier.setPaused(random.chance(30))
        }
      }
      if random.chance(30) { steps += frontier.drain() }
    }
    frontier.rest()
    return steps + frontier.drain()
  }

  static func replay(_ steps: [FrontierStep]) -> (DecisionReplay, DecisionReplay.Difference?) {
    var replay = DecisionReplay()
    for step in steps {
      guard let same = FrontierStep(json: step.json) else {
        Issue.record("cannot be read: \(step.json.text())")
        return (replay, nil)
      }
      if let difference = replay.apply(same) { return (replay, difference) }
    }
    return (replay, nil)
  }

  @Test("What was decided is decided again, from the record alone", arguments: 0..<300)
  func decidesAgain(seed: Int) {
    let (replay, difference) = Self.replay(Self.record(seed: seed))
    #expect(difference == nil)
    #expect(replay.runs == 1 && replay.decisions > 0)
  }

  @Test("A decision that is exchanged for another is found", arguments: 0..<100)
  func findsChanges(seed: Int) {
    var steps = Self.record(seed: seed)
    let decisions = steps.indices.filter { if case .took = steps[$0] { true } else { false } }
    guard let place = decisions.first, case .took(let id) = steps[place] else { return }
    steps[place] = .took(TaskID(module: id.module, prefix: "X", number: id.number))
    #expect(Self.replay(steps).1 != nil)
    // That a task was told with another priority shows only where it matters, but a forgotten end of a run always does.
    steps = Self.record(seed: seed)
    guard case .rested(var rest) = steps.last else {
      Issue.record("a run must end in a rest")
      return
    }
    rest.count += 1
    steps[steps.count - 1] = .rested(rest)
    #expect(Self.replay(steps).1 != nil)
  }

  @Test("A log that begins in the middle of a run is followed from the next run on")
  func cutLog() {
    let run = Self.record(seed: 3)
    let (replay, difference) = Self.replay(Array(run.dropFirst(run.count / 2)) + run)
    #expect(difference == nil)
    #expect(replay.runs == 1)
  }

  @Test(
    "What is no step is no step",
    arguments: [
      .array([]), .string("took"), .array([.string("took")]), .array([.string("took"), .int(1)]),
      .array([.string("took"), .string("not an id")]), .array([.string("task"), .object([])]),
      .array([.string("rested"), .int(1)]), .array([.string("x")]),
    ] as [JSONValue])
  func unreadable(_ json: JSONValue) { #expect(FrontierStep(json: json) == nil) }
}
