import OrchDomain

extension TableAdapter {
  /// Gemini CLI: `gemini --output-format stream-json`. Unproven: made after the vendor's source and documentation.
  static let gemini = TableAdapter(
    name: "gemini",
    facts: AdapterFacts(program: "gemini", install: "npm install -g @google/gemini-cli", proof: .notInstallable),
    environmentNames: [
      "GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA", "GOOGLE_CLOUD_PROJECT",
      "GOOGLE_CLOUD_LOCATION", "GEMINI_CLI_HOME", "GOOGLE_GEMINI_BASE_URL",
    ],
    // In a directory that nobody has trusted yet it falls back to asking, which nobody answers.
    environment: ["GEMINI_CLI_TRUST_WORKSPACE": "true"],
    arguments: { run in
      ["--output-format", "stream-json"]
        + run.unlessOwn("--approval-mode", "--yolo", "-y", use: ["--approval-mode", "yolo"])
        + run.option("--model", run.model) + run.option("--resume", run.resumed) + run.own
    },
    stream: StreamTable(
      rules: [
        LineRule(["type": "init"]) { [.session($0.text(at: "session_id")), .model($0.text(at: "model"))] },
        LineRule(["type": "message", "role": "assistant"]) { [.piece($0.text(at: "content"))] },
        LineRule(["type": "tool_use"]) { [.tool(name: $0.text(at: "tool_name"), input: $0["parameters"])] },
        LineRule(["type": "tool_result", "status": "success"]) {
          [.toolResult(isError: false, text: $0.text(at: "output"))]
        },
        LineRule(["type": "tool_result", "status": "error"]) {
          [.toolResult(isError: true, text: $0.text(at: "error.message"))]
        },
        LineRule(["type": "error", "severity": "warning"]) { [.note($0.text(at: "message"))] },
        LineRule(["type": "error", "severity": "error"]) { [.trouble($0.text(at: "message"))] },
        LineRule(["type": "result", "stats": nil]) { line in
          // What it thought is in the total alone.
          func count(_ key: String) -> Int { max(0, line.at("stats.\(key)")?.int ?? 0) }
          let (input, cached) = (count("input_tokens"), count("cached"))
          let output = max(count("output_tokens"), count("total_tokens") - input)
          return [.usage(TokenUsage(input: max(0, input - cached), cacheRead: cached, output: output), adds: false)]
        },
        LineRule(["type": "result", "status": "success"]) { _ in [.done] },
        LineRule(["type": "result", "status": "error"]) { [.failed($0.text(at: "error.message"))] },
      ],
      success: .told, exits: geminiExits, lostSession: ["Invalid session identifier", "No previous sessions found"]))

  /// Of the vendor's `ExitCodes`; its offspring has kept them.
  static let geminiExits: [Int32: FailureClass] = [
    41: .auth, 42: .environment, 44: .environment, 52: .environment, 53: .budget,
  ]
}
