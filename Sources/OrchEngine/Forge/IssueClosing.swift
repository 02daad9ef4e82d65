import OrchConfig
import OrchDomain
import OrchGitHub
import OrchStore

/// Closes issues whose work is done: all tasks that name one have landed.
package struct IssueClosing: Sendable {
  let project: OpenProject
  let client: GitHubClient

  /// - Throws: ``EngineError`` when no repository is named.
  init(project: OpenProject) throws {
    self.project = project
    client = try project.issueClient()
  }

  /// Closes the issue that a task names, when the task was the last one.
  func closeIfDone(after id: TaskID) async throws {
    guard let issue = try project.task(id).plan.githubIssue, try finished().contains(issue) else { return }
    try await close(issue)
  }

  /// Issues all of whose tasks are complete.
  package func finished() throws -> Set<Int> {
    var states: [Int: Bool] = [:]
    for task in try project.tasks(in: Set(TaskState.allCases)) {
      guard let issue = task.plan.githubIssue else { continue }
      states[issue] = (states[issue] ?? true) && task.state == .complete
    }
    return Set(states.filter(\.value).keys)
  }

  /// Does what is left of closing an issue and moving its label, so that being killed in between does no harm.
  ///
  /// - Parameter again: Whether it is closed also when a person has opened it again since.
  /// - Returns: Whether it was open until now.
  @discardableResult
  package func close(_ number: Int, again: Bool = true) async throws -> Bool {
    let issue = try await client.issue(number)
    guard !issue.isPull else {
      project.observer(.diagnostic("#\(number), which plans name as their issue, is a pull request and stays as it is"))
      return false
    }
    let labels = project.settings.githubIssues
    // The label comes last, so it is not there because of us while the issue is open.
    if issue.isOpen, !again, issue.labels.contains(labels.implementedLabel) { return false }
    if issue.isOpen { try await client.closeIssue(number) }
    if !issue.labels.contains(labels.implementedLabel) {
      try await client.addLabels([labels.implementedLabel], to: number)
    }
    for label in [labels.readyLabel, labels.candidateLabel] where issue.labels.contains(label) {
      try await client.removeLabel(label, from: number)
    }
    return issue.isOpen
  }
}

extension OpenProject {
  /// The way to the repository whose issues count, which may be another one than that of the pull requests.
  ///
  /// - Throws: ``EngineError`` when no repository is named.
  func issueClient() throws -> GitHubClient {
    var forge = settings.forge
    forge.repo = settings.githubIssues.repo ?? forge.repo
    guard let repo = forge.repo else { throw EngineError.invalid("[github_issues] needs repo = \"OWNER/NAME\"") }
    if let connection, connection.client.address.repository == repo { return connection.client }
    return try GitHubConnection.client(forge, place: place, environment: environment, clock: clock)
  }
}
