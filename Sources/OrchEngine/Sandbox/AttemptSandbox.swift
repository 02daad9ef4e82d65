import OrchAgents
import OrchConfig
import OrchDomain
import OrchFiles
import OrchGit
import OrchProcess

/// Makes the sandbox of one run of a program in one worktree, and fetches what came of it.
struct AttemptSandbox: Sendable {
  let project: OpenProject

  /// What a program in the worktree gets besides it.
  struct Needs: Sendable {
    /// Shell commands, or programs with arguments, that are going to run.
    var commands: [String]
    var inputs: [String] = []
    var sessions: [String] = []
    var logins: [String] = []
    var hosts: [String] = []
  }

  /// The sandbox of an agent's turn; nil when there is none.
  func forAgent(
    _ context: AgentContext, _ invocation: AgentInvocation, _ adapter: any AgentAdapter
  ) async throws -> Sandbox? {
    guard let program = try await program() else { return nil }
    let run = context.runDirectory
    var needs = Needs(commands: [([invocation.executable] + invocation.arguments).joined(separator: " ")])
    needs.commands += project.settings.verify.allStages.flatMap(\.commands)
    needs.inputs = [context.promptFile, "\(run)/plan.md"]
    needs.inputs += [context.feedbackFile].compactMap { $0 } + invocation.files.map(\.path)
    if case .file(let path) = invocation.input { needs.inputs.append(path) }
    needs.sessions = invocation.directories
    needs.logins = [invocation.loginDirectory].compactMap { $0 }
    needs.hosts = adapter.networkHosts
    // What a reviewer does to its own git directory is never fetched.
    let directory = context.purpose.isWork ? "\(run)/sandbox" : "\(run)/sandbox-review"
    return try await sandbox(program, worktree: context.worktree, directory: directory, needs)
  }

  /// Runs gate or set-up commands, shut in where that can be. What they leave in their home, in `/tmp` and in git is
  /// thrown away.
  func run(_ request: GateRunner.Request) async throws -> GateRunner.Result {
    var request = request
    request.mask = project.mask
    let directory = "\(request.logDirectory).sandbox"
    if let program = try await program() {
      try FileTree.removeIfPresent(directory)
      request.sandbox = try await sandbox(
        program, worktree: request.directory, directory: directory, Needs(commands: request.commands))
    }
    let result = try await GateRunner(supervisor: project.supervisor, clock: project.clock).run(request)
    try FileTree.removeIfPresent(directory)
    return result
  }

  /// Fetches what an agent did in its sandbox. Does nothing for an attempt that had none, and the same when repeated.
  func collect(_ attempt: LiveAttempt) async throws {
    let directory = "\(project.paths.run(attempt.task, attempt: attempt.number))/sandbox"
    guard FileTree.exists("\(directory)/git"),
      let git = try await project.repository.secludedGit(of: attempt.worktree, in: "\(directory)/git")
    else { return }
    guard case .works(let program) = await project.sandboxHost.availability() else {
      throw EngineError.unavailable(
        "\(attempt.task) worked in a sandbox, and what it did can only be fetched through one; make bubblewrap work "
          + "again")
    }
    let sandbox = try layout(attempt.worktree, directory, git, Needs(commands: [])).sandbox(
      program, shim: project.supervisor.shimPath, network: .none)
    let environment = OrchProcess.AgentEnvironment.base(from: project.environment, allow: [])
    try await project.repository.collect(git, branch: attempt.branch, base: attempt.baseCommit) {
      question throws(GitError) in
      try await Self.ask(question, sandbox, attempt.worktree, environment)
    }
  }

  private static func ask(
    _ question: SecludedQuestion, _ sandbox: Sandbox, _ worktree: String, _ environment: [String: String]
  ) async throws(GitError) -> [UInt8] {
    let result: CommandResult
    do {
      let path = try ExecutableLookup.find(question.program[0], path: environment["PATH"], directory: worktree)
      let words = sandbox.command([path] + question.program.dropFirst(), in: worktree, diesWithParent: false)
      result = try await CommandRunner().run(
        Command(
          executable: words[0], arguments: Array(words.dropFirst()), directory: "/", environment: environment,
          input: question.input, timeout: .seconds(600), outputLimit: 1 << 29))
    } catch {
      throw .command(arguments: question.program, status: "did not start in the sandbox", message: "\(error)")
    }
    guard result.exit.isSuccess, !result.truncated else {
      let status = result.truncated ? "wrote too much" : "failed in the sandbox (\(result.exit))"
      throw .command(arguments: question.program, status: status, message: result.errorText)
    }
    return result.stdout
  }

