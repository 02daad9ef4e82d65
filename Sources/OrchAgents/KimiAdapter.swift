import OrchDomain

extension TableAdapter {
  /// Kimi CLI: `kimi --print`. Proven with 1.44.0; 1.52.0 only says that it is no longer maintained, and leaves with 0.
  static let kimi = TableAdapter(
    name: "kimi",
    facts: AdapterFacts(
      program: "kimi", install: "pip install 'kimi-cli<1.45' (needs Python 3.12)",
      proof: .proven(version: "kimi, version 1.44.0", date: "2026-11-27")),
    environmentNames: ["KIMI_API_KEY", "KIMI_BASE_URL", "KIMI_MODEL_NAME", "MOONSHOT_API_KEY", "OPENAI_API_KEY"],
    takesSessionID: true,
    arguments: { run in
      // An id that it does not know begins a session of that id.
      ["--print", "--yolo", "--output-format", "stream-json"]
        + run.option("--session", run.resumed ?? run.context.session) + run.option("--model", run.model) + run.own
    },
    stream: StreamTable(
      rules: [
        LineRule(["role": "assistant"]) { line in
          let text = line.text(at: "content")
          // An answer that calls no tool is the last one.
          return [.text(text)] + (line["tool_calls"] == nil && !text.isEmpty ? [.done] : [])
        },
        LineRule(["role": "assistant"], each: "tool_calls") {
          [.tool(name: $0.text(at: "function.name"), input: $0.at("function.arguments"))]
        },
        LineRule(["role": "tool"]) { line in
          let text = line.text(at: "content")
          return [.toolResult(isError: text.hasPrefix("<system>ERROR"), text: text)]
        },
      ],
      text: { $0.hasPrefix("Error code:") || $0.hasPrefix("LLM ") ? [.trouble($0)] : nil },
      // Its status for trouble that may pass; the text says which.
      success: .told, exits: [75: .overloaded], lostSession: ["Session not found"],
      sessionOnStderr: "To resume this session: kimi -r "))
}
