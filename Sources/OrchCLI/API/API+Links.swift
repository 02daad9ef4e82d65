import OrchDomain
import OrchEngine
import OrchGit
import OrchHTTP
import OrchStore

// What the link of a notice leads to. Its key is the credential; only POST changes anything.
extension API {
  private static let link = "/decide/{key}"
  private static let form = Schema.input(
    [("action", Schema.one(of: ["approve", "reject"])), ("reason", Schema.text)], required: ["action"])
  private static let unknown = HTTPProblem(404, "link_unknown", "there is no such link")

  var linkRoutes: [HTTPRoute] {
    var decision = HTTPRoute(
      .post, Self.link, "decideByLink", "Approve or reject the change of a notice's link, which works once",
      body: Self.form, type: "text/html", isOpen: true
    ) { call in
      let (project, link) = try await linked(call)
      return try await decide(call, project, link)
    }
    decision.bodyType = "application/x-www-form-urlencoded"
    return [
      HTTPRoute(
        .get, Self.link, "showLink", "The page of a notice's link; it changes nothing", type: "text/html", isOpen: true
      ) { call in
        let (project, link) = try await linked(call)
        if let refusal = try await refusal(of: link, in: project) { return Self.page(refusal) }
        let details = try await ChangeDetails.read(try change(of: link, in: project).task, in: project.open)
        return .page(DecisionPage.question(details, until: link.until), status: 200)
      },
      decision,
    ]
  }

  /// - Throws: For a key that is not ours, whatever is wrong with it, the same.
  private func linked(_ call: HTTPCall) async throws -> (Project, DecisionLink) {
    let key = call.part("key")
    let projects = await daemon.projects
    guard let name = DecisionLink.project(in: key), let served = projects.first(where: { $0.id == name }) else {
      throw Self.unknown
    }
    // Why it is not open is told only to who has the token.
    guard served.engine != nil else {
      throw HTTPProblem(503, "project_unavailable", "its project cannot be opened now", retryAfter: 30)
    }
    let project = try await project(named: name)
    guard let secret = try LinkSecret.read(project.view.place.paths.home),
      let link = DecisionLink(key: key, secret: secret)
    else { throw Self.unknown }
    return (project, link)
  }

  private func refusal(of link: DecisionLink, in project: Project) async throws -> DecisionLink.Refusal? {
    let now = clock.now()
    if let refusal = try project.view.look({ tx in try link.refusal(tx, at: now) }) { return refusal }
    // A commit that somebody put on the branch is seen only when the change lands.
    let branch = try change(of: link, in: project).branch
    let tip = try await project.open.repository.commitID(ofRef: "refs/heads/\(branch)")
    return tip == nil || tip == link.head ? nil : .moved
  }

  private func change(of link: DecisionLink, in project: Project) throws -> Change {
    guard let change = try project.view.look({ tx in try tx.change(link.number) }) else { throw Self.unknown }
    return change
  }

  private func decide(_ call: HTTPCall, _ project: Project, _ link: DecisionLink) async throws -> HTTPReply {
    guard let fields = PercentCoding.query(String(decoding: call.body, as: UTF8.self)),
      let action = fields.last(where: { $0.name == "action" }).flatMap({ DecisionLink.Action(rawValue: $0.value) })
    else { throw HTTPProblem(400, "form_malformed", "choose approve or reject") }
    let reason = fields.last { $0.name == "reason" }?.value ?? ""
    guard action == .approve || reason.contains(where: { !$0.isWhitespace }), reason.utf8.count <= 16 << 10 else {
      return .page(DecisionPage.message("Say why", "Rejecting needs a reason of at most 16 KiB; go back."), status: 422)
    }
    if let refusal = try await refusal(of: link, in: project) { return try refuse(refusal, link, project) }
    let task = try change(of: link, in: project).task
    let use = DecisionLink.Use(link, tree: try await project.open.repository.treeID(ofCommit: link.head))
    do {
      let controls = Controls(project: project.open)
      switch action {
      case .approve: try controls.approve(task, by: link.person, link: use)
      case .reject: try await controls.reject(task, reason: reason, by: link.person, link: use)
      }
    } catch {
      // Somebody was faster.
      guard let refusal = try await refusal(of: link, in: project) else { throw error }
      return try refuse(refusal, link, project)
    }
    return switch action {
    case .approve: .page(DecisionPage.message("Approved", "\(task) lands when its turn comes and its gate is green."))
    case .reject: .page(DecisionPage.message("Sent back", "The agent of \(task) gets your reason."))
    }
  }

  private func refuse(
    _ refusal: DecisionLink.Refusal, _ link: DecisionLink, _ project: Project
  ) throws -> HTTPReply {
    let now = clock.now()
    _ = try project.view.store.write(project.view.row) { tx throws(StoreError) -> Bool in
      try link.record(refusal, tx, at: now)
      return true
    }
    return Self.page(refusal)
  }

  /// Whatever the reason, it never decides again.
  private static func page(_ refusal: DecisionLink.Refusal) -> HTTPReply {
    let (title, text) =
      switch refusal {
      case .used: ("Used", "This link was used; each works once.")
      case .expired: ("Too old", "This link has expired. The change still waits, or was decided elsewhere.")
      case .moved: ("The change has moved", "It has other commits than those that this link was made for.")
      case .superseded: ("Decided before", "The change was decided and waits again; the newest notice has a link.")
      case .decided: ("Nothing to decide", "The change does not wait for a person any more.")
      }
    return .page(DecisionPage.message(title, text), status: 410)
  }
}

extension HTTPReply {
  /// A page that browsers keep nowhere, that runs nothing, and whose forms name their origin when they are sent.
  fileprivate static func page(_ html: String, status: Int = 200) -> HTTPReply {
    .bytes(
      Array(html.utf8), type: "text/html; charset=utf-8", status: status,
      headers: [
        // Under the policy of all other answers, `no-referrer`, browsers send `Origin: null`.
        ("Referrer-Policy", "same-origin"),
        (
          "Content-Security-Policy",
          "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
      ])
  }
}
