import OrchDomain

extension TableAdapter {
  /// GitHub Copilot CLI: `copilot --output-format json`. Unproven: made after the vendor's documentation.
  static let copilot = TableAdapter(
    name: "copilot",
    facts: AdapterFacts(program: "copilot", install: "npm install -g @github/copilot", proof: .notInstallable),
    // A token that can do nothing but this; those for the forge itself stay ours.
    environmentNames: ["COPILOT_GITHUB_TOKEN", "COPILOT_MODEL", "COPILOT_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"],
    arguments: { run in
      ["--output-format", "json", "--no-color", "--no-ask-user"]
        + run.unlessOwn("--allow-all-tools", "--allow-tool", "--allow-all", "--yolo", use: ["--allow-all-tools"])
        + run.option("--model", run.model) + (run.resumed.map { ["--resume=\($0)"] } ?? []) + run.own
    },
    stream: StreamTable(
      rules: [
        LineRule(["type": "session.start"]) {
          [.session($0.text(at: "data.sessionId")), .model($0.text(at: "data.selectedModel"))]
        },
        LineRule(["type": "assistant.message"]) { [.text($0.text(at: "data.content"))] },
        LineRule(["type": "tool.execution_start"]) {
          [.tool(name: $0.text(at: "data.toolName"), input: $0.at("data.arguments"))]
        },
        LineRule(["type": "tool.execution_complete"]) { line in
          [.toolResult(isError: line.at("data.success")?.bool == false, text: line.text(at: "data.result.content"))]
        },
        LineRule(["type": "assistant.usage"]) { line in
          [.model(line.text(at: "data.model"))] + (tokens.usage(in: line).map { [.usage($0, adds: true)] } ?? [])
        },
        LineRule(["type": "session.error"]) { [.trouble($0.text(at: "data.message"))] },
        LineRule(["type": "result"]) { line in
          [.session(line.text(at: "sessionId"))]
            + (line["exitCode"]?.int == 0 ? [.done] : [.failed(line.text(at: "error.message"))])
        },
      ],
      success: .told, lostSession: ["No session", "session not found"]))

  private static let tokens = TokenPlaces(
    input: "data.inputTokens", cacheWrite: "data.cacheWriteTokens", cacheRead: "data.cacheReadTokens",
    output: ["data.outputTokens"], inputHoldsCache: true)
}
