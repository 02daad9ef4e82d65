import OrchAgents
import OrchConfig
import OrchDomain
import OrchReview
import OrchStore

/// Writes what an agent is told: the first prompt of an attempt, and the facts of every later turn.
struct Prompts: Sendable {
  let project: OpenProject

  /// Where an attempt works, or would work.
  struct Place {
    var attempt: Int
    var branch: String
    var worktree: String
    var base: String
  }

  /// The first prompt of an attempt.
  ///
  /// - Parameter interrupted: Why the session before this one in the same worktree ended.
  func first(
    _ task: StoredTask, _ place: Place, plan: [UInt8], interrupted: String = ""
  ) async throws -> String {
    var facts = facts(task, place)
    facts.plan = String(decoding: plan, as: UTF8.self)
    facts.overview = String(decoding: try await project.overviewBytes(task.id.module), as: UTF8.self)
    facts.criteria = PlanText.outline(plan, path: task.plan.path, root: project.settings.plans.dir).criteria
    facts.dependencies = try project.landedDependencies(of: task.id)
    facts.memory = try await project.memory(of: task.id, before: place.attempt)
    facts.interrupted = interrupted
    facts.neighbours = try project.neighbours(of: task.id)
    return project.mask.masked(try facts.prompt(override: project.promptOverride))
  }

  /// What begins a new session in the worktree of an attempt that is under way.
  func takeOver(_ task: StoredTask, _ attempt: LiveAttempt, because reason: String) async throws -> String {
    let plan = try FileTree.read("\(project.paths.run(task.id, attempt: attempt.number))/plan.md")
    return try await first(task, attempt.place, plan: plan, interrupted: reason)
  }

  /// What a later turn is told.
  ///
  /// - Parameter base: The commit that the work has to fit, when that is another one than it started from.
  func feedback(
    _ feedback: PromptFacts.Feedback, _ task: StoredTask, _ attempt: LiveAttempt, base: String? = nil
  ) throws -> String {
    var facts = facts(task, attempt.place)
    if let base { facts.base = base }
    facts.neighbours = try project.neighbours(of: task.id)
    return project.mask.masked(try facts.prompt(for: feedback, override: project.promptOverride))
  }

  /// What a reviewer of finished work is asked.
  ///
  /// - Parameters:
  ///   - subject: Which questions.
  ///   - directory: Where the commit `head` is checked out.
  ///   - results: What the gate said about it.
  func look(
    _ task: StoredTask, _ attempt: LiveAttempt, _ subject: LookSubject, at directory: String, head: String,
    plan: [UInt8], criteria: [String], results: String, change: Look.Change?
  ) throws -> String {
    var facts = facts(task, attempt.place)
    facts.plan = String(decoding: plan, as: UTF8.self)
    facts.criteria = criteria
    facts.worktree = directory
    var parts: [String] = []
    if !subject.criteria.isEmpty {
      parts.append(
        try facts.acceptancePrompt(
          head: head, results: results, schema: subject.schema, override: project.promptOverride))
    }
    if !subject.start.isEmpty, let change {
      facts.base = change.fork
      parts.append(
        try facts.secondLookPrompt(
          head: head, diff: change.patch ?? "", schema: subject.schema, override: project.promptOverride))
    }
    return project.mask.masked(parts.joined(separator: "\n"))
  }

  private func facts(_ task: StoredTask, _ place: Place) -> PromptFacts {
    PromptFacts(
      task: task.id, title: task.plan.title, planPath: task.plan.path, plan: "",
      gate: project.gate(task).flatMap(\.commands),
      worktree: place.worktree, branch: place.branch, base: place.base, attempt: place.attempt)
  }
}

extension LiveAttempt {
  var place: Prompts.Place {
    Prompts.Place(attempt: number, branch: branch, worktree: worktree, base: baseCommit)
  }
}

extension OpenProject {
  /// Looks for a text of the user's own.
  var promptOverride: (String) -> String? {
    { name in place.promptFile(name) { observer(.diagnostic($0)) }?.text }
  }

}

extension ProjectPlace {
  /// A text of the user's own by its name, with its place; nil when the built-in one counts.
  ///
  /// - Parameter complain: Told of a file that cannot be read.
  package func promptFile(_ name: String, complain: (String) -> Void = { _ in }) -> (path: String, text: String)? {
    for directory in promptDirectories {
      let path = "\(directory)/\(name)"
      guard FileTree.exists(path) else { continue }
      do {
        return (path, String(decoding: try FileTree.read(path), as: UTF8.self))
      } catch {
        complain("\(path) is not used: \(error)")
      }
    }
    return nil
  }
}
