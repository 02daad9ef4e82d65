import OrchDomain
import OrchRandom
import OrchSchedule
import Testing

/// `2026-03-29T01:30:00Z` as a moment.
func moment(_ text: String) throws -> Timestamp {
  let parts = text.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
  try #require(parts.count == 6)
  let days = CivilDate(year: parts[0], month: parts[1], day: parts[2]).daysSinceEpoch
  return Timestamp(milliseconds: Int64(days * 86_400 + parts[3] * 3600 + parts[4] * 60 + parts[5]) * 1000)
}

@Suite struct CronTests {
  /// UTC+1, and UTC+2 from the last Sunday in March to the last Sunday in October 2026, changed at 01:00 UTC.
  static let berlin = TimeZoneOffsets { moment in
    let start: Int64 = 1_774_746_000_000  // 2026-03-29T01:00:00Z
    let end: Int64 = 1_792_890_000_000  // 2026-10-25T01:00:00Z
    return (start..<end).contains(moment.milliseconds) ? 7200 : 3600
  }

  /// Samoa skipped 30 December 2011: UTC-10 before, UTC+14 after 2011-12-30T10:00:00Z.
  static let samoa = TimeZoneOffsets { $0.milliseconds < 1_325_239_200_000 ? -36_000 : 50_400 }

  static func fires(_ text: String, after: String, _ zone: TimeZoneOffsets, count: Int) throws -> [String] {
    let cron = try CronExpression(text)
    var now = try moment(after)
    var result: [String] = []
    while result.count < count, let next = cron.next(after: now, zone: zone) {
      #expect(next > now)
      result.append(next.rfc3339)
      now = next
    }
    return result
  }

