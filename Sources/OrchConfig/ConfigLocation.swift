/// Which configuration file counts.
package enum ConfigLocation: Hashable, Sendable {
  /// What made a file count.
  package enum Choice: Hashable, Sendable {
    case flag, environment
    /// Found from the current directory upwards.
    case project
    /// Found below the home directory.
    case user
  }

  /// An absolute path.
  case file(String, Choice)
  /// A file was asked for by name and is not there.
  case missing(String, Choice)
  /// There is none, so the defaults hold.
  case none

  /// The name of a project's own file.
  package static let projectFile = ".claude-orchestrator.toml"
  /// Below the home directory; the first that exists counts.
  static let userDirectories = [".config/claude-plan-orchestrator", ".config/claude-orchestrator"]

  /// Finds the file: `--config`, `$CLAUDE_ORCH_CONFIG`, the project's, the user's; the first found counts alone.
  package static func locate(in context: LaunchContext, exists: (String) -> Bool) -> ConfigLocation {
    if let flag = context.configFlag {
      let path = context.absolute(flag)
      return exists(path) ? .file(path, .flag) : .missing(path, .flag)
    }
    if let variable = context.environment["CLAUDE_ORCH_CONFIG"], !variable.isEmpty {
      let path = context.absolute(variable)
      return exists(path) ? .file(path, .environment) : .missing(path, .environment)
    }
    // `--project` says where the project is, so its file counts, wherever the command was started.
    var directory = context.projectFlag.map { context.absolute($0) } ?? context.currentDirectory
    while true {
      let path = LaunchContext.join(directory, projectFile)
      if exists(path) { return .file(path, .project) }
      let parent = LaunchContext.directory(of: directory)
      if parent == directory || parent == "." { break }
      directory = parent
    }
    for folder in userDirectories {
      let path = LaunchContext.join(context.home, folder + "/config.toml")
      if exists(path) { return .file(path, .user) }
    }
    return .none
  }
}
