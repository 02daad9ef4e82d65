import OrchConfig
package import OrchDomain
import OrchFiles
import OrchGit
import OrchPlan
import OrchStore

/// Writes the statuses that the store holds into plans and status tables: one commit on the base branch a round.
package struct StatusWriter: Sendable {
  let project: OpenProject
  /// How the messages of all commits with statuses begin.
  static let messagePrefix = "chore: update "

  package init(project: OpenProject) { self.project = project }

  /// One file of the round.
  private struct Target {
    var path: String
    var edit: @Sendable ([UInt8]) -> [UInt8]?
    /// The same for a version of the person's own, in which an edit of the status is theirs to keep.
    var working: @Sendable ([UInt8]) -> [UInt8]?
  }

  /// - Parameter accepted: Tasks whose status a person has set in one place; the others follow.
  /// - Returns: What could not be written and why, for people. It is tried again in the next round.
  package func writeRound(also accepted: [TaskID] = []) async throws -> [String] {
    var drift = try project.statusDrift().filter { $0.actual != $0.written }
    for id in accepted where !drift.contains(where: { $0.task == id }) {
      let task = try project.task(id)
      guard task.status == task.writtenStatus else { continue }
      drift.append(task.drift)
    }
    guard !drift.isEmpty else { return [] }
    for _ in 0..<5 {
      if let problems = try await writeOnce(drift) { return problems }
    }
    return ["statuses are not written yet: '\(project.baseBranch)' keeps moving"]
  }

  /// - Returns: nil when somebody else moved the base in between.
  private func writeOnce(_ all: [StatusDrift]) async throws -> [String]? {
    let base = try await project.baseCommit()
    let drift = try await openItems(of: all, at: base)
    guard !drift.isEmpty else { return [] }
    var problems: [String] = []
    var unwritable: Set<String> = []
    var edits: [String: [UInt8]] = [:]
    var working: [String: @Sendable ([UInt8]) -> [UInt8]?] = [:]
    var inCommit: Set<String> = []
    var uncommitted: [Target] = []
    for target in findTargets(for: drift, among: try project.store.tasks(project.row)) {
      // What is behind a link is written where it is.
      guard let place = try await project.repository.followed(target.path, in: base),
        let committed = try await project.repository.file(at: place, in: base)
      else {
        if project.overviewPaths.contains(target.path) { uncommitted.append(target) }
        continue
      }
      let bytes = edits[place] ?? committed
      guard let edited = target.edit(bytes) else {
        problems.append("\(target.path): its status could not be written; correct its frontmatter")
        unwritable.insert(target.path)
        continue
      }
      if edited != bytes {
        edits[place] = edited
        inCommit.insert(target.path)
        let earlier = working[place]
        working[place] = { bytes in (earlier.map { $0(bytes) } ?? bytes).flatMap(target.working) }
      }
    }
    if !edits.isEmpty {
      let tree = try await project.repository.tree(of: base, replacing: edits)
      let commit = try await project.repository.makeCommit(
        tree: tree, parents: [base], message: StatusCommitMessage.text(drift.map { ($0.task, $0.actual) }),
        author: .orchestrator, at: project.clock.now())
      switch try await project.repository.advance(
        branch: project.baseBranch, from: base, to: commit, message: "claude-orch: write statuses",
        edits: working.sorted { $0.key < $1.key }.map { WorkingFileEdit(path: $0.key, edit: $0.value) })
      {
      case .moved(let leftAlone):
        project.crashPoints.reached(.statusesMoved)
        problems += leftAlone.map { "\($0.path) in \($0.checkout) keeps its old status (\($0.reason.rawValue))" }
      case .raced: return nil
      case .waiting(let hold): return problems + ["statuses wait: \(hold)"]
      }
    }
    problems += try await writeFiles(drift, but: inCommit)
    problems += try await writeTables(uncommitted)
    let written = try drift.filter(isWritten(try await project.planSources(), but: unwritable))
    try project.setWrittenStatuses(written.map { ($0, $0.actual) })
    return problems
  }

  /// What a person has edited on the base branch and nobody has settled yet is not written over.
  private func openItems(of drift: [StatusDrift], at base: String) async throws -> [StatusDrift] {
    var open: [StatusDrift] = []
    for item in drift {
      let isEdited = item.markdown != item.written && item.markdown != item.actual
      if isEdited, let bytes = try await project.repository.planFile(item.path, in: base),
        status(in: bytes, of: item.path) == item.markdown
      {
        continue
      }
      open.append(item)
    }
    return open
  }

  private func findTargets(for drift: [StatusDrift], among all: [StoredTask]) -> [Target] {
    var result = drift.map { item -> Target in
      let edit = { @Sendable (bytes: [UInt8]) in StatusWriter.edited(bytes, to: item.actual) }
      return Target(path: item.path, edit: edit) { isOpen(item, $0) ? edit($0) : $0 }
    }
    // All plans, so that a row is matched to the one plan that it means; the rest say what they said before.
    let changed = Dictionary(drift.map { ($0.task, $0.actual) }) { first, _ in first }
    let statuses = all.map { (id: $0.id, path: $0.plan.path, status: changed[$0.id] ?? $0.writtenStatus) }
    for path in project.overviewPaths {
      let edit = { @Sendable (bytes: [UInt8]) -> [UInt8]? in
        switch Result(catching: { try StatusEdit.overview(bytes, readmePath: path, statuses: statuses) }) {
        case .success(let edits): bytes.applying(edits)
        case .failure: nil
        }
      }
      result.append(Target(path: path, edit: edit, working: edit))
    }
    return result
  }

  /// Whether the status in a person's version of a plan is ours to change: it is the one that we wrote last.
  private func isOpen(_ item: StatusDrift, _ bytes: [UInt8]) -> Bool {
    guard let status = status(in: bytes, of: item.path) else { return true }
    return status == item.written || status == item.actual
  }

  /// Whether what is read as the plan says what it should, so that the next difference is an edit of the person's.
  private func isWritten(_ sources: PlanSources, but unwritable: Set<String>) -> (StatusDrift) throws -> Bool {
    { item in
      guard case .workTree(let root) = sources else { return !unwritable.contains(item.path) }
      guard FileTree.exists("\(root)/\(item.path)") else { return true }
      return status(in: try FileTree.read("\(root)/\(item.path)"), of: item.path) == item.actual
    }
  }

  /// What a plan says by itself; nil when it leaves that to the status tables.
  private func status(in bytes: [UInt8], of path: String) -> TaskStatus? {
    let unit = PlanReader.read(PlanSource(path: path, bytes: bytes), root: project.settings.plans.dir)
    return unit.statusRange == nil ? nil : unit.task?.status
  }

  /// Status tables that were never committed, such as those that `onboard` has just written.
  private func writeTables(_ tables: [Target]) async throws -> [String] {
    guard case .workTree(let root) = try await project.planSources() else { return [] }
    var problems: [String] = []
    for table in tables where FileTree.exists("\(root)/\(table.path)") {
      do {
        let bytes = try FileTree.read("\(root)/\(table.path)")
        guard let edited = table.working(bytes), edited != bytes else { continue }
        try AtomicFile.replace("\(root)/\(table.path)", expecting: bytes, with: edited)
      } catch {
        problems.append("\(table.path): \(error)")
      }
    }
    return problems
  }

  private static func edited(_ bytes: [UInt8], to status: TaskStatus) -> [UInt8]? {
    switch Result(catching: { try StatusEdit.plan(bytes, to: status) }) {
    case .success(let edits): bytes.applying(edits)
    case .failure: nil
    }
  }

  /// Plans that were never committed, or are committed with this status already, get it in the user's file alone.
  private func writeFiles(_ drift: [StatusDrift], but committed: Set<String>) async throws -> [String] {
    guard case .workTree(let root) = try await project.planSources() else { return [] }
    var problems: [String] = []
    for item in drift where !committed.contains(item.path) {
      let path = "\(root)/\(item.path)"
      guard FileTree.exists(path) else { continue }
      do {
        let bytes = try FileTree.read(path)
        guard isOpen(item, bytes), let edited = StatusWriter.edited(bytes, to: item.actual), edited != bytes else {
          continue
        }
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
  var overviewPaths: [String] { place.overviewPaths }
}

extension ProjectPlace {
  /// Where status tables may be.
  var overviewPaths: [String] { ["README.md", "docs/README.md", "\(loaded.settings.plans.dir)/README.md"] }
}
