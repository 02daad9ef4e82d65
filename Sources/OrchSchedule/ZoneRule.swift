import OrchDomain

/// A rule for a time zone such as `CET-1CEST,M3.5.0,M10.5.0/3`. Source of the format: POSIX, `TZ`, with the longer
/// times of RFC 9636.
struct ZoneRule: Hashable, Sendable {
  /// A moment that comes every year.
  private struct Day: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
      /// The 5th week is the last one.
      case weekday(month: Int, week: Int, day: Int)
      /// From 1, never counting 29 February.
      case fixed(Int)
      /// From 0, counting 29 February.
      case ordinal(Int)
    }

    var kind: Kind
    /// Seconds after local midnight.
    var time: Int

    /// In seconds on local clocks.
    func moment(in year: Int) -> Int64 { Int64(days(in: year) * 86_400 + time) }

    private func days(in year: Int) -> Int {
      let start = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
      switch kind {
      case .ordinal(let day): return start + day
      case .fixed(let day):
        let isLeap = CivilDate(year: year, month: 3, day: 1).daysSinceEpoch - start == 60
        return start + day - 1 + (isLeap && day >= 60 ? 1 : 0)
      case .weekday(let month, let week, let day):
        let first = CivilDate(year: year, month: month, day: 1)
        let next = CivilDate(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1).daysSinceEpoch
        var date = first.daysSinceEpoch + (day - first.weekday + 7) % 7 + (week - 1) * 7
        while date >= next { date -= 7 }
        return date
      }
    }
  }

  private var standard = 0
  private var summer: Summer?

  private struct Summer: Hashable, Sendable {
    var offset: Int
    var start: Day
    var end: Day
  }

  /// - Returns: Nil for what is no rule.
  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    guard Self.name(&rest), let west = Self.time(&rest) else { return nil }
    standard = -west
    guard !rest.isEmpty else { return }
    guard Self.name(&rest) else { return nil }
    var offset = standard + 3600
    if rest.first != UInt8(ascii: ",") {
      guard let west = Self.time(&rest) else { return nil }
      offset = -west
    }
    guard Self.take(",", &rest), let start = Self.day(&rest), Self.take(",", &rest), let end = Self.day(&rest),
      rest.isEmpty
    else { return nil }
    summer = Summer(offset: offset, start: start, end: end)
  }

  /// Seconds east of UTC at a moment in seconds.
  func seconds(at moment: Int64) -> Int {
    guard let summer else { return standard }
    let days = Int((moment + Int64(standard)).floorDivided(by: 86_400))
    let year = CivilDate(daysSinceEpoch: days).year
    let start = summer.start.moment(in: year) - Int64(standard)
    let end = summer.end.moment(in: year) - Int64(summer.offset)
    // South of the equator summer lies around the new year.
    let isSummer = start < end ? start <= moment && moment < end : !(end <= moment && moment < start)
    return isSummer ? summer.offset : standard
  }

  private static func take(_ character: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  /// `CET` or `<+03>`.
  private static func name(_ rest: inout ArraySlice<UInt8>) -> Bool {
    if take("<", &rest) {
      guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
      rest = rest[(end + 1)...]
      return true
    }
    let length = rest.prefix { (97...122).contains($0 | 0x20) }.count
    rest.removeFirst(length)
    return length >= 3
  }

  private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
    let digits = rest.prefix { (48...57).contains($0) }
    guard (1...4).contains(digits.count) else { return nil }
    rest.removeFirst(digits.count)
    return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
  }

  /// `[+-]h[h[h]][:mm[:ss]]` in seconds.
  private static func time(_ rest: inout ArraySlice<UInt8>) -> Int? {
    let isNegative = take("-", &rest)
    if !isNegative { _ = take("+", &rest) }
    guard var seconds = number(&rest).map({ $0 * 3600 }) else { return nil }
    for unit in [60, 1] where take(":", &rest) {
      guard let value = number(&rest) else { return nil }
      seconds += value * unit
    }
    guard seconds <= 167 * 3600 else { return nil }
    return isNegative ? -seconds : seconds
  }

  private static func day(_ rest: inout ArraySlice<UInt8>) -> Day? {
    let kind: Day.Kind
    if take("M", &rest) {
      guard let month = number(&rest), (1...12).contains(month), take(".", &rest), let week = number(&rest),
        (1...5).contains(week), take(".", &rest), let day = number(&rest), (0...6).contains(day)
      else { return nil }
      kind = .weekday(month: month, week: week, day: day)
    } else if take("J", &rest) {
      guard let day = number(&rest), (1...365).contains(day) else { return nil }
      kind = .fixed(day)
    } else {
      guard let day = number(&rest), day <= 365 else { return nil }
      kind = .ordinal(day)
    }
    guard take("/", &rest) else { return Day(kind: kind, time: 7200) }
    return time(&rest).map { Day(kind: kind, time: $0) }
  }
}
