import OrchDomain

/// Reads the stream of a CLI as its ``StreamTable`` says.
struct TableStreamParser: AgentStreamParser {
  private let table: StreamTable
  private var sawLine = false
  private let given: String?
  private var session: String?
  private var model: String?
  private var usage = TokenUsage.zero
  private var isUsageTold = false
  private var cost: MicroUSD?
  private var toolUses = 0
  private var denied: [String] = []
  private var finalText = ""
  private var isPiece = false
  private var isDone = false
  private var failure: String?
  private var trouble: String?

  /// - Parameter session: The session that the run was started in, for a CLI that takes an id and does not repeat it.
  init(_ table: StreamTable, session: String?) {
    self.table = table
    given = session
  }

  mutating func consume(_ line: ArraySlice<UInt8>) -> [AgentEvent] {
    guard line.count <= ClaudeStreamParser.lineLimit else {
      return [.note("a line of \(line.count) bytes was left out")]
    }
    guard let first = line.first(where: { $0 != 0x20 && !(0x09...0x0D).contains($0) }) else { return [] }
    sawLine = true
    if first == UInt8(ascii: "{"), !table.rules.isEmpty, let value = JSONReader.value(line) {
      return table.rules.flatMap { $0.facts(in: value) }.compactMap { take($0) }
    }
    let text = String(decoding: line.prefix(8000), as: UTF8.self)
    return (table.text(text) ?? [table.rules.isEmpty ? .text(text) : .note(text)]).compactMap { take($0) }
  }

  private mutating func take(_ fact: StreamFact) -> AgentEvent? {
    let continues = isPiece
    isPiece = false
    switch fact {
    case .session(let id):
      guard !id.isEmpty, id != session else { return nil }
      session = id
      return .session(id)
    case .model(let name):
      if !name.isEmpty { model = name }
      return nil
    case .text(let text):
      guard text.contains(where: { !$0.isWhitespace }) else { return nil }
      finalText = text
      return .text(text)
    case .piece(let text):
      isPiece = true
      finalText = continues && finalText.utf8.count < 1 << 20 ? finalText + text : text
      return text.isEmpty ? nil : .text(text)
    case .tool(let name, let input):
      toolUses += 1
      return .toolUse(name: name.isEmpty ? "a tool" : name, summary: ToolSummary.text(of: input))
    case .toolResult(let isError, let text): return .toolResult(isError: isError, summary: ToolSummary.lines(text))
    case .denied(let tool):
      denied.append(tool)
      return .denied(tool: tool, reason: "")
    case .usage(let told, let adds):
      usage = adds ? usage + told : told
      isUsageTold = true
      return .usage(usage, cost: cost)
    case .cost(let told, let adds):
      cost = adds ? (cost ?? .zero) + told : told
      return nil
    case .note(let text): return text.isEmpty ? nil : .note(text)
    case .trouble(let text):
      trouble = text
      return .note(text)
    case .failed(let text):
      failure = text.isEmpty ? trouble ?? "the run failed" : text
      return .note(failure ?? text)
    case .done:
      isDone = true
      // What went wrong before was overcome.
      trouble = nil
      return nil
    }
  }

  mutating func finish(exit: AgentExit, stderrTail: String, now: Timestamp?) -> AgentOutcome {
    if let mark = table.sessionOnStderr, let place = stderrTail.ranges(of: mark).last {
      let id = stderrTail[place.upperBound...].prefix { !$0.isWhitespace }
      if !id.isEmpty { session = String(id) }
    }
    if session == nil, sawLine { session = given }
    let result = result(exit: exit, stderr: stderrTail, now: now)
    var outcome = AgentOutcome(
      result: result, usage: usage, usageScope: table.usageScope,
      usageIsPartial: !isUsageTold || result != .claimsDone, cost: cost, costScope: table.costScope, model: model,
      session: session, toolUses: toolUses > 0 ? toolUses : nil, deniedTools: denied, finalText: finalText)
    if case .failed(_, let evidence, _) = result {
      let told = [evidence, failure ?? "", stderrTail].joined(separator: "\n")
      outcome.lose(session: table.lostSession.contains(where: told.contains))
    }
    return outcome
  }

  private func result(exit: AgentExit, stderr: String, now: Timestamp?) -> AgentOutcome.Result {
    if let cause = FailureClass(exit.cause) { return failed(cause, "stopped: \(exit.text)") }
    if let failure { return classified(failure, or: .implementation, now: now) }
    if exit.isSignal { return failed(.crash, last(stderr).map { "\(exit.text): \($0)" } ?? exit.text) }
    guard exit.status == .code(0) else { return byStatus(exit, stderr, now: now) }
    // Some CLIs leave with 0 whatever happened: what they said last is all there is.
    if let trouble { return classified(trouble, or: .implementation, now: now) }
    if table.success == .told, !isDone {
      return failed(.crash, "\(exit.text), and the CLI did not say that it had finished")
    }
    guard denied.isEmpty else {
      return failed(.permission, "refused: " + Set(denied).sorted().joined(separator: ", "))
    }
    return .claimsDone
  }

  private func byStatus(_ exit: AgentExit, _ stderr: String, now: Timestamp?) -> AgentOutcome.Result {
    let lines = ([trouble].compactMap { $0 } + stderr.split(whereSeparator: \.isNewline).map(String.init))
    if let telling = lines.first(where: { FailureClue.classify($0, own: table.clues) != nil }) {
      return classified(telling, or: .implementation, now: now)
    }
    let evidence = (trouble ?? last(stderr)).map { "\(exit.text): \($0)" } ?? exit.text
    if case .code(let code) = exit.status, let named = table.exits[code] { return failed(named, evidence) }
    // Nothing on standard output: the CLI refused its command line, or is not there.
    return failed(sawLine ? .implementation : .environment, evidence)
  }

  private func last(_ text: String) -> String? {
    text.split(whereSeparator: \.isNewline).last { $0.contains { !$0.isWhitespace } }.map(String.init)
  }

  private func classified(_ message: String, or standard: FailureClass, now: Timestamp?) -> AgentOutcome.Result {
    failed(FailureClue.classify(message, own: table.clues) ?? standard, message, now: now)
  }

  private func failed(_ failure: FailureClass, _ evidence: String, now: Timestamp? = nil) -> AgentOutcome.Result {
    let retryAt = failure == .rateLimit ? ResetTime.find(in: evidence, now: now) : nil
    return .failed(failure, evidence: ClaudeStreamParser.evidence(evidence), retryAt: retryAt)
  }
}
