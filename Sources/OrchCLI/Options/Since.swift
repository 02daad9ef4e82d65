import ArgumentParser
import OrchDomain
import OrchSchedule

/// A moment of the past on the command line.
enum Since: Hashable {
  case ago(Duration)
  /// The beginning of a local day.
  case day(CivilDate)
  case moment(Timestamp)

  static func parse(_ text: String) throws -> Since {
    if let duration = Duration(text: text) { return .ago(duration) }
    let parts = text.split(separator: "T", omittingEmptySubsequences: false)
    if let date = parts.first.flatMap({ date($0) }) {
      if parts.count == 1 { return .day(date) }
      if parts.count == 2, let seconds = secondOfDay(parts[1]) {
        return .moment(Timestamp(milliseconds: Int64(date.daysSinceEpoch * 86_400 + seconds) * 1000))
      }
    }
    throw ValidationError("'\(text)' is no time; write 12h, 7d, 2026-11-27, or 2026-11-27T06:00:00Z")
  }

  func moment(before now: Timestamp, _ zone: TimeZoneOffsets) -> Timestamp {
    switch self {
    case .ago(let duration): now.advanced(by: .zero - duration)
    case .day(let date): Timestamp(milliseconds: Int64(zone.moment(ofLocal: date.daysSinceEpoch * 86_400)) * 1000)
    case .moment(let moment): moment
    }
  }

  private static func date(_ text: Substring) -> CivilDate? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { number($0) }
    guard text.utf8.count == 10, parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2]
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    // The 31st of February comes back as another day.
    return (1...12).contains(month) && CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date ? date : nil
  }

  /// `06:00:00Z`
  private static func secondOfDay(_ text: Substring) -> Int? {
    guard text.hasSuffix("Z") else { return nil }
    let parts = text.dropLast().split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
    guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
      hour < 24, minute < 60, second < 60
    else { return nil }
    return hour * 3600 + minute * 60 + second
  }

  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
