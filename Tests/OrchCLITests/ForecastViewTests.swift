@testable import OrchCLI
import OrchDomain
import OrchSchedule
import OrchStore
import Testing

@Suite struct ForecastViewTests {
  private func view(count: Int?, slots: Int = 2) -> ForecastView {
    let frontier = Frontier([
      SchedulableTask(id: id("a/E01")), SchedulableTask(id: id("a/E02"), dependencies: [id("a/E01")]),
      SchedulableTask(id: id("b/E01")), SchedulableTask(id: id("c/E01"), phase: .held(Hold(.failed, "gate red"))),
    ])
    let estimate = TaskEstimate(
      duration: .seconds(600), cost: CostRange(low: .zero, likely: MicroUSD(1_234_567), high: MicroUSD(2_000_000)),
      basis: .project(4))
    let forecast = Forecast(frontier, slots: slots, limit: count) { _ in estimate }
    let whole = Forecast(frontier, slots: slots) { _ in estimate }
    return ForecastView(
      forecast: forecast, titles: [id("a/E01"): "First\u{1B}"], slots: slots, count: count,
      overCount: forecast.unscheduled.filter { !whole.unscheduled.contains($0) }, waiting: whole.unscheduled,
      obstacles: [(id("c/E01"), "is marked as failed: gate red")])
  }

  @Test func theWholePlanIsShownWithWavesPathAndMoney() {
    #expect(
      view(count: nil).text(width: nil) == """
        3 tasks in 2 waves, at most 2 at a time

        WAVE  TASK   TITLE        FROM  UNTIL  COST USD
        1     a/E01  First\\u{1b}  +0s   +10m   1.23
        1     b/E01               +0s   +10m   1.23
        2     a/E02               +10m  +20m   1.23

        Critical path: a/E01 -> a/E02 (20m)
        Forecast: done in 20m, for 3.70 USD (0.00 to 6.00)
        Based on: the runs of this project
        Not planned: 1 task
          c/E01             is marked as failed: gate red

        """)
  }

  @Test func whatIsOverTheCountIsToldApartFromWhatWaits() {
    let text = view(count: 1).text(width: nil)
    #expect(text.contains("2 tasks more without --count.\nNot planned: 1 task\n"))
    #expect(view(count: 1).json["over_count"] == .array([.string("a/E02"), .string("b/E01")]))
    #expect(view(count: 1).json["unscheduled"] == .array([.string("c/E01")]))
  }

  @Test func aLongChainIsCutInTheMiddle() {
    #expect(ForecastView.shortened(["a", "b", "c"], to: 3) == ["a", "b", "c"])
    #expect(ForecastView.shortened(["a", "b", "c", "d", "e"], to: 4) == ["a", "b", "(2 more)", "e"])
  }

  @Test func centsAreRoundedAndNeverTrap() {
    #expect(MicroUSD(4_999).cents == "0.00")
    #expect(MicroUSD(5_000).cents == "0.01")
    #expect(MicroUSD(12_345_678).cents == "12.35")
    #expect(MicroUSD(Int64.max).cents.isEmpty == false)
  }

  // MARK: History

  @Test func theTimeOfAnAttemptEndsWhenItsChangeIsOpened() {
    let samples = RunHistory.samples(
      tasks: [storedTask("a/E01", .complete, complexity: .simple)],
      attempts: [
        attempt("a/E01", 1, from: 0, to: 100, outcome: .failed, cost: 5),
        attempt("a/E01", 2, from: 200, to: 9000, cost: 7),
      ], changes: [change("a/E01", attempt: 2, openedAt: 260)])
    #expect(
      samples == [
        WorkHistory.Sample(
          task: id("a/E01"), complexity: .simple, duration: .seconds(160), cost: MicroUSD(12))
      ])
  }

  @Test func onlyCompleteWorkOfAgentsCounts() {
    let samples = RunHistory.samples(
      tasks: [storedTask("a/E01", .failed), storedTask("a/E02", .complete), storedTask("a/E03", .complete)],
      attempts: [
        attempt("a/E01", 1, from: 0, to: 100, outcome: .failed),
        attempt("a/E03", 1, from: 0, to: 9, outcome: .cancelled),
      ], changes: [])
    #expect(samples.isEmpty, "a/E02 was done by a person, and so was a/E03 after its agent was stopped")
  }

  @Test func aChangeFromBeforeTheAttemptSaysNothingAboutIt() {
    let samples = RunHistory.samples(
      tasks: [storedTask("a/E01", .complete)], attempts: [attempt("a/E01", 2, from: 200, to: 300)],
      changes: [change("a/E01", attempt: 2, openedAt: 100)])
    #expect(samples.map(\.duration) == [.seconds(100)])
  }

  @Test func whatIsAtWorkIsNeverForecastAsDone() {
    let estimate = TaskEstimate(duration: .seconds(100), cost: .zero, basis: .fallback)
    #expect(RunHistory.remaining(estimate, after: .seconds(30)).duration == .seconds(70))
    #expect(RunHistory.remaining(estimate, after: .seconds(5000)).duration == .seconds(10))
  }
}
