import OrchDomain
import OrchRandom
import OrchSchedule
import Testing

@Suite("When notices go")
struct NoticePolicyTests {
  private static func at(_ second: Int) -> Timestamp { Timestamp(milliseconds: Int64(second) * 1000) }

  @Test(
    "Quiet hours hold over midnight, and end at their end",
    arguments: [
      ("22:00-07:00", 23, 31 * 3600), ("22:00-07:00", 2, 7 * 3600), ("22:00-07:00", 7, nil), ("22:00-07:00", 21, nil),
      ("12:00-14:00", 13, 14 * 3600), ("12:00-14:00", 14, nil),
    ] as [(String, Int, Int?)])
  func quiet(text: String, hour: Int, end: Int?) throws {
    let hours = try #require(QuietHours(text))
    #expect(hours.end(at: Self.at(hour * 3600), .utc) == end.map { Self.at($0) })
  }

  @Test(
    "Hours of another form are none",
    arguments: ["", "22-7", "22:00", "24:00-07:00", "22:00-22:00", "22:60-07:00", "x"])
  func noHours(text: String) { #expect(QuietHours(text) == nil) }

  /// A receiver that is down at times, notices at random times, and a sender that follows the policy.
  @Test(
    "Whatever happens, each notice goes once and in order, never in quiet hours, never too often",
    arguments: 0..<100 as Range<UInt64>)
  func everyNotice(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let quiet = random.chance(50) ? QuietHours("22:00-07:00") : nil
    let policy = NoticePolicy(
      perHour: 1 + random.below(5), digest: random.chance(30) ? .seconds(600) : .zero, quiet: quiet)
    var waiting: [NoticePolicy.Waiting] = []
    var tries = 0
    var written: Int64 = 0
    var arrived: [Int64] = []
    var sent: [Timestamp] = []
    let down = random.below(86_400)..<(86_400 + random.below(7200))
    var second = 0
    while second < 4 * 86_400 {
      defer { second += 20 + random.below(100) }
      let now = Self.at(second)
      if second < 2 * 86_400, random.chance(4) {
        for _ in 0..<(1 + random.below(4)) {
          written += 1
          waiting.append(.init(id: written, createdAt: now, notBefore: now))
        }
      }
      guard case .send(let ids) = policy.next(waiting, sent: sent, at: now, zone: .utc) else { continue }
      #expect(quiet?.end(at: now, .utc) == nil)
      if down.contains(second) {
        tries += 1
        for place in waiting.indices where ids.contains(waiting[place].id) {
          waiting[place].notBefore = now.advanced(by: NoticePolicy.pause(after: tries))
        }
        continue
      }
      tries = 0
      arrived += ids
      waiting.removeAll { ids.contains($0.id) }
      sent.append(now)
      let hour = sent.filter { now.since($0) < .seconds(3600) }
      #expect(hour.count <= policy.perHour, "seed \(seed)")
    }
    #expect(arrived == Array(1...max(1, written)).filter { $0 <= written }, "seed \(seed)")
  }

  @Test("A notice of a clock that has been put back since goes now, and holds no other up")
  func clockPutBack() {
    let policy = NoticePolicy(perHour: 10)
    let now = Self.at(1_000_000)
    let future = now.advanced(by: .seconds(365 * 86_400))
    let head = NoticePolicy.Waiting(id: 1, createdAt: future, notBefore: future)
    let next = NoticePolicy.Waiting(id: 2, createdAt: now, notBefore: now)
    #expect(policy.next([head, next], sent: [], at: now, zone: .utc) == .send([1]))
  }
}
