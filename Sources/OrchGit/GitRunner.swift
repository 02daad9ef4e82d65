import OrchProcess

/// Runs the git program, always in the same hardened way. The only place where it is started.
struct GitRunner: Sendable {
  let executable: String
  let version: GitVersion
  let options: GitOptions

  /// Finds git in PATH and asks for its version.
  init(options: GitOptions) async throws(GitError) {
    guard let found = Self.find("git", options) else { throw .gitMissing(searchPath: Self.searchPath(options)) }
    let text = try await GitRunner(executable: found, version: .minimum, options: options).run(["version"], at: nil)
      .text
    guard let version = GitVersion(output: text), version >= .minimum else {
      throw .gitTooOld(found: text.split(separator: "\n").first.map(String.init) ?? "of an unknown version")
    }
    self.init(executable: found, version: version, options: options)
  }

  private static func searchPath(_ options: GitOptions) -> String {
    options.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
  }

  private static func find(_ program: String, _ options: GitOptions) -> String? {
    searchPath(options).split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(program)" }
      .first(where: Posix.mayExecute)
  }

  private init(executable: String, version: GitVersion, options: GitOptions) {
    self.executable = executable
    self.version = version
    self.options = options
  }

  /// Output of a command that has ended by itself.
  struct Output {
    var code: Int32
    var stdout: [UInt8]
    var stderr: [UInt8]

    /// The output without white space at its end.
    var text: String {
      let end = stdout.lastIndex { $0 != 0x0A && $0 != 0x20 && $0 != 0x0D }.map { $0 + 1 } ?? 0
      return String(decoding: stdout[..<end], as: UTF8.self)
    }
    var message: String { String(decoding: stderr, as: UTF8.self) }
    /// Fields that each end in a NUL.
    var fields: [[UInt8]] { stdout.split(separator: 0).map(Array.init) }
    var paths: [String] { fields.map { String(decoding: $0, as: UTF8.self) } }
  }

  /// What a command may be told besides its arguments.
  struct Extra {
    var input: [UInt8]?
    var index: String?
    var directory: String?
    var settings: [(key: String, value: String)] = []
    /// Wins over what every command gets.
    var environment: [String: String] = [:]
  }

  /// Runs a command that cannot start a filter or driver of the repository.
  ///
  /// - Parameter accepted: Exit codes that are answers, not failures.
  @discardableResult
  func run(
    _ arguments: [String], at place: GitPlace?, _ extra: Extra = Extra(), accepted: Set<Int32> = [0]
  ) async throws(GitError) -> Output {
    let result: CommandResult
    do {
      result = try await CommandRunner().run(command(arguments, at: place, extra))
    } catch {
      if Task.isCancelled { throw .cancelled }
      throw .command(arguments: arguments, status: "did not start", message: "\(error)")
    }
    if Task.isCancelled { throw .cancelled }
    let message = String(decoding: result.stderr, as: UTF8.self)
    if result.timedOut {
      throw .command(arguments: arguments, status: "did not end within \(options.timeout)", message: message)
    }
    if result.truncated { throw .command(arguments: arguments, status: "wrote too much", message: message) }
    guard case .code(let code) = result.exit else {
      throw .command(arguments: arguments, status: "was killed", message: message)
    }
    guard accepted.contains(code) else {
      if let file = GitRunner.lockFile(in: message) { throw .lockHeld(file: file) }
      throw .command(arguments: arguments, status: "failed with status \(code)", message: message)
    }
    return Output(code: code, stdout: result.stdout, stderr: result.stderr)
  }

  /// Runs a command that looks at or writes working files, with the repository's filters and drivers out of force.
  @discardableResult
  func runAudited(
    _ arguments: [String], at place: GitPlace, _ extra: Extra = Extra(), accepted: Set<Int32> = [0]
  ) async throws(GitError) -> Output {
    var extra = extra
    extra.settings += try await configuration(at: place).neutralising
    return try await run(arguments, at: place, extra, accepted: accepted)
  }

  /// Read again before every operation that it matters to: an agent may write the shared configuration at any time.
  func configuration(at place: GitPlace) async throws(GitError) -> GitConfiguration {
    let output = try await run(["config", "--list", "--includes", "--show-scope", "-z"], at: place)
    var configuration = GitConfiguration(listing: output.stdout)
    configuration.hasLFS = Self.find("git-lfs", options) != nil
    return configuration
  }

  func command(_ arguments: [String], at place: GitPlace?, _ extra: Extra = Extra()) -> Command {
    Command(
      executable: executable, arguments: ["--no-pager"] + arguments,
      directory: extra.directory ?? place?.workTree ?? place?.gitDirectory,
      environment: GitHardening.environment(
        inherited: options.environment, place: place, index: extra.index, settings: extra.settings
      ).merging(extra.environment) { $1 },
      input: extra.input, timeout: options.timeout, outputLimit: 1 << 28)
  }

  /// Runs a program of the system. `accepted` nil takes every exit code for an answer.
  func tool(_ executable: String, _ arguments: [String], accepted: Set<Int32>?) async throws(GitError) {
    let command = Command(
      executable: executable, arguments: arguments, environment: ["LC_ALL": "C"], timeout: options.timeout,
      outputLimit: 1 << 16)
    let result: CommandResult
    do {
      result = try await CommandRunner().run(command)
    } catch {
      throw .command(arguments: [executable] + arguments, status: "did not start", message: "\(error)")
    }
    guard let accepted else { return }
    if case .code(let code) = result.exit, accepted.contains(code) { return }
    throw .command(arguments: [executable] + arguments, status: "failed", message: result.errorText)
  }

  /// The lock file that a message of git complains about.
  static func lockFile(in message: String) -> String? {
    guard let start = message.firstRange(of: "Unable to create '"),
      let end = message.firstRange(of: ".lock': File exists"),
      start.upperBound < end.lowerBound
    else { return nil }
    return String(message[start.upperBound..<end.lowerBound]) + ".lock"
  }
}
