import OrchConfig
import OrchDomain
import OrchGit
import OrchSchedule
import OrchStore

/// Gets approved changes onto the base branch: the one writer of it, for as long as it runs.
///
/// The changes are merged in memory on top of each other, the gate runs on exactly these trees, several at a time, and
/// ``MergeStack`` decides what lands and who goes back. The base moves by compare-and-swap, and the tree that landed is
/// compared with the one that was tested. The intent is recorded before the base moves, so that a process killed in
/// between finds out, on its return, whether it had landed.
struct QueueRun: Sendable {
  let project: OpenProject
  /// Told what became of each change, as soon as it is known. A change of which nothing is told stays in the queue.
  let tell: @Sendable (TaskID, Result<Lander.Outcome, any Error>) -> Void

  var lander: Lander { Lander(project: project) }
  /// Somebody else may move the base while gates run; then everything is built anew on its new tip.
  private static let races = 20

  /// What a stack came to.
  enum Ending: Sendable {
    case done
    /// What is left of it has to be merged anew, because something went out of its middle.
    case rebuild
    /// Somebody else moved the base.
    case raced
  }

  /// - Parameter ids: In the order in which they are to land; the caller holds the project's lock.
  /// - Throws: What concerns no change in particular.
  func run(_ ids: [TaskID]) async throws {
    var open = try await begin(ids)
    var races = 0
    // Nothing lands on what nobody has tested.
    while !open.isEmpty, races < Self.races, try project.unprovenLanding() == nil {
      let built = try await build(&open)
      guard !built.pieces.isEmpty else { return }
      switch try await StackRun(queue: self, built: built).run(&open) {
      case .done: return
      case .rebuild: continue
      case .raced: races += 1
      }
    }
    guard races == Self.races else { return }
    let reason =
      "'\(project.baseBranch)' was moved by others \(races) times while the gate ran; it is tried again later"
    for id in open { _ = try await about(id) { try lander.wait(id, reason) } }
  }

  /// Finishes what had landed already, and takes the others into the queue.
  private func begin(_ ids: [TaskID]) async throws -> [TaskID] {
    var open: [TaskID] = []
    for id in ids {
      let isOpen = try await about(id) {
        guard let change = try project.unfinishedChange(of: id), [.approved, .landing].contains(change.state) else {
          return .withdrawn
        }
        if let outcome = try await lander.finishLanded(change) { return outcome }
        try project.enterQueue([change])
        if let hold = try await project.forge.hold(on: change) { return try lander.wait(id, hold) }
        return nil
      }
      if isOpen { open.append(id) }
    }
    return open
  }

  /// Does something about one change. What goes wrong with it concerns no other.
  ///
  /// - Parameter body: Gives an outcome when the change has left the queue.
  /// - Returns: Whether the change is still in it.
  func about(_ id: TaskID, _ body: () async throws -> Lander.Outcome?) async throws -> Bool {
    do {
      guard let outcome = try await body() else { return true }
      tell(id, .success(outcome))
    } catch let error as CancellationError {
      throw error
    } catch GitError.cancelled {
      throw CancellationError()
    } catch let error as StoreError where error.isTransient {
      throw error
    } catch let error as StoreError where error.isOvertaken {
      tell(id, .success(.withdrawn))
    } catch ForgeTrouble.later(let reason, _) {
      tell(id, .success(try lander.wait(id, reason)))
    } catch let trouble as ForgeTrouble {
      try await project.setAside(id, trouble)
      tell(id, .success(.stuck(try project.task(id).reason ?? "the forge does not take it")))
    } catch {
      tell(id, .failure(error))
    }
    return false
  }

  // MARK: Building

  /// A stack with the base that it stands on.
  struct Built: Sendable {
    var base: String
    var pieces: [StackPiece] = []
    /// Where the base is, statuses apart, and which stages are known to be red there, with the words for it.
    var substance = ""
    var redStages: [String: String] = [:]
  }

