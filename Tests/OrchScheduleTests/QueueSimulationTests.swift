import OrchDomain
import OrchRandom
import OrchSchedule
import Testing

/// The merge queue in a world of its own: changes that are bad alone or together, conflicts, gates that are flaky, a
/// base that is broken and repaired, people who move it, and kills.
///
/// The world keeps what is on the disk (base, changes, landings, results by tree) apart from what a process knows, and
/// checks at every move of the base what must always hold.
struct QueueWorld {
  struct Entry {
    var queue: QueueEntry
    /// Which version of the work it is; the agent makes the next one when it goes back.
    var version = 0
    var isBad: Bool
    var conflictsWith: Set<TaskID>
    /// What it is red together with, alone it is green.
    var quarrelsWith: TaskID?
    var inherited: Int?
    var isLanded = false
  }

  enum Problem: Error, CustomStringConvertible {
    case broken(String)
    var description: String {
      switch self {
      case .broken(let text): text
      }
    }
  }

  var random: SplitMix64
  let proof: MergeStack.Proof
  let depth: Int
  let width: Int
  var entries: [TaskID: Entry] = [:]
  /// What the base consists of, in order. A number is a commit of a person.
  var base: [String] = ["start"]
  var baseNumber = 0
  var isBaseBroken = false
  var clock: Int64 = 0
  var landings: [TaskID: Int] = [:]
  /// Trees that the gate has said green about.
  var proven: Set<[String]> = []
  var writers = 0
  var sentBack = 0
  var blamed = 0
  /// Runs that ended with something left, and were begun again.
  var restarts = 0
  var flaky = 0
  var gates = 0
  var innocentsSentBack: [TaskID] = []

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    proof = random.chance(50) ? .each : .stack
    depth = 1 + random.below(8)
    width = 1 + random.below(3)
    let count = 1 + random.below(14)
    let ids = (1...count).map { TaskID(module: "core", number: $0) }
    for (index, id) in ids.enumerated() {
      let earlier = ids[..<index]
      entries[id] = Entry(
        queue: QueueEntry(
          task: id, priority: TaskPriority.allCases[random.below(3)],
          enteredAt: Timestamp(milliseconds: Int64(random.below(600)) * 1000)),
        isBad: random.chance(15),
        conflictsWith: Set(earlier.filter { _ in random.chance(6) }),
        quarrelsWith: random.chance(8) ? earlier.randomElement(using: &random) : nil)
    }
    isBaseBroken = random.chance(12)
  }

  private func name(_ id: TaskID) -> String { "\(id)@\(entries[id]?.version ?? 0)" }

  private func clashes(_ id: TaskID, with tree: [String]) -> Bool {
    entries[id]?.conflictsWith.contains { other in tree.contains { $0.hasPrefix("\(other)@") } } ?? false
  }

  /// What the gate says about a tree in truth.
  private func isGreen(_ tree: [String]) -> Bool {
    var isBroken = isBaseBroken && !tree.contains("repair")
    for (id, entry) in entries where tree.contains("\(id)@\(entry.version)") {
      if entry.isBad { isBroken = true }
      if let other = entry.quarrelsWith, tree.contains(where: { $0.hasPrefix("\(other)@") }) { isBroken = true }
    }
    return !isBroken
  }

  private mutating func gate(_ tree: [String]) -> MergeStack.Verdict {
    gates += 1
    if proven.contains(tree) { return .green }
    if isGreen(tree) {
      // A flaky gate is red for nothing now and then.
      if random.chance(4) { return .red("test") }
      proven.insert(tree)
      return .green
    }
    return .red("test")
  }

  /// The agent makes a better version. A conflict and a quarrel are settled by it, because it sees what has landed.
  private mutating func goesBack(_ id: TaskID) {
    sentBack += 1
    entries[id]?.version += 1
    entries[id]?.isBad = false
    entries[id]?.conflictsWith = []
    entries[id]?.quarrelsWith = nil
    for other in entries.keys where entries[other]?.quarrelsWith == id { entries[other]?.quarrelsWith = nil }
    entries[id]?.queue.enteredAt = Timestamp(milliseconds: clock)
  }

  private mutating func move(to tree: [String], landing ids: [TaskID], from old: [String]) throws -> Bool {
    guard base == old else { return false }
    guard proven.contains(tree) else { throw Problem.broken("\(tree) landed and was never green") }
    guard proof == .stack || ids.count == 1 else { throw Problem.broken("\(ids) landed in one move, unproven but one") }
    for id in ids {
      guard landings[id] == nil else { throw Problem.broken("\(id) landed twice") }
      landings[id] = entries[id]?.version
      entries[id]?.isLanded = true
    }
    base = tree
    baseNumber += 1
    return true
  }

  /// One life of the process, until it has nothing to do or is killed.
  mutating func session() throws {
    writers += 1
    guard writers == 1 else { throw Problem.broken("two writers") }
    defer { writers -= 1 }
    for _ in 0..<20 {
      guard let again = try stack(), again else { return }
    }
  }

  /// - Returns: Whether to build anew; nil when killed.
  private mutating func stack() throws -> Bool? {
    let order = QueueOrder(starvedAfter: .seconds(300), now: Timestamp(milliseconds: clock))
    let open = entries.values.filter { !$0.isLanded && $0.inherited != baseNumber }.map(\.queue)
    let ids = order.sorted(open).prefix(depth).map(\.task)
    let old = base
    var trees = [base]
    var stacked: [TaskID] = []
    for id in ids {
      if clashes(id, with: base) {
        goesBack(id)
      } else if let tip = trees.last, !clashes(id, with: tip) {
        trees.append(tip + [name(id)])
        stacked.append(id)
      }
    }
    guard !stacked.isEmpty else { return false }
    let isKnownRed = entries.values.contains { $0.inherited == baseNumber }
    var stack = MergeStack(stacked, proof: proof, width: width, redStages: isKnownRed ? ["test"] : [])
    var running: [Int] = []
    var basis = old
    while true {
      clock += 1000
      if random.chance(2) { return nil }
      if random.chance(1) {
        // A person commits; what they commit is theirs.
        base += ["person\(clock)"]
        baseNumber += 1
      }
      let steps = stack.next()
      for step in steps {
        switch step {
        case .gate(let position): running.append(position)
        case .gateBase(let stage):
          let verdict = gate(trees[0])
          stack.gatedBase(stage, isGreen: verdict == .green)
        case .land(let position):
          let landing = Array(stacked[stack.landed..<position])
          guard try move(to: trees[position], landing: landing, from: basis) else { return true }
          basis = trees[position]
          stack.didLand(position)
        case .sendBack(let position):
          let id = stacked[position - 1]
          if isGreen(trees[position]) { innocentsSentBack.append(id) }
          if !isGreen(trees[position - 1]) {
            throw Problem.broken("\(id) is blamed on a tree that was red before it")
          }
          blamed += 1
          goesBack(id)
          return true
        case .inherit(let position):
          entries[stacked[position - 1]]?.inherited = baseNumber
          return true
        case .finish:
          flaky += stack.flaky.count
          return false
        }
      }
      guard steps.isEmpty else { continue }
      guard !running.isEmpty else { throw Problem.broken("it waits for nothing") }
      guard running.count <= width else { throw Problem.broken("\(running.count) gates at once") }
      let position = running.remove(at: random.below(running.count))
      stack.gated(position, gate(trees[position]))
    }
  }

  /// Runs until everything has landed.
  mutating func run() throws {
    for number in 0..<400 {
      if entries.values.allSatisfy(\.isLanded) { return }
      clock += 60_000
      // Somebody begins a new run; it looks again at what waits for another base.
      if number % 40 == 39 {
        restarts += 1
        for id in entries.keys { entries[id]?.inherited = nil }
      }
      try session()
      if isBaseBroken, number == 5 {
        guard landings.isEmpty else { throw Problem.broken("\(landings) landed on a base that is red") }
        guard blamed == 0 else { throw Problem.broken("\(blamed) were blamed for a base that is red") }
        isBaseBroken = false
        base += ["repair"]
        baseNumber += 1
      }
    }
    throw Problem.broken("\(entries.filter { !$0.value.isLanded }.keys) wait for ever")
  }
}

@Suite("Simulation of the merge queue") struct QueueSimulationTests {
  @Test("1,000 schedules: one writer, nothing lands twice, nothing waits for ever, what lands was tested")
  func schedules() throws {
    var totals = (landed: 0, sentBack: 0, flaky: 0, gates: 0, innocents: 0, restarts: 0)
    for seed in 0..<1000 {
      var world = QueueWorld(seed: UInt64(seed))
      do {
        try world.run()
      } catch {
        Issue.record("seed \(seed): \(error)")
        continue
      }
      totals.landed += world.landings.count
      totals.sentBack += world.sentBack
      totals.flaky += world.flaky
      totals.gates += world.gates
      totals.restarts += world.restarts
      totals.innocents += world.innocentsSentBack.count
    }
    #expect(totals.landed > 5000 && totals.sentBack > 500 && totals.flaky > 100, "the world is too kind: \(totals)")
    // Only a gate that is red twice for nothing may blame an innocent.
    #expect(totals.innocents * 200 < totals.gates, "\(totals)")
    // And only a base that is red twice for nothing may keep one for the next run.
    #expect(totals.restarts * 100 < totals.landed, "\(totals)")
  }
}
