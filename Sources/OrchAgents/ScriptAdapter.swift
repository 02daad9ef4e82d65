/// Runs the plan's own fenced shell blocks marked `bash run`. Needs no model and no network.
package struct ScriptAdapter: AgentAdapter {
  package init() {}

  package var name: String { "script" }
  package var environmentNames: [String] { [] }
  package var resumes: Bool { false }
  package var facts: AdapterFacts {
    AdapterFacts(
      program: "bash", install: "apt-get install bash", proof: .proven(version: "GNU bash 5", date: "2026-11-27"),
      promptDelivery: "none: it runs the plan's own blocks")
  }

  package func start(_ context: AgentContext) throws(AgentError) -> AgentInvocation {
    let path = context.runDirectory + "/plan-\(context.turn).sh"
    guard
      let content = ScriptFile.text(
        blocks: context.scriptBlocks, marked: context.purpose.isWork ? "run" : "accept", plan: context.planPath)
    else {
      throw .noScriptBlocks(plan: context.planPath)
    }
    let program = context.settings.command.isEmpty ? [facts.program ?? "bash"] : context.settings.command
    return AgentInvocation(
      executable: program[0], arguments: program.dropFirst() + context.settings.arguments + [path],
      environment: context.settings.environment.merging(context.orchEnvironment) { $1 }, input: .none,
      files: [.init(path: path, content: content)])
  }

  /// A script keeps nothing between turns: it starts again, with the feedback beside it.
  package func resume(_ context: AgentContext, session: String) throws(AgentError) -> AgentInvocation {
    try start(context)
  }

  package func makeParser(session: String?) -> any AgentStreamParser { CommandStreamParser(isScript: true) }
}

/// A fenced code block of a plan.
package struct ScriptBlock: Hashable, Sendable {
  /// What follows the fence: `bash run`.
  package var info: String
  package var content: String
  /// Of the opening fence, from 1.
  package var line: Int

  package init(info: String, content: String, line: Int) {
    self.info = info
    self.content = content
    self.line = line
  }

  /// Whether the block is a step of the plan's work.
  package var isRunnable: Bool { isMarked("run") }

  /// Whether the plan wants this block to be run for a purpose: the words `bash` (or `sh`) and `mark`, and no others.
  func isMarked(_ mark: String) -> Bool {
    let words = info.split { $0 == " " || $0 == "\t" }
    return words.count == 2 && (words[0] == "bash" || words[0] == "sh") && words[1] == mark
  }
}

/// Makes one shell script of a plan's blocks.
package enum ScriptFile {
  /// The script, or nil without a block that is marked so.
  ///
  /// Every block is data in a quoted here-document and evaluated in a subshell of its own, so that a quote or bracket
  /// that a block leaves open fails that block and not the script around it.
  package static func text(blocks: [ScriptBlock], marked mark: String = "run", plan: String) -> String? {
    let runnable = blocks.filter { $0.isMarked(mark) }
    guard !runnable.isEmpty else { return nil }
    var script = "#!/usr/bin/env bash\n# Generated from the plan; every edit here is lost.\nset -uo pipefail\n"
    for (index, block) in runnable.enumerated() {
      let content = unixLines(block.content)
      let mark = delimiter(index + 1, content: content)
      let place = quoted("\(plan):\(block.line)")
      let end = content.hasSuffix("\n") || content.isEmpty ? "" : "\n"
      script += """

        printf '==> %s: block \(index + 1) of \(runnable.count)\\n' \(place)
        block=
        IFS= read -r -d '' block <<'\(mark)' || true
        \(content)\(end)\(mark)
        (
          set -euo pipefail
          eval "$block"
        ) </dev/null
        status=$?
        if [ "$status" -ne 0 ]; then
          printf '%s: this block ended with exit status %d\\n' \(place) "$status" >&2
          exit "$status"
        fi

        """
    }
    return script
  }

  /// A plan written with CRLF would give every command a carriage return.
  private static func unixLines(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let kept = bytes.indices.filter { !(bytes[$0] == 0x0D && $0 + 1 < bytes.count && bytes[$0 + 1] == 0x0A) }
    return String(decoding: kept.map { bytes[$0] }, as: UTF8.self)
  }

  /// A line that the block does not contain.
  private static func delimiter(_ number: Int, content: String) -> String {
    var mark = "ORCH_BLOCK_\(number)"
    while content.contains(mark) { mark += "_" }
    return mark
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
