import OrchDomain
import OrchGit
package import OrchStore

/// Looks in the repository whether what the store says has landed is there, as it was tested.
package struct LandingAudit: Sendable {
  package struct Finding: Hashable, Sendable {
    package let change: Change
    /// Why its landing is not proven, for people.
    package let problem: String
  }

  let project: OpenProject

  package init(project: OpenProject) { self.project = project }

  /// - Returns: How many landed changes were looked at, and those that are not as they should be.
  package func run() async throws -> (checked: Int, findings: [Finding]) {
    let base = try await project.baseCommit()
    let landed = try project.store.read(project.row) { tx throws(StoreError) in try tx.changes() }
      .filter { $0.state == .merged }
    var findings: [Finding] = []
    for change in landed {
      if let problem = try await problem(change, base: base) {
        findings.append(Finding(change: change, problem: problem))
      }
    }
    return (landed.count, findings)
  }

  private func problem(_ change: Change, base: String) async throws -> String? {
    guard let commit = change.landingCommit, let tested = change.testedTree else {
      return "no commit and no tested tree are recorded"
    }
    guard let known = try await project.repository.commitID(ofRevision: commit) else {
      return "commit \(commit.prefix(12)) is not in the repository"
    }
    let tree = try await project.repository.treeID(ofCommit: known)
    guard tree == tested, change.landedTree == tested else {
      return "commit \(commit.prefix(12)) has tree \(tree.prefix(12)), but \(tested.prefix(12)) was tested"
    }
    guard try await project.repository.isAncestor(known, of: base) else {
      return "commit \(commit.prefix(12)) is not on '\(project.baseBranch)' any more"
    }
    return nil
  }
}
