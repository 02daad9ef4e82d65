import OrchDomain
import Testing

@Suite("How long an agent gets no work")
struct CooldownTests {
  static let now = Timestamp(milliseconds: 1_700_000_000_000)

  static func next(
    after old: Cooldown? = nil, reset: Duration? = nil, base: Duration = .seconds(300), at now: Timestamp = now,
    seenLater: Duration = .zero
  ) -> Cooldown {
    Cooldown.next(
      after: old, agent: "a", model: "m", failure: .rateLimit, evidence: "why",
      reset: reset.map { now.advanced(by: $0) },
      base: base, failedAt: now, now: now.advanced(by: seenLater))
  }

  @Test("The vendor's end counts; without one the guesses double up to an hour")
  func ends() {
    #expect(Self.next(reset: .seconds(63)).until == Self.now.advanced(by: .seconds(63)))
    var cooldown: Cooldown?
    var now = Self.now
    var waits: [Int64] = []
    for _ in 0..<7 {
      let new = Self.next(after: cooldown, at: now)
      waits.append(new.until.since(now).wholeMilliseconds / 60_000)
      now = new.until
      cooldown = new
    }
    #expect(waits == [5, 10, 20, 40, 60, 60, 60])
    #expect(Self.next(base: .seconds(7200)).until == Self.now.advanced(by: .seconds(7200)))
  }

  @Test("Many tasks at the same wall count once, and a guess never shortens what is known")
  func once() {
    let first = Self.next()
    #expect(Self.next(after: first, at: Self.now.advanced(by: .seconds(10))) == first)
    let named = Self.next(reset: .seconds(7200))
    #expect(Self.next(after: named, at: Self.now.advanced(by: .seconds(10))) == named)
    #expect(Self.next(after: named, reset: .seconds(60), at: Self.now.advanced(by: .seconds(10))) == named)
    let later = Self.next(after: named, reset: .seconds(9000), at: Self.now.advanced(by: .seconds(10)))
    #expect(later.until == Self.now.advanced(by: .seconds(9010)))
    // A short wait that the vendor names ends a long guess.
    #expect(Self.next(after: first, reset: .seconds(63)).until == Self.now.advanced(by: .seconds(63)))
  }

  @Test("A reset in the past or far away is not believed, and that is said", arguments: [-3_000_000, -1, 0, 691_201])
  func bounds(_ seconds: Int) {
    let cooldown = Self.next(reset: .seconds(seconds))
    #expect(cooldown.until == Self.now.advanced(by: .seconds(300)) && !cooldown.isNamed)
    #expect(cooldown.reason.hasPrefix("why (the reset that it names, 20") && cooldown.reason.contains("not believed"))
    #expect(Self.next(reset: .seconds(691_200)).isNamed)
  }

  @Test("A reset that has passed since the failure is believed, and holds nobody", arguments: [60, 61, 7200, 864_000])
  func overByNow(_ later: Int) {
    let cooldown = Self.next(reset: .seconds(60), seenLater: .seconds(later))
    #expect(cooldown.isNamed && cooldown.reason == "why", "it was not over when it was named")
    let seen = Self.now.advanced(by: .seconds(later))
    #expect(cooldown.until == Self.now.advanced(by: .seconds(60)) && !cooldown.holds(at: seen))
    #expect(cooldown.wake(TaskID(module: "a", number: 1), seed: 7, now: seen) == cooldown.until)
    // A clock that was set back in between takes nothing away.
    #expect(Self.next(reset: .seconds(60), seenLater: .seconds(-30)).until == cooldown.until)
    // What was over already when it was named stays a guess, whenever it is seen.
    #expect(!Self.next(reset: .seconds(-1), seenLater: .seconds(later)).isNamed)
  }

  @Test("A clock that was set back keeps nobody waiting for weeks")
  func clockSetBack() {
    let cooldown = Self.next(reset: .seconds(3600), at: Self.now.advanced(by: .seconds(30 * 86_400)))
    #expect(!cooldown.holds(at: Self.now))
    #expect(Self.next(reset: .seconds(3600)).holds(at: Self.now))
    #expect(!Self.next(reset: .seconds(3600)).holds(at: Self.now.advanced(by: .seconds(3600))))
  }

  @Test("Tasks wake one after the other, each at the same moment for the same seed")
  func jitter() {
    let cooldown = Self.next(reset: .seconds(3600))
    let ids = (1...50).map { TaskID(module: "a", number: $0) }
    let wakes = ids.map { cooldown.wake($0, seed: 7, now: Self.now) }
    #expect(wakes == ids.map { cooldown.wake($0, seed: 7, now: Self.now) })
    #expect(wakes.allSatisfy { $0 >= cooldown.until && $0.since(cooldown.until) <= .seconds(60) })
    #expect(Set(wakes).count > 40)
    #expect(ids.map { cooldown.wake($0, seed: 8, now: Self.now) } != wakes)
    // A short wait is not made much longer.
    let short = Self.next(reset: .seconds(2))
    #expect(ids.allSatisfy { short.wake($0, seed: 7, now: Self.now).since(short.until) <= .milliseconds(200) })
  }

  @Test("It is about one model of one agent, or about all of them")
  func covers() {
    var cooldown = Self.next()
    #expect(cooldown.covers("a", "m") && !cooldown.covers("a", "n") && !cooldown.covers("a", nil))
    #expect(!cooldown.covers("b", "m"))
    cooldown.model = nil
    #expect(cooldown.covers("a", "n") && cooldown.covers("a", nil))
  }
}
