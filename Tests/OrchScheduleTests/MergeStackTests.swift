import OrchDomain
import OrchSchedule
import Testing

/// Decisions about one stack of changes.
@Suite("Merge stack") struct MergeStackTests {
  /// Drives a stack to its end: every gate is answered before the next step, the one that began first at first.
  struct Drive {
    var stack: MergeStack
    /// What the gate says about a position, by the number of the run.
    var says: (Int, Int) -> MergeStack.Verdict
    var isBaseGreen = true
    var steps: [MergeStack.Step] = []
    private var pending: [Int] = []
    private var runs: [Int: Int] = [:]

    init(
      _ count: Int, _ proof: MergeStack.Proof, width: Int = 1, redStages: Set<String> = [], isBaseGreen: Bool = true,
      says: @escaping (Int, Int) -> MergeStack.Verdict
    ) {
      stack = MergeStack(
        (0..<count).map { TaskID(module: "core", number: $0 + 1) }, proof: proof, width: width, redStages: redStages)
      self.says = says
      self.isBaseGreen = isBaseGreen
    }

    /// The step that ends the stack.
    mutating func run() -> MergeStack.Step {
      while true {
        let next = stack.next()
        steps += next
        for step in next {
          switch step {
          case .gate(let position):
            pending.append(position)
            runs[position, default: 0] += 1
          case .gateBase(let stage): stack.gatedBase(stage, isGreen: isBaseGreen)
          case .land(let position): stack.didLand(position)
          case .sendBack, .inherit, .finish: return step
          }
        }
        if next.isEmpty {
          let position = pending.removeFirst()
          stack.gated(position, says(position, runs[position] ?? 0))
        }
      }
    }

    var gates: Int { steps.count { if case .gate = $0 { true } else { false } } }
  }

  private static let red = MergeStack.Verdict.red("test")

  @Test("A green stack lands change by change, each on its own proof")
  func landsOneByOne() {
    var drive = Drive(3, .each) { _, _ in .green }
    #expect(drive.run() == .finish)
    #expect(drive.steps == [.gate(1), .land(1), .gate(2), .land(2), .gate(3), .land(3), .finish])
  }

  @Test("With room for it, gates of several trees run at once, and land in order")
  func runsAhead() {
    var drive = Drive(4, .each, width: 3) { _, _ in .green }
    #expect(drive.run() == .finish)
    #expect(drive.steps.prefix(3) == [.gate(1), .gate(2), .gate(3)])
    let landings = drive.steps.filter { if case .land = $0 { true } else { false } }
    #expect(landings == [.land(1), .land(2), .land(3), .land(4)])
    #expect(drive.gates == 4)
  }

  @Test("A green tree proves nothing of those before it: each waits for its own gate")
  func provesOnlyItself() {
    var stack = MergeStack((1...2).map { TaskID(module: "core", number: $0) }, proof: .each, width: 2)
    #expect(stack.next() == [.gate(1), .gate(2)])
    stack.gated(2, .green)
    #expect(stack.next() == [])
    stack.gated(1, .green)
    #expect(stack.next() == [.land(1)])
  }

  @Test("A whole stack is proven by one gate and lands at once")
  func landsTogether() {
    var drive = Drive(16, .stack) { _, _ in .green }
    #expect(drive.run() == .finish)
    #expect(drive.steps == [.gate(16), .land(16), .finish])
  }

  @Test(
    "One bad entry among n is found in at most ceil(log2 n) + 1 further gate runs, the second look at it included",
    arguments: 1...64)
  func bisects(_ count: Int) {
    let bound = Int.bitWidth - (count - 1).leadingZeroBitCount + 1
    for bad in 1...count {
      var drive = Drive(count, .stack) { position, _ in position >= bad ? Self.red : .green }
      drive.stack.gatedBase("test", isGreen: true)
      #expect(drive.run() == .sendBack(bad))
      #expect(drive.gates - 1 <= bound, "\(bad) of \(count) took \(drive.gates - 1) runs")
      #expect(drive.stack.landed == bad - 1, "what is before it has landed")
    }
  }

