import OrchConfig
import OrchDomain
import OrchGitHub
import OrchStore

/// Closes issues whose work is done: all tasks that name one have landed.
package struct IssueClosing: Sendable {
  let project: OpenProject
  let client: GitHubClient

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

  /// Does nothing to an issue that is closed already.
  @discardableResult
  package func close(_ number: Int) async throws -> Bool {
    let issue = try await client.issue(number)
    guard issue.isOpen else { return false }
    try await client.closeIssue(number)
    let labels = project.settings.githubIssues
    try await client.addLabels([labels.implementedLabel], to: number)
    for label in [labels.readyLabel, labels.candidateLabel] where issue.labels.contains(label) {
      try await client.removeLabel(label, from: number)
    }
    return true
  }
}
