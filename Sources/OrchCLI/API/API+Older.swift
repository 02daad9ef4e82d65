import OrchDomain
import OrchEngine
import OrchHTTP
import OrchStore

// The paths of the older tool, for the pages and scripts that know them. They are about the only project, or the one
// that `?project=` names; errors have the form of this interface.
extension API {
  private static let query = [HTTPRoute.Parameter("project", Schema.text, "Which project, when there are several")]
  private static let olderTask = Schema.object([
    ("id", Schema.text), ("module", Schema.text), ("epic_num", Schema.integer), ("title", Schema.text),
    ("status", Schema.text), ("priority", Schema.text), ("depends_on", Schema.list(Schema.text)),
    ("needs_review", Schema.flag),
  ])

  var olderRoutes: [HTTPRoute] {
    [
      HTTPRoute(
        .get, "/api/status", "olderStatus", "Older form: how far the work is", query: Self.query,
        answer: Schema.object([("total", Schema.integer), ("agents_running", Schema.integer)])
      ) { call in
        let view = try await onlyProject(call).view
        let counts = try view.store.counts(view.row)
        let running = try view.store.tasks(view.row, .live).count { $0.state.holdsSlot }
        return .json(
          .object([
            .init("total", JSONValue(counts.total)), .init("not_started", JSONValue(counts.statuses[.notStarted] ?? 0)),
            .init("in_progress", JSONValue(counts.statuses[.inProgress] ?? 0)),
            .init("complete", JSONValue(counts.statuses[.complete] ?? 0)), .init("agents_running", JSONValue(running)),
          ]))
      },
      HTTPRoute(
        .get, "/api/tasks", "olderTasks", "Older form: the tasks", query: Self.query,
        answer: Schema.list(Self.olderTask)
      ) { call in
        let view = try await onlyProject(call).view
        return .json(.array(try view.store.tasks(view.row).map(Self.older)))
      },
      HTTPRoute(
        .get, "/api/tasks/{module}/{code}", "olderTask", "Older form: one task", query: Self.query,
        answer: Self.olderTask
      ) { call in .json(Self.older(try await onlyProject(call).view.task(try call.task()))) },
      HTTPRoute(
        .get, "/api/events", "olderEvents", "Older form: everything that happens, each event with its kind as its name",
        query: Self.query, type: "text/event-stream"
      ) { call in
        var subscription = try await subscription(call)
        subscription.filter.isNamed = true
        return .events(subscription)
      },
      HTTPRoute(
        .get, "/api/agents", "olderAgents", "Older form: the attempts, newest last", query: Self.query,
        answer: Schema.list(Schema.object([("id", Schema.text), ("task_id", Schema.text), ("status", Schema.text)]))
      ) { call in
        let view = try await onlyProject(call).view
        let attempts = try view.look { tx in try tx.attempts() }
        return .json(.array(attempts.map { older($0) }))
      },
      olderAgent(.stop, "Older form: stop the agent of a task"),
      olderAgent(.resume, "Older form: let a task go on"),
      HTTPRoute(
        .get, "/api/batch/status", "olderBatch", "Older form: whether work goes on", query: Self.query,
        answer: Schema.object([("running", Schema.flag), ("paused", Schema.flag), ("auto", Schema.flag)])
      ) { call in .json(try await batch(try await onlyProject(call))) },
      HTTPRoute(
        .post, "/api/batch/start", "olderBatchStart", "Older form: start up to three ready tasks", query: Self.query,
        answer: Schema.object([("running", Schema.flag)])
      ) { call in
        let project = try await onlyProject(call)
        var terms = SubmittedRun.Terms()
        terms.count = 3
        _ = try Submission.submit(terms, by: Self.person, in: project.view, now: clock.now())
        return .json(try await batch(project))
      },
      olderBatch(.stop), olderBatch(.pause), olderBatch(.resume),
      HTTPRoute(
        .get, "/api/prs", "olderChanges", "Older form: the open changes", query: Self.query,
        answer: Schema.list(Schema.change)
      ) { call in
        let view = try await onlyProject(call).view
        let changes = try view.look { tx in try tx.changes([.open, .approved, .rejected, .landing]) }
        return .json(.array(changes.map { TaskView.json($0) }))
      },
      HTTPRoute(
        .post, "/api/prs/{number}/merge", "olderMerge", "Older form: approve a change, for the daemon to land",
        query: Self.query, answer: Schema.change
      ) { call in
        let project = try await onlyProject(call)
        let changes = try project.view.look { tx in try tx.changes([.open, .approved, .landing]) }
        guard let change = changes.first(where: { String($0.number) == call.part("number") }) else {
          throw HTTPProblem(404, "change_unknown", "there is no open change of that number")
        }
        try Controls(project: project.open).approve(change.task, by: Self.person)
        return .json(TaskView.json(change))
      },
      HTTPRoute(
        .get, "/api/groups", "olderGroups", "Older form: the modules by tier", query: Self.query,
        answer: Schema.list(Schema.object([("name", Schema.text), ("priority", Schema.integer)]))
      ) { call in
        let table = try TierTable.read(try await onlyProject(call).view)
        return .json(
          .array(
            table.modules.map {
              .object([
                .init("name", .string($0.name)), .init("priority", JSONValue($0.tier ?? -1)),
                .init("total", JSONValue($0.tasks)), .init("completed", JSONValue($0.complete)),
              ])
            }))
      },
      HTTPRoute(
        .put, "/api/groups/{module}/priority", "olderSetGroup", "Older form: put a module into a tier",
        query: Self.query,
        body: Schema.input(
          [("priority", ["type": "integer", "minimum": 0, "maximum": 1_000_000])], required: ["priority"]),
        answer: Schema.object([("status", Schema.text)])
      ) { call in
        let view = try await onlyProject(call).view
        guard let tier = try APIInput(call, known: ["priority"]).count("priority", in: 0...1_000_000) else {
          throw HTTPProblem(422, "member_invalid", "'priority' must be given")
        }
        try GroupsChange.set(call.part("module"), tier, in: view)
        return .json(.object([.init("status", "updated")]))
      },
      HTTPRoute(
        .delete, "/api/groups/{module}/priority", "olderUnsetGroup", "Older form: take a module's tier away",
        query: Self.query, answer: Schema.object([("status", Schema.text)])
      ) { call in
        let view = try await onlyProject(call).view
        let had = try view.look { tx in try tx.tiers()[call.part("module")] }
        try GroupsChange.set(call.part("module"), nil, in: view, mustExist: had == nil)
        return .json(.object([.init("status", "removed")]))
      },
    ]
  }

