/// A moment: milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Sendable, Comparable, Codable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

  /// Stops at the first and the last moment that can be told instead of overflowing.
  package func advanced(by duration: Duration) -> Timestamp {
    Timestamp(milliseconds: milliseconds.addingSaturated(duration.wholeMilliseconds))
  }

  /// The time from `other` until this moment; negative when `other` is later.
  package func since(_ other: Timestamp) -> Duration {
    .milliseconds(milliseconds.subtractingSaturated(other.milliseconds))
  }

  /// RFC 3339 in UTC with whole seconds: `2026-11-21T06:12:42Z`.
  ///
  /// The format has four digits for the year, so a moment outside of the years 0 to 9999 is written as the first or
  /// last one inside.
  package var rfc3339: String {
    let writable = Timestamp(milliseconds: max(-62_167_219_200_000, min(253_402_300_799_000, milliseconds)))
    let (date, time) = writable.civil
    return "\(pad(date.year, 4))-\(pad(date.month))-\(pad(date.day))T\(pad(time.hour)):\(pad(time.minute)):"
      + "\(pad(time.second))Z"
  }

  /// The proleptic Gregorian date and the time of day, in UTC.
  package var civil: (date: CivilDate, time: (hour: Int, minute: Int, second: Int)) {
    let seconds = Int(milliseconds.floorDivided(by: 1000))
    let days = seconds.floorDivided(by: 86_400)
    let rest = seconds - days * 86_400
    return (CivilDate(daysSinceEpoch: days), (rest / 3600, rest / 60 % 60, rest % 60))
  }
}

/// A day of the proleptic Gregorian calendar.
package struct CivilDate: Hashable, Sendable, Comparable {
  package let year: Int
  /// 1 to 12.
  package let month: Int
  /// 1 to 31.
  package let day: Int

  package init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// Source of the arithmetic: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
  package init(daysSinceEpoch days: Int) {
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days since 1970-01-01; the inverse of ``init(daysSinceEpoch:)``.
  package var daysSinceEpoch: Int {
    let y = month <= 2 ? year - 1 : year
    let era = y.floorDivided(by: 400)
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// 0 for Sunday, as cron counts.
  package var weekday: Int { (daysSinceEpoch + 4).floorModulo(7) }

  package static func < (a: CivilDate, b: CivilDate) -> Bool { a.daysSinceEpoch < b.daysSinceEpoch }
}

extension BinaryInteger {
  package func floorDivided(by divisor: Self) -> Self {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
  package func floorModulo(_ divisor: Self) -> Self { self - floorDivided(by: divisor) * divisor }
}

extension FixedWidthInteger {
  /// The sum, or the greatest or least value when the sum is beyond it.
  package func addingSaturated(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  /// The difference, or the greatest or least value when the difference is beyond it.
  package func subtractingSaturated(_ other: Self) -> Self {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }
}

/// `value` in decimal with leading zeros up to `width` digits.
package func pad(_ value: Int, _ width: Int = 2) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
