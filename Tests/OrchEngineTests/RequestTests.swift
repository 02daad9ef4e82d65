import OrchDomain
import Testing

@testable import OrchEngine

@Suite("Requests")
struct RequestTests {
  @Test(
    "Outcomes survive the mailbox",
    arguments: [
      RequestOutcome.done, .refused("a/E01 is blocked; only work that is under way can be stopped"), .refused(""),
    ])
  func outcomes(_ outcome: RequestOutcome) { #expect(RequestOutcome(text: outcome.text) == outcome) }

  @Test func olderRecordsCountAsDone() { #expect(RequestOutcome(text: nil) == .done) }
}

@Suite("Asking tasks to stop")
struct RunningAgentsTests {
  private static let one = TaskID(module: "a", number: 1)
  private static let two = TaskID(module: "a", number: 2)

  @Test func whoWaitsIsTold() async {
    let agents = RunningAgents()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await agents.waitForStop(Self.one) }
      _ = await agents.askToStop(Self.one, reason: "why")
      await group.next()
    }
    #expect(await agents.reason(for: Self.one) == "why")
    #expect(await agents.reason(for: Self.two) == nil)
  }

  @Test func askingBeforeWaitingIsNotLost() async {
    let agents = RunningAgents()
    _ = await agents.askToStop(Self.one, reason: "why")
    await agents.waitForStop(Self.one)
  }

  @Test func cancellingEndsTheWait() async {
    let agents = RunningAgents()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await agents.waitForStop(Self.one) }
      group.cancelAll()
      await group.next()
    }
    #expect(await agents.reason(for: Self.one) == nil)
  }

  @Test func aTaskThatIsDrivenAgainStartsAfresh() async {
    let agents = RunningAgents()
    _ = await agents.askToStop(Self.one, reason: "why")
    await agents.forget(Self.one)
    #expect(await agents.reason(for: Self.one) == nil)
  }

  @Test func askingAllReachesThoseWhoComeLater() async {
    let agents = RunningAgents()
    #expect(await agents.askAllToStop(reason: "all").isEmpty)
    await agents.waitForStop(Self.two)
    await agents.forget(Self.two)
    #expect(await agents.reason(for: Self.two) == "all")
  }
}
