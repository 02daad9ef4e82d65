import OrchConfig
import OrchDomain
import OrchEngine
import OrchHTTP
import OrchSchedule
import OrchStore

// What there is to know of a project as a whole.
extension API {
  static let projects = "/api/v1/projects"
  static let one = "/api/v1/projects/{project}"

  var projectRoutes: [HTTPRoute] {
    [
      HTTPRoute(
        .get, Self.projects, "projects", "The projects that the daemon works for",
        answer: Schema.object([("projects", Schema.list(Schema.project))])
      ) { _ in
        var rows: [JSONValue] = []
        for served in await daemon.projects { rows.append(try await ProjectRow.json(served, daemon.store)) }
        return .json(.object([.init("projects", .array(rows))]))
      },
      HTTPRoute(
        .get, Self.one, "project", "One project", answer: Schema.project
      ) { call in
        let key = call.part("project")
        guard let served = await daemon.projects.first(where: { $0.id == key }) else {
          throw HTTPProblem(404, "project_unknown", "this daemon has no such project")
        }
        return .json(try await ProjectRow.json(served, daemon.store))
      },
      HTTPRoute(
        .get, "\(Self.one)/status", "status", "How far the work is, what runs, and what needs a person",
        answer: Schema.status
      ) { call in .json(try StatusView.read(try await project(call).view, now: clock.now()).json) },
      HTTPRoute(
        .get, "\(Self.one)/graph", "graph", "The graph of tasks",
        query: [.init("task", Schema.text, "Only what this task waits for and what waits for it")],
        answer: Schema.object([
          ("tasks", Schema.list(Schema.anything)), ("cycles", Schema.list(Schema.list(Schema.text))),
        ])
      ) { call in
        let view = try await project(call).view
        let focus = try call.choice("task") { TaskID($0) }
        if let focus { _ = try view.task(focus) }
        let tasks = GraphFocus.select(try view.store.tasks(view.row), around: focus.map { [$0] } ?? [])
        return .json(GraphView(tasks).json)
      },
      HTTPRoute(
        .get, "\(Self.one)/queue", "queue",
        "Changes on their way to the base branch, first the one that lands next, and those that have left",
        answer: Schema.object([
          ("entries", Schema.list(Schema.anything)), ("past", Schema.list(Schema.anything)),
          ("stopped", Schema.maybe("string")),
        ])
      ) { call in
        .json(try QueueView.read(try await project(call).view, all: true, now: EngineClock.system.now()).json)
      },
      HTTPRoute(
        .get, "\(Self.one)/groups", "groups", "The modules by tier",
        answer: Schema.object([("open_tier", Schema.maybe("integer")), ("modules", Schema.list(Schema.anything))])
      ) { call in .json(try TierTable.read(try await project(call).view).json) },
      HTTPRoute(
        .put, "\(Self.one)/groups/{module}", "setGroup", "Put a module into a tier",
        body: Schema.input([("tier", ["type": "integer", "minimum": 0, "maximum": 1_000_000])], required: ["tier"]),
        answer: Schema.object([("modules", Schema.list(Schema.anything))])
      ) { call in
        let view = try await project(call).view
        guard let tier = try APIInput(call, known: ["tier"]).count("tier", in: 0...1_000_000) else {
          throw HTTPProblem(422, "member_invalid", "'tier' must be given")
        }
        try GroupsChange.set(call.part("module"), tier, in: view)
        return .json(try TierTable.read(view).json)
      },
      HTTPRoute(
        .delete, "\(Self.one)/groups/{module}", "unsetGroup", "Take a module's tier away",
        answer: Schema.object([("modules", Schema.list(Schema.anything))])
      ) { call in
        let view = try await project(call).view
        let had = try view.look { tx in try tx.tiers()[call.part("module")] }
        try GroupsChange.set(call.part("module"), nil, in: view, mustExist: had == nil)
        return .json(try TierTable.read(view).json)
      },
      control(.stop, "Stop all agents of the project, with their work and their sessions kept"),
      control(.pause, "Keep the project from starting anything"),
      control(.resume, "End the pause of the project"),
    ]
  }

  private func control(_ kind: Request.Kind, _ summary: String) -> HTTPRoute {
    HTTPRoute(
      .post, "\(Self.one)/\(kind.rawValue)", "\(kind.rawValue)Project", summary, answer: Schema.request
    ) { call in
      let project = try await project(call)
      _ = try APIInput(call, known: [])
      return .json(try await deliver(kind, to: nil, in: project))
    }
  }

  /// Gets done what was asked, by whoever drives the project, or here and now.
  func deliver(_ kind: Request.Kind, to id: TaskID?, in project: Project) async throws -> JSONValue {
    let delivery = RequestDelivery(project: project.open, kind: kind, patience: .seconds(30))
    let answers = try await delivery.deliver(id.map { [$0] } ?? [])
    guard let answer = answers.first else { return .null }
    if case .refused(let reason) = answer.outcome { throw HTTPProblem(409, "refused", reason) }
    return try answer.json(kind, project.open)
  }
}

/// A project of the daemon for people and programs.
enum ProjectRow {
  static func json(_ served: Daemon.Served, _ store: Store) async throws -> JSONValue {
    let project = served.served.project
    var (phase, problem, holder) = ("unavailable", served.problem, String?.none)
    switch await served.engine?.phase {
    case nil: break
    case .starting: phase = "starting"
    case .idle: phase = "idle"
    case .working: phase = "working"
    case .waiting(let by): (phase, holder) = ("waiting", by)
    case .failed(let why): (phase, problem) = ("failed", why)
    }
    return .object([
      .init("id", .string(served.id)), .init("root", .string(project.root)), .init("name", .string(project.name)),
      .init("phase", .string(phase)), .init("problem", JSONValue(problem)), .init("holder", JSONValue(holder)),
      .init("paused", .bool(try store.read(project.id) { tx throws(StoreError) in try tx.isProjectPaused() })),
      .init("config", JSONValue(served.served.config)), .init("added_at", .string(served.served.addedAt.rfc3339)),
    ])
  }
}
