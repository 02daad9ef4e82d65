import OrchAgents
import OrchDomain
import OrchEngine
import OrchHTTP
import OrchStore

// Runs that were submitted.
extension API {
  private static let members = [
    "tasks", "module", "count", "all", "max_parallel", "agent", "model", "max_duration_seconds", "max_cost_usd",
  ]

  var runRoutes: [HTTPRoute] {
    [
      HTTPRoute(
        .get, "\(Self.one)/runs", "runs", "What was submitted, newest first",
        answer: Schema.object([("runs", Schema.list(Schema.run))])
      ) { call in
        let view = try await project(call).view
        let runs = try view.look { tx in try tx.submittedRuns() }
        return .json(.object([.init("runs", .array(runs.map(\.json)))]))
      },
      HTTPRoute(
        .get, "\(Self.one)/runs/{run}", "run", "One run that was submitted", answer: Schema.run
      ) { call in
        let view = try await project(call).view
        let number = Int64(call.part("run"))
        guard let number, let run = try view.look({ tx in try tx.submittedRun(number) }) else {
          throw HTTPProblem(404, "run_unknown", "there is no such run")
        }
        return .json(run.json)
      },
      HTTPRoute(
        .post, "\(Self.one)/runs", "start", "Start ready tasks, as `claude-orch start` does",
        body: Schema.input([
          ("tasks", ["type": "array", "items": ["type": "string"], "minItems": 1]), ("module", Schema.text),
          ("count", Schema.count), ("all", Schema.flag), ("max_parallel", Schema.count), ("agent", Schema.text),
          ("model", Schema.text), ("max_duration_seconds", ["type": "number", "exclusiveMinimum": 0]),
          ("max_cost_usd", ["type": "number", "exclusiveMinimum": 0]),
        ]), answer: Schema.run, status: 201
      ) { call in
        let project = try await project(call)
        let input = try APIInput(call, known: Self.members)
        var terms = SubmittedRun.Terms()
        terms.tasks = try input.tasks("tasks")
        terms.module = try input.text("module", limit: 200)
        let isAll = try input.flag("all")
        terms.count = try input.count("count") ?? (isAll || terms.tasks != nil ? nil : 3)
        terms.maxParallel = try input.count("max_parallel")
        terms.agent = try input.text("agent", limit: 200)
        terms.model = try input.text("model", limit: 200)
        terms.maxDuration = try input.seconds("max_duration_seconds")
        terms.maxCost = try input.money("max_cost_usd")
        return .json(
          try Submission.submit(terms, by: Self.person, in: project.view, now: clock.now()).json, status: 201)
      },
    ]
  }
}

/// Asking the daemon for a run.
enum Submission {
  /// - Throws: ``EngineError`` for tasks and modules that there are not.
  static func submit(
    _ terms: SubmittedRun.Terms, by person: String, in view: ProjectView, now: Timestamp
  ) throws -> SubmittedRun {
    for id in terms.tasks ?? [] { _ = try view.task(id) }
    if let module = terms.module, try view.store.tasks(view.row, TaskFilter(module: module)).isEmpty {
      throw EngineError.invalid("no plan is in a module '\(SafeText.line(module, limit: 60))'")
    }
    return try view.store.write(view.row) { tx throws(StoreError) in try tx.submitRun(terms, by: person, at: now) }
  }
}

extension SubmittedRun {
  var json: JSONValue {
    .object([
      .init("number", .int(number)), .init("asked_by", .string(askedBy)),
      .init("tasks", terms.tasks.map { .array($0.map { .string($0.description) }) } ?? .null),
      .init("module", JSONValue(terms.module)), .init("count", JSONValue(terms.count)),
      .init("max_parallel", JSONValue(terms.maxParallel)), .init("agent", JSONValue(terms.agent)),
      .init("model", JSONValue(terms.model)),
      .init("max_duration_seconds", JSONValue(terms.maxDuration?.inSeconds)),
      .init("max_cost_usd", JSONValue(terms.maxCost?.usd)), .init("created_at", .string(createdAt.rfc3339)),
      .init("started", .array(started.map { .string($0.description) })),
      .init("ended_at", JSONValue(endedAt?.rfc3339)), .init("exit_status", JSONValue(exitStatus.map(Int.init))),
      .init("summary", summary.flatMap { JSONReader.value(Array($0.utf8)[...]) } ?? .null),
    ])
  }
}
