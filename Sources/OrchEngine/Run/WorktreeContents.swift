import OrchConfig
import OrchDomain
import OrchGit

/// Gives a checkout what the repository does not hold, as `[worktree]` says, and sees that it is not committed.
struct WorktreeContents: Sendable {
  let project: OpenProject

  /// Where the settings put something into a worktree, each path in its plainest form.
  static func providedPaths(_ settings: WorktreeSettings) -> [String] {
    (settings.symlinkDirs + settings.copyFiles + settings.cloneDirs).map(plain)
  }

  private static func plain(_ path: String) -> String {
    path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  /// Links and copies; may be repeated.
  func provide(to worktree: String) async throws {
    let settings = project.settings.worktree
    for submodule in try await project.repository.populateSubmodules(inWorktreeAt: worktree) {
      project.observer(
        .diagnostic("submodule '\(submodule.path)' is empty in \(worktree), because \(submodule.reason)"))
    }
    if let reason = try await project.repository.lfsObstacle(inWorktreeAt: worktree) {
      project.observer(.diagnostic("files of Git LFS are pointers in \(worktree), because \(reason)"))
    }
    for directory in settings.symlinkDirs {
      try FileTree.linkIfPresent(Self.plain(directory), from: project.root, to: worktree)
    }
    for file in settings.copyFiles {
      try FileTree.copyIfPresent(Self.plain(file), from: project.root, to: worktree)
    }
    for directory in settings.cloneDirs { try await clone(Self.plain(directory), to: worktree) }
    if case .refused(let reason) = try await project.repository.excludeProvidedPaths(inWorktreeAt: worktree) {
      project.observer(
        .diagnostic(
          "`git add -A` in \(worktree) takes what [worktree] puts there for new files, because the repository's "
            + "configuration was left as it is: \(reason). Put these paths into .gitignore"))
    }
  }

  private func clone(_ directory: String, to worktree: String) async throws {
    let (source, target) = ("\(project.root)/\(directory)", "\(worktree)/\(directory)")
    guard FileTree.isDirectory(source), !FileTree.exists(target) else { return }
    try FileTree.makeParent(of: directory, in: worktree)
    let problem = try await DirectoryClone.make(
      source, at: target, scratch: Self.note(Self.clonePrefix, worktree),
      copies: project.settings.worktree.cloneFallback == .copy)
    guard let problem else { return }
    project.observer(
      .diagnostic(
        "[worktree] clone_dirs: '\(directory)' is not in \(worktree): \(problem). With clone_fallback = \"copy\" it is "
          + "copied where it cannot be cloned"))
  }

  /// Keeps copies that differ from their originals, because snapshots leave them out: as files of the attempt that
  /// nobody else can read, so that no secret gets into the repository and nothing is lost.
  func keepChangedCopies(of attempt: LiveAttempt) throws {
    let kept = "\(project.paths.run(attempt.task, attempt: attempt.number))/copied"
    for file in project.settings.worktree.copyFiles.map(Self.plain) {
      let path = "\(attempt.worktree)/\(file)"
      guard FileTree.isFile(path) else { continue }
      let bytes = try FileTree.read(path)
      let original = "\(project.root)/\(file)"
      if FileTree.isFile(original), try FileTree.read(original) == bytes { continue }
      try FileTree.makeDirectories(kept)
      try FileTree.makeParent(of: file, in: kept)
      try FileTree.write("\(kept)/\(file)", bytes)
    }
  }

  /// Gives a worktree that is brought back the copies that were changed in it.
  func putBackChangedCopies(of attempt: LiveAttempt) throws {
    let kept = "\(project.paths.run(attempt.task, attempt: attempt.number))/copied"
    for file in project.settings.worktree.copyFiles.map(Self.plain) where FileTree.isFile("\(kept)/\(file)") {
      try FileTree.copyIfPresent(file, from: kept, to: attempt.worktree)
    }
  }

  /// Runs the set-up commands, unless they have run in this very worktree and nothing that they depend on has changed.
  func setUp(_ attempt: LiveAttempt) async throws {
    let note = Self.setUpNote(attempt.worktree)
    let key = try setUpKey(in: attempt.worktree)
    if let key, FileTree.exists(note), try FileTree.read(note) == key { return }
    try FileTree.removeIfPresent(note)
    let place = Gate.Place(
      directory: attempt.worktree, base: attempt.baseCommit,
      logDirectory: project.paths.run(attempt.task, attempt: attempt.number), runID: attempt.runID)
    guard let result = try await runSetUp(in: place, for: attempt.task) else { return }
    guard result.passed else {
      throw WorkspaceError.setUpFailed(result.summary, log: result.logDirectory, output: result.output)
    }
    // What the commands made outside of ignored paths goes when the worktree is cleaned, so they have to run again.
    guard let key, try await project.repository.worktreeState(at: attempt.worktree).isClean else { return }
    try FileTree.write(note, key)
  }

  /// - Returns: nil when there is nothing to run.
  func runSetUp(in place: Gate.Place, for task: TaskID) async throws -> GateRunner.Result? {
    let commands = project.settings.worktree.setup
    guard !commands.isEmpty else { return nil }
    return try await AttemptSandbox(project: project).run(
      GateRunner.Request(
        commands: commands, directory: place.directory,
        environment: try project.gateEnvironment(for: task, worktree: place.directory, base: place.base),
        timeout: project.settings.verify.timeout, logDirectory: "\(place.logDirectory)/setup",
        runID: "\(place.runID)-setup"))
  }

  /// Where it is noted for what a worktree was set up.
  static func setUpNote(_ worktree: String) -> String { note(setUpPrefix, worktree) }

  static let setUpPrefix = ".orch-setup-"
  private static let clonePrefix = ".orch-clone-"

  /// The name of a file of ours about a worktree: beside it, where no agent works.
  private static func note(_ prefix: String, _ worktree: String) -> String {
    let slash = worktree.lastIndex(of: "/") ?? worktree.startIndex
    return "\(worktree[..<slash])/\(prefix)\(worktree[worktree.index(after: slash)...])"
  }

  /// Stands for the commands and the content of the files that they depend on; nil when no such file is configured,
  /// because then nobody knows what they depend on.
  private func setUpKey(in worktree: String) throws -> [UInt8]? {
    let settings = project.settings.worktree
    guard !settings.setupKeyFiles.isEmpty else { return nil }
    var digest = SHA256()
    for command in settings.setup { digest.update("command \(command.utf8.count) \(command)".utf8) }
    for file in settings.setupKeyFiles.map(Self.plain) {
      let path = "\(worktree)/\(file)"
      let content = FileTree.isFile(path) ? SHA256.hex(try FileTree.read(path)) : "absent"
      digest.update("file \(file.utf8.count) \(file) \(content)".utf8)
    }
    return digest.finish()
  }
}
