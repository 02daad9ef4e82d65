import OrchDomain

/// Reads the stream-json lines of Claude Code. Source of the format: recorded streams of version 2.1.329.
package struct ClaudeStreamParser: AgentStreamParser {
  /// A longer line is dropped with a note; agents have printed lines of some megabytes.
  static let lineLimit = 64 << 20

  var session: String?
  private(set) var sawEvent = false
  private(set) var toolUses = 0
  private(set) var finalText = ""
  /// The last result line; nil as long as there is none.
  private(set) var resultLine: JSONValue?
  private(set) var usage = TokenUsage.zero
  private(set) var cost: MicroUSD?
  private(set) var turns = 0
  /// `error` of the message that the CLI makes up when a request fails.
  private(set) var apiError: String?
  /// The retry that was announced and not yet followed by an answer.
  private(set) var pendingRetry: (status: Int?, reason: String)?
  private(set) var rejectedUntil: Timestamp?
  private(set) var isRejected = false
  private(set) var model: String?
  private var unknownTypes: Set<String> = []
  private var workingDirectory = ""
  private var partial = PartialUsage()

  package init() {}

  /// The totals so far, and whether they are a lower bound.
  var totalUsage: (usage: TokenUsage, isPartial: Bool) {
    resultLine == nil ? (partial.total, partial.total != .zero) : (usage, false)
  }

  package mutating func consume(_ line: ArraySlice<UInt8>) -> [AgentEvent] {
    guard line.count <= Self.lineLimit else { return [.note("a line of \(line.count) bytes was left out")] }
    guard line.contains(where: { $0 != 0x20 && !(0x09...0x0D).contains($0) }) else { return [] }
    return read(line) ?? [.note(String(decoding: line.prefix(2000), as: UTF8.self))]
  }

  /// The events of one line; nil when it is not a line of this format.
  mutating func read(_ line: ArraySlice<UInt8>) -> [AgentEvent]? {
    guard let value = JSONReader.value(line), let type = value["type"]?.string else { return nil }
    sawEvent = true
    switch type {
    case "system": return system(value)
    case "assistant": return assistant(value)
    case "user": return user(value)
    case "rate_limit_event": return rateLimit(value["rate_limit_info"])
    case "result": return result(value)
    default: return unknown(type)
    }
  }

  /// A kind of event that this version does not know is told of once, and changes nothing.
  private mutating func unknown(_ type: String) -> [AgentEvent] {
    guard !Self.silentTypes.contains(type), unknownTypes.count < 100, unknownTypes.insert(type).inserted else {
      return []
    }
    return [.note("unknown event '\(type.bounded(100))'")]
  }

  /// Known, and of no interest for a transcript.
  private static let silentTypes: Set<String> = [
    "stream_event", "control_request", "control_response", "control_cancel_request", "keep_alive", "tool_progress",
    "system/hook_started", "system/status", "system/informational", "system/notification", "system/ui_invalidate",
    "system/task_started", "system/task_notification", "system/task_progress", "system/task_updated",
    "system/compact_boundary", "system/files_persisted", "system/post_turn_summary", "system/thinking_tokens",
    "system/session_state_changed", "system/background_tasks_changed",
  ]

  private mutating func system(_ value: JSONValue) -> [AgentEvent] {
    switch value["subtype"]?.string {
    case "init":
      workingDirectory = value["cwd"]?.string ?? ""
      model = value["model"]?.string ?? model
      let dead = (value["mcp_servers"]?.array ?? []).filter { $0["status"]?.string == "failed" }
      return announce(value["session_id"]?.string)
        + dead.map { .note("MCP server '\($0["name"]?.string ?? "?")' did not start") }
    case "api_retry":
      let status = value["error_status"]?.int
      let reason = value["error"]?.string ?? "request failed"
      pendingRetry = (status, reason)
      let delay = max(0, min(value["retry_delay_ms"]?.int ?? 0, 86_400_000))
      return [.retry(status: status, reason: reason, delay: .milliseconds(delay))]
    case "model_fallback":
      return [.note(value["content"]?.string ?? "the model was changed")]
    case "permission_denied":
      return [.denied(tool: value["tool_name"]?.string ?? "a tool", reason: value["message"]?.string ?? "")]
    case "hook_response":
      guard value["outcome"]?.string != "success" else { return [] }
      let text = value["stderr"]?.string ?? ""
      return [.note("hook \(value["hook_name"]?.string ?? "?") failed" + (text.isEmpty ? "" : ": \(text)"))]
    case let subtype: return unknown("system/\(subtype ?? "")")
    }
  }

  private mutating func announce(_ id: String?) -> [AgentEvent] {
    guard let id, id != session else { return [] }
    session = id
    return [.session(id)]
  }

  private mutating func assistant(_ value: JSONValue) -> [AgentEvent] {
    if let error = value["error"]?.string { apiError = error }
    let message = value["message"]
    let isSynthetic = message?["model"]?.string == "<synthetic>"
    if !isSynthetic {
      pendingRetry = nil
      model = message?["model"]?.string ?? model
      partial.add(message: message?["id"]?.string, TokenUsage(message?["usage"]))
    }
    return (message?["content"]?.array ?? []).compactMap { block in
      switch block["type"]?.string {
      case "text":
        let text = block["text"]?.string ?? ""
        finalText = text
        return text.isEmpty ? nil : .text(text)
      case "tool_use":
        toolUses += 1
        return .toolUse(
          name: block["name"]?.string ?? "a tool", summary: ToolSummary.text(of: block["input"], in: workingDirectory))
      default: return nil
      }
    }
  }

  private func user(_ value: JSONValue) -> [AgentEvent] {
    (value["message"]?["content"]?.array ?? []).compactMap { block in
      switch block["type"]?.string {
      case "tool_result":
        let text = block["content"]?.string ?? Self.texts(block["content"])
        return .toolResult(isError: block["is_error"]?.bool ?? false, summary: ToolSummary.lines(text))
      case "text" where value["isSynthetic"]?.bool == true: return .note(ToolSummary.lines(block["text"]?.string ?? ""))
      default: return nil
      }
    }
  }

  private mutating func rateLimit(_ info: JSONValue?) -> [AgentEvent] {
    let until = info?["resetsAt"]?.int.flatMap(Timestamp.init(epochSeconds:))
    let rejected = info?["status"]?.string == "rejected"
    isRejected = rejected
    rejectedUntil = rejected ? until : nil
    return [.rateLimited(isRejected: rejected, until: until)]
  }

  private mutating func result(_ value: JSONValue) -> [AgentEvent] {
    resultLine = value
    pendingRetry = nil
    let told = TokenUsage(value["usage"])
    // A run that ends at a limit leaves its last request out of `usage`, but not out of the counts by model.
    let counted = TokenUsage(byModel: value["model_usage_since_last_result"])
    usage = usage.saturatingSum(counted.total > told.total ? counted : told)
    if let dollars = value["total_cost_usd"]?.double { cost = MicroUSD(usd: max(0, dollars)) }
    turns = min(turns, 1_000_000) + min(max(0, value["num_turns"]?.int ?? 0), 1_000_000)
    if let text = value["result"]?.string { finalText = text }
    return announce(value["session_id"]?.string) + [.usage(usage, cost: cost)]
  }

  private static func texts(_ content: JSONValue?) -> String {
    (content?.array ?? []).compactMap { $0["text"]?.string }.joined(separator: "\n")
  }
}

