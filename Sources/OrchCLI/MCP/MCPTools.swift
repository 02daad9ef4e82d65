import OrchAgents
import OrchConfig
import OrchDiagnostics
import OrchDomain
import OrchEngine
import OrchHTTP
import OrchSchedule
import OrchStore

/// One thing that an agent can ask for.
struct MCPTool {
  let name: String
  let text: String
  let parameters: [(String, JSONValue)]
  var required: [String] = []
  var writes = false
  let run: (APIInput) async throws -> JSONValue

  var json: JSONValue {
    .object([
      .init("name", .string(name)), .init("description", .string(text)),
      .init("inputSchema", Schema.input(parameters, required: required)),
      .init("annotations", ["readOnlyHint": .bool(!writes), "openWorldHint": false]),
    ])
  }
}

/// What agents can ask of one project, with the objects of the commands. The store is opened for each call, so that
/// the tools say what is so now.
struct MCPTools {
  let place: ProjectPlace
  let allowsWriting: Bool
  private let clock = EngineClock.system

  /// Those that are offered only when writing is allowed.
  static let writing: Set<String> = ["start", "retry", "approve"]

  init(place: ProjectPlace, allowsWriting: Bool) {
    self.place = place
    self.allowsWriting = allowsWriting
  }

  var all: [MCPTool] { reading + (allowsWriting ? changing : []) }

  private static let task: (String, JSONValue) = ("task", ["type": "string", "description": "Such as billing/E01"])

  private func view() throws -> ProjectView {
    let (store, project) = try place.openStore(now: clock.now())
    return ProjectView(place: place, store: store, row: project.id)
  }

  private static func task(_ input: APIInput) throws -> TaskID {
    guard let id = TaskID(try input.words("task", limit: 200)) else {
      throw HTTPProblem(422, "member_invalid", "'task' must be a task such as billing/E01")
    }
    return id
  }

  private var reading: [MCPTool] {
    [
      MCPTool(
        name: "check", text: "Compile the plans and report every mistake in them; nothing is changed", parameters: []
      ) { _ in
        let found = try CheckRun(place: place, format: .json, paths: [], strict: false).report()
        return JSONReader.value(Array(found.report.text(.json, colour: false).utf8)[...]) ?? .null
      },
      MCPTool(name: "status", text: "How far the work is, what runs, and what needs a person", parameters: []) { _ in
        try StatusView.read(try view(), now: clock.now()).json
      },
      MCPTool(
        name: "list", text: "The tasks, of one module or with one status",
        parameters: [
          ("module", Schema.text), ("status", Schema.one(of: TaskStatus.allCases.map(\.rawValue))),
        ]
      ) { input in
        let status = try input.choice("status", of: TaskStatus.allCases.map(\.rawValue)).flatMap {
          TaskStatus(rawValue: $0)
        }
        let filter = TaskFilter(module: try input.text("module"), statuses: status.map { [$0] } ?? [])
        return try TaskView.list(try view(), filter, ready: false, now: clock.now())
      },
      MCPTool(name: "ready", text: "The tasks that could start now", parameters: []) { _ in
        try TaskView.list(try view(), TaskFilter(), ready: true, now: clock.now())
      },
      MCPTool(
        name: "why", text: "Why a task does not start now, in the order of what to do about it",
        parameters: [Self.task], required: ["task"]
      ) { input in try TaskReasons.read(try Self.task(input), in: try view()).json },
      MCPTool(name: "graph", text: "The graph of tasks, whole or around one task", parameters: [Self.task]) { input in
        let view = try view()
        let focus = try input.text("task") == nil ? nil : try Self.task(input)
        if let focus { _ = try view.task(focus) }
        return GraphView(GraphFocus.select(try view.store.tasks(view.row), around: focus.map { [$0] } ?? [])).json
      },
      MCPTool(
        name: "logs", text: "What an agent did and said at a task, part by part",
        parameters: [Self.task, ("attempt", Schema.count), ("after", Schema.count), ("limit", Schema.count)],
        required: ["task"]
      ) { input in
        let pages = TranscriptPages(view: try view(), task: try Self.task(input), attempt: try input.count("attempt"))
        return try pages.page(after: try input.count("after") ?? 0, limit: try input.count("limit") ?? 200)
      },
      MCPTool(
        name: "changes", text: "The open changes, or the one of a task with its verdict, evidence and diff",
        parameters: [Self.task]
      ) { input in
        guard try input.text("task") != nil else {
          let changes = try view().look { tx in try tx.changes([.open, .approved, .rejected, .landing]) }
          return .object([.init("changes", .array(changes.map { TaskView.json($0) }))])
        }
        let details = try await ChangeDetails.read(try Self.task(input), in: try await place.open())
        guard case .object(let members) = details.json else { return .null }
        return .object(members + [.init("patch", .string(details.patch))])
      },
      MCPTool(
        name: "ask_human",
        text:
          "Ask a person something about a task; the answer comes with `claude-orch send`, now or with the next turn",
        parameters: [
          Self.task, ("question", Schema.text),
          ("wait_seconds", ["type": "integer", "minimum": 1, "maximum": 3600]),
        ], required: ["task", "question"]
      ) { input in try await ask(input) },
    ]
  }

