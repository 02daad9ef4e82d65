package import OrchDomain

/// A time zone as a function: how far local clocks are ahead of UTC at a moment.
///
/// Clocks must not change twice within four days; no zone in use does.
package struct TimeZoneOffsets: Sendable {
  /// Seconds east of UTC at a moment.
  package let offset: @Sendable (Timestamp) -> Int

  package init(offset: @escaping @Sendable (Timestamp) -> Int) { self.offset = offset }

  package static let utc = TimeZoneOffsets { _ in 0 }

  package static func fixed(seconds: Int) -> TimeZoneOffsets { TimeZoneOffsets { _ in seconds } }

  /// The moment at which local clocks show a time, given as seconds since 1970-01-01T00:00:00 local.
  ///
  /// A time that clocks skip is the moment of the change; a time that they show twice is the first of the two.
  package func moment(ofLocal local: Int) -> Int {
    let before = seconds(at: local - 86_400)
    let after = seconds(at: local + 86_400)
    let early = local - max(before, after)
    let late = local - min(before, after)
    if seconds(at: early) == max(before, after) { return early }
    if seconds(at: late) == min(before, after) { return late }
    // Skipped: the change is after `early` and not after `late`.
    var low = early
    var high = late
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if seconds(at: middle) == before { low = middle } else { high = middle }
    }
    return high
  }

  /// The day that local calendars show at a moment.
  package func day(of moment: Timestamp) -> CivilDate {
    let second = Int(moment.milliseconds.floorDivided(by: 1000))
    return CivilDate(daysSinceEpoch: (second + seconds(at: second)).floorDivided(by: 86_400))
  }

  /// The offset at a moment in seconds since 1970; offsets over a day are taken for mistakes and count as a day.
  func seconds(at moment: Int) -> Int {
    let limit = Int(Int64.max / 1000)
    let clamped = Timestamp(milliseconds: Int64(max(-limit, min(limit, moment))) * 1000)
    return max(-86_400, min(86_400, offset(clamped)))
  }
}
