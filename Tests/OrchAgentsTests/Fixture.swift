import Foundation
import OrchAgents
import OrchDomain
import Testing

/// A recorded stream.
func fixture(_ name: String) throws -> [ArraySlice<UInt8>] { try fixture(file: "\(name).jsonl") }

func fixture(file name: String) throws -> [ArraySlice<UInt8>] {
  let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
  return Array(try Data(contentsOf: file)).split(separator: 0x0A)
}

/// Feeds lines to a parser and ends it.
func run(
  _ parser: any AgentStreamParser, _ lines: [ArraySlice<UInt8>],
  exit: AgentExit = AgentExit(.code(0)), stderr: String = "", now: Timestamp? = nil
) -> (events: [AgentEvent], outcome: AgentOutcome) {
  var parser = parser
  let events = lines.flatMap { parser.consume($0) }
  return (events, parser.finish(exit: exit, stderrTail: stderr, now: now))
}

/// The same with the parser of Claude Code.
func run(
  _ lines: [ArraySlice<UInt8>], exit: AgentExit = AgentExit(.code(0)), stderr: String = "", now: Timestamp? = nil
) -> (events: [AgentEvent], outcome: AgentOutcome) {
  run(ClaudeStreamParser(), lines, exit: exit, stderr: stderr, now: now)
}

func lines(_ texts: String...) -> [ArraySlice<UInt8>] { texts.map { Array($0.utf8)[...] } }

/// Compares with `Goldens/<name>`; with `ORCH_UPDATE_GOLDENS=1` writes it, and fails, so that no such run is green.
func expectGolden(_ actual: String, _ name: String, at place: Testing.SourceLocation = #_sourceLocation) throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/\(name)")
  if ProcessInfo.processInfo.environment["ORCH_UPDATE_GOLDENS"] == "1" {
    try Data(actual.utf8).write(to: file)
    Issue.record("wrote Goldens/\(name)", sourceLocation: place)
    return
  }
  #expect(
    actual == (try String(contentsOf: file, encoding: .utf8)), "differs from Goldens/\(name)", sourceLocation: place)
}

/// A directory that is removed with the value's owner.
final class ScratchDirectory {
  let path: String
  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "orch-agents-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

func context(
  _ settings: AgentSettings = AgentSettings(name: "claude-code"), in directory: String = "/runs/1",
  inherited: [String: String] = [:]
) -> AgentContext {
  AgentContext(
    task: TaskID(module: "billing", number: 5), attempt: 2, runDirectory: directory, worktree: "/wt",
    promptFile: directory + "/prompt.md", planPath: "docs/plans/billing/epic-05-x.md", branch: "feat/billing-E05",
    base: "abc", settings: settings, inherited: inherited)
}
