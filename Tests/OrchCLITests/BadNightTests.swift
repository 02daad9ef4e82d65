import OrchDomain
import OrchEngine
import OrchSchedule
import Testing

@testable import OrchCLI
@testable import OrchStore

/// The report on a night in which much went wrong, from a log as the engine writes it.
@Suite("A bad night")
struct BadNightTests {
  private static let night: [StoredEvent] = [
    at(
      0, .batchStarted,
      #"{"batch":4,"name":"nightly","due":1700000000000,"forecast_tasks":6,"forecast_seconds":7200,"#
        + #""forecast_cost_micro_usd":6000000}"#
    ),
    at(1, .changeUpdated, #"{"number":1,"landing_commit":"c0ffee0123456789"}"#, "a/E01"),
    at(2, .changeState, #"{"number":1,"from":"landing","to":"merged","landed_tree":"7ree00aa"}"#, "a/E01"),
    at(2, .taskState, #"{"from":"landing","to":"complete"}"#, "a/E01"),
    at(
      3, .changeState, #"{"number":2,"from":"landing","to":"merged","landed_tree":"7ree00bb","approved_by":"ann"}"#,
      "a/E02"),
    // A crash of an agent, twice.
    at(4, .attemptEnded, #"{"outcome":"failed","failure_class":"crash"}"#, "b/E01"),
    at(5, .attemptEnded, #"{"outcome":"failed","failure_class":"crash"}"#, "b/E01"),
    at(5, .taskState, #"{"from":"running","to":"failed","reason":"died twice","failure_class":"crash"}"#, "b/E01"),
    // The vendor is out.
    at(
      6, .cooldownSet,
      #"{"agent":"claude-code","model":"opus","failure_class":"overloaded","until":1700036000000,"#
        + #""reason":"529 overloaded"}"#
    ),
    at(
      6, .taskState,
      #"{"from":"running","to":"parked","reason":"529 overloaded","failure_class":"overloaded","#
        + #""parked_until":1700036000000}"#,
      "b/E02"),
    // The base is red.
    at(
      7, .taskState,
      #"{"from":"landing","to":"stuck","reason":"the gate is red on 'main' itself, without this change","#
        + #""failure_class":"environment"}"#,
      "c/E01"),
    // The money is gone.
    at(8, .budgetReached, #"{"scope":"day","percent":100,"text":"5.00 of 5.00 USD for the day"}"#),
    at(
      8, .taskState, #"{"from":"running","to":"parked","reason":"5.00 of 5.00 USD","failure_class":"budget"}"#,
      "c/E02"),
    // An agent wants to know something, and one that was answered.
    at(9, .questionAsked, #"{"text":"Which key?"}"#, "c/E02"), at(9, .questionAsked, #"{"text":"Blue?"}"#, "c/E03"),
    at(10, .messageSent, #"{"message":1,"from":"ann"}"#, "c/E03"),
    // The machine dies, and comes back in the morning.
    at(30, .heartbeatLost, #"{"who":"batch #4","from":1700032400000,"to":1700108000000}"#),
    at(
      30, .batchMissed,
      #"{"name":"hourly","due":1700035200000,"until":1700107200000,"count":21,"reason":"nothing was there"}"#),
    at(31, .batchEnded, #"{"batch":4,"outcome":"ended early: the day's limit","cost_micro_usd":5200000}"#),
  ]

  private static func at(_ hour: Int, _ type: EventType, _ data: String, _ task: String? = nil) -> StoredEvent {
    StoredEvent(
      seq: Int64(hour), at: noon.advanced(by: .seconds(hour * 3600)), type: type, task: task.map(id), attempt: nil,
      data: data, previousHash: "", hash: "")
  }

  private static func report(_ events: [StoredEvent] = night, until: Int? = nil) -> Report {
    Report(
      project: "ledger",
      log: NightLog(
        events, since: noon.advanced(by: .seconds(-60)), until: until.map { noon.advanced(by: .seconds($0 * 3600)) }),
      uses: [], days: [], levels: [], tested: [1: "7ree00aa", 2: "7ree00cc"], graph: [], zone: .utc, dayOf: { _ in "" })
  }

  private static let expected = [
    // What landed, with commit and tree, and which proof does not hold.
    ["a/E01", "c0ffee012345", "7ree00aa", "the gate passed on this tree"],
    ["a/E02", "THE GATE PASSED ON ANOTHER TREE, 7ree00cc", "ann"],
    ["b/E01", "crash: died twice"], ["2 ended as crash"],
    ["agent claude-code with model opus got no work until 2023-11-15 08:13 +00:00: 529 overloaded [overloaded]"],
    ["b/E02", "until 2023-11-15 08:13 +00:00: 529 overloaded"],
    ["c/E02", "asks: Which key?"],
    ["c/E01", "stuck: the gate is red on 'main' itself"], ["100 % of a limit: 5.00 of 5.00 USD for the day"],
    ["c/E02", "until somebody acts: 5.00 of 5.00 USD"],
    ["batch #4", "from 2023-11-15 07:13 +00:00 to 2023-11-16 04:13 +00:00 (21h): it died, or the machine did"],
    ["hourly", "and 20 more until 2023-11-16 04:00 +00:00: nothing was there"],
    ["nightly", "took 1d7h of 2h expected: ended early: the day's limit"],
    ["Landed 2, needs you 2, parked 2, failed 1"],
    ["The run with a forecast cost 5.2000 USD of 6.0000 that were expected"],
  ]

  @Test("Crash, outage, red base, reached budget and the time in which nobody was there are all named")
  func named() {
    let lines = Self.report().page(now: noon).text(width: nil).split(separator: "\n")
    for words in Self.expected {
      #expect(lines.contains { line in words.allSatisfy(line.contains) }, "\(words): \(lines.joined(separator: "\n"))")
    }
  }

  @Test("Every format says the same")
  func formats() {
    let page = Self.report().page(now: noon)
    for words in Self.expected.joined() {
      let plain = words.replacing("'", with: "&#39;")
      #expect(page.html.contains(plain), "\(words)")
      #expect(page.markdown.contains(ReportPage.markdown(words)), "\(words)")
    }
    let json = Self.report().json(now: noon)
    #expect(json["landed"]?.array?.map { $0["proven"] } == [.bool(true), .bool(false)])
    #expect(json["heartbeat_gaps"]?.array?.count == 1 && json["missed"]?.array?.first?["count"] == .int(21))
    #expect(json["batches"]?.array?.first?["forecast_cost_usd"] == .double(6))
    #expect(json["attempts"]?["crash"] == .int(2))
    #expect(json["questions"]?.array?.map { $0["text"] } == [.string("Which key?")])
  }

  @Test("The report of a night that is over stays as it was, whatever follows")
  func staysTheSame() {
    let then = Self.report(until: 40)
    let later = Self.report(
      Self.night + [
        Self.at(50, .taskState, #"{"from":"failed","to":"ready"}"#, "b/E01"),
        Self.at(51, .taskState, #"{"from":"stuck","to":"landing"}"#, "c/E01"),
        Self.at(52, .changeState, #"{"number":3,"from":"landing","to":"merged"}"#, "c/E01"),
      ], until: 40)
    #expect(then.json(now: noon) == later.json(now: noon))
    #expect(Self.report(Self.night, until: 4).failed.isEmpty, "b/E01 failed later")
  }

  private static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "&lt;b&gt;", "a|b\n# heading",
    "`code` **bold** [x](javascript:alert(1)) ![i](http://x/y.png)", "https://evil.example/?q=1 www.evil.example",
    "@everyone <!channel>", "\u{1B}[31mred\u{202E}dlrow", "\\*not\\*", "~~~\n```", "line\r\n\r\nsecond",
  ]

  @Test("Nothing that an agent or a plan says is markup in HTML or Markdown", arguments: hostile)
  func escapes(text: String) {
    let page = ReportPage(
      title: text, lead: [text],
      sections: [
        ReportPage.Section(title: text, header: [text], rows: [[text]], note: text),
        ReportPage.Section(title: text, rows: [[text, text]]),
      ])
    var plain = page
    plain.title = "x"
    plain.lead = ["x"]
    plain.sections = [
      ReportPage.Section(title: "x", header: ["x"], rows: [["x"]], note: "x"),
      ReportPage.Section(title: "x", rows: [["x", "x"]]),
    ]
    let count = { (text: String, characters: Set<Character>) in text.count { characters.contains($0) } }
    // As many characters that mean something as in a page without any in its texts.
    #expect(count(page.html, ["<", ">", "\"", "'"]) == count(plain.html, ["<", ">", "\"", "'"]))
    #expect(page.html.split(separator: "\n").count == plain.html.split(separator: "\n").count)
    #expect(page.markdown.split(separator: "\n").count == plain.markdown.split(separator: "\n").count)
    let words = ReportPage.markdown(text)
    for (place, character) in words.enumerated() where "`*_[]()#|~!\\".contains(character) {
      let before = words.prefix(place).reversed().prefix { $0 == "\\" }.count
      #expect(
        before % 2 == 1 || words.dropFirst(place + 1).first.map { "`*_[]()#|~!\\{}+$".contains($0) } == true, "\(words)"
      )
    }
    #expect(!words.contains("<") && !words.contains("://") && !words.contains("www."))
    #expect(!page.text(width: nil).contains("\u{1B}"))
  }
}
