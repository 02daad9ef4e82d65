import Foundation
import Testing

/// What a daemon asks of GitHub while it waits.
@Suite("Asking GitHub", .serialized, .timeLimit(.minutes(15)))
struct IdleForgeTests {
  /// Lets the daemon look around so often that it would have asked several times: each time it has to see an edited
  /// plan, and it reads plans every two seconds while it may ask every second.
  private static func letItLook(_ shop: Workshop, _ times: Int) async throws {
    for round in 0..<times {
      let path = "docs/plans/core/epic-01-task.md"
      let text = try shop.read(path)
      let title = "Round \(round) \(UUID().uuidString.prefix(4))"
      let lines = text.components(separatedBy: "\n").map { $0.hasPrefix("# ") ? "# \(title)" : $0 }
      try shop.write(path, lines.joined(separator: "\n"))
      try await Eventually.holds("the daemon has seen the plan") {
        try await shop.expect(0, "list", "--json").out.contains(title)
      }
    }
  }

  @Test("With nothing open the daemon asks nothing; a change that waits costs five requests for the first look at most")
  func requests() async throws {
    let world = try GitHubTests.World([Plan("core/E01", front: "needs_review: true")])
    let house = try await DaemonHouse.open(world.shop, adding: world.login)
    try await Self.letItLook(world.shop, 3)
    #expect(world.stub.state.withLock { $0.log } == [], "nobody has asked GitHub, so an hour costs no request")

    try await world.shop.expect(0, "start", "core/E01", "--detach")
    try await Eventually.holds("it waits") { try await world.shop.states()["core/E01"] == "in_review" }
    // A look begins with the list of pull requests. The one under way may have begun before the change was there.
    let look = "GET /repos/acme/app/pulls"
    let before = world.stub.count("GET", "/repos/acme/app/pulls")
    // What a look has left is looked at again after half a minute at the earliest.
    try await Eventually.holds("it has looked again") { world.stub.count("GET", "/repos/acme/app/pulls") >= before + 2 }
    let log = world.stub.state.withLock { $0.log }
    let begins = log.indices.filter { log[$0] == look }.suffix(2)
    let first = try #require(begins.first)
    let last = try #require(begins.last)
    #expect(last - first <= 5 && Set(log[first..<last]).count == last - first, "a look: \(log[first..<last])")
    #expect(try await house.end().status == 0)
    #expect(world.violations == [])
  }
}
