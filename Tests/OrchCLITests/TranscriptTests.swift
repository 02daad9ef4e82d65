@testable import OrchCLI
import OrchAgents
import OrchConfig
import OrchDomain
import OrchEngine
import OrchProcess
@testable import OrchStore
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite struct TranscriptTests {
  @Test func whatAnAgentSaysIsKeptWholeAndMadeSafe() {
    let text = TranscriptPart.agent(.text("one\n\u{1B}[2Jtwo \u{202E}\n\n")).text(bold: false)
    #expect(text == "one\n\\u{1b}[2Jtwo \\u{202e}\n")
    let long = String(repeating: "word ", count: 1000)
    #expect(TranscriptPart.agent(.text(long)).text(bold: false).count == long.count + 1)
  }

  @Test func headingsAreBoldOnlyOnATerminal() {
    let part = TranscriptPart.attempt(attempt("a/E01", 1, from: 0, to: nil))
    #expect(part.text(bold: false) == "=== attempt 1 of a/E01 with script, 2023-11-14T22:13:20Z\n")
    #expect(part.text(bold: true).hasPrefix("\u{1B}[1m=== "))
  }

  @Test func aRedGateShowsItsOutput() {
    let log = GateLog(ending: .red(how: "command 2 ended with exit status 1"), output: "bad\n\u{7}bell\n")
    #expect(
      TranscriptPart.gate(log).text(bold: false)
        == "--- gate red: command 2 ended with exit status 1\n  bad\n  \\u{7}bell\n")
    #expect(TranscriptPart.gate(log).json?["passed"] == false)
  }

  @Test func aFailedAttemptEndsWithItsReason() {
    let ended = attempt("a/E01", 1, from: 0, to: 9, outcome: .failed, failure: .gate, detail: "still\nred")
    #expect(
      TranscriptPart.attemptEnded(ended).text(bold: false) == "=== attempt 1 ended: failed (gate): still red\n")
  }

  @Test func everyAgentEventHasItsKindInJSON() {
    let events: [(AgentEvent, String)] = [
      (.session("s"), "session"), (.text("t"), "text"), (.toolUse(name: "Bash", summary: "ls"), "tool_use"),
      (.toolResult(isError: true, summary: "no"), "tool_result"),
      (.retry(status: 529, reason: "r", delay: .seconds(2)), "retry"),
      (.rateLimited(isRejected: true, until: noon), "rate_limit"), (.denied(tool: "Bash", reason: "r"), "denied"),
      (.usage(.zero, cost: nil), "usage"), (.note("n"), "note"),
    ]
    for (event, kind) in events { #expect(TranscriptPart.agent(event).json?["type"] == .string(kind)) }
  }
}

/// The reader over a real store and real files.
@Suite struct TranscriptReaderTests {
  private let home: Home

  init() throws { home = try Home() }

  @Test func turnsComeInOrderAndGoOnWhereTheyWere() throws {
    try home.begin()
    let first = try home.beginTurn("start")
    var reader = home.reader()
    try home.append("hello\nhal", to: RunFiles.stdout(in: first))
    #expect(try home.drain(&reader) == ["=== attempt 1", "--- turn 1, start", "hello"])
    #expect(try home.drain(&reader).isEmpty)
    try home.append("f\nno line feed", to: RunFiles.stdout(in: first))
    try home.append("oh\n", to: RunFiles.stderr(in: first))
    #expect(try home.drain(&reader) == ["half"])
    try home.endTurn(1)
    #expect(try home.drain(&reader) == ["no line feed", "standard error:\n  oh", "--- turn 1 ended"])
    let second = try home.beginTurn("gate")
    try home.append("again\n", to: RunFiles.stdout(in: second))
    try home.endTurn(2)
    try home.endAttempt()
    #expect(
      try home.drain(&reader) == ["--- turn 2, gate", "again", "--- turn 2 ended", "=== attempt 1 ended"])
    #expect(reader.isOver)
  }

  @Test func rawIsTheStreamByteForByte() throws {
    try home.begin()
    let turn = try home.beginTurn("start")
    let bytes: [UInt8] = [0x7B, 0xFF, 0x00, 0x0A, 0x1B, 0x0A, 0x78]
    try home.append(bytes, to: RunFiles.stdout(in: turn))
    try home.endTurn(1)
    try home.endAttempt()
    var reader = home.reader(isRaw: true)
    var got: [UInt8] = []
    while true {
      let parts = try reader.read()
      if parts.isEmpty { break }
      for case .raw(let part) in parts { got += part }
    }
    #expect(got == bytes)
  }

  @Test func aTurnThatACrashLeftOpenIsClosedByTheNextOne() throws {
    try home.begin()
    let first = try home.beginTurn("start")
    try home.append("cut off", to: RunFiles.stdout(in: first))
    _ = try home.beginTurn("resumed")
    var reader = home.reader()
    let parts = try home.drain(&reader)
    #expect(parts == ["=== attempt 1", "--- turn 1, start", "cut off", "--- turn 1 ended", "--- turn 2, resumed"])
  }
}

