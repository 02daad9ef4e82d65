package import OrchDomain

/// Decides about one stack of changes: which of its trees the gate runs on, what lands, and who is to blame when
/// something is red. Pure; whoever drives it carries out the steps and tells what came of them.
///
/// The stack stands on the base branch. Position `n` is the tree that merging its first `n` entries gives, position 0
/// the base.
package struct MergeStack: Hashable, Sendable {
  /// What has to be proven before a change lands.
  package enum Proof: String, Hashable, Sendable, CaseIterable {
    /// The tree of each change: whatever was the tip of the base branch for a moment has passed the gate.
    case each
    /// The tree of the whole stack, whose changes land together, in one move of the branch.
    case stack
  }

  /// What the gate said about a tree.
  package enum Verdict: Hashable, Sendable {
    case green
    /// Red in the stage with this key.
    case red(String)
    /// The checkout could not be made ready. That is nobody's work.
    case unready
  }

  /// Something to do. Steps that change the stack are given alone.
  package enum Step: Hashable, Sendable {
    case gate(Int)
    /// Runs one stage on the base, to see whether it is red without any of the changes.
    case gateBase(String)
    /// Moves the base branch up to this position, whose tree is proven.
    case land(Int)
    /// Sends the entry at this position back: it is red, twice, on a base that is green.
    case sendBack(Int)
    /// The entry at this position is red because the base is.
    case inherit(Int)
    case finish
  }

  package let entries: [TaskID]
  package let proof: Proof
  /// How many gates may run at the same time.
  package let width: Int
  /// What has landed: nothing at or before this position changes any more.
  package private(set) var landed = 0
  /// Entries whose tree was red and then green.
  package private(set) var flaky: Set<TaskID> = []
  private var verdicts: [Int: Verdict] = [:]
  private var runs: [Int: Int] = [:]
  private var running: Set<Int> = []
  /// What stages said about the base, by their keys.
  private var base: [String: Bool]
  private var baseRuns: [String: Int] = [:]
  private var isBaseRunning = false

  /// - Parameter redStages: Keys of stages that are known to be red on the base.
  package init(_ entries: [TaskID], proof: Proof, width: Int, redStages: Set<String> = []) {
    self.entries = entries
    self.proof = proof
    self.width = max(1, width)
    base = Dictionary(uniqueKeysWithValues: redStages.map { ($0, false) })
  }

  // MARK: What comes next

  /// What to begin now; nothing while all there is to do is to wait for gates.
  package mutating func next() -> [Step] {
    if let proven { return [.land(proven)] }
    guard landed < entries.count else { return [.finish] }
    guard let red = firstRed else { return begin(proof == .each ? open(upTo: entries.count) : [entries.count]) }
    if red > landed + 1 {
      // What lies below the first red tree is not known: each is to be proven, or halved until one entry is left.
      return begin(proof == .each ? open(upTo: red - 1) : [landed + (red - landed) / 2])
    }
    return blame(red)
  }

  /// The largest position that may land.
  private var proven: Int? {
    switch proof {
    case .each: verdicts[landed + 1] == .green ? landed + 1 : nil
    case .stack: verdicts.filter { $0.key > landed && $0.value == .green }.keys.max()
    }
  }

  private var firstRed: Int? { verdicts.filter { $0.key > landed && $0.value != .green }.keys.min() }

  private func open(upTo last: Int) -> [Int] { (landed..<last).map { $0 + 1 }.filter { verdicts[$0] == nil } }

  /// Begins gates on those of the positions that are not under way, as far as there is room.
  private mutating func begin(_ positions: [Int]) -> [Step] {
    var steps: [Step] = []
    for position in positions where running.count < width && !running.contains(position) {
      running.insert(position)
      runs[position, default: 0] += 1
      steps.append(.gate(position))
    }
    return steps
  }

  /// What to do about the first entry that has not landed, whose tree is red.
  private mutating func blame(_ position: Int) -> [Step] {
    guard !running.contains(position), !isBaseRunning else { return [] }
    // What is known to be red on the base, and what a run before this one found, needs no second look.
    if case .red(let stage) = verdicts[position], landed == 0, base[stage] == false { return [.inherit(position)] }
    if runs[position, default: 0] < 2 { return begin([position]) }
    if case .red(let stage) = verdicts[position], landed == 0, base[stage] == nil {
      guard running.count < width else { return [] }
      isBaseRunning = true
      return [.gateBase(stage)]
    }
    return [.sendBack(position)]
  }

  // MARK: What came of it

  /// A gate has ended.
  package mutating func gated(_ position: Int, _ verdict: Verdict) {
    running.remove(position)
    if verdict == .green, verdicts[position] != nil, verdicts[position] != .green {
      flaky.insert(entries[position - 1])
    }
    verdicts[position] = verdict
  }

  /// A stage has run on the base, which is red only when it is so twice: else a change would wait for a repair of what
  /// is not broken.
  package mutating func gatedBase(_ stage: String, isGreen: Bool) {
    isBaseRunning = false
    baseRuns[stage, default: 0] += 1
    if isGreen || baseRuns[stage, default: 0] >= 2 { base[stage] = isGreen }
  }

  /// The base branch stands at this position.
  package mutating func didLand(_ position: Int) { landed = max(landed, position) }
}
