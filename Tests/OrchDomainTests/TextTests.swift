import OrchDomain
import OrchRandom
import Testing

@Suite struct TaskIDTests {
  @Test(
    "Ids are read and written in their canonical form",
    arguments: [
      ("m/E1", "m/E01"), ("m/E001", "m/E01"), ("m/E123", "m/E123"), ("module/TUI05", "module/TUI05"),
      ("m/EX02", "m/EX02"), ("api-v2/CLI2", "api-v2/CLI02"), ("m/E0", "m/E00"), ("m/E999999999", "m/E999999999"),
    ])
  func reads(text: String, canonical: String) throws {
    let id = try #require(TaskID(text))
    #expect(id.description == canonical)
    #expect(TaskID(canonical) == id)
    #expect(id.slug == canonical.replacing("/", with: "-"))
  }

  @Test(
    "What is not an id is refused",
    arguments: [
      "", "/", "m", "m/", "/E01", "invalid", "module/invalid", "m/e01", "M/E01", "1m/E01", "m/E", "m/01", "m/E01/",
      "a/b/E01",
      "m/E-1", "m/E1.5", "m/E 1", " m/E1", "m/E1 ", "m_x/E01", "m/E1234567890", "m/E99999999999999999999", "ä/E01",
      "m/É01",
      "m/E１", "m/E1\n", "m/E\u{301}1", "-m/E01",
    ])
  func refuses(text: String) { #expect(TaskID(text) == nil) }

  @Test("Ids order by module, prefix and number, the plain sequence first")
  func order() throws {
    let sorted = ["a/E02", "a/E10", "a/E100", "a/CLI01", "a/TUI00", "a-b/E01", "b/E00"]
    let ids = try sorted.map { try #require(TaskID($0)) }
    var random = SplitMix64(seed: 1)
    for _ in 0..<20 { #expect(ids.shuffled(using: &random).sorted() == ids) }
    for a in ids { for b in ids { #expect([a < b, a == b, b < a].filter(\.self).count == 1) } }
  }

  @Test("The letter E is the plain sequence") func plain() {
    #expect(TaskID(module: "m", prefix: "E", number: 3).prefix == "")
  }
}

@Suite struct DurationTests {
  @Test(
    "Durations are read as plans write them",
    arguments: [
      ("90s", 90_000), ("30m", 1_800_000), ("8h", 28_800_000), ("1h30m", 5_400_000), ("2d", 172_800_000),
      ("500ms", 500), ("1d2h3m4s5ms", 93_784_005), ("0s", 0), ("3650d", 315_360_000_000),
    ] as [(String, Int64)])
  func reads(text: String, milliseconds: Int64) { #expect(Duration(text: text) == .milliseconds(milliseconds)) }

  @Test(
    "Anything else is refused",
    arguments: [
      "", "5", "s", "-5s", "+5s", "1.5h", "1m1h", "1m1m", "1 h", "1h ", "1H", "9999999999999s", "999999999999d",
      "4000d", "１h", "1h30", "1ms1s",
    ])
  func refuses(text: String) { #expect(Duration(text: text) == nil) }

  @Test(
    "Durations are shown with two units",
    arguments: [
      (0, "0s"), (350, "350ms"), (999, "999ms"), (1999, "1s"), (45_000, "45s"), (5_400_000, "1h30m"), (3_600_000, "1h"),
      (86_400_000, "1d"), (90_061_000, "1d1h"), (3_605_000, "1h"), (-5000, "-5s"),
    ] as [(Int64, String)])
  func shows(milliseconds: Int64, text: String) { #expect(Duration.milliseconds(milliseconds).text == text) }

  @Test("Durations beyond all measure stop at an end instead of trapping")
  func extremes() {
    #expect(Duration.seconds(Int64.max).wholeMilliseconds == .max)
    #expect(Duration.seconds(Int64.min).wholeMilliseconds == .min)
    #expect(Duration.seconds(Int64.min).text.hasPrefix("-"))
    #expect(Timestamp(milliseconds: .max).advanced(by: .seconds(1)) == Timestamp(milliseconds: .max))
    #expect(Timestamp(milliseconds: .min).advanced(by: .seconds(-1)) == Timestamp(milliseconds: .min))
    #expect(Timestamp(milliseconds: .min).since(Timestamp(milliseconds: .max)).wholeMilliseconds == .min)
  }
}

@Suite struct MoneyTests {
  @Test("Sums stop at the ends, so an absurd report cannot unspend a budget")
  func saturates() {
    #expect(MicroUSD(.max) + MicroUSD(1) == MicroUSD(.max))
    #expect(MicroUSD(.min) - MicroUSD(1) == MicroUSD(.min))
    #expect(MicroUSD(5) - MicroUSD(7) == MicroUSD(-2))
    let much = TokenUsage(input: .max, cacheWrite: .max, cacheRead: 1, output: .max)
    #expect((much + much).output == .max && much.total == .max)
    #expect(MicroUSD(usd: .nan) == .zero && MicroUSD(usd: .infinity) == .zero)
    #expect(MicroUSD(usd: 2.5).amount == 2_500_000 && MicroUSD(usd: 1e300).amount == 9_000_000_000_000)
  }
}

@Suite struct TimestampTests {
  @Test(
    "Moments are written in RFC 3339",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (1_795_241_562_999, "2026-11-21T06:12:42Z"),
      (951_782_400_000, "2000-02-29T00:00:00Z"), (4_107_542_400_000, "2100-03-01T00:00:00Z"),
      (.max, "9999-12-31T23:59:59Z"), (.min, "0000-01-01T00:00:00Z"),
    ] as [(Int64, String)])
  func rfc3339(milliseconds: Int64, text: String) { #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text) }

  @Test("Dates and day numbers are inverse, day by day through four centuries")
  func calendar() {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    var day = CivilDate(year: 1899, month: 12, day: 31).daysSinceEpoch
    #expect(CivilDate(daysSinceEpoch: day).weekday == 0)
    var wrong = 0
    for year in 1900..<2310 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for month in 1...12 {
        for date in 1...(lengths[month - 1] + (isLeap && month == 2 ? 1 : 0)) {
          day += 1
          let expected = CivilDate(year: year, month: month, day: date)
          if CivilDate(daysSinceEpoch: day) != expected || expected.daysSinceEpoch != day { wrong += 1 }
        }
      }
    }
    #expect(wrong == 0)
    #expect(CivilDate(year: 2026, month: 11, day: 21).weekday == 6)
  }
}

@Suite struct SafeTextTests {
  @Test(
    "Hostile characters are made visible",
    arguments: [
      ("plain ä 🟢", "plain ä 🟢"), ("\u{1B}[31mred", "\\u{1b}[31mred"), ("a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c"),
      ("\u{202E}x\u{2066}y\u{200F}\u{61C}", "\\u{202e}x\\u{2066}y\\u{200f}\\u{61c}"),
      (
        "\u{2028}\u{85}\u{7F}\u{FEFF}\0",
        "\\u{2028}\\u{85}\\u{7f}\\u{feff}\\u{0}"
      ), ("", ""),
    ])
  func visible(text: String, expected: String) {
    #expect(SafeText.visible(text) == expected)
    #expect(SafeText.visible(SafeText.visible(text)) == expected)
  }

  @Test("Line feeds and tabs can be kept, carriage returns never")
  func keeps() { #expect(SafeText.visible("a\n\tb\rc", keepingNewlines: true) == "a\n\tb\\u{d}c") }

  @Test(
    "A line is one line of at most so many characters",
    arguments: [
      ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a\nb\r\nc", 9, "a b c"), ("abc", 1, "…"), ("\u{1B}", 9, "\\u{1b}"),
    ])
  func line(text: String, limit: Int, expected: String) { #expect(SafeText.line(text, limit: limit) == expected) }
}

@Suite struct StatusTests {
  @Test("Status and priority are read with their synonyms, and nothing else is")
  func markdown() {
    for text in ["in_progress", "inprogress", "in-progress", "running", "In_Progress"] {
      #expect(TaskStatus(markdown: text) == .inProgress)
    }
    for text in ["complete", "completed", "done"] { #expect(TaskStatus(markdown: text) == .complete) }
    for text in ["not_started", "todo"] { #expect(TaskStatus(markdown: text) == .notStarted) }
    for text in ["", "finished", "complete high"] { #expect(TaskStatus(markdown: text) == nil) }
    #expect(TaskPriority(markdown: "medium") == .normal && TaskPriority(markdown: "urgent") == nil)
    #expect(TaskPriority.allCases.sorted() == [.high, .normal, .low])
    #expect(TaskStatus.allCases.allSatisfy { String($0.emoji).utf8.count == 4 })
  }
}
