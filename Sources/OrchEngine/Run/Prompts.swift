import OrchAgents
import OrchConfig
import OrchDomain
import OrchStore

/// Writes what an agent is told: the first prompt of an attempt, and the facts of every later turn.
struct Prompts: Sendable {
  let project: OpenProject

  /// The first prompt of an attempt.
  func first(
    _ task: StoredTask, _ attempt: LiveAttempt, plan: [UInt8], overview: [UInt8], interrupted: String = ""
  ) throws -> String {
    var facts = facts(task, attempt)
    facts.plan = String(decoding: plan, as: UTF8.self)
    facts.overview = String(decoding: overview, as: UTF8.self)
    facts.criteria = PlanText.outline(plan, path: task.plan.path, root: project.settings.plans.dir).criteria
    facts.dependencies = try project.landedDependencies(of: task.id)
    facts.previous = try project.previousFailures(of: task.id, before: attempt.number)
    facts.interrupted = interrupted
    return try facts.prompt(override: project.promptOverride)
  }

  /// What begins a new session in the worktree of an attempt that is under way.
  func takeOver(_ task: StoredTask, _ attempt: LiveAttempt, because reason: String) async throws -> String {
    let plan = try FileTree.read("\(project.paths.run(task.id, attempt: attempt.number))/plan.md")
    let overview = try await project.overviewBytes(task.id.module)
    return try first(task, attempt, plan: plan, overview: overview, interrupted: reason)
  }

  /// What a later turn is told.
  ///
  /// - Parameter base: The commit that the work has to fit, when that is another one than it started from.
  func feedback(
    _ feedback: PromptFacts.Feedback, _ task: StoredTask, _ attempt: LiveAttempt, base: String? = nil
  ) throws -> String {
    var facts = facts(task, attempt)
    if let base { facts.base = base }
    return try facts.prompt(for: feedback, override: project.promptOverride)
  }

  private func facts(_ task: StoredTask, _ attempt: LiveAttempt) -> PromptFacts {
    PromptFacts(
      task: task.id, title: task.plan.title, planPath: task.plan.path, plan: "",
      gate: project.gate(task).flatMap(\.commands),
      worktree: attempt.worktree, branch: attempt.branch, base: attempt.baseCommit, attempt: attempt.number)
  }
}

extension OpenProject {
  /// Looks for a text of the user's own.
  var promptOverride: (String) -> String? {
    { name in
      for directory in promptDirectories {
        let path = "\(directory)/\(name)"
        guard FileTree.exists(path) else { continue }
        do {
          return String(decoding: try FileTree.read(path), as: UTF8.self)
        } catch {
          observer(.diagnostic("\(path) is not used: \(error)"))
        }
      }
      return nil
    }
  }

}
