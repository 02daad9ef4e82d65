import Foundation
import OrchDomain
import OrchStore
import Testing

/// What people write to agents, and what agents ask through MCP.
@Suite(.serialized, .timeLimit(.minutes(10))) struct MessageTests {
  @Test func aMessageToARunningAttemptIsInItsNextPromptOnce() async throws {
    let script = """
      if [ -z "${ORCH_FEEDBACK_FILE:-}" ]; then
        touch "$HOME/began"
        until [ -e "$HOME/go" ]; do sleep 0.05; done
      fi
      grep -c '^> Use the blue' "$ORCH_PROMPT_FILE" >> "$HOME/seen" || true
      mkdir -p data
      echo "ok $ORCH_TASK $(date +%N)" > data/a
      git add data
      git commit --quiet -m Work
      """
    let shop = try Workshop([Plan("a/E01", front: "needs_review: true", script: script)])
    let run = try shop.launch(["start"])
    try await Eventually.holds("the agent works") { shop.exists("\(shop.scratch.path)/user/began") }
    let sent = try JSON(try await shop.expect(0, "send", "a/E01", "Use the blue one", "--json").out)
    #expect(sent["delivered_at"].isNull)
    try shop.write("\(shop.scratch.path)/user/go", "")
    #expect(try await run.output().status == 0)
    // Its work counted only after a turn that knew of the message.
    #expect(try shop.turns("a/E01").map(\.purpose) == ["start", "message"])
    #expect(try shop.read("\(shop.scratch.path)/user/seen") == "0\n1\n")
    let list = try JSON(try await shop.expect(0, "send", "a/E01", "--list", "--json").out)["messages"].array
    #expect(list.count == 1 && list[0]["turn"].int == 2 && list[0]["attempt"].int == 1)
    // What comes later is told with the next turn, and what was told is not told again.
    try await shop.expect(0, "send", "a/E01", "And the red one")
    try await shop.expect(0, "pr", "reject", "a/E01", "--reason", "Once more")
    try await shop.expect(0, "start")
    #expect(try shop.read("\(shop.scratch.path)/user/seen") == "0\n1\n0\n")
    let prompt = try shop.read(
      try #require(try shop.turns("a/E01").last?.feedbackPath))
    #expect(prompt.contains("And the red one") && prompt.contains("Once more"))
  }

  @Test func messagesThatNobodyWillReadAreRefused() async throws {
    let shop = try Workshop([Plan("a/E01")])
    try await shop.expect(0, "start")
    try await shop.expect(1, "send", "a/E01", "Too late")
    try await shop.expect(1, "send", "a/E09", "Nobody")
    try await shop.expect(64, "send", "a/E01")
  }

  /// Lets `mcp` answer lines, each of them a request.
  private func ask(_ shop: Workshop, _ requests: [String], _ options: String = "") async throws -> [JSON] {
    let file = "\(shop.scratch.path)/requests"
    try shop.write(file, requests.joined(separator: "\n") + "\n")
    let command = "exec '\(Built.orch)' mcp \(options) < '\(file)'"
    let output = try await Running("/bin/sh", ["-c", command], in: shop.root, shop.environment).output()
    #expect(output.status == 0, "\(output)")
    return try output.lines.map { try JSON($0) }
  }

  private func call(_ id: Int, _ tool: String, _ arguments: String = "{}") -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
  }

  @Test func everyToolCanBeListedAndCalled() async throws {
    let shop = try Workshop([Plan("a/E01", front: "needs_review: true"), Plan("a/E02")])
    try await shop.expect(0, "start")
    let begin = #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26"}}"#
    let note = #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#
    let list = #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#
    let answers = try await ask(
      shop,
      [
        begin, note, list, call(2, "status"), call(3, "check"), call(4, "list", #"{"module":"a"}"#), call(5, "ready"),
        call(6, "why", #"{"task":"a/E02"}"#), call(7, "graph"), call(8, "logs", #"{"task":"a/E01"}"#),
        call(9, "changes"),
        call(10, "changes", #"{"task":"a/E01"}"#),
        call(11, "ask_human", #"{"task":"a/E02","question":"Which one?"}"#), call(12, "approve", #"{"task":"a/E01"}"#),
        call(13, "why", #"{"task":"a/E99"}"#), call(14, "list", #"{"colour":1}"#), "{", "[]",
      ])
    #expect(answers.count == 17)
    #expect(answers[0]["result"]["protocolVersion"].string == "2025-03-26")
    let names = answers[1]["result"]["tools"].array.map { $0["name"].string }
    #expect(names == ["check", "status", "list", "ready", "why", "graph", "logs", "changes", "ask_human"])
    for answer in answers[2...11] {
      #expect(answer["result"]["isError"].bool == false, "\(answer)")
      #expect(answer["result"]["structuredContent"].isObject)
    }
    // The same objects as those of the commands.
    let status = try JSON(try await shop.expect(0, "status", "--json").out)
    #expect(answers[2]["result"]["structuredContent"]["states"].keys == status["states"].keys)
    // Not offered, and refused.
    #expect(answers[12]["error"]["message"].string.contains("--allow-write"))
    #expect(try await shop.states()["a/E01"] == "in_review")
    #expect(answers[13]["result"]["isError"].bool == true && answers[14]["result"]["isError"].bool == true)
    #expect(answers[15]["error"]["code"].int == -32_700 && answers[16]["error"]["code"].int == -32_600)
    let log = try await shop.expect(0, "events", "--task", "a/E02", "--json").out
    #expect(log.contains("question.asked") && log.contains("Which one?"))
    // People see the question until somebody answers it.
    let needs = "send a/E02 \"…\": asks: Which one?"
    #expect(try await shop.expect(0, "status").out.contains(needs))
    #expect(try await shop.expect(0, "report").out.contains("asks: Which one?"))
    #expect(
      try JSON(try await shop.expect(0, "status", "--json").out)["questions"].array.map { $0["task"].string } == [
        "a/E02"
      ])
    try await shop.expect(0, "send", "a/E02", "The blue one")
    #expect(try await !shop.expect(0, "status").out.contains("Which one?"))
    #expect(try await !shop.expect(0, "report").out.contains("Which one?"))
    let written = try await ask(shop, [list, call(2, "approve", #"{"task":"a/E01"}"#)], "--allow-write")
    #expect(written[0]["result"]["tools"].array.count == 12)
    #expect(written[1]["result"]["structuredContent"]["state"].string == "approved")
  }
}
