import Foundation
import OrchConfig
import OrchDomain
import OrchStore
import Testing

@testable import OrchEngine

/// Nothing waits for ever: every point at which the engine waits for the world is declared here with its kind.
@Suite("Waits")
struct WaitTests {
  /// For each file the kinds of its suspension points, in the order of its lines.
  private static let declared: [String: [WaitKind]] = [
    "AgentTurn+Budget.swift": [.budget],
    "AgentTurn+Process.swift": [.stop, .stop, .shim, .shim, .agent, .agent],
    "Conductor.swift": [.news, .news, .stop],
    "Conductor+Requests.swift": [.stop],
    "Controls.swift": [.stop],
    "Daemon.swift": [.news, .news],
    "GateRunner.swift": [.shim, .gate, .stop],
    // The command of a `[[job]]`, with the deadline of its `max_duration`.
    "JobRunner.swift": [.shim, .gate, .stop],
    "ProjectEngine.swift": [.news, .news],
    "RequestDelivery.swift": [.mailbox],
    // Until the drive of a task ends or is asked to stop; ends with the step beside it.
    "RunningAgents.swift": [.news],
    "ToolCheck.swift": [.shim, .agent],
    "TurnWatch.swift": [.news, .stop],
  ]

  private static let primitives = [
    #"clock\.sleep\("#, #"supervisor\.(wait|start|stop|sweep)\("#, #"for (try )?await "#,
  ]

  private static func suspensions() throws -> [String: Int] {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/OrchEngine")
    let pattern = try Regex(primitives.joined(separator: "|"))
    var found: [String: Int] = [:]
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" {
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      let count = lines.count { !$0.drop { $0 == " " }.hasPrefix("//") && $0.contains(pattern) }
      if count > 0 { found[file.lastPathComponent] = count }
    }
    return found
  }

  @Test("Every suspension point of the engine that waits for the world is declared, with a deadline")
  func complete() throws {
    let found = try Self.suspensions()
    let declared = Self.declared.mapValues(\.count)
    for (file, count) in found.sorted(by: { $0.key < $1.key }) {
      #expect(
        declared[file] == count,
        "\(file) waits \(count) times for the world; say in WaitTests.declared what for, and give it a deadline")
    }
    #expect(Set(declared.keys) == Set(found.keys))
    for kind in WaitKind.allCases { #expect(!kind.deadline.isEmpty && !kind.owner.isEmpty) }
    #expect(WaitKind.allCases.filter { $0.deadline.hasPrefix("none") } == [.person], "only people may take their time")
  }
}
