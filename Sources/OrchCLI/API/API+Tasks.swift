import OrchDomain
import OrchEngine
import OrchHTTP
import OrchStore

// Tasks, their attempts and logs.
extension API {
  static let task = "\(one)/tasks/{module}/{code}"

  var taskRoutes: [HTTPRoute] {
    [
      HTTPRoute(
        .get, "\(Self.one)/tasks", "tasks", "The tasks",
        query: [
          .init("module", Schema.text, "Only tasks of this module"),
          .init("status", Schema.one(of: TaskStatus.allCases.map(\.rawValue)), "Only tasks with this status"),
          .init("priority", Schema.one(of: TaskPriority.allCases.map(\.rawValue)), "Only tasks with this priority"),
          .init("ready", Schema.flag, "Only tasks that could start now"),
        ], answer: Schema.object([("tasks", Schema.list(Schema.task))])
      ) { call in
        let filter = TaskFilter(
          module: call.value("module"),
          statuses: try call.choice("status") { TaskStatus(rawValue: $0) }.map { [$0] } ?? [],
          priorities: try call.choice("priority") { TaskPriority(rawValue: $0) }.map { [$0] } ?? [])
        let isReady = try call.flag("ready")
        return .json(try TaskView.list(try await project(call).view, filter, ready: isReady, now: clock.now()))
      },
      HTTPRoute(.get, Self.task, "task", "Everything that is known about a task", answer: Schema.details) { call in
        .json(try TaskDetails.read(try call.task(), in: try await project(call).view).json)
      },
      HTTPRoute(
        .get, "\(Self.task)/why", "why", "Why a task does not start now, in the order of what to do about it",
        answer: Schema.object([
          ("task", Schema.text), ("ready", Schema.flag), ("obstacles", Schema.list(Schema.anything)),
        ])
      ) { call in .json(try TaskReasons.read(try call.task(), in: try await project(call).view).json) },
      HTTPRoute(
        .get, "\(Self.task)/attempts", "attempts", "The attempts at a task",
        answer: Schema.object([("task", Schema.text), ("attempts", Schema.list(Schema.anything))])
      ) { call in .json(try AttemptList.read(try call.task(), in: try await project(call).view).json) },
      HTTPRoute(
        .get, "\(Self.task)/diff", "diff", "What a task changes",
        answer: Schema.object([
          ("task", Schema.text), ("base", Schema.text), ("head", Schema.text), ("patch", Schema.text),
        ])
      ) { call in .json(try await TaskDiff.read(try call.task(), in: try await project(call).open).json) },
      HTTPRoute(
        .get, "\(Self.task)/logs", "logs", "What an agent did and said, part by part",
        query: [
          .init("attempt", Schema.count, "The attempt, from 1 (default: the latest)"),
          .init("after", ["type": "integer", "minimum": 0], "Only parts behind this many"),
          .init("limit", ["type": "integer", "minimum": 1, "maximum": 10_000], "Parts at most (default: 1000)"),
        ],
        answer: Schema.object([
          ("task", Schema.text), ("attempt", Schema.integer), ("parts", Schema.list(Schema.anything)),
          ("next", Schema.integer), ("over", Schema.flag),
        ])
      ) { call in
        let pages = TranscriptPages(
          view: try await project(call).view, task: try call.task(),
          attempt: try call.count("attempt", in: 1...1_000_000))
        return .json(
          try pages.page(
            after: try call.count("after", in: 0...Int.max) ?? 0, limit: try call.count("limit", in: 1...10_000) ?? 1000
          ))
      },
      HTTPRoute(
        .get, "\(Self.task)/logs/follow", "followLogs", "The same as it grows, one JSON object a line",
        query: [.init("attempt", Schema.count, "The attempt, from 1 (default: the latest)")],
        type: "application/x-ndjson"
      ) { call in
        let pages = TranscriptPages(
          view: try await project(call).view, task: try call.task(),
          attempt: try call.count("attempt", in: 1...1_000_000))
        return .stream(type: "application/x-ndjson", next: try pages.follow(clock))
      },
      HTTPRoute(
        .get, "\(Self.task)/messages", "messages", "What was written to the agents of a task, with its receipts",
        answer: Schema.object([("messages", Schema.list(Schema.message))])
      ) { call in
        let (view, id) = (try await project(call).view, try call.task())
        _ = try view.task(id)
        let all = try view.look { tx in try tx.messages(to: id) }
        return .json(.object([.init("messages", .array(all.map(\.json)))]))
      },
      HTTPRoute(
        .post, "\(Self.task)/messages", "sendMessage", "Write to the agent of a task; it gets it with its next turn",
        body: Schema.input([("text", Schema.text)], required: ["text"]), answer: Schema.message, status: 201
      ) { call in
        let (project, id) = (try await project(call), try call.task())
        let text = try APIInput(call, known: ["text"]).words("text")
        return .json(
          try Messages.send(text, to: id, from: Self.person, in: project.view, now: clock.now()).json, status: 201)
      },
    ]
      + [
        (.stop, "Stop the agent of a task, with its work and its session kept"),
        (.pause, "Keep a task from being started"), (.resume, "Let a paused, parked or stuck task go on"),
        (.retry, "Give a failed, stuck or parked task a new attempt"),
        (.reset, "Put a task back to where it was before its first attempt"),
      ].map { control($0, $1) }
  }

  /// Who asks, in records: everybody who has the token is the user of the daemon.
  static var person: String { Surroundings.userName }

  private func control(_ kind: Request.Kind, _ summary: String) -> HTTPRoute {
    HTTPRoute(
      .post, "\(Self.task)/\(kind.rawValue)", "\(kind.rawValue)Task", summary, answer: Schema.request
    ) { call in
      let (project, id) = (try await project(call), try call.task())
      _ = try APIInput(call, known: [])
      return .json(try await deliver(kind, to: id, in: project))
    }
  }
}

extension Message {
  var json: JSONValue {
    .object([
      .init("number", .int(number)), .init("task", .string(task.description)), .init("from", .string(sender)),
      .init("text", .string(text)), .init("sent_at", .string(sentAt.rfc3339)),
      .init("delivered_at", JSONValue(deliveredAt?.rfc3339)), .init("attempt", JSONValue(attempt)),
      .init("turn", JSONValue(turn)),
    ])
  }
}

/// Messages to agents.
enum Messages {
  /// - Throws: ``EngineError`` for a task that there is not, or that nobody will work on any more.
  static func send(
    _ text: String, to id: TaskID, from sender: String, in view: ProjectView, now: Timestamp
  ) throws -> Message {
    let task = try view.task(id)
    guard task.state != .complete else {
      throw EngineError.wrongState(id, state: task.state, wanted: "no agent is going to work on it again")
    }
    return try view.store.write(view.row) { tx throws(StoreError) in
      try tx.sendMessage(text, to: id, from: sender, at: now)
    }
  }
}
