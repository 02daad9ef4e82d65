import Foundation
import Testing

/// A daemon looks at the schedule by itself.
@Suite("The schedule of a daemon, from end to end", .serialized, .timeLimit(.minutes(10)))
struct DaemonScheduleTests {
  @Test("A daemon begins what is due, once, also beside cron; what was submitted goes on behind it")
  func begins() async throws {
    let shop = try Workshop(
      [Plan("a/E01"), Plan("a/E02"), Plan("b/E01")],
      files: ["schedule.toml": BatchTests.yearly + "modules = [\"a\"]\n"])
    try await shop.expect(0, "batch", "list")
    try BatchTests.makeDue(shop, "nightly", "0 0 1 1 *")
    let house = try await DaemonHouse.open(shop)
    let cron = try shop.launch(["batch", "run", "nightly", "--if-due"])
    #expect([0, 75].contains(try await cron.output().status))
    try await Eventually.holds("the batch has ended") {
      try await BatchTests.history(shop).contains { $0["missed"].int == 0 && $0["outcome"].string == "done" }
    }
    // What was not the batch's is done by the daemon afterwards.
    try await shop.expect(0, "start", "b/E01")
    let runs = try await BatchTests.history(shop).filter { $0["missed"].int == 0 }
    #expect(runs.count == 1 && runs[0]["started"].int == 2, "\(runs)")
    #expect(try await house.end().status == 0)
    try await shop.expectFinished(["a/E01", "a/E02", "b/E01"])
  }
}
