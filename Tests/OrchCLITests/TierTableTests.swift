@testable import OrchCLI
import OrchDomain
import OrchStore
import Testing

@Suite struct TierTableTests {
  @Test func modulesAreShownByTierWithTheOneThatIsOpen() {
    let table = TierTable(
      [graphTask("a/E01", .complete), graphTask("b/E01", .running), graphTask("c/E01", .blocked)],
      tiers: ["c": 2, "gone": 1])
    #expect(
      table.text == """
        TIER          MODULE  COMPLETE  STATE
        0 (none set)  a       1 of 1    complete
        0 (none set)  b       0 of 1    open
        1             gone    0 of 0    complete
        2             c       0 of 1    waits for tier 0

        """)
    #expect(table.open == 0)
  }

  @Test func aTaskThatWaitsForAHigherTierIsWarnedAbout() {
    let tasks = [graphTask("a/E01", .blocked, after: ["b/E01"]), graphTask("b/E01", .blocked)]
    #expect(TierTable(tasks, tiers: ["b": 1]).warnings.first?.contains("`claude-orch groups set b 0`") == true)
    #expect(TierTable(tasks, tiers: ["a": 1]).warnings.isEmpty)
    let done = [graphTask("a/E01", .blocked, after: ["b/E01"]), graphTask("b/E01", .complete)]
    #expect(TierTable(done, tiers: ["b": 1]).warnings.isEmpty)
  }

  @Test func withoutTasksItSaysWhatToDo() {
    #expect(TierTable([], tiers: [:]).text.contains("claude-orch sync"))
    #expect(TierTable([], tiers: [:]).open == nil)
  }
}
