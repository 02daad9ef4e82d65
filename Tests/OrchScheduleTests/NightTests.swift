import OrchDomain
import OrchRandom
import OrchSchedule
import Testing

/// Weeks of schedules on a clock that is set by hand, with changes of summer time, outages and deaths.
@Suite("Two weeks of nights")
struct NightTests {
  /// What happened to one batch.
  private struct Story {
    var past: BatchPast
    /// By due time: in how many runs and misses it is.
    var dealt: [Timestamp: Int] = [:]
    var lateness: [(due: Timestamp, started: Timestamp)] = []
    var mostAtOnce = 0
  }

  private struct World {
    var spec: BatchSpec
    var zone: TimeZoneOffsets
    var start: Timestamp
    var end: Timestamp
    /// Nothing is there.
    var outages: [Range<Timestamp>]

    func isUp(_ now: Timestamp) -> Bool { !outages.contains { $0.contains(now) } }

    /// Every due time, found minute by minute on local clocks.
    func due() -> [Timestamp] {
      var result: [Timestamp] = []
      var newest = Int.min
      for minute in stride(from: start.milliseconds / 60_000, through: end.milliseconds / 60_000, by: 1) {
        let now = Timestamp(milliseconds: minute * 60_000)
        let local = Int(minute) + zone.offset(now) / 60
        // Clocks that are put back show times again that were there before; those that jump skip some.
        let shown = newest == .min ? local...local : local > newest ? (newest + 1)...local : 0...0
        if local > newest, now > start, shown.contains(where: matches) { result.append(now) }
        newest = max(newest, local)
      }
      return result
    }

    private func matches(_ local: Int) -> Bool {
      let days = local.floorDivided(by: 1440)
      // The only expressions here have numbers, stars and steps in minute and hour.
      return spec.cron.matches(CivilDate(daysSinceEpoch: days))
        && field(0, local.floorModulo(60)) && field(1, local.floorModulo(1440) / 60)
    }

    private func field(_ place: Int, _ value: Int) -> Bool {
      let text = spec.cron.text.split(separator: " ")[place]
      if text == "*" { return true }
      if text.hasPrefix("*/") { return Int(text.dropFirst(2)).map { value % $0 == 0 } ?? false }
      return text.split(separator: ",").contains { Int($0) == value }
    }
  }

  /// Plays the world as a process does that looks every few minutes.
  private func play(_ world: World, _ random: inout SplitMix64) -> Story {
    var story = Story(past: BatchPast(knownSince: world.start))
    var now = world.start
    var ends: Timestamp?
    var number: Int64 = 0
    while now <= world.end {
      defer { now = now.advanced(by: .seconds(60 * (1 + random.below(9)))) }
      let running = story.past.entries.firstIndex { $0.state == .running }
      guard world.isUp(now) else {
        if let running { story.past.entries[running].state = .lost }
        continue
      }
      if let running, let end = ends, now >= end {
        story.past.entries[running].state = .ended(now)
        ends = nil
      }
      let plan = world.spec.plan(at: now, story.past, zone: world.zone)
      for missed in plan.missed {
        number += 1
        story.past.entries.append(
          BatchPast.Entry(id: number, due: missed.first, startedAt: now, state: .missed(until: missed.last)))
        var moment = missed.first
        story.dealt[moment, default: 0] += 1
        for _ in 1..<missed.count {
          guard let next = world.spec.cron.next(after: moment, zone: world.zone) else { break }
          moment = next
          story.dealt[moment, default: 0] += 1
        }
        #expect(moment == missed.last)
      }
      if let goesOn = plan.goesOn, let place = story.past.entries.firstIndex(of: goesOn) {
        story.past.entries[place].state = .running
        continue
      }
      for place in story.past.entries.indices where story.past.entries[place].state == .lost {
        story.past.entries[place].state = .ended(story.past.entries[place].startedAt)
      }
      guard let begin = plan.start, begin.at <= now else { continue }
      number += 1
      story.past.entries.append(BatchPast.Entry(id: number, due: begin.due, startedAt: now, state: .running))
      story.dealt[begin.due, default: 0] += 1
      story.lateness.append((begin.due, now))
      ends = now.advanced(by: .seconds(random.below(5) == 0 ? 60 * random.below(700) : 60 * (1 + random.below(40))))
      story.mostAtOnce = max(story.mostAtOnce, story.past.entries.count { $0.state == .running })
    }
    return story
  }

  private static let expressions = ["0 22 * * *", "30 2 * * *", "0 * * * *", "*/30 1,2,3 * * *", "0 0 13 * 5"]

  private func world(_ random: inout SplitMix64, weeks start: String) throws -> World {
    var spec = BatchSpec(
      name: "n", cron: try CronExpression(Self.expressions[random.below(Self.expressions.count)]),
      maxDuration: .seconds(3600 * (1 + random.below(6))))
    spec.catchup = Catchup.allCases[random.below(3)]
    spec.overlap = Overlap.allCases[random.below(2)]
    spec.jitter = random.chance(30) ? .seconds(600) : .zero
    let begin = try moment(start)
    let end = begin.advanced(by: .seconds(14 * 86_400))
    // Three outages of up to two days; the last day is quiet, so that everything settles.
    let outages = (0..<3).map { _ in
      let from = begin.advanced(by: .seconds(random.below(11 * 86_400)))
      return from..<from.advanced(by: .seconds(60 + random.below(2 * 86_400)))
    }
    return World(spec: spec, zone: CronTests.berlin, start: begin, end: end, outages: outages)
  }

  @Test(
    "Whatever fails, each due time gets one run or is told to be missed, and never two",
    arguments: 0..<60 as Range<UInt64>
  )
  func everyDueTime(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let world = try world(&random, weeks: seed % 2 == 0 ? "2026-03-20T12:00:00Z" : "2026-10-16T12:00:00Z")
    let story = play(world, &random)
    let settled = world.end.advanced(by: .seconds(-13 * 3600))
    let due = world.due()
    for moment in due where moment <= settled {
      #expect(story.dealt[moment] == 1, "seed \(seed): \(moment.rfc3339) of \(world.spec.cron.text)")
    }
    #expect(story.dealt.keys.allSatisfy { Set(due).contains($0) }, "seed \(seed): something ran that was not due")
    #expect(story.dealt.values.allSatisfy { $0 == 1 }, "seed \(seed)")
    #expect(story.mostAtOnce <= 1)
    for (due, started) in story.lateness {
      #expect(started >= world.spec.start(of: due))
      if world.spec.catchup == .none, world.spec.overlap == .skip {
        #expect(started.since(world.spec.start(of: due)) <= BatchSpec.punctuality, "seed \(seed)")
      }
    }
  }
}
