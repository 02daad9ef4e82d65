import OrchConfig
import OrchDomain
import OrchGit

/// Settles conflicts in files of which the configuration says how: both sides are kept, or the file is made again.
///
/// Only when that settles the whole conflict. The gate runs on what comes of it, as on every merged tree.
struct TypedMerge: Sendable {
  let project: OpenProject
  private var settings: LandingSettings { project.settings.landing }

  /// Whether a conflict in the file is settled by itself.
  func covers(_ path: String) -> Bool { unites(path) || makesAgain(path) }

  private func unites(_ path: String) -> Bool { settings.unite.contains { Glob($0).matches(path) } }

  private func makesAgain(_ path: String) -> Bool {
    !settings.regenerateCommands.isEmpty && settings.regenerate.contains { Glob($0).matches(path) }
  }

  /// - Returns: The merged tree; nil when a person or an agent has to look.
  func settle(_ conflicts: [MergeConflict], ours: String, theirs: String, of id: TaskID) async throws -> String? {
    let isOfContent = conflicts.allSatisfy { [.bothModified, .bothAdded].contains($0.kind) }
    guard isOfContent, conflicts.allSatisfy({ covers($0.path) }),
      case .clean(let united) = try await project.repository.unite(ours: ours, theirs: theirs)
    else { return nil }
    let again = conflicts.map(\.path).filter(makesAgain)
    return again.isEmpty ? united : try await make(again, in: united, ours: ours, theirs: theirs, of: id)
  }

  /// Runs the commands in a checkout of the queue's, in which no gate runs yet.
  private func make(
    _ files: [String], in tree: String, ours: String, theirs: String, of id: TaskID
  ) async throws -> String? {
    let repository = project.repository
    let at = try await repository.commit(theirs).time
    func commit(_ tree: String) async throws -> String {
      try await repository.makeCommit(
        tree: tree, parents: [ours], message: "Before making files again", author: .orchestrator, at: at)
    }
    var edits: [String: [UInt8]] = [:]
    for file in files { edits[file] = try await repository.file(at: file, in: ours) ?? [] }
    let start = try await commit(try await repository.tree(of: try await commit(tree), replacing: edits))
    let worktree = project.paths.gateWorktree(0)
    try await repository.checkOutDetached(at: worktree, commit: start)
    let place = Gate.Place(
      directory: worktree, base: ours, logDirectory: "\(project.paths.landing(id))/regenerate",
      runID: project.makeUUID())
    if try await Workspace(project: project).makeReady(place, for: id) != nil { return nil }
    let result = try await AttemptSandbox(project: project).run(
      GateRunner.Request(
        commands: settings.regenerateCommands, directory: worktree,
        environment: try project.gateEnvironment(for: id, worktree: worktree, base: ours),
        timeout: project.settings.verify.timeout, logDirectory: place.logDirectory, runID: place.runID))
    guard result.passed else {
      project.observer(
        .diagnostic("\(id): \(files.joined(separator: ", ")) could not be made again: \(result.summary)"))
      return nil
    }
    // What the commands left anywhere else is not wanted, and a link could lead out of the checkout.
    for file in files {
      let path = "\(worktree)/\(file)"
      guard FileTree.isFile(path), FileTree.linkTarget(path) == nil else { return nil }
      edits[file] = try FileTree.read(path)
    }
    return try await repository.tree(of: start, replacing: edits)
  }
}
