package import OrchDomain

extension Timestamp {
  /// A moment as HTTP writes it in `date`: `Fri, 27 Nov 2026 21:00:00 GMT`.
  init?(httpDate text: String) {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(where: { words[2] == $0 }) else {
      return nil
    }
    self.init(rfc3339: "\(words[3])-\(month + 1)-\(words[1])T\(words[4])Z")
  }

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
