import Foundation
import OrchDomain
import OrchStore
import Testing

/// `report` over the store that real runs have left.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ReportTests {
  private static func agent(_ cost: String, tokens: Int) -> String {
    let usage = #"{"input_tokens":\#(tokens),"output_tokens":7}"#
    return """
      \(FailurePolicyTests.work)
      echo '{"type":"result","is_error":false,"total_cost_usd":\(cost),"usage":\(usage)}'
      """
  }

  /// `name turns cost tokens`
  private static func rows(_ report: JSON, _ table: String) -> [String] {
    report[table].array.map { row in
      "\(row["name"].string) \(row["turns"].int ?? -1) \(row["cost_usd"]) \(row["tokens"]["total"].int ?? -1)"
    }
  }

  @Test("Spend is told by task, agent, model and day, as text and as JSON, from any moment on")
  func byEverything() async throws {
    let shop = try FailurePolicyTests.shop(
      [Plan("a/E01"), Plan("a/E02"), Plan("b/E01", front: "agent: dear"), Plan("c/E01", front: "agent: broke")],
      agents: [
        ("cheap", "model = \"small\"", Self.agent("0.125", tokens: 1000)),
        ("dear", "model = \"big\"", Self.agent("0.5", tokens: 30_000)),
        ("broke", "", FailurePolicyTests.result("billing", "no credit left")),
      ], settings: "[limits]\nday_cost_usd = 2.00\n")
    // The earth's first and last place: never the same day.
    try await shop.expect(0, "start", "a/E01", "b/E01", adding: ["TZ": "Etc/GMT+12"])
    // A moment on the command line is a whole second.
    let next = Date().timeIntervalSince1970.rounded(.down) + 1
    try await Task.sleep(for: .seconds(next - Date().timeIntervalSince1970))
    let between = Timestamp(milliseconds: Int64(next) * 1000)
    try await shop.expect(1, "start", "--all", adding: ["TZ": "Etc/GMT-14"])

    let report = try JSON(try await shop.expect(0, "report", "--json").out)
    #expect(
      Self.rows(report, "tasks")
        == [
          "b/E01 1 number(0.5) 30007", "a/E01 1 number(0.125) 1007", "a/E02 1 number(0.125) 1007",
          "c/E01 1 number(0.0) 0",
        ])
    #expect(
      Self.rows(report, "agents")
        == ["dear 1 number(0.5) 30007", "cheap 2 number(0.25) 2014", "broke 1 number(0.0) 0"])
    #expect(
      Self.rows(report, "models")
        == ["big 1 number(0.5) 30007", "small 2 number(0.25) 2014", "(chosen by the agent) 1 number(0.0) 0"])
    #expect("\(report["total"]["cost_usd"])" == "number(0.75)" && report["total"]["turns"].int == 4)
    let days = report["days"].array
    #expect(days.count == 2 && days.map { "\($0["cost_usd"])" } == ["number(0.625)", "number(0.125)"], "\(days)")
    #expect(days.map(\.["name"].string) == days.map(\.["name"].string).sorted())
    #expect(report["needs_you"].array.map(\.["id"].string) == ["c/E01"])
    let stored = try shop.inStore { store, project in
      try store.read(project) { tx throws(StoreError) in try tx.spending(.project)?.spent.cost }
    }
    #expect(stored == MicroUSD(usd: 0.75), "what is told is what was charged")

    let later = try JSON(try await shop.expect(0, "report", "--since", between.rfc3339, "--json").out)
    #expect(Self.rows(later, "tasks") == ["a/E02 1 number(0.125) 1007", "c/E01 1 number(0.0) 0"])
    #expect(Self.rows(later, "agents") == ["cheap 1 number(0.125) 1007", "broke 1 number(0.0) 0"])

    let text = try await shop.expect(0, "report").out
    let words = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(
      words.contains { $0.prefix(3) == ["b/E01", "1", "0.5000"] } && words.contains { $0.first == "total" }, "\(text)")
    #expect(text.contains("of 2.00 USD for the day") && text.contains("no credit left"), "\(text)")
  }
}