/// A project with one task in a temporary folder.
private final class Home {
  private let directory: String
  let view: ProjectView
  private let task = id("a/E01")

  init() throws {
    directory = FileManager.default.temporaryDirectory.path + "/orch-cli-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: "\(directory)/repo/.git", withIntermediateDirectories: true)
    let place = try ProjectPlace(
      LaunchContext(
        configFlag: nil, projectFlag: nil, environment: ["CLAUDE_ORCH_HOME": "\(directory)/home"],
        currentDirectory: "\(directory)/repo", home: directory))
    let (store, project) = try place.openStore(now: noon)
    view = ProjectView(place: place, store: store, row: project.id)
    _ = try store.applyCompilation(
      project.id, Compilation(tasks: [CompiledTask(PlanTask(id: task, title: "T", path: "p.md"))]), at: noon)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: directory)
    } catch {
      Issue.record("cannot remove \(directory): \(error)")
    }
  }

  func reader(isRaw: Bool = false) -> TranscriptReader {
    TranscriptReader(view: view, task: task, attempt: 1, isRaw: isRaw, parser: ScriptAdapter().makeParser())
  }

  func begin() throws {
    _ = try view.store.write(view.row) { tx in try tx.beginAttempt(task, agent: "script", at: noon) }
  }

  /// - Returns: The turn's run directory.
  func beginTurn(_ purpose: String) throws -> String {
    let turn = try view.store.write(view.row) { tx in
      try tx.beginTurn(task, attempt: 1, purpose: purpose, at: noon)
    }
    let path = view.place.paths.turn(task, attempt: 1, turn: turn.number)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  func endTurn(_ number: Int) throws {
    _ = try view.store.write(view.row) { tx in
      try tx.endTurn(task, attempt: 1, number, exit: "exit status 0", outcome: "claims_done", at: noon)
    }
  }

  func endAttempt() throws {
    _ = try view.store.write(view.row) { tx in try tx.endAttempt(task, 1, outcome: .complete, at: noon) }
  }

  func append(_ text: String, to path: String) throws { try append(Array(text.utf8), to: path) }

  func append(_ bytes: [UInt8], to path: String) throws {
    let before = FileManager.default.contents(atPath: path) ?? Data()
    try (before + Data(bytes)).write(to: URL(fileURLWithPath: path))
  }

  /// Everything that is new, as text without times.
  func drain(_ reader: inout TranscriptReader) throws -> [String] {
    var result: [String] = []
    while true {
      let parts = try reader.read()
      if parts.isEmpty { return result }
      result += parts.map { part in
        let text = part.text(bold: false).dropLast()
        switch part {
        case .attempt: return "=== attempt 1"
        case .turn(let turn, _): return "--- turn \(turn.number), \(turn.purpose)"
        case .turnEnded(let turn): return "--- turn \(turn.number) ended"
        case .attemptEnded: return "=== attempt 1 ended"
        default: return String(text)
        }
      }
    }
  }
}
