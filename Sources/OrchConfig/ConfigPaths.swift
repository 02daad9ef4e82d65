/// Where a command was started: everything about its surroundings that configuration depends on.
package struct LaunchContext: Sendable {
  /// The value of `--config`.
  package var configFlag: String?
  /// The value of `--project`.
  package var projectFlag: String?
  package var environment: [String: String]
  /// Absolute.
  package var currentDirectory: String
  /// Absolute.
  package var home: String

  package init(
    configFlag: String? = nil, projectFlag: String? = nil, environment: [String: String], currentDirectory: String,
    home: String
  ) {
    self.configFlag = configFlag
    self.projectFlag = projectFlag
    self.environment = environment
    self.currentDirectory = currentDirectory
    self.home = home
  }

  /// `path` with a leading `~/` expanded, made absolute against `base`.
  package func absolute(_ path: String, in base: String? = nil) -> String {
    if path == "~" { return home }
    if path.hasPrefix("~/") { return LaunchContext.join(home, String(path.dropFirst(2))) }
    return path.hasPrefix("/") ? path : LaunchContext.join(base ?? currentDirectory, path)
  }

  /// The two paths with one slash between them; `.` adds nothing.
  static func join(_ directory: String, _ path: String) -> String {
    var rest = Substring(path)
    while rest.hasPrefix("./") || rest.hasPrefix("/") { rest = rest.dropFirst(rest.hasPrefix("/") ? 1 : 2) }
    if rest.isEmpty || rest == "." { return directory }
    return (directory.hasSuffix("/") ? directory : directory + "/") + String(rest)
  }

  /// The directory of `path`.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// The places that the settings name, resolved: all absolute.
package struct ConfigPaths: Hashable, Sendable {
  /// Nil when nothing names the project; the caller then looks for the repository around the current directory.
  package let projectRoot: String?
  package let stateDir: String
  package let worktreeDir: String
  package let databasePath: String
  /// Nil when there are no texts of the user's own.
  package let promptOverrideDir: String?
  /// Checkouts of the build pool on this machine.
  package let buildPoolWorktreeDir: String
  /// Of the keys that something other than the file has decided.
  let origins: [String: Origin]

  /// Resolves the paths of `loaded`.
  ///
  /// A leading `~/` means the home directory. Relative paths start at the project's root; where no project is known
  /// they start at the directory of the file, and at the current one when there is no file.
  package init(_ loaded: LoadedSettings, in context: LaunchContext) {
    let general = loaded.settings.general
    let configDir = loaded.file.map { LaunchContext.directory(of: context.absolute($0)) }
    var origins: [String: Origin] = [:]
    if let flag = context.projectFlag, !flag.isEmpty {
      projectRoot = context.absolute(flag)
      origins["general.project_root"] = .flag("--project")
    } else if let root = general.projectRoot {
      projectRoot = context.absolute(root, in: configDir)
    } else if let file = loaded.file, file.split(separator: "/").last.map(String.init) == ConfigLocation.projectFile {
      projectRoot = configDir
    } else {
      projectRoot = nil
    }
    let base = projectRoot ?? configDir ?? context.currentDirectory
    if let home = context.environment["CLAUDE_ORCH_HOME"], !home.isEmpty {
      stateDir = context.absolute(home)
      origins["general.state_dir"] = .environment("CLAUDE_ORCH_HOME")
    } else {
      stateDir = context.absolute(general.stateDir ?? "~/.claude-plan-orchestrator", in: base)
    }
    let inState = { [stateDir] in LaunchContext.join(stateDir, $0) }
    worktreeDir = general.worktreeDir.map { context.absolute($0, in: base) } ?? inState("worktrees")
    databasePath = general.databasePath.map { context.absolute($0, in: base) } ?? inState("orchestrator.db")
    promptOverrideDir = loaded.settings.prompts.overrideDir.map { context.absolute($0, in: base) }
    buildPoolWorktreeDir =
      loaded.settings.buildPool.localFallback.worktreeDir.map { context.absolute($0, in: base) }
      ?? inState("build-pool/local")
    self.origins = origins
  }

  /// The resolved paths by dotted key.
  var byKey: [String: String] {
    var result = [
      "general.state_dir": stateDir, "general.worktree_dir": worktreeDir, "general.database_path": databasePath,
      "build_pool.local_fallback.worktree_dir": buildPoolWorktreeDir,
    ]
    result["general.project_root"] = projectRoot
    result["prompts.override_dir"] = promptOverrideDir
    return result
  }
}
