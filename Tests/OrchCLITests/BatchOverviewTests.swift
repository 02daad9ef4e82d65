import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore
import Testing

@testable import OrchCLI

@Suite("Batches for people")
struct BatchOverviewTests {
  private static func overview(_ batches: [BatchSpec], file: String? = "/p/schedule.toml") -> BatchOverview {
    BatchOverview(
      schedule: BatchSchedule(file: file, searched: ["/p/schedule.toml"], batches: batches, diagnostics: []),
      history: [], now: Timestamp(milliseconds: 1_700_000_000_000), local: .fixed(seconds: 7200))
  }

  @Test func showsTheNextTimesOfTheZone() throws {
    let batch = BatchSpec(name: "nightly", cron: try CronExpression("0 22 * * *"), notifyOnComplete: true)
    let overview = Self.overview([batch])
    // 2023-11-14T22:13:20Z is 15 minutes past midnight there.
    #expect(
      overview.times(batch, 3).map(\.rfc3339) == [
        "2023-11-15T20:00:00Z", "2023-11-16T20:00:00Z", "2023-11-17T20:00:00Z",
      ])
    #expect(overview.text.contains("2023-11-15 22:00 +02:00"))
  }

  @Test func aTimeThatNeverComesIsSaid() throws {
    let batch = BatchSpec(name: "x", cron: try CronExpression("0 0 30 2 *"))
    #expect(Self.overview([batch]).times(batch, 2).isEmpty)
    #expect(Self.overview([batch]).text.contains("never"))
  }

  @Test func withoutAFileThePlacesAreNamed() { #expect(Self.overview([], file: nil).text.contains("/p/schedule.toml")) }
}
