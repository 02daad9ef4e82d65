import OrchDomain
import OrchEngine
import OrchHTTP
import OrchStore

// The daemon itself, the events of all projects, and what watches over it.
extension API {
  var daemonRoutes: [HTTPRoute] {
    [
      HTTPRoute(
        .get, "/api/v1/events", "events", "Everything that happens, as server-sent events, each with its number",
        query: [
          .init("after", ["type": "integer", "minimum": 0], "First what happened behind this event"),
          .init("project", Schema.text, "Only of this project"), .init("task", Schema.text, "Only of this task"),
          .init("type", Schema.text, "Only of these kinds, with commas between: task.state,change"),
          .init("named", Schema.flag, "Each event with its kind as its name, instead of all as messages"),
        ], type: "text/event-stream"
      ) { call in .events(try await subscription(call)) },
      HTTPRoute(
        .get, "/api/v1/events/log", "eventLog", "A page of the log, oldest first",
        query: [
          .init("after", ["type": "integer", "minimum": 0], "Only events behind this one"),
          .init("limit", ["type": "integer", "minimum": 1, "maximum": 1000], "Events at most (default: 500)"),
        ], answer: Schema.object([("events", Schema.list(Schema.anything))])
      ) { call in
        let limit = try call.count("limit", in: 1...1000) ?? 500
        let page = try daemon.store.allEvents(after: try call.position() ?? 0, limit: limit)
        let keys = await projectKeys()
        return .json(
          .object([.init("events", .array(page.map { EventText.json($0.event, of: keys[$0.project] ?? "") }))]))
      },
      HTTPRoute(
        .post, "/api/v1/daemon/stop", "stopDaemon", "End the daemon; agents go on, or are waited for",
        body: Schema.input([("mode", Schema.one(of: DaemonStop.allCases.map(\.rawValue)))]),
        answer: Schema.object([("mode", Schema.text)]), status: 202
      ) { call in
        let name = try APIInput(call, known: ["mode"]).choice("mode", of: DaemonStop.allCases.map(\.rawValue))
        let mode = name.flatMap(DaemonStop.init(rawValue:)) ?? .leave
        stop(mode)
        return .json(.object([.init("mode", .string(mode.rawValue))]), status: 202)
      },
      HTTPRoute(
        .get, "/healthz", "health", "Whether the daemon answers at all",
        answer: Schema.object([("status", Schema.text)])
      ) { _ in .json(.object([.init("status", "ok"), .init("version", .string(Version.number))])) },
      HTTPRoute(
        .get, "/readyz", "ready", "Whether every project is open and the database can be written",
        answer: Schema.object([("status", Schema.text)])
      ) { _ in
        let obstacles = await daemon.obstacles()
        try daemon.store.checkWritable()
        guard obstacles.isEmpty else {
          throw HTTPProblem(503, "not_ready", obstacles.joined(separator: "; "), retryAfter: 1)
        }
        return .json(.object([.init("status", "ready")]))
      },
      HTTPRoute(.get, "/metrics", "metrics", "Figures for Prometheus", type: "text/plain") { _ in
        .text(try await metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
      },
      HTTPRoute(
        .get, "/login", "login", "Begin a session of a browser with the key of a link, which works once",
        query: [.init("key", Schema.text, "The key")], status: 303, isOpen: true
      ) { call in
        guard let secret = sessions.open(key: call.value("key") ?? "", now: clock.now()) else {
          throw HTTPProblem(401, "key_refused", "this link was used or is too old; `claude-orch daemon link` makes one")
        }
        return .redirect(to: "/api/v1/projects", cookie: BrowserSessions.cookie(secret, usesTLS: usesTLS))
      },
    ]
  }

  func subscription(_ call: HTTPCall) async throws -> EventSubscription {
    var subscription = EventSubscription(broadcast: events, after: try call.position())
    if let key = call.value("project") { subscription.filter.project = try await project(named: key).id }
    subscription.filter.task = try call.choice("task") { TaskID($0)?.description }
    subscription.filter.types = call.value("type")?.split(separator: ",").map(String.init) ?? []
    subscription.filter.isNamed = try call.flag("named")
    return subscription
  }

  private func projectKeys() async -> [ProjectID: String] {
    Dictionary(await daemon.projects.map { ($0.served.project.id, $0.id) }) { $1 }
  }

  /// The text format of Prometheus. Nothing here names a secret; roots are not told either.
  private func metrics() async throws -> String {
    var text = "# TYPE claude_orch_up gauge\nclaude_orch_up 1\n"
    text += "# TYPE claude_orch_event_readers gauge\nclaude_orch_event_readers \(await events.readers)\n"
    text += "# TYPE claude_orch_event_readers_dropped_total counter\n"
    text += "claude_orch_event_readers_dropped_total \(await events.dropped)\n"
    text += "# TYPE claude_orch_last_event counter\nclaude_orch_last_event \(try daemon.store.lastEventNumber())\n"
    text += "# TYPE claude_orch_tasks gauge\n"
    let projects = await openProjects()
    for project in projects {
      let counts = try project.view.store.counts(project.view.row)
      for state in TaskState.allCases {
        text +=
          "claude_orch_tasks{project=\"\(project.id)\",state=\"\(state.rawValue)\"} \(counts.states[state] ?? 0)\n"
      }
    }
    text += "# TYPE claude_orch_open_runs gauge\n# TYPE claude_orch_working gauge\n"
    text += "# TYPE claude_orch_cost_usd_total counter\n"
    for project in projects {
      let runs = try project.view.look { tx in try tx.openRuns() }.count
      let spent = try project.view.look { tx in try tx.spendings(.day) }.reduce(MicroUSD.zero) { $0 + $1.spent.cost }
      let isWorking = await project.engine.phase == .working
      text += "claude_orch_open_runs{project=\"\(project.id)\"} \(runs)\n"
      text += "claude_orch_working{project=\"\(project.id)\"} \(isWorking ? 1 : 0)\n"
      text += "claude_orch_cost_usd_total{project=\"\(project.id)\"} \(spent.usd)\n"
    }
    return text
  }
}

extension EventText {
  /// An event as the interface tells it: as `events --json` prints it, with its project.
  static func json(_ event: StoredEvent, of project: String) -> JSONValue {
    guard case .object(let members) = EventLog.json(event) else { return .null }
    return .object(members.filter { $0.key != "project" } + [.init("project", .string(project))])
  }
}
