import OrchDomain
import OrchRandom
import Testing

@Suite("Ports of attempts")
struct PortRangeTests {
  @Test func theNameDecidesAndCollisionsMoveOn() throws {
    let first = try #require(PortRange.choose(for: "p/m/E01/1", count: 10, in: 20_000...29_999, taken: []))
    #expect(PortRange.choose(for: "p/m/E01/1", count: 10, in: 20_000...29_999, taken: []) == first)
    let second = try #require(PortRange.choose(for: "p/m/E01/1", count: 10, in: 20_000...29_999, taken: [first]))
    #expect(!second.overlaps(first))
  }

  @Test(arguments: 0..<20)
  func noTwoOverlapWhateverTheirSizes(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var taken: [PortRange] = []
    let span = 30_000...30_999
    for number in 0..<60 {
      let count = Int.random(in: 1...40, using: &random)
      guard let range = PortRange.choose(for: "\(seed)-\(number)", count: count, in: span, taken: taken) else {
        continue
      }
      #expect(range.count == count && range.first >= span.lowerBound && range.first + count - 1 <= span.upperBound)
      for other in taken { #expect(!range.overlaps(other), "\(range) \(other)") }
      taken.append(range)
    }
    #expect(taken.count > 10)
  }

  @Test func aFullOrImpossibleSpanGivesNone() {
    let span = 40_000...40_029
    let all = (0..<3).map { PortRange(first: 40_000 + $0 * 10, count: 10) }
    #expect(PortRange.choose(for: "x", count: 10, in: span, taken: all) == nil)
    #expect(PortRange.choose(for: "x", count: 10, in: span, taken: Array(all.dropLast())) == all[2])
    #expect(PortRange.choose(for: "x", count: 31, in: span, taken: []) == nil)
    #expect(PortRange.choose(for: "x", count: 0, in: span, taken: []) == nil)
  }
}
