import Foundation
import OrchDomain
import OrchStore
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Product.md, promise 4: kill it anywhere, start again, and nobody can tell.
@Suite(.serialized, .timeLimit(.minutes(15))) struct KillTests {
  /// The moment at which a line of `start --json` appears for the n-th time.
  struct Point: Sendable, CustomTestStringConvertible {
    var name: String
    var count: Int
    var matches: @Sendable (Event) -> Bool
    var testDescription: String { "\(name) #\(count)" }

    static func state(_ state: String, _ count: Int) -> Point {
      Point(name: state, count: count) { $0.type == "task.state" && $0.to == state }
    }
    static func type(_ type: String, _ count: Int) -> Point {
      Point(name: type, count: count) { $0.type == type }
    }
    static func turn(_ purpose: String) -> Point {
      Point(name: "turn for \(purpose)", count: 1) {
        $0.type == "turn.started" && $0.json["purpose"].string == purpose
      }
    }
  }

  static let points: [Point] = [
    .state("queued", 1), .state("preparing", 1), .state("preparing", 3), .state("running", 1), .state("running", 2),
    .type("turn.ended", 1), .state("verifying", 2), .type("gate.ran", 1), .state("fixing", 1), .turn("gate"),
    .turn("conflict"), .state("publishing", 2), .type("change.opened", 1), .state("approved", 1),
    .state("landing", 1), .state("landing", 3), .state("complete", 1), .state("complete", 4),
    .type("status.written", 1), .type("status.written", 5),
  ]

  /// The tree that a run ends with which nobody disturbs.
  static let undisturbed = Task {
    let shop = try Workshop(MainJob.automatic)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(MainJob.automatic.map(\.id))
    return try shop.tree()
  }

  /// Runs `start` and kills it when `point` is reached.
  static func killed(_ shop: Workshop, at point: Point) async throws -> Output {
    let seen = Mutex(0)
    let run = try shop.launch(["start", "--all", "--json"]) { line, pid in
      guard let event = try? Event(line), point.matches(event) else { return }
      let count = seen.withLock { count in
        count += 1
        return count
      }
      if count == point.count { kill(pid, SIGKILL) }
    }
    return try await run.output()
  }

  @Test(arguments: points) func startIsKilled(_ point: Point) async throws {
    let shop = try Workshop(MainJob.automatic)
    let output = try await Self.killed(shop, at: point)
    #expect(output.status == -SIGKILL, "the point was never reached: \(output)")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(MainJob.automatic.map(\.id))
    #expect(try shop.tree() == (try await Self.undisturbed.value))
  }

  @Test func killedAgainAndAgain() async throws {
    let shop = try Workshop(MainJob.automatic)
    var kills = 0
    for point in Self.points {
      let output = try await Self.killed(shop, at: Point(name: point.name, count: 1, matches: point.matches))
      if output.status == -SIGKILL { kills += 1 }
    }
    #expect(kills >= 6)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(MainJob.automatic.map(\.id))
    #expect(try shop.tree() == (try await Self.undisturbed.value))
  }
}