  @Test("The first entry is not blamed before the base has been looked at, and never when that is red")
  func baseIsLookedAt() {
    var own = Drive(2, .each) { _, _ in Self.red }
    #expect(own.run() == .sendBack(1))
    #expect(own.steps == [.gate(1), .gate(1), .gateBase("test"), .sendBack(1)])
    var inherited = Drive(2, .each, isBaseGreen: false) { _, _ in Self.red }
    #expect(inherited.run() == .inherit(1))
    #expect(inherited.steps.suffix(3) == [.gateBase("test"), .gateBase("test"), .inherit(1)], "and that twice, too")
    // Later ones meet a base that is known to be red: one run each, and none of the base.
    var known = Drive(2, .each, redStages: ["test"]) { _, _ in Self.red }
    #expect(known.run() == .inherit(1))
    #expect(known.steps == [.gate(1), .inherit(1)])
    // But not when they are red somewhere else.
    var other = Drive(2, .each, redStages: ["lint"]) { _, _ in Self.red }
    #expect(other.run() == .sendBack(1))
  }

  @Test("What repairs a red base lands")
  func theRepairLands() {
    var drive = Drive(1, .each, redStages: ["test"]) { _, _ in .green }
    #expect(drive.run() == .finish)
    #expect(drive.stack.landed == 1)
  }

  @Test(
    "Red once and then green on the same tree is a flaky gate: the change lands and is marked",
    arguments: [
      MergeStack.Proof.each, .stack,
    ])
  func flakyLands(_ proof: MergeStack.Proof) {
    var drive = Drive(3, proof) { position, run in position == 3 && run == 1 ? Self.red : .green }
    #expect(drive.run() == .finish)
    #expect(drive.stack.landed == 3)
    #expect(drive.stack.flaky == [TaskID(module: "core", number: 3)])
  }

  @Test("A checkout that cannot be made ready is tried twice and blames no base")
  func unready() {
    var drive = Drive(1, .each) { _, _ in .unready }
    #expect(drive.run() == .sendBack(1))
    #expect(drive.steps == [.gate(1), .gate(1), .sendBack(1)])
  }

  @Test("Behind a red tree no further gate begins until it is settled")
  func nothingBeginsBehindRed() {
    var stack = MergeStack(
      (1...4).map { TaskID(module: "core", number: $0) }, proof: .each, width: 2)
    #expect(stack.next() == [.gate(1), .gate(2)])
    stack.gated(2, Self.red)
    #expect(stack.next() == [])
    stack.gated(1, .green)
    #expect(stack.next() == [.land(1)])
    stack.didLand(1)
    #expect(stack.next() == [.gate(2)], "the second look, on a base that is proven")
    stack.gated(2, Self.red)
    #expect(stack.next() == [.sendBack(2)])
  }
}

@Suite("Order of the merge queue") struct QueueOrderTests {
  private func entry(_ number: Int, _ priority: TaskPriority, at minute: Int) -> QueueEntry {
    QueueEntry(
      task: TaskID(module: "core", number: number), priority: priority,
      enteredAt: Timestamp(milliseconds: Int64(minute) * 60_000))
  }

  @Test("Priority first, then age, then the id; what waits too long goes before all")
  func order() {
    let entries = [
      entry(1, .low, at: 0), entry(2, .normal, at: 50), entry(3, .high, at: 58), entry(4, .normal, at: 40),
      entry(5, .normal, at: 40),
    ]
    let order = { (minute: Int) in
      QueueOrder(starvedAfter: .seconds(3600), now: Timestamp(milliseconds: Int64(minute) * 60_000)).sorted(entries)
        .map(\.task.number)
    }
    #expect(order(59) == [3, 4, 5, 2, 1])
    #expect(order(60) == [1, 3, 4, 5, 2])
    #expect(order(200) == [1, 4, 5, 2, 3], "once all wait too long, age alone counts")
  }
}