/// The tokens of a run that did not live to tell its totals: what each answer named when it began.
private struct PartialUsage: Sendable {
  private var last: String?
  private(set) var total = TokenUsage.zero

  /// One answer comes as several lines with one id and the same numbers.
  mutating func add(message id: String?, _ usage: TokenUsage) {
    guard id == nil || id != last else { return }
    last = id
    total = total.saturatingSum(usage)
  }
}

extension TokenUsage {
  /// The `usage` object of the Messages API.
  init(_ value: JSONValue?) {
    func count(_ key: String) -> Int { max(0, min(value?[key]?.int ?? 0, Self.ceiling)) }
    self.init(
      input: count("input_tokens"), cacheWrite: count("cache_creation_input_tokens"),
      cacheRead: count("cache_read_input_tokens"), output: count("output_tokens"))
  }

  /// The sum over an object whose keys are models.
  init(byModel value: JSONValue?) {
    self.init()
    for model in value?.members ?? [] {
      func count(_ key: String) -> Int { max(0, min(model.value[key]?.int ?? 0, Self.ceiling)) }
      self = saturatingSum(
        TokenUsage(
          input: count("inputTokens"), cacheWrite: count("cacheCreationInputTokens"),
          cacheRead: count("cacheReadInputTokens"), output: count("outputTokens")))
    }
  }

  /// Far above anything real, far below what an addition of four could overflow with.
  private static let ceiling = 1_000_000_000_000_000

  func saturatingSum(_ other: TokenUsage) -> TokenUsage {
    func sum(_ a: Int, _ b: Int) -> Int { min(a + b, Self.ceiling) }
    return TokenUsage(
      input: sum(input, other.input), cacheWrite: sum(cacheWrite, other.cacheWrite),
      cacheRead: sum(cacheRead, other.cacheRead), output: sum(output, other.output))
  }
}

extension Timestamp {
  /// nil for a moment before 2001 or after 2200, which no vendor means.
  init?(epochSeconds: Int) {
    guard (1_000_000_000...7_258_118_400).contains(epochSeconds) else { return nil }
    self.init(milliseconds: Int64(epochSeconds) * 1000)
  }
}