  private static func older(_ task: StoredTask) -> JSONValue {
    .object([
      .init("id", .string(task.id.description)), .init("module", .string(task.id.module)),
      .init("epic_num", JSONValue(task.id.number)), .init("title", .string(task.plan.title)),
      .init("status", .string(task.status.rawValue)), .init("priority", .string(task.plan.priority.rawValue)),
      .init("depends_on", .array(task.plan.dependencies.map { .string($0.id.description) })),
      .init("needs_review", .bool(task.plan.needsReview)),
    ])
  }

  private func older(_ attempt: Attempt) -> JSONValue {
    let end = attempt.endedAt ?? clock.now()
    return .object([
      .init("id", .string("\(attempt.task)/\(attempt.number)")), .init("task_id", .string(attempt.task.description)),
      .init("status", .string(attempt.outcome?.rawValue ?? "running")),
      .init("started_at", .string(attempt.startedAt.rfc3339)),
      .init("finished_at", JSONValue(attempt.endedAt?.rfc3339)),
      .init("duration", .double(end.since(attempt.startedAt).inSeconds)),
      .init("tokens_input", JSONValue(attempt.usage.tokens.input)),
      .init("tokens_output", JSONValue(attempt.usage.tokens.output)),
      .init("cost_usd", .double(attempt.usage.cost.usd)),
      .init("worktree_path", JSONValue(attempt.worktree)), .init("error", JSONValue(attempt.failureDetail)),
    ])
  }

  private func olderAgent(_ kind: Request.Kind, _ summary: String) -> HTTPRoute {
    HTTPRoute(
      .post, "/api/agents/{module}/{code}/\(kind.rawValue)", "olderAgent\(kind.rawValue)", summary, query: Self.query,
      answer: Schema.request
    ) { call in .json(try await deliver(kind, to: try call.task(), in: try await onlyProject(call))) }
  }

  private func olderBatch(_ kind: Request.Kind) -> HTTPRoute {
    HTTPRoute(
      .post, "/api/batch/\(kind.rawValue)", "olderBatch\(kind.rawValue)", "Older form: \(kind.rawValue) everything",
      query: Self.query, answer: Schema.object([("running", Schema.flag), ("paused", Schema.flag)])
    ) { call in
      let project = try await onlyProject(call)
      _ = try await deliver(kind, to: nil, in: project)
      return .json(try await batch(project))
    }
  }

  private func batch(_ project: Project) async throws -> JSONValue {
    let runs = try project.view.look { tx in try tx.openRuns() }
    let isWorking = await project.engine.phase == .working
    return .object([
      .init("running", .bool(isWorking || !runs.isEmpty)),
      .init("paused", .bool(try project.view.look { tx in try tx.isProjectPaused() })), .init("auto", .bool(false)),
    ])
  }
}
