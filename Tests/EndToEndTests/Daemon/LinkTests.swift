import Foundation
import OrchDomain
import OrchStore
import Synchronization
import Testing

/// Changes that are decided by the links of notices, over a real receiver and a real daemon.
@Suite("Links of notices", .serialized, .timeLimit(.minutes(10)))
struct LinkTests {
  private static func form(
    _ house: DaemonHouse, _ path: String, _ body: String, origin: String? = "https://orch.example"
  ) throws -> WebClient.Answer {
    try house.web.ask(
      "POST", path, body: body, type: "application/x-www-form-urlencoded", token: nil, host: "orch.example",
      more: origin.map { ["Origin: \($0)"] } ?? [])
  }

  private static func look(_ house: DaemonHouse, _ path: String, method: String = "GET") throws -> WebClient.Answer {
    try house.web.ask(method, path, token: nil, host: "orch.example")
  }

  /// Work of which each turn makes another commit.
  private static func turns(_ task: String) -> String {
    "echo \"${ORCH_FEEDBACK_FILE:-}\" >> turns-\(task.prefix(1)).txt\n" + Plan.work(task)
      + " --allow-empty\ngit add turns-\(task.prefix(1)).txt && git commit --quiet -m Turns"
  }

  /// The answers to requests that all are under way before one of them is answered.
  private static func atOnce(
    _ count: Int, _ ask: @escaping @Sendable (Int) throws -> WebClient.Answer
  ) async throws -> [WebClient.Answer] {
    try await withThrowingTaskGroup(of: (Int, WebClient.Answer).self) { group in
      for index in 0..<count {
        group.addTask {
          try await withCheckedThrowingContinuation { done in
            // A thread of its own: reading from a socket blocks it.
            Thread { done.resume(with: Result { (index, try ask(index)) }) }.start()
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// A key with other words, sealed as ours are.
  private static func key(like path: String, secret: [UInt8], _ edit: (inout [String]) -> Void) -> String {
    var words = path.split(separator: "/")[1].split(separator: ".").dropFirst().map(String.init)
    edit(&words)
    let text = words.joined(separator: ".")
    return "/decide/\(HMAC.hex("claude-orch decision \(text)".utf8, key: secret)).\(text)"
  }

  @Test("A link shows its change, decides it once, and not when it is forged, too old, or of another head")
  func decides() async throws {
    let got = Mutex<[JSON]>([])
    let isDown = Mutex(true)
    let server = try HTTPServer { request in
      let text = String(decoding: request.body, as: UTF8.self)
      // A receiver that repeats what it got, link and all.
      if isDown.withLock({ $0 }), text.contains("/decide/") {
        isDown.withLock { $0 = false }
        return HTTPServer.Response(status: 503, body: Data(text.suffix(190).utf8))
      }
      if let notice = try? JSON(text) { got.withLock { $0.append(notice) } }
      return HTTPServer.Response(status: 200)
    }
    defer { server.stop() }
    let hook = ["HOOK": "http://127.0.0.1:\(server.port)/hook"]
    let shop = try Workshop(
      [
        Plan("a/E01", front: "needs_review: true"),
        Plan("b/E01", front: "needs_review: true", script: Self.turns("b/E01")),
      ],
      settings: """
        [web]
        public_url = "https://orch.example/x/"
        [notifications]
        desktop = false
        [notifications.webhook]
        url = "$HOOK"
        """)
    try await shop.expect(0, "notify", "send", adding: hook)
    let house = try await DaemonHouse.open(shop, adding: hook)
    #expect(try house.web.post("\(try house.project())/runs", "{\"all\":true}").status == 201)
    let links = try await Eventually.value("both notices have arrived") {
      var links: [String: String] = [:]
      for notice in got.withLock({ $0 }) where notice["link"].isNull == false {
        let link = notice["link"].string
        #expect(link.hasPrefix("https://orch.example/x/decide/"))
        let path = String(link.dropFirst("https://orch.example/x".count))
        links[notice["title"].string.contains("a/E01") ? "a/E01" : "b/E01"] = path
      }
      return links.count == 2 ? links : nil
    }
    let (a, b) = (try #require(links["a/E01"]), try #require(links["b/E01"]))
    let secret = Array(try shop.read("\(shop.state)/link.key").utf8)
    let mode = try FileManager.default.attributesOfItem(atPath: "\(shop.state)/link.key")[.posixPermissions] as? Int
    #expect(mode == 0o600)

    // Looking changes nothing.
    let page = try Self.look(house, a)
    #expect(page.status == 200 && page.body.contains("value=\"approve\"") && page.body.contains("ok a/E01"), "\(page)")
    #expect(page.header("Referrer-Policy") == "same-origin" && page.header("Cache-Control") == "no-store")
    #expect(page.header("Content-Security-Policy")?.contains("default-src 'none'") == true)
    #expect(!page.body.contains("<script"))
    #expect(try Self.look(house, a, method: "HEAD").status == 200)
    #expect(try Self.look(house, b).status == 200)
    #expect(Set(try await shop.states().values) == ["in_review"])

    // Neither does anything that is not the link, pressed on its own page.
    #expect(try Self.form(house, a, "action=approve", origin: "https://evil.example").status == 403)
    #expect(try Self.form(house, a, "action=approve", origin: "null").status == 403)
    #expect(try Self.form(house, a, "action=approve", origin: nil).status == 403)
    let forged = "/decide/" + (a.dropFirst(8).first == "0" ? "1" : "0") + a.dropFirst(9)
    #expect(try Self.form(house, forged, "action=approve").status == 404)
    #expect(try Self.look(house, a.replacing(".webhook.", with: ".slack.")).status == 404)
    let old = Self.key(like: a, secret: secret) { $0[5] = "1700000000000" }
    #expect(try Self.look(house, old).status == 410)
    #expect(try Self.form(house, old, "action=approve").status == 410)
    let moved = Self.key(like: a, secret: secret) { $0[2] = String(repeating: "a", count: 40) }
    let told = try Self.form(house, moved, "action=approve")
    #expect(told.status == 410 && told.body.contains("other commits"), "\(told)")
    #expect(try Self.form(house, b, "action=reject&reason=+").status == 422)
    #expect(try Self.form(house, b, "action=merge").status == 400)
    #expect(Set(try await shop.states().values) == ["in_review"])

    // A commit on the branch that nobody has taken note of.
    let reviewed = try #require(try shop.changes().first { $0.task.description == "a/E01" })
    try shop.git("update-ref", "refs/heads/\(reviewed.branch)", "main")
    for told in [try Self.look(house, a), try Self.form(house, a, "action=approve")] {
      #expect(told.status == 410 && told.body.contains("other commits"), "\(told)")
    }
    try shop.git("update-ref", "refs/heads/\(reviewed.branch)", reviewed.headCommit)

    // One press approves, those at the same moment and later do nothing.
    let pressed = try await Self.atOnce(6) { _ in try Self.form(house, a, "action=approve") }
    #expect(pressed.map(\.status).sorted() == [200, 410, 410, 410, 410, 410], "\(pressed)")
    #expect(pressed.contains { $0.body.contains("Approved") })
    #expect(try Self.form(house, a, "action=approve").status == 410)
    #expect(try Self.look(house, a).status == 410)
    try await Eventually.holds("it has landed") { try await shop.states()["a/E01"] == "complete" }
    let change = try #require(try shop.changes().first { $0.task.description == "a/E01" })
    #expect(change.approvedBy == "link:webhook" && change.state == .merged)
    let other = Self.key(like: a, secret: secret) { $0[4] = "ntfy" }
    #expect(try Self.form(house, other, "action=approve").status == 410)

    #expect(try Self.form(house, b, "action=reject&reason=Say+more").status == 200)
    try await Eventually.holds("it was done again") {
      let turns = try shop.turns("b/E01").count
      return try await shop.states()["b/E01"] == "in_review" && turns == 2
    }
    #expect(try Self.form(house, b, "action=approve").status == 410)
    // Its channel had a link of its own, for the head before.
    let late = Self.key(like: b, secret: secret) { $0[4] = "ntfy" }
    #expect(try Self.look(house, late).status == 410)
    // And one for the head that it has now, but the wait before.
    let head = try #require(try shop.changes().last { $0.task.description == "b/E01" }).headCommit
    let again = Self.key(like: b, secret: secret) { $0[2] = head }
    let before = try Self.look(house, again)
    #expect(before.status == 410 && before.body.contains("waits again"), "\(before)")
    #expect(try await shop.states()["b/E01"] == "in_review")

    // What is kept tells who decided what, and nothing by which somebody else could.
    let events = try await shop.expect(0, "events", "--json").out
    let kinds = events.split(separator: "\n").compactMap { try? JSON(String($0)) }.map { $0["type"].string }
    #expect(kinds.count { $0 == "link.used" } == 2, "\(kinds)")
    #expect(kinds.count { $0 == "link.refused" } == 6, "\(kinds)")
    var kept = [events]
    kept.append(try await shop.orch("notify", "list", "--json", adding: hook).out)
    kept.append(try await shop.orch("status", adding: hook).out)
    kept.append(try await shop.orch("doctor", adding: hook).out)
    for file in ["orchestrator.db", "orchestrator.db-wal"] {
      let bytes = FileManager.default.contents(atPath: "\(shop.state)/\(file)") ?? Data()
      kept.append(String(decoding: bytes, as: UTF8.self))
    }
    let used = events.split(separator: "\n").compactMap { try? JSON(String($0)) }.first {
      $0["type"].string == "link.used" && $0["action"].string == "approve"
    }
    #expect(used?["channel"].string == "webhook" && used?["head"].string == reviewed.headCommit)
    let tree = try shop.git("rev-parse", "\(reviewed.headCommit)^{tree}")
    #expect(used?["tree"].string == tree.trimmingCharacters(in: .whitespacesAndNewlines))
    let said = try await house.end()
    kept += [said.out, said.err]
    for text in kept {
      for path in [a, b] { #expect(!text.contains(path.dropFirst(8).prefix(16))) }
      #expect(!text.contains("/decide/"))
    }
  }

  @Test("Of rejections at the same moment one begins the next turn, and the others change nothing")
  func rejectionsAtOnce() async throws {
    let tasks = ["a/E01", "b/E01", "c/E01"]
    let scratch = try Scratch()
    // The next turn ends only when all who reject have their answers.
    let wait = { (task: String) in
      "while [ -n \"${ORCH_FEEDBACK_FILE:-}\" ] && [ ! -e '\(scratch.path)/\(task.prefix(1))' ]; do sleep 0.02; done\n"
    }
    let shop = try Workshop(
      tasks.map { Plan($0, front: "needs_review: true", script: wait($0) + Self.turns($0)) })
    let house = try await DaemonHouse.open(shop)
    #expect(try house.web.post("\(house.project())/runs", "{\"all\":true}").status == 201)
    for task in tasks {
      try await Eventually.holds("\(task) waits") { try await shop.states()[task] == "in_review" }
      let path = "\(try house.project())/changes/\(task)/reject"
      let answers = try await Self.atOnce(8) { try house.web.post(path, "{\"reason\":\"reason \($0)\"}") }
      #expect(answers.count { $0.status == 200 } == 1, "\(answers)")
      #expect(answers.allSatisfy { [200, 404, 409].contains($0.status) }, "\(answers)")
      try shop.write("\(scratch.path)/\(task.prefix(1))", "")
      let winner = try #require(answers.firstIndex { $0.status == 200 })
      try await Eventually.holds("\(task) waits again") {
        let turns = try shop.turns(task).count
        return try await shop.states()[task] == "in_review" && turns >= 2
      }
      let turns = try shop.turns(task)
      #expect(turns.map(\.purpose) == ["start", "rejected"], "\(turns)")
      let feedback = try shop.read(try #require(turns.last?.feedbackPath))
      #expect((0..<8).filter { feedback.contains("reason \($0)") } == [winner])
      try await shop.expect(0, "pr", "approve", task)
      try await Eventually.holds("\(task) has landed") { try await shop.states()[task] == "complete" }
    }
  }
}
