import OrchDomain

extension TableAdapter {
  /// Qwen Code: `qwen --output-format stream-json`. Unproven: made after the vendor's source and documentation.
  static let qwen = TableAdapter(
    name: "qwen",
    facts: AdapterFacts(program: "qwen", install: "npm install -g @qwen-code/qwen-code", proof: .notInstallable),
    environmentNames: [
      "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "DASHSCOPE_API_KEY", "BAILIAN_CODING_PLAN_API_KEY",
    ],
    takesSessionID: true,
    arguments: { run in
      ["--output-format", "stream-json"]
        + run.unlessOwn("--approval-mode", "--yolo", "-y", use: ["--approval-mode", "yolo"])
        + run.option("--model", run.model) + run.option("--max-session-turns", run.maxTurns)
        + (run.resumed.map { ["--resume", $0] } ?? run.option("--session-id", run.context.session)) + run.own
    },
    stream: StreamTable(
      rules: [
        LineRule(["type": "system"]) { [.session($0.text(at: "session_id")), .model($0.text(at: "model"))] },
        LineRule(["type": "assistant"], each: "message.content", where: ["type": "text"]) {
          [.text($0.text(at: "text"))]
        },
        LineRule(["type": "assistant"], each: "message.content", where: ["type": "tool_use"]) {
          [.tool(name: $0.text(at: "name"), input: $0["input"])]
        },
        LineRule(["type": "user"], each: "message.content", where: ["type": "tool_result"]) {
          [.toolResult(isError: $0["is_error"]?.bool ?? false, text: $0.text(at: "content"))]
        },
        LineRule(["type": "result"], each: "permission_denials") { [.denied(tool: $0.text(at: "tool_name"))] },
        LineRule(["type": "result"]) { line in
          let usage = tokens.usage(in: line).map { [StreamFact.usage($0, adds: false)] } ?? []
          guard line["is_error"]?.bool == false else {
            let message = line.text(at: "error.message")
            return usage + [.failed(message.isEmpty ? line.text(at: "result") : message)]
          }
          return usage + [.done]
        },
      ],
      success: .told, exits: geminiExits, lostSession: ["No saved session found", "session not found"]))

  private static let tokens = TokenPlaces(
    input: "usage.input_tokens", cacheWrite: "usage.cache_creation_input_tokens",
    cacheRead: "usage.cache_read_input_tokens", output: ["usage.output_tokens"], inputHoldsCache: true)
}
