package import OrchDomain
package import OrchSchedule

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension TimeZoneOffsets {
  /// The zone of this machine, or of `$TZ`.
  package static let local = TimeZoneOffsets { moment in
    var seconds = time_t(moment.milliseconds.floorDivided(by: 1000))
    var parts = tm()
    return localtime_r(&seconds, &parts) == nil ? 0 : parts.tm_gmtoff
  }

  /// `2026-11-21 22:00 +01:00`: the minute as clocks show it there, and how far they are ahead of UTC.
  package func text(_ moment: Timestamp) -> String {
    let offset = max(-86_400, min(86_400, self.offset(moment)))
    let (date, time) = moment.advanced(by: .seconds(offset)).civil
    let minutes = abs(offset) / 60
    return "\(pad(date.year, 4))-\(pad(date.month))-\(pad(date.day)) \(pad(time.hour)):\(pad(time.minute)) "
      + "\(offset < 0 ? "-" : "+")\(pad(minutes / 60)):\(pad(minutes % 60))"
  }
}