  private var changing: [MCPTool] {
    [
      MCPTool(
        name: "start", text: "Let the daemon start ready tasks: those that are named, or as many as count says",
        parameters: [
          ("tasks", ["type": "array", "items": ["type": "string"], "minItems": 1]), ("module", Schema.text),
          ("count", Schema.count),
        ], writes: true
      ) { input in
        guard try SubmittedStart.isPossible(place, config: place.launch.configFlag) else {
          throw try SubmittedStart.obstacle(place)
        }
        var terms = SubmittedRun.Terms()
        terms.tasks = try input.tasks("tasks")
        terms.module = try input.text("module", limit: 200)
        terms.count = try input.count("count") ?? (terms.tasks == nil ? 3 : nil)
        return try Submission.submit(terms, by: Self.person, in: try view(), now: clock.now()).json
      },
      MCPTool(
        name: "retry", text: "Give a failed, stuck or parked task a new attempt", parameters: [Self.task],
        required: ["task"], writes: true
      ) { input in
        let project = try await place.open()
        let answers = try await RequestDelivery(project: project, kind: .retry).deliver([try Self.task(input)])
        guard let answer = answers.first else { return .null }
        if case .refused(let reason) = answer.outcome { throw EngineError.invalid(reason) }
        return try answer.json(.retry, project)
      },
      MCPTool(
        name: "approve", text: "Let a change land that waits for a person", parameters: [Self.task],
        required: ["task"], writes: true
      ) { input in
        let (project, id) = (try await place.open(), try Self.task(input))
        _ = try project.task(id)
        try Controls(project: project).approve(id, by: Self.person)
        return TaskView.json(try project.task(id), change: nil)
      },
    ]
  }

  /// Whoever lets an agent write answers for it.
  private static var person: String { "\(Surroundings.userName), by mcp" }

  private func ask(_ input: APIInput) async throws -> JSONValue {
    let (view, id) = (try view(), try Self.task(input))
    let question = try input.words("question")
    let wait = try input.count("wait_seconds", in: 1...3600)
    _ = try view.task(id)
    let asked = clock.now()
    let number = try view.store.write(view.row) { tx throws(StoreError) in
      try tx.ask(question, about: id, at: asked).number
    }
    let deadline = clock.elapsed() + .seconds(wait ?? 0)
    while clock.elapsed() < deadline {
      if let answer = try take(id, after: asked, in: view) {
        return .object([
          .init("question", .int(number)), .init("answer", .string(answer.text)), .init("from", .string(answer.sender)),
        ])
      }
      try await clock.sleep(.milliseconds(500))
    }
    return .object([
      .init("question", .int(number)), .init("answer", .null),
      .init("note", "nobody has answered yet; an answer comes with your next turn"),
    ])
  }

  /// A message that has come since; it counts as delivered to the turn that asked.
  private func take(_ id: TaskID, after asked: Timestamp, in view: ProjectView) throws -> Message? {
    let waiting = try view.look { tx in try tx.waitingMessages(for: id) }
    guard let answer = waiting.first(where: { $0.sentAt >= asked }) else { return nil }
    let attempt = try view.look { tx in try tx.latestAttempt(of: id) }
    let turn = try view.look { tx in try attempt.flatMap { try tx.turns(of: id, attempt: $0.number).last } }
    _ = try view.store.write(view.row) { tx throws(StoreError) -> Bool in
      try tx.deliverMessages(
        [answer.number], to: id, attempt: attempt?.number ?? 0, turn: turn?.number ?? 0, at: clock.now())
      return true
    }
    return answer
  }
}