  @Test(
    "Valid expressions fire when they should, in UTC",
    arguments: [
      ("0 22 * * *", "2026-11-21T06:12:42Z", ["2026-11-21T22:00:00Z", "2026-11-22T22:00:00Z"]),
      ("0 12 * * 1-5", "2026-11-20T12:00:00Z", ["2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z"]),
      ("*/5 * * * *", "2026-11-21T23:52:00Z", ["2026-11-21T23:55:00Z", "2026-11-22T00:00:00Z"]),
      ("* * * * *", "2026-11-21T23:59:59Z", ["2026-11-22T00:00:00Z", "2026-11-22T00:01:00Z"]),
      (
        "30 4 1,15 * 5", "2026-11-12T00:00:00Z",
        ["2026-11-13T04:30:00Z", "2026-11-15T04:30:00Z", "2026-11-20T04:30:00Z"]
      ),
      ("0 0 */10 * 1", "2026-11-01T00:00:00Z", ["2026-12-21T00:00:00Z", "2027-01-11T00:00:00Z"]),
      ("0 0 29 2 *", "2026-01-01T00:00:00Z", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]),
      ("0 0 29 2 *", "2096-03-01T00:00:00Z", ["2104-02-29T00:00:00Z"]),
      ("0 0 29 2 */7", "2028-03-01T00:00:00Z", ["2032-02-29T00:00:00Z", "2060-02-29T00:00:00Z"]),
      ("0 0 31 * *", "2026-01-31T00:00:00Z", ["2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"]),
      ("0 0 * * 7", "2026-11-21T00:00:00Z", ["2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z"]),
      ("0 0 * * sun", "2026-11-21T00:00:00Z", ["2026-11-22T00:00:00Z"]),
      (
        "0 0 * * Fri-Sun", "2026-11-16T00:00:00Z",
        ["2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"]
      ),
      ("0 0 * * 0-7/7", "2026-11-21T00:00:00Z", ["2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z"]),
      (
        "15/20 8-10/2 * jan,DEC *", "2026-11-21T00:00:00Z",
        [
          "2026-12-01T08:15:00Z", "2026-12-01T08:35:00Z",
          "2026-12-01T08:55:00Z", "2026-12-01T10:15:00Z",
        ]
      ),
      ("59 23 31 12 *", "2026-12-31T23:59:00Z", ["2027-12-31T23:59:00Z"]),
      ("  0\t1  * * *  ", "2026-01-01T00:00:00Z", ["2026-01-01T01:00:00Z"]),
      ("@hourly", "2026-01-01T00:00:00Z", ["2026-01-01T01:00:00Z"]),
      ("@daily", "2026-01-01T00:00:00Z", ["2026-01-02T00:00:00Z"]),
      ("@nightly", "2026-01-01T00:00:00Z", ["2026-01-01T22:00:00Z"]),
      ("@weekly", "2026-01-01T00:00:00Z", ["2026-01-04T00:00:00Z"]),
      ("@Monthly", "2026-01-01T00:00:00Z", ["2026-02-01T00:00:00Z"]),
      ("@yearly", "2026-01-01T00:00:00Z", ["2027-01-01T00:00:00Z"]),
      ("0 0 1 1 *", "1969-12-31T23:59:59Z", ["1970-01-01T00:00:00Z"]),
    ] as [(String, String, [String])])
  func valid(text: String, after: String, expected: [String]) throws {
    #expect(try Self.fires(text, after: after, .utc, count: expected.count) == expected)
  }

  @Test("A day that no month has never comes", arguments: ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 30-31 feb *"])
  func never(text: String) throws {
    #expect(try CronExpression(text).next(after: moment("2026-01-01T00:00:00Z")) == nil)
  }

  @Test("A moment outside of any calendar has no next one", arguments: [Int64.max, Int64.min])
  func extremes(milliseconds: Int64) throws {
    #expect(try CronExpression("* * * * *").next(after: Timestamp(milliseconds: milliseconds)) == nil)
  }

  @Test(
    "An invalid expression is refused with the field and the column",
    arguments: [
      ("", nil, 1, .wrongFieldCount(0)), ("invalid", nil, 8, .wrongFieldCount(1)),
      ("0 22 * *", nil, 9, .wrongFieldCount(4)), ("0 0 * * * *", nil, 11, .wrongFieldCount(6)),
      ("60 * * * *", .minute, 1, .outOfRange(60)), ("0 24 * * *", .hour, 3, .outOfRange(24)),
      ("0 0 0 * *", .dayOfMonth, 5, .outOfRange(0)), ("0 0 32 * *", .dayOfMonth, 5, .outOfRange(32)),
      ("0 0 * 13 *", .month, 7, .outOfRange(13)), ("0 0 * * 8", .dayOfWeek, 9, .outOfRange(8)),
      ("0 0 * 0 *", .month, 7, .outOfRange(0)), ("5-1 * * * *", .minute, 1, .backwardsRange(5, 1)),
      ("0 0 * dec-jan *", .month, 7, .backwardsRange(12, 1)), ("*/0 * * * *", .minute, 3, .zeroStep),
      ("*/ * * * *", .minute, 3, .zeroStep), ("*/x * * * *", .minute, 3, .zeroStep),
      ("1, * * * *", .minute, 3, .notAValue("")), ("1-,2 * * * *", .minute, 3, .notAValue("")),
      ("a * * * *", .minute, 1, .notAValue("a")), ("0 0 * foo *", .month, 7, .notAValue("foo")),
      ("0 0 mon * *", .dayOfMonth, 5, .notAValue("mon")), ("-1 * * * *", .minute, 1, .notAValue("-1")),
      ("0 0 * * monday", .dayOfWeek, 9, .notAValue("monday")), ("1x * * * *", .minute, 2, .unexpected("x")),
      ("** * * * *", .minute, 2, .unexpected("*")), ("1-2-3 * * * *", .minute, 4, .unexpected("-3")),
      ("0 0 ? * *", .dayOfMonth, 5, .notAValue("?")), ("0 0 L * *", .dayOfMonth, 5, .notAValue("L")),
      ("99999999999999999999 * * * *", .minute, 1, .outOfRange(999_999_999)),
      ("é * * * *", .minute, 1, .notAValue("é")), ("@fortnightly", nil, 1, .unknownShortcut("@fortnightly")),
      (" @daily 5", nil, 2, .unknownShortcut("@daily")),
    ] as [(String, CronField?, Int, CronError.Problem)])
  func invalid(text: String, field: CronField?, column: Int, problem: CronError.Problem) throws {
    let error = #expect(throws: CronError.self) { try CronExpression(text) }
    #expect(error == CronError(text: text, field: field, column: column, problem: problem))
  }

  @Test("Errors read well")
  func texts() throws {
    func text(_ expression: String) -> String? {
      do {
        _ = try CronExpression(expression)
        return nil
      } catch { return error.description }
    }
    #expect(
      text("0 24 * * *")
        == "cron expression '0 24 * * *' is wrong at the hour field, column 3: 24 is out of range; allowed is 0-23")
    #expect(
      text("0 0 * * xyz") == "cron expression '0 0 * * xyz' is wrong at the day of week field, column 9: "
        + "'xyz' is not a value; allowed is 0-7 or SUN and so on")
  }

  @Test(
    "Where clocks jump forward, what was due in between fires once at the jump; where they are put back, once",
    arguments: [
      // 02:30 does not exist on 29 March: it fires at 03:00 summer time, which is 01:00 UTC.
      ("30 2 * * *", "2026-03-28T00:00:00Z", ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
      ("0 3 * * *", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"]),
      (
        "*/30 2-3 * * *", "2026-03-28T12:00:00Z",
        ["2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00Z"]
      ),
      ("0 * * * *", "2026-03-28T23:00:00Z", ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"]),
      // 02:30 comes twice on 25 October: it fires in summer time only.
      ("30 2 * * *", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
      ("30 2 * * *", "2026-10-25T00:30:00Z", ["2026-10-26T01:30:00Z"]),
      ("0 * * * *", "2026-10-24T23:00:00Z", ["2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z"]),
      ("0 22 * * *", "2026-07-01T00:00:00Z", ["2026-07-01T20:00:00Z"]),
      ("0 22 * * *", "2026-12-01T00:00:00Z", ["2026-12-01T21:00:00Z"]),
      ("0 0 1 * *", "2026-11-21T00:00:00Z", ["2026-11-30T23:00:00Z"]),
    ] as [(String, String, [String])])
  func daylightSaving(text: String, after: String, expected: [String]) throws {
    #expect(try Self.fires(text, after: after, Self.berlin, count: expected.count) == expected)
  }

  @Test("A day that a zone skips altogether fires once at the jump")
  func skippedDay() throws {
    #expect(
      try Self.fires("0 12 * * *", after: "2011-12-29T00:00:00Z", Self.samoa, count: 3)
        == ["2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"])
  }

  @Test("The next firing is the first minute that matches, minute by minute", arguments: 0..<60)
  func matchesScan(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    func field(_ low: Int, _ high: Int) -> String {
      let a = low + random.below(high - low + 1)
      switch random.below(5) {
      case 0: return "\(a)"
      case 1: return "\(a)-\(a + random.below(high - a + 1))"
      case 2: return "*/\(1 + random.below(high))"
      case 3: return "\(a),\(low + random.below(high - low + 1))"
      default: return "*"
      }
    }
    let text = "\(field(0, 59)) \(field(0, 23)) \(field(1, 31)) * \(field(0, 6))"
    let cron = try CronExpression(text)
    let start = try moment("2026-\(1 + random.below(12))-\(1 + random.below(28))T\(random.below(24)):00:00Z")
    let end = start.advanced(by: .seconds(40 * 86_400))
    // Read back from the text, by a different way: the fields as sets of numbers.
    let sets = zip(text.split(separator: " "), [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]).map { field, range in
      Set(
        field.split(separator: ",").flatMap { item -> [Int] in
          let parts = item.split(separator: "/")
          let step = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
          if parts[0] == "*" { return Array(stride(from: range.0, through: range.1, by: step)) }
          let ends = parts[0].split(separator: "-").compactMap { Int($0) }
          return Array(ends[0]...ends[ends.count - 1])
        })
    }
    let stars = text.split(separator: " ").map { $0.hasPrefix("*") }
    var now = start
    var expected: Timestamp?
    while expected == nil, now < end {
      now = now.advanced(by: .seconds(60))
      let (date, time) = now.civil
      guard sets[0].contains(time.minute), sets[1].contains(time.hour) else { continue }
      let day = sets[2].contains(date.day)
      let weekday = sets[4].contains(date.weekday)
      if stars[2] || stars[4] ? day && weekday : day || weekday { expected = now }
    }
    let next = cron.next(after: start)
    if let expected {
      #expect(next == expected, "\(text)")
    } else {
      #expect(next.map { $0 > end } ?? true, "\(text)")
    }
  }
}
