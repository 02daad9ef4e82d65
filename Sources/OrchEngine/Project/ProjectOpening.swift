import OrchAgents
package import OrchConfig
package import OrchDomain
import OrchFiles
import OrchGit
import OrchProcess
package import OrchStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a command knows before it opens anything: settings, places, and the surroundings it was started in.
package struct ProjectPlace: Sendable {
  package var launch: LaunchContext
  package var loaded: LoadedSettings
  package var config: ConfigPaths
  /// The root that names the project in the store.
  package var root: String
  package var paths: ProjectPaths

  /// - Throws: ``EngineError`` outside of a repository, ``ConfigError`` for a file that was asked for and is not there.
  package init(_ launch: LaunchContext) throws {
    self.launch = launch
    loaded = try Self.settings(launch)
    config = ConfigPaths(loaded, in: launch)
    let start = config.projectRoot ?? launch.currentDirectory
    guard FileTree.exists(start) else { throw EngineError.unavailable("there is no directory '\(start)'") }
    guard let root = try ProjectLocator.root(around: start) else {
      throw EngineError.outsideRepository(start)
    }
    self.root = root
    paths = ProjectPaths(
      home: config.stateDir, root: root, database: config.databasePath, worktrees: config.worktreeDir)
  }

  /// The top of the checkout around the configuration: the main one, or a worktree.
  package var checkout: String {
    guard let start = config.projectRoot else { return root }
    var directory = start[...]
    while !FileTree.exists("\(directory)/.git") {
      guard let slash = directory.lastIndex(of: "/"), slash > directory.startIndex else { return start }
      directory = directory[..<slash]
    }
    return String(directory)
  }

  /// The settings that hold around a directory, whether a project is there or not.
  package static func settings(_ launch: LaunchContext) throws -> LoadedSettings {
    var loaded = try SettingsLoader.load(in: launch, exists: { FileTree.exists($0) }) { path in
      do throws(FileError) {
        return .bytes(try FileReader.read(path))
      } catch {
        return error.isMissing ? .missing : .unreadable(error.description)
      }
    }
    loaded.checkAgents(adapters: AgentRegistry.adapterNames)
    return loaded
  }

  /// How long another process may hold the database: a backup of a large one takes its time.
  private static let patience = Duration.seconds(30)

  /// Opens the store, made when it is missing.
  ///
  /// - Parameter access: One that writes.
  package func openStore(
    now: Timestamp, access: Store.Access = .readWrite
  ) throws -> (store: Store, project: OrchStore.Project) {
    try FileTree.makeDirectories(config.stateDir)
    if let slash = paths.database.lastIndex(of: "/") { try FileTree.makeDirectories(String(paths.database[..<slash])) }
    let store = try Store(
      path: paths.database, access: access, busyTimeout: Self.patience,
      witness: CrashPoints(launch.environment).witness)
    let name = root.split(separator: "/").last.map(String.init) ?? root
    return (store, try store.project(root: root, name: name, at: now))
  }

  /// As ``openStore(now:)``, for those who only look and want an answer at once.
  package func openStoreToLook(now: Timestamp) throws -> (store: Store, project: OrchStore.Project) {
    // Because what is not all there yet is for the other way to make, to migrate, or to complain of.
    if let store = try? Store(path: paths.database, access: .looking, busyTimeout: Self.patience),
      let project = try? store.project(root: root)
    {
      return (store, project)
    }
    return try openStore(now: now)
  }

  /// Opens everything that work needs: the repository, the supervisor, the agents.
  package func open(
    clock: EngineClock = .system, observer: @escaping @Sendable (Observation) -> Void = { _ in }
  ) async throws -> OpenProject {
    let now = clock.now()
    let (store, project) = try openStore(now: now)
    try FileTree.makeDirectories(paths.worktrees)
    let settings = loaded.settings
    let repository = try await GitRepository.open(
      root,
      options: GitOptions(
        environment: launch.environment, ownedDirectories: [paths.worktrees],
        providedPaths: WorktreeContents.providedPaths(settings.worktree)))
    let base: String
    if let configured = settings.general.baseBranch {
      base = configured
    } else if let found = try await repository.defaultBranch() {
      base = found
    } else {
      throw EngineError.unavailable("the repository has no branch yet; commit something, or set [general] base_branch")
    }
    let last = try store.read(project.id) { tx throws(StoreError) in try tx.latestEvents(limit: 1).last?.seq ?? 0 }
    return OpenProject(
      root: root, place: self, row: project.id, settings: settings, configFile: loaded.file.map { launch.absolute($0) },
      paths: paths, store: store, repository: repository, baseBranch: base,
      supervisor: Supervisor(shimPath: try Supervisor.locateShim(override: launch.environment["ORCH_SHIM"])),
      agents: agentRegistry, clock: clock, environment: launch.environment,
      makeUUID: { randomUUID() }, observer: observer, feed: EventFeed(after: last),
      connection: settings.forge.kind == .local
        ? nil
        : try GitHubConnection(
          settings.forge, place: self, repository: repository, environment: launch.environment, clock: clock))
  }

  /// Where texts of the user's own are looked for, in this order; the built-in ones come last.
  var promptDirectories: [String] {
    let user = ["claude-plan-orchestrator", "claude-orchestrator"].map { "\(launch.home)/.config/\($0)/prompts" }
    return [config.promptOverrideDir, "\(root)/.claude-orchestrator/prompts"].compactMap { $0 } + user
  }

  /// The agents that the configuration describes, in the words of the adapters.
  var agentRegistry: AgentRegistry {
    let settings = loaded.settings
    var names = Set(settings.agents.keys)
    names.insert(settings.general.agent)
    if settings.claude != ClaudeSettings() { names.insert(GeneralSettings.defaultAgent) }
    return AgentRegistry(
      names.sorted().map { name in
        let agent = settings.agent(named: name)
        let command = agent.command.enumerated().map {
          $0.offset == 0 ? launch.absoluteProgram($0.element) : $0.element
        }
        return OrchAgents.AgentSettings(
          name: name, adapter: settings.agents[name]?.adapter, command: command, arguments: agent.args,
          environmentNames: agent.env, model: agent.model, maxTurns: agent.maxTurns, allowedTools: agent.allowedTools,
          requestTimeout: agent.requestTimeout, requestRetries: agent.requestRetries,
          maxOutputTokens: agent.adapter == GeneralSettings.defaultAgent ? settings.claude.maxTokens : nil,
          fallback: agent.fallback)
      })
  }
}

extension LaunchContext {
  /// A program's path with `~/` expanded; a bare name stays one, to be looked up in PATH.
  func absoluteProgram(_ program: String) -> String {
    program.hasPrefix("~/") ? absolute(program) : program
  }
}

/// A random UUID of version 4 in lower case, from the system's generator.
func randomUUID() -> String {
  var generator = SystemRandomNumberGenerator()
  var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  bytes[6] = bytes[6] & 0x0F | 0x40
  bytes[8] = bytes[8] & 0x3F | 0x80
  let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  var text = ""
  for (index, digit) in digits.enumerated() {
    if [8, 12, 16, 20].contains(index) { text += "-" }
    text.append(digit)
  }
  return text
}
