import OrchConfig
import OrchDomain
import OrchGit
import OrchStore

/// Sees whether a stage that is red with somebody's work is red on the commit that the work started from as well: then
/// the work is not to blame, and to try it again and again would only cost.
///
/// The plan's own commands are left out: before the work is done they are to be red.
struct BaseGate: Sendable {
  let project: OpenProject
  let task: StoredTask

  /// Whether the stage is red without the work. What it said is kept for the tree, so that tasks which work on one
  /// base at the same time ask once; a red stage runs a second time, because it may be a flaky one.
  ///
  /// - Returns: false as well when it cannot be found out.
  func isRed(_ stage: GateStage, under attempt: LiveAttempt) async throws -> Bool {
    guard !stage.isSetup, stage.name != VerifySettings.planStage else { return false }
    do {
      // What has landed is proven, so its stages are known to be green; statuses written since change nothing.
      let base = try await project.substance(of: attempt.baseCommit)
      let tree = try await project.repository.treeID(ofCommit: base)
      return try await project.oneBaseGate.run {
        // A red one of before may have had a reason that is gone: only what was seen since the work began is blamed.
        if let known = try project.result(of: stage, on: tree), known.passed || known.ranAt >= attempt.record.startedAt
        {
          return !known.passed
        }
        let checkout = project.paths.reviewWorktree(task.id)
        try await project.repository.checkOutDetached(at: checkout, commit: base)
        let isRed = try await isRedTwice(stage, on: tree, of: base, in: checkout, attempt)
        await Workspace(project: project).throwAway(checkout)
        return isRed
      }
    } catch let error as GitError where error != .cancelled {
      project.observer(.diagnostic("whether '\(project.baseBranch)' is red without \(task.id) is not known: \(error)"))
      return false
    }
  }

  private func isRedTwice(
    _ stage: GateStage, on tree: String, of base: String, in checkout: String, _ attempt: LiveAttempt
  ) async throws -> Bool {
    let setUp = project.gate(task).filter(\.isSetup)
    for run in ["base", "base-again"] {
      let place = Gate.Place(
        directory: checkout, base: base,
        logDirectory: "\(project.paths.run(task.id, attempt: attempt.number))/gate-of-\(run)",
        runID: project.makeUUID())
      if try await Workspace(project: project).makeReady(place, for: task.id) != nil { return false }
      let red = try await Gate(project: project, task: task.id, stages: setUp + [stage]).prove(tree, in: place)
      guard let red, red.failure == .gate else { return false }
    }
    return true
  }
}
