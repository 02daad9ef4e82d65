import OrchDiagnostics
import OrchDomain
import OrchPlan
import OrchRandom
import Testing

@Suite("Stored units")
struct PlanUnitEncodingTests {
  @Test("A unit comes back as it was", arguments: 0..<60 as Range<UInt64>)
  func roundTrip(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for unit in RandomPlans.make(&random).units { #expect(PlanUnit(encoded: unit.encoded()) == unit) }
    let full = unit(PlanReaderTests.full)
    #expect(PlanUnit(encoded: full.encoded()) == full)
    for text in ["", "---\n", "---\na: &x [*x]\n", "# T\n## Acceptance Criteria\n- [ ] TBD"] {
      #expect(PlanUnit(encoded: unit(text).encoded()) == unit(text))
    }
    #expect(PlanUnit(encoded: unit("", "m/README.md").encoded()) == unit("", "m/README.md"))
    #expect(PlanUnit(encoded: unit("", "m/x.txt").encoded()) == unit("", "m/x.txt"))
  }

  @Test("Cut bytes are refused at every length")
  func truncated() {
    let bytes = unit(PlanReaderTests.full).encoded()
    for count in 0..<bytes.count { #expect(PlanUnit(encoded: Array(bytes[..<count])) == nil) }
    #expect(PlanUnit(encoded: bytes + [0]) == nil)
  }

  @Test("A changed bit is refused", arguments: 0..<50 as Range<UInt64>)
  func flipped(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let good = unit(PlanReaderTests.full).encoded()
    var bytes = good
    bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
    #expect(PlanUnit(encoded: bytes) == nil)
  }

  @Test("Garbage is refused", arguments: 0..<200 as Range<UInt64>)
  func garbage(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bytes = (0..<random.below(300)).map { _ in UInt8.random(in: 0...255, using: &random) }
    #expect(PlanUnit(encoded: bytes) == nil)
    if !bytes.isEmpty { bytes[0] = PlanUnit.encodingVersion }
    #expect(PlanUnit(encoded: bytes) == nil)
  }
}
