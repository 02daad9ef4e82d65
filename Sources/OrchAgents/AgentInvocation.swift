/// How to start one agent process. The working directory is always the worktree.
package struct AgentInvocation: Hashable, Sendable {
  /// What the process reads from standard input.
  package enum Input: Hashable, Sendable {
    /// `/dev/null`.
    case none
    /// An open file, so that a prompt never shows in the list of processes.
    case file(String)
  }

  /// The signal that ends the agent with its session kept.
  package enum StopSignal: Int32, Hashable, Sendable {
    case interrupt = 2
    case terminate = 15
  }

  /// A file to write before the process starts.
  package struct GeneratedFile: Hashable, Sendable {
    package var path: String
    package var content: String
    package init(path: String, content: String) {
      self.path = path
      self.content = content
    }
  }

  /// A path, or a bare name to look for in `PATH`.
  package var executable: String
  package var arguments: [String]
  /// Added to the variables that are passed on; the value here wins.
  package var environment: [String: String]
  package var input: Input
  package var stopSignal: StopSignal
  /// Written with mode 0600 before the start.
  package var files: [GeneratedFile]
  /// Directories made with mode 0700 before the start.
  package var directories: [String]
  /// A directory outside of the run in which the CLI keeps the user's login and renews it, so it has to write there.
  package var loginDirectory: String?

  package init(
    executable: String, arguments: [String], environment: [String: String], input: Input,
    stopSignal: StopSignal = .terminate, files: [GeneratedFile] = [], directories: [String] = [],
    loginDirectory: String? = nil
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.stopSignal = stopSignal
    self.files = files
    self.directories = directories
    self.loginDirectory = loginDirectory
  }
}
