import OrchConfig
import OrchDomain
import OrchGit
import OrchSchedule
import OrchStore

/// Carries out what ``MergeStack`` decides about one stack: runs gates in checkouts of their own, moves the base, sends
/// changes back.
struct StackRun: Sendable {
  let queue: QueueRun
  let built: QueueRun.Built

  private var project: OpenProject { queue.project }
  private var pieces: [StackPiece] { built.pieces }

  /// What one run of the gate said.
  private struct Answer: Sendable {
    /// Of the stack; nil for the base.
    var position: Int?
    /// On the base, the key of the stage that ran.
    var stage = ""
    var slot: Int
    /// The stage that is red; nil when all are green.
    var result: Result<Gate.Red?, any Error>
  }

  /// What the run knows beside the decisions.
  private struct State {
    var stack: MergeStack
    var reds: [Int: Gate.Red] = [:]
    /// Why a stage is red on the base, by its key.
    var redStages: [String: String]
    var freeSlots: [Int]
    var runs: [Int: Int] = [:]
    /// Where the base is since something of the stack has landed: GitHub makes other commits than ours of the trees.
    var tip: String?
    /// Changes that have left the queue.
    var gone: Set<TaskID> = []
  }

  /// - Parameter open: Changes that leave the queue are taken out of it.
  func run(_ open: inout [TaskID]) async throws -> QueueRun.Ending {
    let width = project.gateWidth
    var state = State(
      stack: MergeStack(
        pieces.map(\.change.task), proof: project.proofOfStacks, width: width,
        redStages: Set(built.redStages.keys)),
      redStages: built.redStages, freeSlots: Array(0..<width))
    defer { open.removeAll { state.gone.contains($0) } }
    return try await withThrowingTaskGroup(of: Answer.self) { group in
      defer { group.cancelAll() }
      while true {
        let steps = state.stack.next()
        for step in steps {
          if let ending = try await carryOut(step, &state, in: &group) { return ending }
        }
        guard steps.isEmpty else { continue }
        guard let answer = try await group.next() else { return .done }
        if try await take(answer, &state) == false { return .rebuild }
      }
    }
  }

  private func carryOut(
    _ step: MergeStack.Step, _ state: inout State, in group: inout ThrowingTaskGroup<Answer, any Error>
  ) async throws -> QueueRun.Ending? {
    switch step {
    case .gate(let position): try beginGate(position, &state, in: &group)
    case .gateBase(let stage): beginBaseGate(stage, &state, in: &group)
    case .land(let position): return try await land(upTo: position, &state)
    case .sendBack(let position):
      let piece = pieces[position - 1]
      guard let red = state.reds[position] else { return .done }
      try await leave(piece, &state) {
        try await queue.lander.sendBack(piece.change, red: red, base: piece.base)
      }
      return .rebuild
    case .inherit(let position):
      let piece = pieces[position - 1]
      try await leave(piece, &state) { [state] in try inherit(piece, state.reds[position], state.redStages) }
      return .rebuild
    case .finish: return .done
    }
    return nil
  }

  /// Lets a change leave the stack, whatever becomes of it.
  private func leave(
    _ piece: StackPiece, _ state: inout State, _ body: () async throws -> Lander.Outcome
  ) async throws {
    state.gone.insert(piece.change.task)
    _ = try await queue.about(piece.change.task) { try await body() }
  }

  private func inherit(_ piece: StackPiece, _ red: Gate.Red?, _ reasons: [String: String]) throws -> Lander.Outcome {
    let stage = red.map { project.gateKey($0.stage.commands) } ?? ""
    let reason = reasons[stage] ?? red?.summary ?? ""
    try project.noteInherited(piece.change, base: built.substance, stage: stage, reason: reason)
    return try queue.lander.wait(
      piece.change.task,
      "the gate is red on '\(project.baseBranch)' itself, without this change: \(reason); it is tried again when "
        + "'\(project.baseBranch)' moves")
  }

  // MARK: Gates

  private func beginGate(
    _ position: Int, _ state: inout State, in group: inout ThrowingTaskGroup<Answer, any Error>
  ) throws {
    let piece = pieces[position - 1]
    let covered = project.proofOfStacks == .each ? [piece] : Array(pieces[state.stack.landed..<position])
    state.runs[position, default: 0] += 1
    let log = state.runs[position] == 1 ? "gate" : "gate-again"
    let slot = state.freeSlots.removeFirst()
    let stages = stages(of: covered)
    try project.note(covered.map(\.change), .testing)
    group.addTask {
      let result = await Result {
        try await gate(stages, on: piece.commit, piece.tree, of: piece, base: piece.base, log: log, slot: slot)
      }
      return Answer(position: position, slot: slot, result: result)
    }
  }

