import OrchDomain

extension TableAdapter {
  /// OpenAI Codex: `codex exec --json`. Proven: events, exits, resume and failures were recorded with 0.163.0.
  static let codex = TableAdapter(
    name: "codex",
    facts: AdapterFacts(
      program: "codex", install: "npm install -g @openai/codex",
      proof: .proven(version: "codex-cli 0.163.0", date: "2026-11-27")),
    environmentNames: ["OPENAI_API_KEY", "CODEX_API_KEY", "OPENAI_BASE_URL", "CODEX_HOME"],
    arguments: { run in
      // Its own sandbox keeps a worktree's git directory read-only, so that no commit could be made.
      ["exec", "--json"]
        + run.unlessOwn(
          "--sandbox", "-s", "--approve-for-me", "--full-auto", "--dangerously-bypass-approvals-and-sandbox",
          use: ["--dangerously-bypass-approvals-and-sandbox"])
        + run.option("-m", run.model) + run.own + run.option("resume", run.resumed) + ["-"]
    },
    stream: StreamTable(
      rules: [
        LineRule(["type": "thread.started"]) { [.session($0.text(at: "thread_id"))] },
        LineRule(["type": "item.started", "item.type": "command_execution"]) {
          [.tool(name: "shell", input: $0["item"])]
        },
        LineRule(["type": "item.completed", "item.type": "command_execution"]) { line in
          [.toolResult(isError: line.at("item.exit_code")?.int != 0, text: line.text(at: "item.aggregated_output"))]
        },
        LineRule(["type": "item.completed", "item.type": "file_change"], each: "item.changes") {
          [.tool(name: $0.text(at: "kind"), input: $0)]
        },
        LineRule(["type": "item.started", "item.type": "mcp_tool_call"]) {
          [.tool(name: $0.text(at: "item.tool"), input: $0.at("item.arguments"))]
        },
        LineRule(["type": "item.completed", "item.type": "agent_message"]) { [.text($0.text(at: "item.text"))] },
        // A warning; the run goes on.
        LineRule(["type": "item.completed", "item.type": "error"]) { [.note($0.text(at: "item.message"))] },
        LineRule(["type": "error"]) { [.trouble($0.text(at: "message"))] },
        LineRule(["type": "turn.failed"]) { [.failed($0.text(at: "error.message"))] },
        LineRule(["type": "turn.completed"]) { line in
          (tokens.usage(in: line).map { [.usage($0, adds: false)] } ?? []) + [.done]
        },
      ],
      success: .told, usageScope: .session, lostSession: ["no rollout found"]))

  private static let tokens = TokenPlaces(
    input: "usage.input_tokens", cacheWrite: "usage.cache_write_input_tokens", cacheRead: "usage.cached_input_tokens",
    output: ["usage.output_tokens"], inputHoldsCache: true)
}
