import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process that stays: it is found, it works, it is killed, and nothing is lost.
@Suite(.serialized, .timeLimit(.minutes(10))) struct DaemonTests {
  private static func three() throws -> Workshop {
    try Workshop([Plan("a/E01"), Plan("a/E02"), Plan("b/E01")])
  }

  /// Waits for a file before it works.
  private static func waiting(_ id: String, for file: String) -> Plan {
    Plan(id, script: "until [ -e \"\(file)\" ]; do sleep 0.05; done\n" + Plan.work(id))
  }

  @Test func startStatusAndStop() async throws {
    let shop = try Self.three()
    try await shop.expect(69, "daemon", "status")
    try await shop.expect(69, "start", "--detach")
    try await shop.expect(0, "daemon", "start", "--port", "0")
    let mode = try FileManager.default.attributesOfItem(atPath: "\(shop.state)/daemon.json")[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let status = try JSON(try await shop.expect(0, "daemon", "status", "--json").out)
    #expect(status["state"].string == "running")
    #expect(status["projects"].array.map { $0["root"].string } == [shop.root])
    #expect(!status.description.contains(try JSON(try shop.read("\(shop.state)/daemon.json"))["token"].string))
    let again = try await shop.expect(0, "daemon", "start")
    #expect(again.out.contains("runs already"))
    try await shop.expect(0, "daemon", "stop")
    #expect(!shop.exists("\(shop.state)/daemon.json"))
    try await shop.expect(69, "daemon", "status")
    #expect(try await shop.strays().isEmpty)
  }

  @Test func startsAreSubmittedAndFollowed() async throws {
    let shop = try Self.three()
    let house = try await DaemonHouse.open(shop)
    let output = try await shop.expect(0, "start", "--all", "--json")
    let summary = try #require(try Event.all(output).last).json
    #expect(summary["type"].string == "summary")
    #expect(Set(summary["complete"].strings) == ["a/E01", "a/E02", "b/E01"])
    let run = try #require(try house.web.get("\(try house.project())/runs").json["runs"].array.first)
    #expect(run["exit_status"].int == 0)
    #expect(Set(run["started"].strings) == ["a/E01", "a/E02", "b/E01"])
    #expect(try await house.end().status == 0)
    try await shop.expectFinished(["a/E01", "a/E02", "b/E01"])
  }

  @Test func twoSubmissionsAreWorkedOnTogether() async throws {
    let shop = try Workshop([Self.waiting("a/E01", for: "$HOME/go"), Plan("b/E01")])
    let house = try await DaemonHouse.open(shop)
    defer { withExtendedLifetime(house) {} }
    try await shop.expect(0, "start", "a/E01", "--detach")
    try await Eventually.holds("a/E01 runs") { try await shop.states()["a/E01"] == "running" }
    // The second does not wait for the first one to end.
    try await shop.expect(0, "start", "b/E01")
    #expect(try await shop.states() == ["a/E01": "running", "b/E01": "complete"])
    try shop.write("\(shop.scratch.path)/user/go", "")
    try await Eventually.holds("a/E01 is complete") { try await shop.states()["a/E01"] == "complete" }
  }

  @Test func killedUnderLoadItLosesNothing() async throws {
    let plans = ["a/E01", "b/E01", "c/E01"].map { Self.waiting($0, for: "$HOME/go") } + [Plan("a/E02")]
    let shop = try Workshop(plans)
    let first = try await DaemonHouse.open(shop)
    try await shop.expect(0, "start", "--all", "--detach")
    let seen = try first.web.events("/api/v1/events?after=0") { events in
      Set(events.filter { $0.to == "running" }.map(\.task)).count == 3
    }
    try await first.kill9()
    #expect(shop.exists("\(shop.state)/daemon.json"))
    #expect(try JSON(try await shop.expect(69, "daemon", "status", "--json").out)["state"].string == "stale")
    try shop.write("\(shop.scratch.path)/user/go", "")
    let second = try await DaemonHouse.open(shop)
    let last = try #require(seen.last?.json["seq"].int)
    let rest = try second.web.events("/api/v1/events", more: ["Last-Event-ID: \(last)"]) { events in
      events.contains { $0.type == "run.ended" }
    }
    #expect(try await second.end().status == 0)
    try await shop.expectFinished(plans.map(\.id))
    // Adopted: nobody was begun a second time.
    for plan in plans { #expect(try shop.attempts(plan.id).count == 1) }
    // Every event once and in order, over both daemons.
    let numbers = (seen + rest).compactMap { $0.json["seq"].int }
    let recorded = try shop.inStore { store, _ in try store.allEvents(after: 0, limit: 100_000) }.map {
      Int($0.event.seq)
    }
    #expect(numbers == Array(recorded.prefix(numbers.count)))
    #expect(recorded.count - numbers.count < 5)
    try await shop.expect(0, "events", "--verify")
  }

  @Test func gracefulStopLeavesAgentsToTheNextOne() async throws {
    let shop = try Workshop([Self.waiting("a/E01", for: "$HOME/go")])
    let first = try await DaemonHouse.open(shop)
    try await shop.expect(0, "start", "--detach")
    try await Eventually.holds("it runs") { try await shop.states()["a/E01"] == "running" }
    #expect(try await first.end().status == 0)
    #expect(!shop.exists("\(shop.state)/daemon.json"))
    #expect(try await shop.states()["a/E01"] == "running")
    try shop.write("\(shop.scratch.path)/user/go", "")
    let house = try await DaemonHouse.open(shop)
    defer { withExtendedLifetime(house) {} }
    try await Eventually.holds("it is complete") { try await shop.states()["a/E01"] == "complete" }
    #expect(try shop.attempts("a/E01").count == 1)
  }

  @Test func drainingFinishesWhatRuns() async throws {
    let shop = try Workshop([Self.waiting("a/E01", for: "$HOME/go"), Plan("a/E02")])
    let house = try await DaemonHouse.open(shop)
    try await shop.expect(0, "start", "--all", "--detach")
    try await Eventually.holds("it runs") { try await shop.states()["a/E01"] == "running" }
    let stop = try shop.launch(["daemon", "stop", "--drain"])
    try shop.write("\(shop.scratch.path)/user/go", "")
    #expect(try await stop.output().status == 0)
    #expect(try await house.running.output().status == 0)
    let states = try await shop.states()
    #expect(states["a/E02"] == "ready", "nothing more was to be started: \(states)")
    #expect(["complete", "approved", "in_review"].contains(states["a/E01"]))
    // What was submitted goes on with the next one.
    let next = try await DaemonHouse.open(shop)
    defer { withExtendedLifetime(next) {} }
    try await Eventually.holds("all is complete") { Set(try await shop.states().values) == ["complete"] }
  }

  @Test func stopEndsWhatWasSubmitted() async throws {
    let shop = try Workshop([Self.waiting("a/E01", for: "$HOME/never")])
    let house = try await DaemonHouse.open(shop)
    try await shop.expect(0, "start", "--detach")
    try await Eventually.holds("it runs") { try await shop.states()["a/E01"] == "running" }
    try await shop.expect(0, "stop")
    #expect(try await shop.states()["a/E01"] == "parked")
    try await Eventually.holds("the run has ended") {
      try house.web.get("\(try house.project())/runs").json["runs"].array.first?["exit_status"].int == 130
    }
    #expect(try await shop.states()["a/E01"] == "parked")
  }

  @Test func aStaleHandshakeIsRecognisedByItsStartTime() async throws {
    let shop = try Self.three()
    try await shop.expect(0, "sync")
    let house = try await DaemonHouse.open(shop)
    let real = try shop.read("\(shop.state)/daemon.json")
    try await house.kill9()
    // The number belongs to a process that lives, this one, which began at another time.
    let forged = real.replacing(#/"pid": \d+/#, with: "\"pid\": \(getpid())")
    try shop.write("\(shop.state)/daemon.json", forged)
    #expect(try JSON(try await shop.expect(69, "daemon", "status", "--json").out)["state"].string == "stale")
    try await shop.expect(69, "start", "--detach")
    // Without a daemon the command does the work itself.
    try await shop.expect(0, "start", "b/E01")
    try await shop.expect(0, "daemon", "stop")
    let next = try await DaemonHouse.open(shop)
    defer { withExtendedLifetime(next) {} }
    try await shop.expect(0, "start", "--all", "--detach")
    try await Eventually.holds("all is complete") { Set(try await shop.states().values) == ["complete"] }
  }

  @Test func aSecondDaemonOfTheSameStateIsRefused() async throws {
    let shop = try Self.three()
    let house = try await DaemonHouse.open(shop)
    defer { withExtendedLifetime(house) {} }
    let output = try await shop.expect(69, "serve", "--port", "0")
    #expect(output.err.contains("a daemon works for this state directory already"))
  }

  @Test func projectsCanBeAddedAndRemovedWhileItRuns() async throws {
    let shop = try Self.three()
    let house = try await DaemonHouse.open(shop)
    try await shop.expect(0, "projects", "remove")
    try await Eventually.holds("it is gone") { try house.web.get("/api/v1/projects").json["projects"].array.isEmpty }
    // A project that it does not work for is worked on as without a daemon.
    try await shop.expect(69, "start", "--detach")
    try await shop.expect(0, "start", "b/E01")
    try await shop.expect(0, "projects", "add")
    try await Eventually.holds("it is back") { try house.web.get("/api/v1/projects").json["projects"].array.count == 1 }
    let list = try JSON(try await shop.expect(0, "projects", "list", "--json").out)
    #expect(list["projects"].array.map { $0["root"].string } == [shop.root])
    try await shop.expect(1, "projects", "remove", "/nowhere")
  }

  @Test func addressesOfTheNetworkNeedTLS() async throws {
    let shop = try Self.three()
    let output = try await shop.expect(1, "serve", "--host", "0.0.0.0", "--port", "0")
    #expect(output.err.contains("--insecure"))
  }
}
