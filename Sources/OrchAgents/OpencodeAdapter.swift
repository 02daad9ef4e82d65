import OrchDomain

extension TableAdapter {
  /// opencode: `opencode run --format json`. Unproven: made after the vendor's source and documentation.
  static let opencode = TableAdapter(
    name: "opencode",
    facts: AdapterFacts(program: "opencode", install: "npm install -g opencode-ai", proof: .notInstallable),
    environmentNames: vendorKeyNames + [
      "GOOGLE_GENERATIVE_AI_API_KEY", "OPENCODE_API_KEY", "OPENCODE_CONFIG", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
    ],
    environment: ["OPENCODE_DISABLE_AUTOUPDATE": "1"],
    arguments: { run in
      // Without it every permission that its configuration asks about is refused.
      ["run", "--format", "json"]
        + run.unlessOwn("--auto", "--dangerously-skip-permissions", use: ["--dangerously-skip-permissions"])
        + run.option("--model", run.model) + run.option("--session", run.resumed) + run.own
    },
    stream: StreamTable(
      rules: [
        LineRule(["sessionID": nil]) { [.session($0.text(at: "sessionID"))] },
        LineRule(["type": "text"]) { [.text($0.text(at: "part.text"))] },
        LineRule(["type": "tool_use"]) { line in
          [.tool(name: line.text(at: "part.tool"), input: line.at("part.state.input"))]
        },
        LineRule(["type": "tool_use", "part.state.status": "completed"]) {
          [.toolResult(isError: false, text: $0.text(at: "part.state.output"))]
        },
        LineRule(["type": "tool_use", "part.state.status": "error"]) {
          [.toolResult(isError: true, text: $0.text(at: "part.state.error"))]
        },
        LineRule(["type": "step_finish"]) { line in
          (line.at("part.cost")?.double.map { [.cost(MicroUSD(usd: max(0, $0)), adds: true)] } ?? [])
            + (tokens.usage(in: line).map { [.usage($0, adds: true)] } ?? [])
        },
        LineRule(["type": "step_finish", "part.reason": "stop"]) { _ in [.done] },
        LineRule(["type": "done"]) { line in
          (line["rejected"]?.array ?? []).compactMap { $0.string.map { .denied(tool: $0) } } + [.done]
        },
        LineRule(["type": "error"]) { line in
          let message = line.text(at: "error.data.message")
          return [.failed(message.isEmpty ? line.text(at: "error.name") : message)]
        },
      ],
      success: .told, lostSession: ["Session not found"]))

  private static let tokens = TokenPlaces(
    input: "part.tokens.input", cacheWrite: "part.tokens.cache.write", cacheRead: "part.tokens.cache.read",
    output: ["part.tokens.output", "part.tokens.reasoning"])
}