  private func program() async throws -> BubblewrapProgram? {
    let settings = try project.sandboxSettings
    switch SandboxVerdict.of(settings, await project.sandboxHost.availability()) {
    case .on(let program): return program
    case .off: return nil
    case .refused(let reason): throw EngineError.unavailable(reason)
    }
  }

  private func sandbox(
    _ program: BubblewrapProgram, worktree: String, directory: String, _ needs: Needs
  ) async throws -> Sandbox {
    for name in ["git", "home", "tmp"] { try FileTree.makeDirectories("\(directory)/\(name)") }
    let git = try await project.repository.seclude(worktree: worktree, in: "\(directory)/git")
    return try layout(worktree, directory, git, needs).sandbox(
      program, shim: project.supervisor.shimPath, network: try network(directory, needs))
  }

  private func network(_ directory: String, _ needs: Needs) throws -> Sandbox.Network {
    let settings = try project.sandboxSettings
    switch settings.network {
    case .full: return .full
    case .none: return .none
    case .allowList:
      return .proxied(
        NetworkProxy(
          program: try Supervisor.locateProxy(beside: project.supervisor.shimPath), log: "\(directory)/network.log",
          hosts: settings.allowHosts + needs.hosts))
    }
  }

  private var home: String? { project.environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } }

  private func layout(_ worktree: String, _ directory: String, _ git: SecludedGit, _ needs: Needs) throws
    -> SandboxLayout
  {
    var layout = SandboxLayout(
      worktree: worktree, home: home, privateHome: "\(directory)/home", temporary: "\(directory)/tmp")
    let launch = project.place.launch
    let absolute = { (path: String) in launch.absolute(path, in: project.root) }
    layout.git = git.mounts
    layout.inputs = needs.inputs.filter { FileTree.exists($0) }
    layout.sessions = needs.sessions
    layout.logins = needs.logins
    layout.readable = project.settings.sandbox.read.map(absolute)
    layout.readable += project.settings.worktree.symlinkDirs.map { "\(project.root)/\($0)" }
    layout.writable = project.settings.sandbox.write.map(absolute)
    let tools = ToolRoots(
      path: (project.environment["PATH"] ?? "").split(separator: ":").map(String.init), home: home,
      closed: [project.paths.home, project.root, project.paths.worktrees], link: { FileTree.linkTarget($0) },
      exists: { FileTree.exists($0) }, isProgram: { FileTree.isProgram($0) }, shebang: { FileTree.shebang($0) })
    layout.tools = tools.roots(for: needs.commands) + (try FileTree.runtimeDirectories())
    let certificates = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"]
    layout.tools += certificates.compactMap { project.environment[$0] }.filter { $0.hasPrefix("/") }
    return layout
  }
}

extension SandboxLayout {
  fileprivate func sandbox(_ program: BubblewrapProgram, shim: String, network: Sandbox.Network) -> Sandbox {
    Sandbox(bubblewrap: program, shim: shim, mounts: mounts, network: network)
  }
}

extension Sandbox {
  /// What a program inside has to be told.
  var environment: [String: String] {
    var result = ["TMPDIR": "/tmp", "IS_SANDBOX": "1"]
    if case .proxied = network { result.merge(NetworkProxy.environment) { $1 } }
    return result
  }
}

extension Settings {
  /// `[sandbox]`, with `$CLAUDE_ORCH_SANDBOX` in place of its mode when that is set.
  func sandbox(in environment: [String: String]) throws -> SandboxSettings {
    var result = sandbox
    guard let name = environment["CLAUDE_ORCH_SANDBOX"], !name.isEmpty else { return result }
    guard let mode = SandboxSettings.Mode(rawValue: name) else {
      throw EngineError.invalid("$CLAUDE_ORCH_SANDBOX is '\(name)'; write auto, bubblewrap or off")
    }
    result.mode = mode
    return result
  }
}

extension OpenProject {
  fileprivate var sandboxSettings: SandboxSettings { get throws { try settings.sandbox(in: environment) } }
}

extension Conductor {
  /// Says once that there is no sandbox, or refuses to start without one.
  func checkSandbox() async throws {
    switch SandboxVerdict.of(try project.sandboxSettings, await project.sandboxHost.availability()) {
    case .on, .off(notice: nil): break
    case .off(let notice?): project.observer(.diagnostic(notice))
    case .refused(let reason): throw EngineError.unavailable(reason)
    }
  }
}
