import OrchDomain

extension TableAdapter {
  /// goose: `goose run`. Unproven: made after the vendor's source and documentation.
  static let goose = TableAdapter(
    name: "goose",
    facts: AdapterFacts(
      program: "goose", install: "brew install block-goose-cli, or the script of goose's own documentation",
      proof: .notInstallable),
    environmentNames: vendorKeyNames + [
      "GOOSE_PROVIDER", "GOOSE_MODEL", "OPENAI_HOST", "ANTHROPIC_HOST", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
      "GOOSE_DISABLE_KEYRING",
    ],
    takesSessionID: true, environment: ["GOOSE_MODE": "auto"],
    arguments: { run in
      // Sessions have names; ours is the id that was drawn for the attempt.
      ["run", "--instructions", "-", "--output-format", "stream-json"]
        + run.option("--name", run.resumed ?? run.context.session) + (run.resumed == nil ? [] : ["--resume"])
        + run.option("--model", run.model) + run.option("--max-turns", run.maxTurns) + run.own
    },
    stream: StreamTable(
      rules: [
        LineRule(["type": "message", "message.role": "assistant"], each: "message.content", where: ["type": "text"]) {
          [.piece($0.text(at: "text"))]
        },
        LineRule(["type": "message"], each: "message.content", where: ["type": "toolRequest"]) {
          [.tool(name: $0.text(at: "toolCall.value.name"), input: $0.at("toolCall.value.arguments"))]
        },
        LineRule(["type": "message"], each: "message.content", where: ["type": "toolResponse"]) {
          [
            .toolResult(
              isError: $0.text(at: "toolResult.status") != "success", text: $0.text(at: "toolResult.value.content"))
          ]
        },
        LineRule(["type": "error"]) { [.failed($0.text(at: "error"))] },
        LineRule(["type": "complete"]) { line in
          (line["cost_usd"]?.double.map { [.cost(MicroUSD(usd: max(0, $0)), adds: false)] } ?? [])
            + (tokens.usage(in: line).map { [.usage($0, adds: false)] } ?? []) + [.done]
        },
      ],
      success: .told, lostSession: ["No session found", "Session not found"]))

  private static let tokens = TokenPlaces(
    input: "input_tokens", cacheWrite: "cache_write_input_tokens", cacheRead: "cache_read_input_tokens",
    output: ["output_tokens"])
}
