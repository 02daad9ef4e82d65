import OrchConfig
import OrchDomain
import OrchGit
import OrchStore

/// Finds the plan's own gate commands that are green before the work begins: such a command cannot tell whether the
/// work was done, and a change that rests on it needs a human.
///
/// Only commands of the plan count. That the configured gate is green on the base is as it should be.
struct VacuityCheck: Sendable {
  let project: OpenProject

  /// A command that needs longer is not asked: it would hold up every attempt.
  private static let patience = Duration.seconds(300)

  /// Runs the commands in the fresh worktree, unless the answer is known for this very tree, and leaves it as it was.
  func run(_ task: StoredTask, _ attempt: LiveAttempt) async throws {
    guard !task.plan.verify.isEmpty else { return }
    let tree = try await project.repository.treeID(ofCommit: attempt.baseCommit)
    let before = try await project.repository.worktreeState(at: attempt.worktree)
    var green: [String] = []
    for (index, command) in task.plan.verify.enumerated() {
      if try await isGreen(command, number: index + 1, on: tree, attempt, isExact: before.isClean) {
        green.append(command)
      }
    }
    if try await project.repository.worktreeState(at: attempt.worktree) != before {
      try await project.repository.resetFreshWorktree(at: attempt.worktree, commit: attempt.baseCommit)
      try await WorktreeContents(project: project).provide(to: attempt.worktree)
    }
    try FileTree.write(file(attempt), Array(green.joined(separator: "\u{0}").utf8))
  }

  /// The commands that were green before the first turn of an attempt.
  func greenBefore(_ attempt: LiveAttempt) throws -> [String] {
    guard FileTree.exists(file(attempt)) else { return [] }
    return try FileTree.read(file(attempt)).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  private func file(_ attempt: LiveAttempt) -> String {
    "\(project.paths.run(attempt.task, attempt: attempt.number))/green-before"
  }

  private func isGreen(
    _ command: String, number: Int, on tree: String, _ attempt: LiveAttempt, isExact: Bool
  ) async throws -> Bool {
    let timeout = min(project.settings.verify.timeout, Self.patience)
    let stage = GateStage(name: "before", commands: [command], commandTimeout: timeout)
    if let known = try project.result(of: stage, on: tree) { return known.passed }
    let gate = Gate(project: project, task: attempt.task, stages: [stage])
    let red = try await gate.prove(
      tree,
      in: Gate.Place(
        directory: attempt.worktree, base: attempt.baseCommit,
        logDirectory: "\(project.paths.run(attempt.task, attempt: attempt.number))/before/\(number)",
        runID: "\(attempt.runID)-before-\(number)", isExact: isExact))
    return red == nil
  }
}
