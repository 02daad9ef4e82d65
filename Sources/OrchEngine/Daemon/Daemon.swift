import OrchAgents
package import OrchConfig
import OrchDomain
package import OrchStore

/// The engines of all projects that were put into the daemon's care, in one process.
package actor Daemon {
  /// A project as the daemon has it.
  package struct Served: Sendable {
    package let served: ServedProject
    /// Nil while it cannot be opened.
    package let engine: ProjectEngine?
    /// Why it cannot be opened, with the way out.
    package let problem: String?

    /// Names the project in addresses.
    package var id: String { ProjectPaths(home: "", root: served.project.root).key }
  }

  package nonisolated let store: Store
  private let launch: LaunchContext
  private let clock: EngineClock
  private let startBatch: BatchStarter?
  private let observer: @Sendable (ServedProject, Observation) -> Void
  private var known: [ProjectID: Served] = [:]
  private var tasks: [ProjectID: Task<Void, Never>] = [:]
  private var retryAt: [ProjectID: Duration] = [:]
  private var hasLooked = false
  private var isDraining = false

  private static let pause = Duration.seconds(1)
  private static let retry = Duration.seconds(30)

  package init(
    launch: LaunchContext, store: Store, clock: EngineClock = .system, startBatch: BatchStarter? = nil,
    observer: @escaping @Sendable (ServedProject, Observation) -> Void
  ) {
    self.launch = launch
    self.store = store
    self.clock = clock
    self.startBatch = startBatch
    self.observer = observer
  }

  /// All projects in its care, in the order of their roots.
  package var projects: [Served] { known.values.sorted { $0.served.project.root < $1.served.project.root } }

  /// Follows the list of projects until it is cancelled; engines go on until ``end()`` or ``drain()``.
  package func run() async {
    var token: Int?
    while !Task.isCancelled, !isDraining {
      do {
        let now = try store.changeToken()
        if now != token || isRetryDue {
          token = now
          try await follow()
        }
        try await clock.sleep(Self.pause)
      } catch is CancellationError {
        return
      } catch {
        token = nil
        do { try await clock.sleep(Self.retry) } catch { return }
      }
    }
  }

  private var isRetryDue: Bool {
    let now = clock.elapsed()
    return retryAt.values.contains { $0 <= now }
  }

  /// Makes an engine for every project that has none, and ends those whose project was taken away.
  package func follow() async throws {
    let wanted = try store.servedProjects()
    let names = Set(wanted.map(\.project.id))
    for id in known.keys where !names.contains(id) {
      tasks.removeValue(forKey: id)?.cancel()
      known[id] = nil
      retryAt[id] = nil
    }
    for served in wanted {
      let id = served.project.id
      if known[id]?.served.config == served.config, known[id]?.engine != nil { continue }
      if let at = retryAt[id], at > clock.elapsed(), known[id]?.served.config == served.config { continue }
      tasks.removeValue(forKey: id)?.cancel()
      do {
        let engine = try ProjectEngine(try await open(served), startBatch: startBatch)
        known[id] = Served(served: served, engine: engine, problem: nil)
        retryAt[id] = nil
        tasks[id] = Task { await engine.run() }
      } catch {
        known[id] = Served(served: served, engine: nil, problem: "\(error)")
        retryAt[id] = clock.elapsed() + Self.retry
        observer(served, .diagnostic("\(error)"))
      }
    }
    hasLooked = true
  }

  private func open(_ served: ServedProject) async throws -> OpenProject {
    let place = try place(of: served)
    return try await place.open(clock: clock) { [observer] in observer(served, $0) }
  }

  /// A project as a command inside of it would see it, with the daemon's environment.
  package nonisolated func place(of served: ServedProject) throws -> ProjectPlace {
    var own = launch
    own.configFlag = served.config
    own.projectFlag = nil
    own.currentDirectory = served.project.root
    let place = try ProjectPlace(own)
    guard !place.loaded.hasErrors else {
      throw EngineError.invalid(
        "\(place.loaded.file ?? "its configuration") has errors; `claude-orch doctor` there shows them")
    }
    guard place.root == served.project.root else {
      throw EngineError.invalid("its configuration says that the project is \(place.root)")
    }
    guard place.paths.database == store.path else {
      throw EngineError.invalid(
        "\(served.project.root) keeps its state in \(place.paths.database), this daemon in \(store.path); start a "
          + "daemon inside of that project")
    }
    return place
  }

  /// Why it is not ready: no room to write, projects that cannot be opened or were not looked at; empty when it is.
  package func obstacles() async -> [String] {
    guard hasLooked else { return ["the projects have not been opened yet"] }
    let directory = store.path.lastIndex(of: "/").map { String(store.path[..<$0]) } ?? "."
    // SQLite notices a full disk only when it writes, and asking whether it can must not write.
    var obstacles = [FileTree.obstacle(toWritingIn: directory)].compactMap(\.self)
    for project in projects {
      let root = project.served.project.root
      switch await project.engine?.phase {
      case nil: obstacles.append("\(root): \(project.problem ?? "it is not opened")")
      case .starting: obstacles.append("\(root): it has not been looked at yet")
      case .failed(let why): obstacles.append("\(root): \(why)")
      case .idle, .working, .waiting: break
      }
    }
    return obstacles
  }

  /// Ends every engine at once. Agents go on under their supervisors, for the next daemon to adopt.
  package func end() async {
    for task in tasks.values { task.cancel() }
    for task in tasks.values { await task.value }
    tasks = [:]
  }

  /// Finishes what runs, starts nothing more, and returns when every engine has ended.
  package func drain() async {
    isDraining = true
    for project in known.values { await project.engine?.drain() }
    for task in tasks.values { await task.value }
    tasks = [:]
  }
}
