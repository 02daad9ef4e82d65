import OrchDomain

/// Finds the moment at which a limit ends in a message for people.
enum ResetTime {
  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// Reads `resets Jan 21, 2030, 10:54am (UTC)`, the same without the year or without the date (with `now`), and
  /// `limit reached|1895223241`; nil for anything else, also for a time in another zone: a guess would be a lie.
  static func find(in text: String, now: Timestamp?) -> Timestamp? {
    if let bar = text.lastIndex(of: "|") {
      let digits = text[text.index(after: bar)...].prefix { $0.isASCII && $0.isNumber }
      if digits.utf8.count == 10, let seconds = Int(digits) { return Timestamp(epochSeconds: seconds) }
    }
    if let now, let wait = wait(in: text) { return now.advanced(by: wait) }
    let separators: Set<Character> = [" ", ",", "(", ")", "·", "\n"]
    let words = text.bounded(2000).lowercased().split { separators.contains($0) }
    guard let start = words.firstIndex(where: { $0 == "resets" || $0 == "reset" }) else { return nil }
    var rest = words[(start + 1)...]
    if rest.first == "at" || rest.first == "on" { rest = rest.dropFirst() }
    var date: (year: Int?, month: Int, day: Int)?
    if let name = rest.first, let month = months.firstIndex(of: String(name.prefix(3))) {
      guard let day = rest.dropFirst().first.flatMap({ Int($0) }), (1...31).contains(day) else { return nil }
      rest = rest.dropFirst(2)
      date = (nil, month + 1, day)
      if let year = rest.first.flatMap({ Int($0) }), (2000...2200).contains(year) {
        date?.year = year
        rest = rest.dropFirst()
      }
      if rest.first == "at" { rest = rest.dropFirst() }
    }
    guard let minutes = rest.first.flatMap({ minuteOfDay($0) }), rest.dropFirst().first == "utc" else { return nil }
    return moment(date, minutes, now: now)
  }

  /// The time to wait in `try again in 3 days 4 hours`, `retry after 30 seconds`, `will reset after 12h3m4s`.
  private static func wait(in text: String) -> Duration? {
    let words = text.bounded(2000).lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "." }.map { word in
      word.last == "." ? word.dropLast() : word
    }
    guard
      let start = words.indices.dropLast().first(where: { index in
        ["again", "retry", "reset", "resets", "wait"].contains(words[index])
          && ["in", "after"].contains(words[index + 1])
      })
    else { return nil }
    var seconds = 0.0
    var number: Double?
    for word in words[(start + 2)...] {
      var rest = word[...]
      while !rest.isEmpty {
        let digits = rest.prefix { $0.isNumber || $0 == "." }
        if let value = Double(digits) {
          number = value
          rest = rest.dropFirst(digits.count)
          continue
        }
        let unit = rest.prefix { $0.isLetter }
        guard let value = number, let size = units.first(where: { unit.hasPrefix($0.name) })?.seconds else {
          return seconds > 0 && seconds < 31 * 86_400 ? .milliseconds(Int64(seconds * 1000)) : nil
        }
        seconds += value * size
        number = nil
        rest = rest.dropFirst(unit.count)
      }
    }
    return seconds > 0 && seconds < 31 * 86_400 ? .milliseconds(Int64(seconds * 1000)) : nil
  }

  private static let units: [(name: String, seconds: Double)] = [
    ("ms", 0.001), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
  ]

  /// `3pm`, `10:54am`, `22:15`.
  private static func minuteOfDay(_ text: Substring) -> Int? {
    let isAfternoon = text.hasSuffix("pm")
    let isTwelveHours = isAfternoon || text.hasSuffix("am")
    let parts = (isTwelveHours ? text.dropLast(2) : text).split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || (parts.count == 1 && isTwelveHours), let hour = Int(parts[0]) else { return nil }
    let minute = parts.count == 2 ? Int(parts[1]) ?? -1 : 0
    guard (0...59).contains(minute), isTwelveHours ? (1...12).contains(hour) : (0...23).contains(hour) else {
      return nil
    }
    return (isTwelveHours ? hour % 12 + (isAfternoon ? 12 : 0) : hour) * 60 + minute
  }

  private static func moment(
    _ date: (year: Int?, month: Int, day: Int)?, _ minutes: Int, now: Timestamp?
  ) -> Timestamp? {
    func timestamp(_ date: CivilDate) -> Timestamp {
      Timestamp(milliseconds: Int64(date.daysSinceEpoch * 86_400 + minutes * 60) * 1000)
    }
    if let date, let year = date.year {
      return timestamp(CivilDate(year: year, month: date.month, day: date.day))
    }
    guard let now else { return nil }
    let today = now.civil.date
    guard let date else {
      let moment = timestamp(today)
      return moment > now ? moment : moment.advanced(by: .seconds(86_400))
    }
    let thisYear = timestamp(CivilDate(year: today.year, month: date.month, day: date.day))
    guard thisYear.advanced(by: .seconds(86_400)) < now else { return thisYear }
    return timestamp(CivilDate(year: today.year + 1, month: date.month, day: date.day))
  }
}
