import OrchRandom
import Testing

@testable import OrchSchedule

@Suite struct NumberSetTests {
  /// Limits on both sides of every level of the tree.
  static let limits = [0, 1, 63, 64, 65, 4095, 4096, 4097, 300_000]

  @Test("It has what was put in and not taken out, and finds the first of it in any range", arguments: limits)
  func matchesSet(limit: Int) {
    var random = SplitMix64(seed: UInt64(limit))
    var numbers = NumberSet(limit: limit)
    var model: Set<Int32> = []
    #expect(numbers.first(in: 0..<Int32(limit)) == nil)
    guard limit > 0 else { return }
    for round in 0..<2000 {
      // Few members at first and again at the end, so that whole levels are empty between them.
      let number = Int32(random.below(limit))
      if random.chance(round < 1000 ? 55 : 30) {
        numbers.insert(number)
        model.insert(number)
      } else if let member = random.chance(80) ? model.randomElement(using: &random) : number {
        numbers.remove(member)
        model.remove(member)
      }
      #expect(numbers.contains(number) == model.contains(number))
      guard round % 20 == 0 else { continue }
      let ends = [Int32(random.below(limit + 1)), Int32(random.below(limit + 1))].sorted()
      for range in [0..<Int32(limit), ends[0]..<ends[1], number..<Int32(limit)] {
        #expect(numbers.first(in: range) == model.filter(range.contains).min(), "\(range)")
      }
    }
  }
}
