import OrchConfig
package import OrchDomain
import OrchGit
package import OrchGitHub
import OrchStore

/// Issues that become plans, and plans whose issues are done.
package struct IssueIntake: Sendable {
  let project: OpenProject
  let client: GitHubClient
  private var labels: GitHubIssueSettings { project.settings.githubIssues }

  /// One open issue that has to do with plans.
  package struct Entry: Hashable, Sendable {
    package var issue: GitHubIssue
    /// `candidate`, `refinement` or `ready`
    package var stage: String
    /// What one of its labels gives its plan.
    package var priority: TaskPriority?
    /// The tasks that name it.
    package var tasks: [TaskID]
  }

  /// - Throws: ``EngineError`` when no repository is named.
  package init(project: OpenProject) throws {
    self.project = project
    client = try project.issueClient()
  }

  /// The open issues that carry one of the labels: by priority, then by number.
  package func entries() async throws -> [Entry] {
    var byIssue: [Int: [TaskID]] = [:]
    for task in try project.tasks(in: Set(TaskState.allCases)) {
      if let issue = task.plan.githubIssue { byIssue[issue, default: []].append(task.id) }
    }
    var found: [Int: Entry] = [:]
    for (label, stage) in [
      (labels.candidateLabel, "candidate"), (labels.refinementLabel, "refinement"), (labels.readyLabel, "ready"),
    ] {
      for issue in try await client.issues(labelled: label) {
        found[issue.number] = Entry(
          issue: issue, stage: stage, priority: labels.priority(of: issue.labels),
          tasks: (byIssue[issue.number] ?? []).sorted())
      }
    }
    return found.values.sorted {
      ($0.priority ?? .normal, $0.issue.number) < ($1.priority ?? .normal, $1.issue.number)
    }
  }

  /// Closes every issue all of whose tasks are complete.
  ///
  /// - Parameter again: Whether those are closed, too, that a person has opened again.
  /// - Returns: Those that were open until now.
  package func closeFinished(again: Bool) async throws -> [Int] {
    let closing = try IssueClosing(project: project)
    var closed: [Int] = []
    for number in try closing.finished().sorted() where try await closing.close(number, again: again) {
      closed.append(number)
    }
    return closed
  }

  /// What an analysis came to.
  package enum Result: Hashable, Sendable {
    /// The plan is on a branch, and has a pull request when changes are kept on GitHub.
    case planned(branch: String, path: String, url: String?)
    /// The plan does not hold; the issue says why.
    case refused([String])
  }

  /// Lets an agent write a plan for an issue. Nothing but that one file comes out of it, on a branch of its own.
  package func analyze(
    _ number: Int, observer: @escaping @Sendable (Observation) -> Void = { _ in }
  ) async throws -> Result {
    let issue = try await client.issue(number)
    guard !issue.isPull else { throw EngineError.invalid("#\(number) is a pull request") }
    guard issue.isOpen else { throw EngineError.invalid("issue #\(number) is closed") }
    let isHeard =
      ["OWNER", "MEMBER", "COLLABORATOR"].contains(issue.association)
      || project.settings.forge.reviewers.contains { $0.lowercased() == issue.author.lowercased() }
    guard isHeard else {
      throw EngineError.invalid(
        "issue #\(number) is by '\(SafeText.line(issue.author, limit: 60))', who is no owner, member or collaborator; "
          + "add the login to [forge] reviewers to let it count")
    }
    let area = try self.area(of: issue)
    let next = try project.store.tasks(project.row, TaskFilter(module: area, includesRemoved: true)).map(\.id.number)
    let path = "\(project.settings.plans.dir)/\(area)/epic-\(pad((next.max() ?? 0) + 1))-issue-\(number).md"
    let study = IssueStudy(project: project, issue: issue, path: path)
    let text: [UInt8]
    switch try await study.run(observer: observer) {
    case .plan(let bytes): text = bytes
    case .refused(let reasons): return try await refuse(issue, reasons)
    }
    return try await accept(issue, path, text)
  }

  /// The module that a label names, else `issues`.
  private func area(of issue: GitHubIssue) throws -> String {
    guard let label = issue.labels.first(where: { $0.hasPrefix(labels.areaLabelPrefix) }) else { return "issues" }
    let name = String(label.dropFirst(labels.areaLabelPrefix.count))
    guard TaskID("\(name)/E01") != nil else {
      throw EngineError.invalid("'\(SafeText.line(name, limit: 60))' is no name for a module; change the label")
    }
    return name
  }

  private func refuse(_ issue: GitHubIssue, _ reasons: [String]) async throws -> Result {
    let list = reasons.prefix(20).map { "    \(SafeText.line($0, limit: 300))" }.joined(separator: "\n")
    let mark = "refused-\(SHA256.hex(list.utf8).prefix(16))"
    try await client.comment("The plan for this issue does not hold yet:\n\n\(list)", on: issue.number, mark: mark)
    // Asked again only by a person, who takes the label away or says `issues analyze`: every analysis costs.
    try await client.addLabels([labels.refinementLabel], to: issue.number)
    return .refused(reasons)
  }

  private func accept(_ issue: GitHubIssue, _ path: String, _ text: [UInt8]) async throws -> Result {
    let repository = project.repository
    let base = try await project.baseCommit()
    let tree = try await repository.tree(of: base, adding: [path: text])
    let title = "Plan issue #\(issue.number): \(SafeText.line(issue.title, limit: 100))"
    let commit = try await repository.makeCommit(
      tree: tree, parents: [base], message: "\(title)\n", author: .orchestrator, at: project.clock.now())
    let branch = "plan/issue-\(issue.number)"
    let before = try await repository.commitID(ofRef: "refs/heads/\(branch)")
    if let before {
      // A person may have worked on an earlier plan there.
      let kept = "refs/orch/rescued/plan-issue-\(issue.number)/\(before.prefix(12))"
      if try await repository.commitID(ofRef: kept) == nil {
        try await repository.updateRef(kept, to: before, expecting: nil, message: "claude-orch: keep an earlier plan")
      }
    }
    try await repository.updateRef("refs/heads/\(branch)", to: commit, expecting: before, message: "claude-orch: plan")
    var url: String?
    if let connection = project.connection {
      let draft = ChangeDraft(
        task: TaskID(module: "issues", number: issue.number), branch: branch, head: commit, title: title,
        body: "The plan for #\(issue.number), written by an agent and accepted by `claude-orch check`.",
        verdict: Verdict(category: .routine, needsHuman: true, evidence: []))
      url = try await GitHubForge(project: project, connection: connection).publish(draft).url
    }
    try await client.addLabels([labels.readyLabel], to: issue.number)
    for label in [labels.candidateLabel, labels.refinementLabel] where issue.labels.contains(label) {
      try await client.removeLabel(label, from: issue.number)
    }
    return .planned(branch: branch, path: path, url: url)
  }
}
