import Foundation
import OrchDomain
import OrchStore
import Testing

/// The interface under /api/v1, over a real socket.
@Suite(.serialized, .timeLimit(.minutes(10))) struct InterfaceTests {
  /// Every route of the OpenAPI document with values for the parts of its path.
  private static func routes(_ house: DaemonHouse) throws -> [(method: String, path: String, needsToken: Bool)] {
    let document = try house.web.get("/api/v1/openapi.json").json
    let key = try house.project().split(separator: "/").last.map(String.init) ?? ""
    return document["paths"].keys.sorted().flatMap { path in
      let filled =
        path.replacing("{project}", with: key).replacing("{module}", with: "a").replacing("{code}", with: "E01")
        .replacing("{run}", with: "1").replacing("{number}", with: "1")
      return document["paths"][path].keys.sorted().map { method in
        let isOpen = document["paths"][path][method]["security"].isArray
        return (method.uppercased(), filled, !isOpen)
      }
    }
  }

  @Test func everyRouteRefusesStrangers() async throws {
    let house = try await DaemonHouse.open(try Workshop([Plan("a/E01")]))
    let web = house.web
    let routes = try Self.routes(house)
    #expect(routes.count > 50)
    for (method, path, needsToken) in routes {
      let body = method == "GET" ? nil : "{}"
      let what = "\(method) \(path)"
      // Guesses are slowed down, which is a refusal, too. Where a key in the address is the token, it is not known.
      let refused = needsToken ? [401, 429] : [401, 403, 404, 429]
      let without = try web.ask(method, path, body: body, token: nil)
      #expect(refused.contains(without.status), "\(what) without a token: \(without)")
      let wrong = try web.ask(method, path, body: body, token: needsToken ? "guess" : nil)
      #expect(refused.contains(wrong.status), "\(what) with a wrong token: \(wrong)")
      let origin = try web.ask(
        method, path, body: body, token: web.token, more: ["Origin: http://evil.example"])
      #expect([403, 429].contains(origin.status), "\(what) from another site: \(origin)")
      let host = try web.ask(method, path, body: body, token: web.token, host: "evil.example:\(web.port)")
      #expect([421, 429].contains(host.status), "\(what) under another name: \(host)")
      for answer in [without, wrong, origin, host] {
        #expect(try !answer.json["error"]["code"].string.isEmpty && answer.json["error"]["message"].isNull == false)
        #expect(answer.header("Access-Control-Allow-Origin") == nil)
      }
    }
  }

  @Test func theFirstRefusalsHaveTheirOwnReasons() async throws {
    let house = try await DaemonHouse.open(try Workshop([Plan("a/E01")]))
    let web = house.web
    #expect(try web.ask("GET", "/healthz", token: nil).status == 401)
    #expect(try web.ask("GET", "/healthz", token: web.token, more: ["Origin: null"]).status == 403)
    #expect(try web.ask("GET", "/healthz", token: web.token, host: "localhost:\(web.port)").status == 200)
    #expect(try web.ask("GET", "/healthz", token: web.token, host: "localhost").status == 421)
    let own = ["Origin: http://127.0.0.1:\(web.port)"]
    #expect(try web.ask("GET", "/healthz", token: web.token, more: own).status == 200)
    #expect(try web.ask("GET", "/nothing", token: nil).status == 401)
    #expect(try web.get("/nothing").status == 404)
    let wrong = try web.ask("DELETE", "/healthz", token: web.token)
    #expect(wrong.status == 405 && wrong.header("Allow") == "GET")
    let project = try house.project()
    #expect(try web.get("\(project)/tasks/a/E09").status == 404)
    #expect(try web.get("\(project)/tasks?status=blue").status == 422)
    #expect(try web.get("\(project)/tasks/a/%zz").status == 404)
    #expect(try web.post("\(project)/runs", "{\"tasks\":[\"a/E09\"]}").status == 404)
    #expect(try web.post("\(project)/runs", "{\"task\":1}").status == 422)
    #expect(try web.post("\(project)/runs", "[").status == 400)
    let form = try web.ask(
      "POST", "\(project)/runs", token: web.token,
      more: ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 0"])
    #expect(form.status == 415)
    let large = try web.ask(
      "POST", "\(project)/runs", token: web.token, more: ["Content-Type: application/json", "Content-Length: 9000000"])
    #expect(large.status == 413)
  }

  @Test func aLinkBeginsOneSessionOfABrowser() async throws {
    let shop = try Workshop([Plan("a/E01")])
    let house = try await DaemonHouse.open(shop)
    let web = house.web
    let link = try await shop.expect(0, "daemon", "link").out.trimmingCharacters(in: .whitespacesAndNewlines)
    let path = String(link.drop { $0 != "?" })
    let begin = try web.ask("GET", "/login\(path)", token: nil)
    #expect(begin.status == 303)
    let set = try #require(begin.header("Set-Cookie"))
    #expect(set.contains("HttpOnly") && set.contains("SameSite=Strict"))
    let cookie = "Cookie: \(set.prefix { $0 != ";" })"
    #expect(try web.ask("GET", "/api/v1/projects", token: nil, more: [cookie]).status == 200)
    // What changes something is done from its own page only.
    let pause = "\(try house.project())/pause"
    #expect(try web.ask("POST", pause, token: nil, more: [cookie]).status == 403)
    let own = "Origin: http://127.0.0.1:\(web.port)"
    #expect(try web.ask("POST", pause, token: nil, more: [cookie, own]).status == 200)
    #expect(try web.ask("GET", "/login\(path)", token: nil).status == 401)
    #expect(try web.ask("GET", "/login?key=a.9999999999999.b", token: nil).status == 401)
    #expect(try web.ask("GET", "/api/v1/projects", token: nil, more: [cookie + "0"]).status == 401)
  }

  @Test func commandsAndInterfaceTellTheSame() async throws {
    let shop = try Workshop([Plan("a/E01"), Plan("a/E02"), Plan("b/E01", front: "needs_review: true")])
    try await shop.expect(0, "start", "a/E01", "b/E01")
    let commands: [(command: [String], path: String)] = [
      (["status"], "status"), (["list"], "tasks"), (["list", "--ready"], "tasks?ready=true"),
      (["list", "--status", "complete"], "tasks?status=complete"), (["show", "a/E01"], "tasks/a/E01"),
      (["why", "a/E02"], "tasks/a/E02/why"), (["attempts", "a/E01"], "tasks/a/E01/attempts"),
      (["diff", "b/E01"], "tasks/b/E01/diff"), (["graph"], "graph"), (["graph", "a/E01"], "graph?task=a/E01"),
      (["pr", "list"], "changes"), (["pr", "list", "--all"], "changes?all=true"), (["groups", "list"], "groups"),
      (["batch", "history"], "batches"), (["batch", "list"], "schedule"),
      (["agents", "list"], "agents"),
    ]
    var alone: [String] = []
    for (command, _) in commands { alone.append(try await shop.launch(command + ["--json"]).output().out) }
    let house = try await DaemonHouse.open(shop)
    let project = try house.project()
    for (index, (command, path)) in commands.enumerated() {
      let name = command.joined(separator: " ")
      let beside = try await shop.launch(command + ["--json"]).output().out
      #expect(beside == alone[index], "\(name) beside a daemon")
      let answer = try house.web.get("\(project)/\(path)")
      #expect(answer.status == 200 && answer.body == beside, "\(path): \(answer)")
    }
  }

  @Test func settingsAndHealthAreTold() async throws {
    let shop = try Workshop([Plan("a/E01")])
    let house = try await DaemonHouse.open(shop)
    let project = try house.project()
    let doctor = try await shop.launch(["doctor", "--json"]).output().out
    let told = try house.web.get("\(project)/doctor")
    let settings = String(try house.web.get("\(project)/config").body.dropFirst())
    #expect(settings.hasPrefix("\"settings\":") && doctor.hasSuffix(settings) && told.body.hasSuffix(settings))
    let subjects = { (text: String) in try JSON(text)["findings"].array.map { $0["subject"].string } }
    #expect(try subjects(told.body) == subjects(doctor))
  }

  @Test func decisionsArriveAtTheDaemon() async throws {
    let plans = [
      Plan("a/E01", front: "needs_review: true"),
      Plan(
        "b/E01", front: "needs_review: true",
        script: "echo \"${ORCH_FEEDBACK_FILE:-}\" >> turns.txt\n" + Plan.work("b/E01")
          + " --allow-empty\ngit add turns.txt && git commit --quiet -m Turns"),
    ]
    let shop = try Workshop(plans)
    let house = try await DaemonHouse.open(shop)
    let project = try house.project()
    #expect(try house.web.post("\(project)/changes/a/E01/approve").status == 404)
    let run = try house.web.post("\(project)/runs", "{\"all\":true}")
    #expect(run.status == 201)
    try await Eventually.holds("both wait") { Set(try await shop.states().values) == ["in_review"] }
    let details = try house.web.get("\(project)/changes/a/E01").json
    #expect(details["patch"].string.contains("ok a/E01"))
    #expect(try house.web.post("\(project)/changes/a/E01/approve").json["state"].string == "approved")
    try await Eventually.holds("it has landed") { try await shop.states()["a/E01"] == "complete" }
    #expect(try house.web.post("\(project)/changes/b/E01/reject", "{\"reason\":\"  \"}").status == 422)
    #expect(try house.web.post("\(project)/changes/b/E01/reject", "{\"reason\":\"Say more\"}").status == 200)
    try await Eventually.holds("it was done again") {
      let turns = try shop.turns("b/E01").count
      return try await shop.states()["b/E01"] == "in_review" && turns == 2
    }
    let number = try #require(try shop.changes().last { $0.task.description == "b/E01" }?.number)
    #expect(try house.web.post("/api/prs/\(number)/merge").status == 200)
    try await Eventually.holds("it has landed, too") { try await shop.states()["b/E01"] == "complete" }
  }

  @Test func eventsCanBeFilteredAndNamed() async throws {
    let shop = try Workshop([Plan("a/E01"), Plan("b/E01")])
    let house = try await DaemonHouse.open(shop)
    try await shop.expect(0, "start", "--all")
    let states = try house.web.events("/api/v1/events?after=0&type=task.state&task=a/E01") {
      $0.contains { $0.to == "complete" }
    }
    #expect(states.allSatisfy { $0.type == "task.state" && $0.task == "a/E01" })
    let changes = try house.web.events("/api/events?after=0&type=change") { $0.count >= 2 }
    #expect(changes.allSatisfy { $0.type.hasPrefix("change.") })
    #expect(try house.web.get("/api/v1/events?after=minus").status == 422)
    #expect(try house.web.get("/api/v1/events?project=other").status == 404)
    let older = try house.web.get("/api/status").json
    #expect(older["complete"].int == 2 && older["agents_running"].int == 0)
    #expect(try house.web.get("/api/tasks").json.array.count == 2)
    #expect(try house.web.get("/metrics").body.contains("state=\"complete\"} 2"))
  }
}
