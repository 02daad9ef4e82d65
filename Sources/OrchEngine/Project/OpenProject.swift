package import OrchAgents
package import OrchConfig
package import OrchDomain
package import OrchGit
package import OrchProcess
package import OrchReview
package import OrchStore

/// An opened project: its repository, its rows in the store, and everything from outside that work on it needs.
package struct OpenProject: Sendable {
  /// The working directory of the main checkout, or the directory of a bare repository.
  package let root: String
  package let place: ProjectPlace
  /// The project's row in the store.
  package let row: ProjectID
  package let settings: Settings
  /// The configuration file that counts; nil when defaults do.
  package let configFile: String?
  package let paths: ProjectPaths
  package let store: Store
  package let repository: GitRepository
  /// The branch that work starts from and lands on.
  package let baseBranch: String
  package let supervisor: Supervisor
  package let agents: AgentRegistry
  package let clock: EngineClock
  /// The environment of the command; only allowed names go on to agents and gates.
  package let environment: [String: String]
  package let makeUUID: @Sendable () -> String
  /// Told of every event behind its commit, and of what agents say as they say it.
  package let observer: @Sendable (Observation) -> Void
  /// Where the telling of events stands.
  package let feed: EventFeed
  let crashPoints: CrashPoints
  /// Through which the looks at the base go, so that many tasks which come upon the same red stage run it once.
  let oneBaseGate = OneAtATime()
  /// The way to GitHub; nil when changes stay on this machine.
  package let connection: GitHubConnection?
  /// What `start` was told on the command line; it wins over the configuration.
  package var options = RunOptions()
  /// The batch that pays for attempts that begin now.
  package var batch: Int64?
  /// Whom the use of agents is charged to beside task and day; nil outside of a run.
  package var payer: PayingRun?
  package let running = RunningAgents()
  package let sandboxHost: SandboxHost
  /// Blots secrets out of what is kept, shown or told.
  package let mask: SecretMask

  package init(
    root: String, place: ProjectPlace, row: ProjectID, settings: Settings, configFile: String?, paths: ProjectPaths,
    store: Store,
    repository: GitRepository, baseBranch: String, supervisor: Supervisor, agents: AgentRegistry, clock: EngineClock,
    environment: [String: String], makeUUID: @escaping @Sendable () -> String,
    observer: @escaping @Sendable (Observation) -> Void, feed: EventFeed, connection: GitHubConnection? = nil
  ) {
    self.root = root
    self.place = place
    self.row = row
    self.settings = settings
    self.configFile = configFile
    self.paths = paths
    self.store = store
    self.repository = repository
    self.baseBranch = baseBranch
    self.supervisor = supervisor
    self.agents = agents
    self.clock = clock
    self.environment = environment
    self.makeUUID = makeUUID
    self.observer = observer
    self.feed = feed
    self.connection = connection
    crashPoints = CrashPoints(environment)
    sandboxHost = SandboxHost(environment: environment)
    mask = SecretMask(environment: environment)
  }

  /// What can be told without the repository.
  package var view: ProjectView { ProjectView(place: place, store: store, row: row) }

  package var baseRef: String { "refs/heads/\(baseBranch)" }

  /// The commit at the tip of the base branch.
  package func baseCommit() async throws -> String {
    if let commit = try await repository.commitID(ofRef: baseRef) { return commit }
    let isRemote = try await repository.commitID(ofRef: "refs/remotes/origin/\(baseBranch)") != nil
    throw EngineError.unavailable(
      isRemote
        ? "there is no branch '\(baseBranch)' here; make it with: git branch \(baseBranch) origin/\(baseBranch), or "
          + "set [general] base_branch"
        : "branch '\(baseBranch)' has no commit yet; commit something to it, or set [general] base_branch")
  }

  /// What a gate command or a worktree's set-up may see of the environment.
  func gateEnvironment(for id: TaskID, worktree: String, base: String) throws -> [String: String] {
    let own = try attempt(id).map { try AttemptSurroundings(project: self).environment(of: $0) } ?? [:]
    return OrchProcess.AgentEnvironment.base(from: environment, allow: []).merging(own) { $1 }.merging([
      "ORCH_TASK": id.description, "ORCH_WORKTREE": worktree, "ORCH_BRANCH": id.branch, "ORCH_BASE": base,
    ]) { $1 }
  }
}

/// Something that a person who watches wants to see.
package enum Observation: Sendable {
  case event(StoredEvent)
  case agent(TaskID, AgentEvent)
  case diagnostic(String)
}
