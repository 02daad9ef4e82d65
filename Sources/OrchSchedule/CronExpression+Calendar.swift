// The same schedule in the words of the programs that start things by the clock.
extension CronExpression {
  /// Five fields that every cron understands: numbers only, ranges forwards, no shortcuts of our own.
  package var crontab: String {
    let words = text.split { $0 == " " || $0 == "\t" }
    return CronField.allCases.enumerated().map { index, field in
      // A leading star also says how the two day fields go together, so such a field stays as it was written.
      if words.count == 5, words[index].first == "*" { return String(words[index]) }
      return isWhole(field) ? "*" : values(field).map(String.init).joined(separator: ",")
    }.joined(separator: " ")
  }

  /// The `OnCalendar=` values of systemd that fire at the same times; two when either of two day fields is enough.
  package var systemdCalendars: [String] {
    let time = "\(list(.hour)):\(list(.minute)):00"
    let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let weekdays = isWhole(.dayOfWeek) ? "" : values(.dayOfWeek).map { names[$0] }.joined(separator: ",") + " "
    if needsBothDays { return ["\(weekdays)*-\(list(.month))-\(list(.dayOfMonth)) \(time)"] }
    return ["*-\(list(.month))-\(list(.dayOfMonth)) \(time)", "\(weekdays)*-\(list(.month))-* \(time)"]
  }

  private func bits(_ field: CronField) -> UInt64 {
    switch field {
    case .minute: minutes
    case .hour: hours
    case .dayOfMonth: days
    case .month: months
    case .dayOfWeek: weekdays
    }
  }

  private func values(_ field: CronField) -> [Int] { field.whole.filter { bits(field) & 1 << UInt64($0) != 0 } }
  private func isWhole(_ field: CronField) -> Bool { values(field).count == field.whole.count }

  private func list(_ field: CronField) -> String {
    isWhole(field) ? "*" : values(field).map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ",")
  }
}
