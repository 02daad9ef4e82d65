package import OrchDomain
package import OrchTemplates

/// Everything that a prompt tells an agent about its task. Texts from plans and programs are enclosed, so that none of
/// them can pass for a rule of the orchestrator.
package struct PromptFacts: Hashable, Sendable {
  /// A task that is complete and that this one builds on.
  package struct CompletedTask: Hashable, Sendable {
    package var id: TaskID
    package var title: String
    /// On the base branch.
    package var commits: [String]
    package init(id: TaskID, title: String, commits: [String]) {
      self.id = id
      self.title = title
      self.commits = commits
    }
  }

  /// Why an agent gets another turn.
  package enum Feedback: Hashable, Sendable {
    /// - Parameters:
    ///   - turnsLeft: nil when nothing limits them.
    ///   - redBase: The base on which the stage is red without the work, too; nil when it is green there.
    case gateRed(
      stage: String, command: String, status: String, output: String, turnsLeft: Int?, redBase: String? = nil)
    case rejected(by: String, reason: String)
    /// - Parameter target: The branch that does not merge with the task's.
    case conflict(target: String, files: [String])
    case interrupted(reason: String)
    /// - Parameter uncommitted: `git status` of what lies about.
    case noCommits(uncommitted: String, deniedTools: [String])
    /// - Parameter places: Files and lines with the kind of each secret; never the secret.
    case secrets(places: [String])
    /// - Parameter facts: What checks and people on a forge say about the change.
    case forge(change: String, facts: String)
    /// - Parameter checks: What a reviewer found unmet.
    case unmet(checks: [CriterionCheck], turnsLeft: Int)
  }

  package var task: TaskID
  package var title: String
  /// Relative to the worktree.
  package var planPath: String
  /// The whole file.
  package var plan: String
  /// The module's overview; empty when it has none.
  package var overview: String
  package var dependencies: [CompletedTask]
  package var criteria: [String]
  /// The commands that will be run on the commits.
  package var gate: [String]
  package var worktree: String
  package var branch: String
  package var base: String
  package var attempt: Int
  /// What earlier attempts tried and why they ended; empty for the first. See ``AttemptMemory``.
  package var memory: String
  /// Why the session before this one in the same worktree ended; empty for the first session of an attempt.
  package var interrupted = ""
  /// Branches that have not landed yet and do not merge with the task's.
  package var neighbours: [Neighbour] = []

  /// A branch of another task, with the files in which it conflicts.
  package struct Neighbour: Hashable, Sendable {
    package var task: TaskID
    package var commit: String
    package var files: [String]
    package init(task: TaskID, commit: String, files: [String]) {
      self.task = task
      self.commit = commit
      self.files = files
    }
  }

  package init(
    task: TaskID, title: String, planPath: String, plan: String, overview: String = "",
    dependencies: [CompletedTask] = [], criteria: [String] = [], gate: [String] = [], worktree: String, branch: String,
    base: String, attempt: Int = 1, memory: String = ""
  ) {
    self.task = task
    self.title = title
    self.planPath = planPath
    self.plan = plan
    self.overview = overview
    self.dependencies = dependencies
    self.criteria = criteria
    self.gate = gate
    self.worktree = worktree
    self.branch = branch
    self.base = base
    self.attempt = attempt
    self.memory = memory
  }

  /// The first prompt of an attempt.
  ///
  /// - Parameter override: See ``Template/load(_:)``.
  package func prompt(override: (String) -> String? = { _ in nil }) throws(TemplateError) -> String {
    var values = common
    values["plan"] = plan.withoutFinalNewlines
    values["overview"] = overview.withoutFinalNewlines
    values["criteria"] = criteria.map { "- \(oneLine($0))" }.joined(separator: "\n")
    values["dependencies"] = dependencies.map(line(of:)).joined(separator: "\n")
    values["attempt"] = String(attempt)
    values["memory"] = memory.withoutFinalNewlines
    values["interrupted"] = oneLine(interrupted)
    values["fence"] = Fence.word(around: Array(values.values))
    return try Template.task.render(values, override: override) + warning(override)
  }

  /// The prompt of a later turn.
  package func prompt(
    for feedback: Feedback, override: (String) -> String? = { _ in nil }
  ) throws(TemplateError) -> String {
    var values = common
    let template: Template
    switch feedback {
    case .gateRed(let stage, let command, let status, let output, let turnsLeft, let redBase):
      template = .gateRed
      values["stage"] = oneLine(stage)
      values["command"] = oneLine(command)
      values["status"] = oneLine(status)
      values["output"] = output.withoutFinalNewlines
      values["attempts_left"] = turnsLeft.map { String($0) } ?? ""
      values["red_base"] = redBase.map(oneLine) ?? ""
    case .rejected(let reviewer, let reason):
      template = .rejected
      values["reviewer"] = oneLine(reviewer)
      values["reason"] = reason.withoutFinalNewlines
    case .conflict(let target, let files):
      template = .conflict
      values["target"] = oneLine(target)
      values["files"] = files.map(oneLine).joined(separator: "\n")
    case .interrupted(let reason):
      template = .interrupted
      values["reason"] = oneLine(reason)
    case .noCommits(let uncommitted, let deniedTools):
      template = .noCommits
      values["uncommitted"] = uncommitted.withoutFinalNewlines
      values["denied"] = deniedTools.map(oneLine).joined(separator: ", ")
    case .secrets(let places):
      template = .secrets
      values["places"] = places.map(oneLine).joined(separator: "\n")
    case .forge(let change, let facts):
      template = .forge
      values["change"] = oneLine(change)
      values["facts"] = facts.withoutFinalNewlines
    case .unmet(let checks, let turnsLeft):
      template = .unmet
      values["unmet"] = checks.map { check in
        "- \(oneLine(check.criterion))" + check.evidence.map { "\n  - \(oneLine($0.summary))" }.joined()
      }.joined(separator: "\n")
      values["attempts_left"] = String(turnsLeft)
    }
    values["fence"] = Fence.word(around: Array(values.values))
    return try template.render(values, override: override) + warning(override)
  }

  /// What goes behind a prompt while branches of others conflict with the task's; else nothing.
  private func warning(_ override: (String) -> String?) throws(TemplateError) -> String {
    guard !neighbours.isEmpty else { return "" }
    let lines = neighbours.map { neighbour in
      let files = neighbour.files.map(oneLine).joined(separator: ", ")
      return "- \(neighbour.task) (commit \(oneLine(neighbour.commit))): \(files)"
    }
    var values = ["branch": oneLine(branch), "base": oneLine(base), "conflicts": lines.joined(separator: "\n")]
    values["fence"] = Fence.word(around: Array(values.values))
    return "\n" + (try Template.neighbours.render(values, override: override))
  }

  /// What a reviewer is told who looks at finished work.
  ///
  /// - Parameters:
  ///   - head: The commit that is looked at; it is checked out in ``worktree``.
  ///   - results: What the gate said, for people.
  package func acceptancePrompt(
    head: String, results: String, schema: String, override: (String) -> String? = { _ in nil }
  ) throws(TemplateError) -> String {
    var values = common
    values["plan"] = plan.withoutFinalNewlines
    values["criteria"] = criteria.enumerated().map { "\($0 + 1). \(oneLine($1))" }.joined(separator: "\n")
    values["head"] = oneLine(head)
    values["results"] = results.withoutFinalNewlines
    values["schema"] = schema
    values["fence"] = Fence.word(around: Array(values.values))
    return try Template.acceptance.render(values, override: override)
  }

  /// What a reviewer is told who reads a change for its risk.
  ///
  /// - Parameters:
  ///   - head: The commit that is looked at; it is checked out in ``worktree``.
  ///   - diff: From ``base`` to it, as `git diff` prints it.
  package func secondLookPrompt(
    head: String, diff: String, schema: String, override: (String) -> String? = { _ in nil }
  ) throws(TemplateError) -> String {
    var values = common
    values["head"] = oneLine(head)
    values["diff"] = diff.withoutFinalNewlines
    values["schema"] = schema
    values["fence"] = Fence.word(around: Array(values.values))
    return try Template.secondLook.render(values, override: override)
  }

  private var common: [String: String] {
    [
      "task": task.description, "title": oneLine(title), "plan_path": oneLine(planPath), "worktree": oneLine(worktree),
      "branch": oneLine(branch), "base": oneLine(base),
      "gate": gate.map { "    \(oneLine($0))" }.joined(separator: "\n"),
    ]
  }

  private func line(of task: CompletedTask) -> String {
    let commits = task.commits.isEmpty ? "no commits" : task.commits.map(oneLine).joined(separator: ", ")
    return "- \(task.id): \(oneLine(task.title)) (\(commits))"
  }

  /// What stands outside of an enclosure stays on its line, so that it cannot begin a heading or rule of its own.
  private func oneLine(_ text: String) -> String { SafeText.line(text, limit: 2000) }
}

extension String {
  fileprivate var withoutFinalNewlines: String {
    var text = self[...]
    while text.last?.isNewline == true { text.removeLast() }
    return String(text)
  }
}
