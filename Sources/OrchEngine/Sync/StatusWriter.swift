import OrchConfig
import OrchDomain
import OrchFiles
import OrchGit
import OrchPlan
import OrchStore

/// Writes the statuses that the store holds into plans and status tables: one commit on the base branch a round.
package struct StatusWriter: Sendable {
  let project: OpenProject

  package init(project: OpenProject) { self.project = project }

  /// One file of the round.
  private struct Target {
    var path: String
    var edit: @Sendable ([UInt8]) -> [UInt8]?
  }

  /// - Returns: What could not be written and why, for people. It is tried again in the next round.
  package func writeRound() async throws -> [String] {
    let drift = try project.statusDrift().filter { $0.actual != $0.written }
    guard !drift.isEmpty else { return [] }
    for _ in 0..<5 {
      if let problems = try await writeOnce(drift) { return problems }
    }
    return ["statuses are not written yet: '\(project.baseBranch)' keeps moving"]
  }

  /// - Returns: nil when somebody else moved the base in between.
  private func writeOnce(_ drift: [StatusDrift]) async throws -> [String]? {
    let base = try await project.baseCommit()
    var problems: [String] = []
    var edits: [String: [UInt8]] = [:]
    var targets: [Target] = []
    let all = try project.store.tasks(project.row)
    for target in findTargets(for: drift, among: all) {
      guard let bytes = try await project.repository.file(at: target.path, in: base) else { continue }
      guard let edited = target.edit(bytes) else {
        problems.append("\(target.path): its status could not be written; correct its frontmatter")
        continue
      }
      if edited != bytes { edits[target.path] = edited }
      targets.append(target)
    }
    if !edits.isEmpty {
      let tree = try await project.repository.tree(of: base, replacing: edits)
      let commit = try await project.repository.makeCommit(
        tree: tree, parents: [base], message: StatusCommitMessage.text(drift.map { ($0.task, $0.actual) }),
        author: .orchestrator, at: project.clock.now())
      let working = targets.filter { edits[$0.path] != nil }.map { WorkingFileEdit(path: $0.path, edit: $0.edit) }
      switch try await project.repository.advance(
        branch: project.baseBranch, from: base, to: commit, message: "claude-orch: write statuses", edits: working)
      {
      case .moved(let leftAlone):
        problems += leftAlone.map { "\($0.path) in \($0.checkout) keeps its old status (\($0.reason.rawValue))" }
      case .raced: return nil
      case .waiting(let hold): return problems + ["statuses wait: \(hold)"]
      }
    }
    problems += try await writeUncommitted(drift, base: base)
    try project.setWrittenStatuses(drift.map { ($0.task, $0.actual) })
    return problems
  }

  private func findTargets(for drift: [StatusDrift], among all: [StoredTask]) -> [Target] {
    var result = drift.map { item in
      Target(path: item.path) { [status = item.actual] bytes in StatusWriter.edited(bytes, to: status) }
    }
    // All plans, so that a row is matched to the one plan that it means; the rest say what they said before.
    let changed = Dictionary(drift.map { ($0.task, $0.actual) }) { first, _ in first }
    let statuses = all.map { (id: $0.id, path: $0.plan.path, status: changed[$0.id] ?? $0.writtenStatus) }
    for path in project.overviewPaths {
      result.append(
        Target(path: path) { bytes in
          switch Result(catching: { try StatusEdit.overview(bytes, readmePath: path, statuses: statuses) }) {
          case .success(let edits): bytes.applying(edits)
          case .failure: nil
          }
        })
    }
    return result
  }

  private static func edited(_ bytes: [UInt8], to status: TaskStatus) -> [UInt8]? {
    switch Result(catching: { try StatusEdit.plan(bytes, to: status) }) {
    case .success(let edits): bytes.applying(edits)
    case .failure: nil
    }
  }

  /// A plan that was never committed has its status written in the user's file alone; committing it is theirs.
  private func writeUncommitted(_ drift: [StatusDrift], base: String) async throws -> [String] {
    guard project.repository.location.workTree != nil else { return [] }
    var problems: [String] = []
    for item in drift where try await project.repository.file(at: item.path, in: base) == nil {
      let path = "\(project.root)/\(item.path)"
      guard FileTree.exists(path) else { continue }
      do {
        let bytes = try FileTree.read(path)
        guard let edited = StatusWriter.edited(bytes, to: item.actual), edited != bytes else { continue }
        try AtomicFile.replace(path, expecting: bytes, with: edited)
      } catch {
        problems.append("\(item.path): \(error)")
      }
    }
    return problems
  }
}

extension OpenProject {
  /// Where status tables may be.
  var overviewPaths: [String] { ["README.md", "docs/README.md", "\(settings.plans.dir)/README.md"] }
}
