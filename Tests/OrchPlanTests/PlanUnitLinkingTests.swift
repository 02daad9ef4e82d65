import OrchDomain
import OrchPlan
import OrchRandom
import Testing

@Suite("Edits that concern one plan only")
struct PlanUnitLinkingTests {
  /// A plan that mostly fits the others: it depends on lower numbers, and seldom on one that does not exist.
  private static func plan(_ number: Int, _ random: inout SplitMix64) -> String {
    var head = ["status: \(random.pick(["not_started", "complete", "in_progress"]))"]
    if random.below(2) == 0 {
      let others = (0..<random.below(3)).map { _ in "\(random.pick(["m", "n"]))/E0\(1 + random.below(number))" }
      head.append("depends_on: [\((others + (random.below(9) == 0 ? ["m/E99"] : [])).joined(separator: ", "))]")
    }
    if random.below(3) == 0 { head.append("touches: [src/\(random.below(6))/**]") }
    if random.below(3) == 0 { head.append("priority: \(random.pick(["high", "low", "normal", "normal", "urgent"]))") }
    if random.below(9) == 0 { head.append("epic: \(number + random.below(2))") }
    if random.below(3) == 0 { head.append("labels: [a]") }
    return "---\n\(head.joined(separator: "\n"))\n---\n# Title \(random.below(3))\n\nText \(random.below(9)).\n"
  }

  @Test("Linking again gives what was there, with the edited task's own text", arguments: UInt64(0)..<100)
  func same(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var files = ["m", "n"].flatMap { module in
      (1...5).map { ("\(module)/epic-0\($0)-x.md", "---\nstatus: not_started\n---\n# T\n") }
    }
    var taken = 0
    for _ in 0..<80 {
      let place = random.below(files.count)
      var edited = files
      edited[place].1 = Self.plan(place % 5 + 1, &random)
      let (before, after) = (ScratchPlans(files), ScratchPlans(edited))
      let (old, new) = (before.units[place], after.units[place])
      let again = after.compile()
      if old.linksLike(new) {
        taken += 1
        var expected = before.compile().tasks
        let index = try #require(expected.firstIndex { $0.id == new.task?.id })
        let edges = expected[index].dependencies
        expected[index] = try #require(new.task)
        expected[index].dependencies = edges
        #expect(again.tasks == expected)
        #expect(again.diagnostics.isEmpty && again.unsound.isEmpty)
      }
      if again.diagnostics.isEmpty { files = edited }
    }
    #expect(taken > 0)
  }
}