  /// Merges the changes in memory, one on top of the other. One that conflicts with what has landed goes back; one that
  /// conflicts only with changes that have not landed yet is left for the next stack.
  private func build(_ open: inout [TaskID]) async throws -> Built {
    var built: Built
    do {
      built = Built(base: try await project.forge.base())
    } catch {
      // Without a base none of them can land.
      for id in open { _ = try await about(id) { throw error } }
      open = []
      return Built(base: "")
    }
    try await readInherited(&built)
    let inherited = try Set(
      project.queueRecords().filter { $0.state == .redInherited && $0.base == built.substance }.map(\.task))
    var tip = built.base
    var pieces: [StackPiece] = []
    var left: [TaskID] = []
    for id in open {
      let isOpen = try await about(id) {
        guard let change = try project.unfinishedChange(of: id), [.approved, .landing].contains(change.state) else {
          return .withdrawn
        }
        if inherited.contains(id) { return try lander.wait(id, try project.task(id).reason ?? "the base is red") }
        if let found = try await comesBack(with: change, onto: built.base) {
          try project.askAgain(change, found)
          return .waiting("needs a human: \(found.excerpt)")
        }
        try project.note([change], .building)
        let fit = try await fit(of: change, onto: tip, base: built.base)
        if case .later(let files) = fit {
          let names = pieces.map(\.change.task.description).joined(separator: ", ")
          let shown = files.prefix(3).joined(separator: ", ")
          try project.note([change], .waiting, reason: "does not merge with \(names) in \(shown); they go first")
          return nil
        }
        try project.startLanding(id)
        switch fit {
        case .clean(let tree, let head, let isSettled):
          if isSettled, let hold = try await project.forge.settle(change, with: tip, tree: tree) {
            return try lander.wait(id, hold)
          }
          let commit = try await lander.makeCommit(change, base: tip, head: head, tree: tree)
          pieces.append(
            StackPiece(task: try project.task(id), change: change, base: tip, commit: commit, tree: tree))
          tip = commit
          return nil
        case .conflict(let files): return try await lander.sendBack(change, conflict: files, base: built.base)
        case .gone(let reason, let failure): return try lander.stuck(id, reason, failure)
        case .later: return nil
        }
      }
      if isOpen { left.append(id) }
    }
    built.pieces = pieces
    open = left
    return built
  }

  /// What the change would bring back, unless a human has approved just that.
  private func comesBack(with change: Change, onto base: String) async throws -> Evidence? {
    guard change.verdict?.evidence.contains(where: { $0.rule == TakenBack.rule }) != true,
      let start = try project.attempt(change.task)?.baseCommit
    else { return nil }
    return try await TakenBack(project: project)
      .evidence(try project.task(change.task), start: start, head: change.headCommit, base: base)
  }

  /// How a change fits onto a stack.
  private enum Fit {
    case clean(tree: String, head: String, isSettled: Bool)
    /// It conflicts with what has landed.
    case conflict([String])
    /// It conflicts only with what is before it in the stack.
    case later([String])
    /// What was reviewed is not there any more.
    case gone(String, FailureClass)
  }

  private func fit(of change: Change, onto tip: String, base: String) async throws -> Fit {
    let repository = project.repository
    guard let head = try await repository.commitID(ofRef: "refs/heads/\(change.branch)") else {
      return .gone("branch '\(change.branch)' is gone", .environment)
    }
    guard head == change.headCommit else {
      return .gone(
        "branch '\(change.branch)' moved after it was reviewed; `claude-orch pr reject` or `reset` it", .conflict)
    }
    let files: [MergeConflict]
    switch try await repository.merge(ours: tip, theirs: head) {
    case .clean(let tree): return .clean(tree: tree, head: head, isSettled: false)
    case .conflict(let found):
      let typed = TypedMerge(project: project)
      if let tree = try await typed.settle(found, ours: tip, theirs: head, of: change.task) {
        return .clean(tree: tree, head: head, isSettled: true)
      }
      // What a person has merged is on the base, whatever has become of these lines there since.
      if try await project.forge.hasLanded(change) {
        return .clean(tree: try await repository.treeID(ofCommit: tip), head: head, isSettled: false)
      }
      files = found
    }
    guard tip != base else { return .conflict(files.map(\.path)) }
    guard case .conflict(let own) = try await repository.merge(ours: base, theirs: head) else {
      return .later(files.map(\.path))
    }
    return .conflict(own.map(\.path))
  }

  /// Which stages are known to be red on the base, because of changes that wait for it to be repaired.
  private func readInherited(_ built: inout Built) async throws {
    let records = try project.queueRecords().filter { $0.state == .redInherited }
    built.substance = try await project.substance(of: built.base)
    for record in records where record.base == built.substance {
      if let stage = record.stage { built.redStages[stage] = record.reason ?? "" }
    }
  }
}
