package import OrchDomain

/// Any program: the prompt on standard input and in a file, an exit status and JSON lines as the result.
package struct CommandAdapter: AgentAdapter {
  package init() {}

  package var name: String { "command" }
  package var environmentNames: [String] { [] }
  package var resumes: Bool { true }
  package var facts: AdapterFacts {
    AdapterFacts(
      program: nil, versionArguments: [], install: "any program of yours: set [agents.NAME] command",
      proof: .proven(version: "our own test agents", date: "2026-11-27"))
  }

  package func start(_ context: AgentContext) throws(AgentError) -> AgentInvocation {
    try invocation(context, session: context.session)
  }

  /// The program finds the session to go on with in `ORCH_SESSION` and the news in `ORCH_FEEDBACK_FILE`.
  package func resume(_ context: AgentContext, session: String) throws(AgentError) -> AgentInvocation {
    try invocation(context, session: session)
  }

  package func makeParser(session: String?) -> any AgentStreamParser { CommandStreamParser(isScript: false) }

  private func invocation(_ context: AgentContext, session: String?) throws(AgentError) -> AgentInvocation {
    guard let program = context.settings.command.first, !program.isEmpty else {
      throw .noCommand(agent: context.settings.name)
    }
    var environment = context.settings.environment.merging(context.orchEnvironment) { $1 }
    environment["ORCH_TURN"] = String(context.turn)
    if let session { environment["ORCH_SESSION"] = session }
    if let model = context.model ?? context.settings.model { environment["ORCH_MODEL"] = model }
    return AgentInvocation(
      executable: program, arguments: context.settings.command.dropFirst() + context.settings.arguments,
      environment: environment, input: .file(context.promptFile))
  }
}

/// Reads what a program of the user's own prints: JSON lines in the form of Claude Code's, and plain text.
///
/// A last line `{"type":"result","is_error":false,"usage":{…},"total_cost_usd":0.1,"session_id":"…"}` is optional. A
/// failed result may name its `failure_class` and, as seconds since 1970, its `retry_at`.
package struct CommandStreamParser: AgentStreamParser {
  /// sysexits.h: a temporary failure; the user is invited to try again later.
  private static let tryAgainLater: Int32 = 75

  private var stream = ClaudeStreamParser()
  private let isScript: Bool
  private var lastLine = ""

  init(isScript: Bool) { self.isScript = isScript }

  package mutating func consume(_ line: ArraySlice<UInt8>) -> [AgentEvent] {
    // A script prints what its commands print; only a program speaks our JSON.
    guard !isScript, line.count <= ClaudeStreamParser.lineLimit,
      line.first(where: { $0 != 0x20 && $0 != 0x09 }) == UInt8(ascii: "{")
    else { return plain(line) }
    return stream.read(line) ?? plain(line)
  }

  private mutating func plain(_ line: ArraySlice<UInt8>) -> [AgentEvent] {
    let text = String(decoding: line.prefix(8000), as: UTF8.self)
    guard text.contains(where: { !$0.isWhitespace }) else { return [] }
    lastLine = text
    return [.text(text)]
  }

  package mutating func finish(exit: AgentExit, stderrTail: String, now: Timestamp?) -> AgentOutcome {
    var outcome = stream.finish(exit: exit, stderrTail: stderrTail, now: now)
    outcome.toolUses = stream.toolUses > 0 ? stream.toolUses : nil
    if outcome.finalText.isEmpty { outcome.finalText = lastLine }
    if let line = stream.resultLine, outcome.result != .claimsDone, let named = Self.named(line) {
      outcome.result = named
    }
    // Without a result line, or against one that claims success, the exit status decides.
    if (stream.resultLine == nil && !stream.isRejected) || outcome.result == .claimsDone {
      outcome.result = byStatus(exit, stderrTail) ?? .claimsDone
    }
    return outcome
  }

  /// The class that the program itself gives to its failure.
  private static func named(_ line: JSONValue) -> AgentOutcome.Result? {
    guard let failure = line["failure_class"]?.string.flatMap(FailureClass.init(rawValue:)) else { return nil }
    let text = line["result"]?.string ?? failure.rawValue
    let retryAt = line["retry_at"]?.int.flatMap(Timestamp.init(epochSeconds:))
    return .failed(failure, evidence: ClaudeStreamParser.evidence(text), retryAt: retryAt)
  }

  private func byStatus(_ exit: AgentExit, _ stderr: String) -> AgentOutcome.Result? {
    let clue = stderr.split(whereSeparator: \.isNewline).last.map(String.init) ?? lastLine
    let evidence = ClaudeStreamParser.evidence(clue.isEmpty ? exit.text : "\(exit.text): \(clue)")
    guard exit.status != .code(0) else { return nil }
    if let cause = FailureClass(exit.cause) { return .failed(cause, evidence: evidence, retryAt: nil) }
    switch exit.status {
    case .code(126), .code(127): return .failed(.environment, evidence: evidence, retryAt: nil)
    case .code(Self.tryAgainLater) where !isScript: return .failed(.overloaded, evidence: evidence, retryAt: nil)
    default: return .failed(exit.isSignal ? .crash : .implementation, evidence: evidence, retryAt: nil)
    }
  }
}
