import Foundation
import OrchConfig
import OrchDiagnostics
import Testing

/// The example files and the documentation say what the loader does.
///
/// Run with `ORCH_UPDATE_GOLDENS=1` to write them; that run fails on purpose, so look at the difference and run again.
@Suite("Reference of all keys")
struct ConfigReferenceTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func text(_ name: String) throws -> String {
    try String(contentsOf: root.appending(path: name), encoding: .utf8)
  }

  private func expectFile(_ name: String, _ expected: String) throws {
    if ProcessInfo.processInfo.environment["ORCH_UPDATE_GOLDENS"] == "1" {
      try Data(expected.utf8).write(to: Self.root.appending(path: name))
      Issue.record("wrote \(name); look at the difference and run again")
    } else {
      #expect(try Self.text(name) == expected, "\(name) is out of date; run with ORCH_UPDATE_GOLDENS=1")
    }
  }

  @Test("config.example.toml is the loader's own reference")
  func example() throws { try expectFile("config.example.toml", ConfigReference.exampleConfig()) }

  @Test("schedule.example.toml is the loader's own reference")
  func scheduleExample() throws { try expectFile("schedule.example.toml", ConfigReference.exampleSchedule()) }

  @Test("The tables of docs/configuration.md are the loader's own reference")
  func docs() throws {
    var text = try Self.text("docs/configuration.md")
    for (name, table) in [("keys", ConfigReference.markdownTable()), ("batch", ConfigReference.scheduleTable())] {
      let start = try #require(text.range(of: "<!-- begin \(name) -->\n"))
      let end = try #require(text.range(of: "<!-- end \(name) -->"))
      text.replaceSubrange(start.upperBound..<end.lowerBound, with: table)
    }
    try expectFile("docs/configuration.md", text)
  }

  @Test("The values of config.example.toml are the defaults")
  func defaults() throws {
    let loaded = SettingsLoader.parse(try Self.text("config.example.toml"), file: "config.example.toml")
    var expected = Settings.defaults
    expected.agents["claude-code"] = AgentSettings()
    #expect(loaded.settings == expected)
    #expect(loaded.diagnostics.allSatisfy { $0.severity == .note && $0.code == "C005" }, "\(loaded.diagnostics)")
  }

  @Test("config.example.toml has every key, and its examples are valid")
  func complete() throws {
    let lines = try Self.text("config.example.toml").split(separator: "\n", omittingEmptySubsequences: false)
    let text = lines.map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? String($0.dropFirst()) : String($0) }
      .joined(separator: "\n")
    let loaded = SettingsLoader.parse(text, file: "config.example.toml")
    #expect(loaded.diagnostics.allSatisfy { $0.severity == .note }, "\(loaded.diagnostics)")
    let present = Set(
      loaded.origins.keys.map { key in
        key.replacing("review.rules[0]", with: "review.rules[]")
          .replacing("verify.stages[0]", with: "verify.stages[]")
          .replacing("agents.claude-code.prices.MODEL", with: "agents.NAME.prices.MODEL")
          .replacing("agents.claude-code", with: "agents.NAME")
          .replacing("priority_labels.high", with: "priority_labels.PRIORITY")
      })
    for key in ConfigReference.keys { #expect(present.contains(key), "\(key) is not in the example") }
    #expect(ConfigReference.keys.count == Set(ConfigReference.keys).count)
    #expect(lines.allSatisfy { $0.count <= 120 })
  }

  @Test("schedule.example.toml is valid")
  func schedule() throws {
    let loaded = ScheduleLoader.parse(try Self.text("schedule.example.toml"), file: "schedule.example.toml")
    #expect(loaded.schedule.batches.map(\.times.name) == ["nightly"])
    #expect(loaded.diagnostics.allSatisfy { $0.severity == .note })
  }
}
