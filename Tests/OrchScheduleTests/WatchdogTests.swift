import OrchDomain
import OrchRandom
import Testing

@testable import OrchSchedule

/// Agents that do this and that, on a clock that is set by hand.
@Suite("Watchdog")
struct WatchdogTests {
  private static let limits = Watchdog.Limits(stall: .seconds(900))

  /// Looks every ten seconds until the agent has stalled or the time is over.
  ///
  /// - Parameter sign: What the agent shows at a time in seconds.
  /// - Returns: When it was found to have stalled.
  private static func watch(
    for seconds: Int = 36_000, every step: Int = 10, _ sign: (Int) -> Watchdog.Sign?
  ) -> (at: Int, reason: String)? {
    var watchdog = Watchdog(limits: limits, at: .zero)
    for now in stride(from: step, through: seconds, by: step) {
      if let sign = sign(now) { watchdog.observe(sign, at: .seconds(now)) }
      if case .stalled(let reason) = watchdog.judge(at: .seconds(now)) { return (now, reason) }
    }
    return nil
  }

  @Test("An agent that sleeps for ever has stalled when the time is over, and not before")
  func silent() throws {
    let stalled = try #require(Self.watch { _ in nil })
    #expect(stalled.at == 900 && stalled.reason.contains("15m"))
  }

  @Test("A line a second that changes nothing is no progress")
  func repetition() {
    #expect(Self.watch(every: 1) { .words("tick \($0)") }?.at == 901)
    #expect(Self.watch { _ in .words("still working") }?.at == 910)
    #expect(Self.watch { _ in .act("Bash sleep 60; cat log") }?.at == 910)
    let spinner = ["|", "/", "-", "\\"]
    #expect(Self.watch(every: 1) { .words(spinner[$0 % 4]) }?.at == 904)
  }

  private static func letters(_ number: Int) -> String {
    String(String(number).map { Character(Unicode.Scalar(UInt8(0x61 + ($0.wholeNumberValue ?? 0)))) })
  }

  @Test("Words are progress for a while, work is for ever")
  func kinds() throws {
    let talk = try #require(Self.watch { .words("thought \(Self.letters($0))") })
    #expect(talk.at == 3600 && talk.reason.contains("only talked"))
    #expect(Self.watch { .act("Read \(Self.letters($0)).swift") } == nil)
    #expect(Self.watch { .commit("\($0)") } == nil && Self.watch { .files(UInt64($0)) } == nil)
  }

  @Test("A silent compiler with full CPU works; a process that burns nearly nothing does not")
  func cpu() {
    #expect(Self.watch { .cpu(.seconds($0)) } == nil)
    #expect(Self.watch { .cpu(.milliseconds($0 * 200)) } == nil, "a fifth of a busy machine")
    #expect(Self.watch { .cpu(.milliseconds($0 * 20)) }?.at == 900)
    #expect(Self.watch { .cpu(.seconds(min(3000, $0))) }?.at == 3900, "once it is done it is silent")
  }

  @Test("Neither a sleeping machine nor a busy vendor makes an agent stall")
  func timeThatDoesNotCount() {
    var watchdog = Watchdog(limits: Self.limits, at: .zero)
    for day in 1...10 { #expect(watchdog.judge(at: .seconds(day * 86_400)) == .silent(.seconds(60 * day))) }
    #expect(watchdog.judge(at: .seconds(86_400)) == .silent(.seconds(600)), "a clock that goes back")
    #expect(Self.watch { $0 == 600 ? .waiting(.seconds(3000)) : nil }?.at == 3900)
  }

  @Test func aCommitIsSeenOnlyWhenTheTipMoves() {
    var watchdog = Watchdog(limits: Self.limits, at: .zero)
    watchdog.observe(.commit("a"), at: .seconds(1))
    watchdog.observe(.commit("a"), at: .seconds(2))
    #expect(!watchdog.hasCommitted)
    watchdog.observe(.commit("b"), at: .seconds(3))
    #expect(watchdog.hasCommitted && watchdog.judge(at: .seconds(3)) == .progressing)
  }

  /// Silence is never counted twice and never lost: an agent stalls exactly when what counted adds up.
  @Test("However the looks fall, an agent stalls when its silence adds up", arguments: 0..<200 as Range<UInt64>)
  func anyRhythm(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var watchdog = Watchdog(limits: Self.limits, at: .zero)
    var now = 0
    var silence = 0
    for number in 0..<400 {
      let step = Int.random(in: 0...90, using: &random)
      now += step
      silence += min(step, 60)
      let hasWorked = random.chance(3)
      if hasWorked {
        watchdog.observe(.act(Self.letters(number)), at: .seconds(now))
        silence = 0
      } else if random.chance(20) {
        watchdog.observe(.words("tick"), at: .seconds(now))
      }
      // The first tick is news.
      let verdict = watchdog.judge(at: .seconds(now))
      if case .stalled = verdict {
        #expect(silence >= 900, "\(seed)")
        return
      }
      if silence >= 1800 { Issue.record("not found: \(seed)") }
    }
  }
}
