import OrchDomain

extension TableAdapter {
  /// Cursor CLI: `cursor-agent -p`. Unproven: made after the vendor's documentation.
  static let cursor = TableAdapter(
    name: "cursor",
    facts: AdapterFacts(
      program: "cursor-agent", install: "curl https://cursor.com/install -fsS | bash", proof: .notInstallable,
      promptDelivery: "a file that the argument asks it to read"),
    environmentNames: ["CURSOR_API_KEY"], readsPromptFromInput: false,
    arguments: { run in
      ["-p", "--output-format", "stream-json", "--trust"] + run.unlessOwn("--force", "-f", "--yolo", use: ["--force"])
        + run.option("--model", run.model) + run.option("--resume", run.resumed) + run.own
        // It documents no other way than an argument, which everybody on the machine can read.
        + ["--", "Your task is in the file \(run.context.promptFile). Read the whole file and carry it out."]
    },
    stream: StreamTable(
      rules: [
        LineRule(["type": "system", "subtype": "init"]) {
          [.session($0.text(at: "session_id")), .model($0.text(at: "model"))]
        },
        LineRule(["type": "assistant"]) { [.text($0.text(at: "message.content"))] },
        LineRule(["type": "tool_call", "subtype": "started"]) { line in
          // The call is the only member: `shellToolCall`, `writeToolCall`, …
          let call = line["tool_call"]?.members?.first
          return [.tool(name: call?.key ?? "", input: call?.value["args"])]
        },
        LineRule(["type": "tool_call", "subtype": "completed"]) { line in
          let result = line["tool_call"]?.members?.first?.value["result"]
          if let rejected = result?["rejected"] {
            return [.denied(tool: line["tool_call"]?.members?.first?.key ?? "a tool"), .note(rejected.text())]
          }
          return [.toolResult(isError: result?["success"] == nil, text: result?.text() ?? "")]
        },
        LineRule(["type": "result"]) { line in
          [.session(line.text(at: "session_id"))] + (tokens.usage(in: line).map { [.usage($0, adds: false)] } ?? [])
            + (line["is_error"]?.bool == false ? [.done] : [.failed(line.text(at: "result"))])
        },
      ],
      success: .told))

  private static let tokens = TokenPlaces(
    input: "usage.inputTokens", cacheWrite: "usage.cacheWriteTokens", cacheRead: "usage.cacheReadTokens",
    output: ["usage.outputTokens"])
}
