import OrchConfig
import OrchDomain
import OrchEngine
import OrchHTTP
import OrchStore

/// What the routes of the interface stand on: the daemon, its projects, and the log that is read along.
struct API: Sendable {
  let daemon: Daemon
  let events: EventBroadcast
  let clock: EngineClock
  /// Ends the daemon; returns at once.
  let stop: @Sendable (DaemonStop) -> Void
  let sessions: BrowserSessions
  let usesTLS: Bool

  /// Every operation there is.
  var routes: [HTTPRoute] {
    let all =
      projectRoutes + taskRoutes + changeRoutes + runRoutes + moreRoutes + daemonRoutes + linkRoutes
      + olderRoutes
    let document = OpenAPIDocument.json(
      all + [openAPIRoute { .null }], title: "claude-orch", version: Version.number)
    return all + [openAPIRoute { document }]
  }

  private func openAPIRoute(_ document: @escaping @Sendable () -> JSONValue) -> HTTPRoute {
    HTTPRoute(.get, "/api/v1/openapi.json", "openapi", "This description", answer: Schema.anything) { _ in
      .json(document())
    }
  }

  /// A project as the routes see it.
  struct Project: Sendable {
    let served: ServedProject
    let engine: ProjectEngine
    let view: ProjectView
    var open: OpenProject { engine.project }
    var id: String { view.place.paths.key }
  }

  /// The project that a path names.
  func project(_ call: HTTPCall) async throws -> Project { try await project(named: call.part("project")) }

  func project(named key: String) async throws -> Project {
    for served in await daemon.projects where served.id == key {
      guard let engine = served.engine else {
        // One that cannot be opened is there all the same.
        throw HTTPProblem(503, "project_unavailable", served.problem ?? "it cannot be opened", retryAfter: 30)
      }
      return make(served.served, engine)
    }
    throw HTTPProblem(404, "project_unknown", "this daemon has no such project; GET /api/v1/projects lists them")
  }

  private func make(_ served: ServedProject, _ engine: ProjectEngine) -> Project {
    Project(
      served: served, engine: engine,
      view: ProjectView(place: engine.project.place, store: daemon.store, row: engine.project.row))
  }

  /// The one that older clients mean, which know only one.
  func onlyProject(_ call: HTTPCall) async throws -> Project {
    if let key = call.value("project") { return try await project(named: key) }
    let all = await daemon.projects
    guard let first = all.first else {
      throw HTTPProblem(404, "project_unknown", "this daemon has no project; add one with `claude-orch projects add`")
    }
    guard all.count == 1 else {
      throw HTTPProblem(409, "project_ambiguous", "this daemon has \(all.count) projects; say which with ?project=ID")
    }
    guard let engine = first.engine else {
      throw HTTPProblem(503, "project_unavailable", first.problem ?? "it cannot be opened", retryAfter: 30)
    }
    return make(first.served, engine)
  }

  /// Every project that can be opened.
  func openProjects() async -> [Project] {
    await daemon.projects.compactMap { served in served.engine.map { make(served.served, $0) } }
  }

  /// What a client is told of an error.
  static func describe(_ error: any Error) -> HTTPProblem {
    switch error {
    case let problem as HTTPProblem: return problem
    case EngineError.locked: return HTTPProblem(409, "project_busy", "\(error)", retryAfter: 5)
    case EngineError.unknownTask: return HTTPProblem(404, "task_unknown", "\(error)")
    case EngineError.landed: return HTTPProblem(409, "change_landed", "\(error)")
    case EngineError.wrongState: return HTTPProblem(409, "state_wrong", "\(error)")
    case EngineError.noChange: return HTTPProblem(404, "change_unknown", "\(error)")
    case EngineError.invalid: return HTTPProblem(422, "invalid", "\(error)")
    case EngineError.unavailable, EngineError.outsideRepository: return HTTPProblem(503, "unavailable", "\(error)")
    case let error as StoreError: return HTTPProblem(503, "store_unavailable", error.description, retryAfter: 5)
    default:
      guard let described = UserFacing.describe(error) else {
        return HTTPProblem(500, "internal", "something went wrong inside; the daemon's log tells more")
      }
      return HTTPProblem(described.status == .failed ? 422 : 503, "unavailable", described.text)
    }
  }
}

/// How a daemon is to end.
enum DaemonStop: String, Sendable, CaseIterable {
  /// Agents go on, for the next daemon to adopt.
  case leave
  /// What runs is finished first; nothing more is started.
  case drain
}
