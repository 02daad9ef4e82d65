package import OrchDomain

extension CronExpression {
  /// The calendar repeats after 400 years, days of the week included, so what is not in them never comes.
  private static let period = 146_097

  /// The first moment after `after` at which the schedule fires; nil when there is none, such as on 30 February.
  ///
  /// Where clocks jump forward, everything due in the skipped time fires once, at the jump. Where they are put back,
  /// a time that they show twice fires the first time only, also under `*`.
  package func next(after: Timestamp, zone: TimeZoneOffsets = .utc) -> Timestamp? {
    let now = Int(after.milliseconds.floorDivided(by: 1000))
    // Far outside of any calendar; also keeps the sums below from overflowing.
    guard abs(now / 86_400) < 1 << 30 else { return nil }
    // A jump can move the clock by up to a day, so what was due yesterday may fire now.
    let today = (now + zone.seconds(at: now)).floorDivided(by: 86_400) - 1
    for day in today...(today + CronExpression.period + 2) where matches(CivilDate(daysSinceEpoch: day)) {
      if let moment = first(onDay: day, after: now, zone) { return Timestamp(milliseconds: Int64(moment) * 1000) }
    }
    return nil
  }

  /// The first firing on a local day that is later than `now`, in seconds.
  private func first(onDay day: Int, after now: Int, _ zone: TimeZoneOffsets) -> Int? {
    let midnight = day * 86_400
    let early = zone.seconds(at: midnight - 86_400)
    let isPlain = early == zone.seconds(at: midnight + 2 * 86_400)
    if isPlain, midnight + 86_400 - early <= now { return nil }
    for hour in 0..<24 where hours & 1 << UInt64(hour) != 0 {
      let start = midnight + hour * 3600
      if isPlain, start + 3600 - early <= now { continue }
      for minute in 0..<60 where minutes & 1 << UInt64(minute) != 0 {
        let local = start + minute * 60
        let moment = isPlain ? local - early : zone.moment(ofLocal: local)
        if moment > now { return moment }
      }
    }
    return nil
  }
}