  /// Sees whether the stage that is red with the first change that has not landed is red without it.
  private func beginBaseGate(
    _ key: String, _ state: inout State, in group: inout ThrowingTaskGroup<Answer, any Error>
  ) {
    let piece = pieces[state.stack.landed]
    let slot = state.freeSlots.removeFirst()
    let stages = stages(of: [piece]).filter { $0.isSetup || project.gateKey($0.commands) == key }
    group.addTask {
      let result = await Result {
        let tree = try await project.repository.treeID(ofCommit: built.base)
        return try await gate(
          stages, on: built.base, tree, of: piece, base: built.base, log: "gate-of-base", slot: slot)
      }
      return Answer(position: nil, stage: key, slot: slot, result: result)
    }
  }

  /// What the work of all of them has to pass.
  private func stages(of pieces: [StackPiece]) -> [GateStage] {
    var all: [GateStage] = []
    for stage in pieces.flatMap({ project.gate($0.task) }) where !all.contains(stage) { all.append(stage) }
    return all
  }

  /// - Returns: The stage that is red on the tree of `commit`; nil when it has passed all, now or before.
  private func gate(
    _ stages: [GateStage], on commit: String, _ tree: String, of piece: StackPiece, base: String, log: String,
    slot: Int
  ) async throws -> Gate.Red? {
    let id = piece.change.task
    let gate = Gate(project: project, task: id, stages: stages)
    if try gate.pending(on: tree).isEmpty { return nil }
    let worktree = project.paths.gateWorktree(slot)
    try await project.repository.checkOutDetached(at: worktree, commit: commit)
    let place = Gate.Place(
      directory: worktree, base: base, logDirectory: "\(project.paths.landing(id))/\(log)", runID: project.makeUUID())
    if let red = try await Workspace(project: project).makeReady(place, for: id) { return red }
    return try await gate.prove(tree, in: place)
  }

  /// - Returns: Whether the stack is still whole.
  private func take(_ answer: Answer, _ state: inout State) async throws -> Bool {
    state.freeSlots.append(answer.slot)
    state.freeSlots.sort()
    // What goes wrong on the base goes wrong for the change that asked.
    let piece = pieces[(answer.position ?? state.stack.landed + 1) - 1]
    let red: Gate.Red?
    switch answer.result {
    case .success(let found): red = found
    case .failure(let error):
      try await leave(piece, &state) { throw error }
      return false
    }
    guard let position = answer.position else {
      state.redStages[answer.stage] = red?.summary
      state.stack.gatedBase(answer.stage, isGreen: red == nil)
      return true
    }
    state.reds[position] = red
    switch red {
    case nil: state.stack.gated(position, .green)
    case let red? where red.failure == .environment: state.stack.gated(position, .unready)
    case let red?: state.stack.gated(position, .red(project.gateKey(red.stage.commands)))
    }
    return true
  }

  // MARK: Landing

  /// Moves the base branch to a tree that is proven.
  ///
  /// - Returns: nil when it has moved.
  private func land(upTo position: Int, _ state: inout State) async throws -> QueueRun.Ending? {
    let together = Array(pieces[state.stack.landed..<position])
    let tip = pieces[position - 1]
    var changes = together.map(\.change)
    for index in changes.indices { changes[index].landingTip = changes.count > 1 ? tip.commit : nil }
    for change in changes where state.stack.flaky.contains(change.task) { try project.noteFlaky(change) }
    try project.note(changes, .landing)
    let intended = zip(changes, together).map { (change: $0, commit: $1.commit, base: $1.base) }
    try project.recordLandingIntents(intended, tree: tip.tree)
    project.crashPoints.reached(.landingIntended)
    var step: LandingStep?
    let isOpen = try await queue.about(tip.change.task) {
      step = try await project.forge.land(tip.change, commit: tip.commit, from: state.tip ?? built.base)
      return nil
    }
    switch step {
    case .moved(let commit):
      project.crashPoints.reached(.baseMoved)
      state.stack.didLand(position)
      state.tip = commit
      for (change, piece) in zip(changes, together) {
        try await leave(piece, &state) {
          try await queue.lander.finish(change, commit: changes.count > 1 ? piece.commit : commit, tree: tip.tree)
        }
      }
      // What was tested on top of it was tested on another tree.
      return try project.unprovenLanding() == nil ? nil : .done
    case .raced: return .raced
    case .waiting(let hold):
      for piece in together { try await leave(piece, &state) { try queue.lander.wait(piece.change.task, hold) } }
      return .rebuild
    case nil:
      if !isOpen { state.gone.insert(tip.change.task) }
      return .rebuild
    }
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do {
      self = .success(try await body())
    } catch {
      self = .failure(error)
    }
  }
}

extension OpenProject {
  /// GitHub merges one change at a time, so each is proven.
  var proofOfStacks: MergeStack.Proof { settings.landing.prove == .each || connection != nil ? .each : .stack }

  /// Gates of the queue at the same time.
  var gateWidth: Int { min(settings.landing.depth, settings.landing.gates ?? max(1, FileTree.processors / 2)) }
}
