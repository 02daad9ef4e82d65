import OrchDomain
import OrchEngine
import OrchHTTP
import OrchStore

// Changes and what people decide about them.
extension API {
  private static let change = "\(one)/changes/{module}/{code}"
  private static let decided = Schema.object([
    ("task", Schema.text), ("state", Schema.text), ("change", Schema.anything),
  ])

  var changeRoutes: [HTTPRoute] {
    [
      HTTPRoute(
        .get, "\(Self.one)/changes", "changes", "The changes, newest last",
        query: [.init("all", Schema.flag, "Also those that have landed or were closed")],
        answer: Schema.object([("changes", Schema.list(Schema.change))])
      ) { call in
        let states: Set<Change.State> = try call.flag("all") ? [] : [.open, .approved, .rejected, .landing]
        let view = try await project(call).view
        let changes = try view.look { tx in try tx.changes(states) }
        return .json(.object([.init("changes", .array(changes.map { TaskView.json($0) }))]))
      },
      HTTPRoute(
        .get, Self.change, "change", "One change with its verdict, its evidence, its checks and its diff",
        answer: Schema.object([
          ("task", Schema.text), ("number", Schema.integer), ("state", Schema.text),
          ("verdict", Schema.maybe("object")),
          ("checks", Schema.list(Schema.anything)), ("patch", Schema.text),
        ])
      ) { call in
        let details = try await ChangeDetails.read(try call.task(), in: try await project(call).open)
        guard case .object(let members) = details.json else { return .json(.null) }
        return .json(.object(members + [.init("patch", .string(details.patch))]))
      },
      HTTPRoute(
        .post, "\(Self.change)/approve", "approve", "Let a change land that waits for a person", answer: Self.decided
      ) { call in .json(try await approve(call)) },
      HTTPRoute(
        .post, "\(Self.change)/merge", "merge", "Approve a change; the daemon lands it as soon as its turn comes",
        answer: Self.decided
      ) { call in .json(try await approve(call)) },
      HTTPRoute(
        .post, "\(Self.change)/reject", "reject", "Send a change back to its agent with the reason",
        body: Schema.input([("reason", Schema.text)], required: ["reason"]), answer: Self.decided
      ) { call in
        let (project, id) = (try await project(call), try call.task())
        let reason = try APIInput(call, known: ["reason"]).words("reason")
        _ = try project.view.task(id)
        try await Controls(project: project.open).reject(id, reason: reason, by: Self.person)
        return .json(try decision(id, project))
      },
    ]
  }

  private func approve(_ call: HTTPCall) async throws -> JSONValue {
    let (project, id) = (try await project(call), try call.task())
    _ = try APIInput(call, known: [])
    _ = try project.view.task(id)
    try Controls(project: project.open).approve(id, by: Self.person)
    return try decision(id, project)
  }

  private func decision(_ id: TaskID, _ project: Project) throws -> JSONValue {
    let task = try project.view.task(id)
    let change = try project.view.look { tx in try tx.changes(of: id) }.last
    return .object([
      .init("task", .string(id.description)), .init("state", .string(task.state.rawValue)),
      .init("change", change.map { TaskView.json($0) } ?? .null),
    ])
  }
}
