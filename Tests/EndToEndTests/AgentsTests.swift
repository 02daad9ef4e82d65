import Foundation
import Testing

/// `claude-orch agents`: what it says about programs that are there, missing, slow or strange, and one tiny task.
@Suite(.serialized, .timeLimit(.minutes(15))) struct AgentsTests {
  /// A directory with programs that tell their version in all the wrong ways.
  private func programs(_ shop: Workshop) throws -> String {
    let directory = shop.scratch.path + "/programs"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let texts = [
      "codex": "echo codex-cli 9.9.9; echo more", "gemini": "exec sleep 600", "goose": "exit 3",
      "aider": "printf 'aider \\033[31m1\\n' >&2", "qwen": "env",
    ]
    for (name, text) in texts {
      let file = "\(directory)/\(name)"
      try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(filePath: file))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    }
    return directory
  }

  @Test("A fallback that names nobody stops a start before anything runs")
  func unknownFallback() async throws {
    let shop = try Workshop(
      [Plan("core/E01")], settings: "[agents.script]\nfallback = [\"codx\"]")
    let run = try await shop.expect(1, "start", "--all")
    #expect(
      run.err.contains(".claude-orchestrator.toml:16:13: error: 'agents.script.fallback' names the agent \"codx\"")
        && run.err.contains("write 'codex'"), "\(run)")
  }

  @Test("A program that is missing is told before anything begins, costs no attempt, and is found by the next start")
  func missingProgram() async throws {
    let shop = try Workshop(
      [Plan("core/E01", front: "agent: codex"), Plan("more/E01", front: "agent: mine"), Plan("other/E01")],
      settings: """
        [agents.mine]
        adapter = "command"
        command = ["/no/such/program"]
        fallback = ["kimi"]
        """)
    let bare = ["PATH": "/usr/bin:/bin"]
    let run = try await shop.expect(69, "start", "--all", "--json", adding: bare)
    let ends = ["core/E01": "ready", "more/E01": "ready", "other/E01": "complete"]
    #expect(try await shop.states() == ends, "\(run)")
    let summary = try #require(try Event.all(run).last).json
    #expect(summary["ended_early"].string.contains("agent codex needs the program 'codex'"), "\(summary)")
    #expect(run.err.contains("not found in PATH; install it (npm install"), "\(run)")
    #expect(run.err.contains("agent mine needs the program '/no/such/program', and there is no such program"))
    for id in ["core/E01", "more/E01"] { #expect(try shop.attempts(id).isEmpty, "nothing was begun") }
    let why = try await shop.expect(0, "why", "core/E01", adding: bare)
    #expect(why.out.contains("agent codex needs the program 'codex'"), "\(why)")

    let programs = shop.scratch.path + "/bin"
    let work = "#!/bin/sh\nset -e\n\(FailurePolicyTests.work)\n"
    let lines = #"printf '%s\n' '{"type":"thread.started","thread_id":"t-1"}' '{"type":"turn.completed","usage":{}}'"#
    try shop.write("\(programs)/codex", work + lines + "\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(programs)/codex")
    try await shop.expect(0, "start", "core/E01", adding: ["PATH": "\(programs):/usr/bin:/bin"])
    #expect(try await shop.states()["core/E01"] == "complete")
  }

  @Test("Every agent is listed, whatever its program does, and a missing one is no error")
  func list() async throws {
    let shop = try Workshop(
      [Plan("core/E01")],
      settings: """
        [agents.mine]
        adapter = "command"
        command = ["/no/such/program"]

        [agents.odd]
        adapter = "frobnicator"
        """)
    let path = try programs(shop)
    let secrets = ["PATH": "\(path):/usr/bin:/bin", "AWS_SECRET_ACCESS_KEY": "hidden"]
    let list = try JSON(try await shop.expect(0, "agents", "--json", adding: secrets).out)
    #expect(list.keys == ["agents"])
    let agents = Dictionary(uniqueKeysWithValues: list["agents"].array.map { ($0["name"].string, $0) })
    let expected = [
      "aider", "claude-code", "codex", "command", "copilot", "cursor", "gemini", "goose", "kimi", "mine", "mini", "odd",
      "opencode", "qwen", "script",
    ]
    #expect(agents.keys.sorted().filter { expected.contains($0) } == expected)
    for agent in agents.values where agent["name"].string != "odd" {
      #expect(
        agent.keys == [
          "name", "adapter", "configured", "default", "model", "program", "found", "path", "version", "resumes",
          "proof",
          "proven_version", "proven_on", "unproven_reason", "install", "prompt", "nudge", "problem",
        ])
      #expect(agent["nudge"].string.hasPrefix("none"), "nobody would send the nudge that it takes")
      #expect(["proven", "unproven"].contains(agent["proof"].string))
    }
    #expect(agents["codex"]?["version"].string == "codex-cli 9.9.9")
    #expect(agents["codex"]?["path"].string == "\(path)/codex")
    // One that hangs, one that fails, one that paints, one that would tell our secrets.
    #expect(agents["gemini"]?["version"].isNull == true && agents["gemini"]?["found"].bool == true)
    #expect(agents["goose"]?["version"].isNull == true)
    #expect(agents["aider"]?["version"].string == "aider \\u{1b}[31m1")
    #expect(agents["qwen"]?["version"].string.contains("hidden") == false)
    #expect(agents["cursor"]?["found"].bool == false)
    #expect(agents["cursor"]?["problem"].string.contains("install") == true)
    #expect(agents["mine"]?["problem"].string.contains("/no/such/program") == true)
    #expect(agents["odd"]?["problem"].string.contains("frobnicator") == true)
    let text = try await shop.expect(0, "agents", adding: secrets).out
    #expect(text.contains("unproven") && text.contains("npm install -g @google/gemini-cli") == false)
    #expect(text.contains("codex-cli 9.9.9  ") && text.contains(" \(path)/codex\n"))
    #expect(text.contains("Not usable yet:") && !text.contains("\u{1b}"))
  }

  @Test("The script agent is tried without a network, and its scratch is gone")
  func trial() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let temp = shop.scratch.path + "/temp"
    try FileManager.default.createDirectory(atPath: temp, withIntermediateDirectories: true)
    let report = try JSON(try await shop.expect(0, "agents", "try", "script", "--json", adding: ["TMPDIR": temp]).out)
    #expect(
      report.keys == [
        "agent", "complete", "state", "failure_class", "reason", "cost_usd", "tokens", "duration_seconds", "turns",
        "session", "directory",
      ])
    #expect(report["complete"].bool == true && report["state"].string == "complete" && report["directory"].isNull)
    #expect(try FileManager.default.contentsOfDirectory(atPath: temp).isEmpty)
    let text = try await shop.expect(0, "agents", "try", "script", adding: ["TMPDIR": temp]).out
    #expect(text.contains("script works"))
  }

  @Test("An agent that does nothing fails the trial, and what it left can be looked at")
  func failure() async throws {
    let shop = try Workshop(
      [Plan("core/E01")], settings: "[agents.idle]\nadapter = \"command\"\ncommand = [\"true\"]\n")
    let temp = shop.scratch.path + "/temp"
    try FileManager.default.createDirectory(atPath: temp, withIntermediateDirectories: true)
    let report = try JSON(try await shop.expect(1, "agents", "try", "idle", "--json", adding: ["TMPDIR": temp]).out)
    #expect(report["complete"].bool == false && report["failure_class"].string == "no_work")
    #expect(FileManager.default.fileExists(atPath: report["directory"].string + "/repository/README.md"))
    let missing = try await shop.expect(69, "agents", "try", "cursor", adding: ["PATH": "/usr/bin:/bin"])
    #expect(missing.err.contains("cursor-agent") && missing.err.contains("https://cursor.com/install"))
  }
}
