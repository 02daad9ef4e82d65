package import OrchDomain

extension Timestamp {
  /// A moment as GitHub writes it: `2026-11-27T21:00:00Z`.
  package init?(rfc3339 text: String) {
    let fields = text.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    guard text.hasSuffix("Z"), fields.count >= 6, (1...12).contains(fields[1]), (1...31).contains(fields[2]),
      fields[3] < 24, fields[4] < 60, fields[5] <= 60
    else { return nil }
    let days = CivilDate(year: fields[0], month: fields[1], day: fields[2]).daysSinceEpoch
    let seconds = days * 86_400 + fields[3] * 3600 + fields[4] * 60 + fields[5]
    self.init(milliseconds: Int64(seconds) * 1000)
  }
}
