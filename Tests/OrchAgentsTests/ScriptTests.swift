import Foundation
import OrchAgents
import OrchDomain
import Testing

@Suite("Blocks of a plan as a script", .timeLimit(.minutes(15)))
struct ScriptTests {
  private func execute(_ blocks: [(String, Int)]) throws -> (status: Int32, output: String, errors: String) {
    let scratch = try ScratchDirectory()
    var context = context(AgentSettings(name: "script"), in: scratch.path)
    context.worktree = scratch.path
    context.planPath = "docs/it's a plan.md"
    context.scriptBlocks = blocks.map { ScriptBlock(info: "bash run", content: $0.0, line: $0.1) }
    let start = try ScriptAdapter().start(context)
    for file in start.files { try Data(file.content.utf8).write(to: URL(filePath: file.path)) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [start.executable] + start.arguments
    process.currentDirectoryURL = URL(filePath: scratch.path)
    process.environment = start.environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let errorText = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, errorText)
  }

  @Test("Blocks run in order, each announced with its place, each in the worktree")
  func order() throws {
    let result = try execute([("cd /\necho one > \"$ORCH_WORKTREE/x\"\n", 12), ("cat x\necho $ORCH_TASK", 20)])
    #expect(
      result.output == """
        ==> docs/it's a plan.md:12: block 1 of 2
        ==> docs/it's a plan.md:20: block 2 of 2
        one
        billing/E05

        """)
    #expect(result.status == 0 && result.errors == "")
  }

  @Test(
    "A block that fails stops the script and names its line",
    arguments: [
      ("false\necho no", 1), ("exit 7", 7), ("false | true\necho no", 1), ("echo $UNSET_NAME\necho no", 1),
      ("if [", 2), ("echo 'open", 2), (")\necho no", 2), ("no_such_program_here", 127),
    ])
  func failure(_ block: String, _ status: Int32) throws {
    let result = try execute([("echo first", 3), (block, 9), ("echo never", 30)])
    #expect(result.output.contains("first") && !result.output.contains("never") && !result.output.contains("\nno\n"))
    #expect(result.errors.hasSuffix("docs/it's a plan.md:9: this block ended with exit status \(result.status)\n"))
    #expect(result.status == status || (status == 2 && result.status != 0))
  }

  @Test("A block may hold the words that enclose it, here-documents, CRLF and any quoting")
  func hostileBlocks() throws {
    let block = "cat <<'ORCH_BLOCK_1'\nORCH_BLOCK\nORCH_BLOCK_1\necho \"it's $((1 + 1))\" `echo three`"
    #expect(try execute([(block, 1)]).output.hasSuffix("ORCH_BLOCK\nit's 2 three\n"))
    #expect(try execute([("printf x\r\nprintf y\r\n", 1)]).output.hasSuffix("xy"))
    #expect(try execute([("exit 0", 1), ("echo second", 2)]).output.contains("second"))
    #expect(try execute([("cat; echo end", 1), ("echo second", 2)]).output.contains("end\n==>"))
    #expect(try execute([("", 1)]).status == 0)
  }

  @Test("Only blocks marked to be run are run, and a plan without one is no work")
  func marked() {
    let infos = ["bash", "bash run", "sh  run", "bash run twice", "run", "", "python run", "bash running"]
    let blocks = infos.enumerated().map { ScriptBlock(info: $1, content: "echo \($0)", line: $0 + 1) }
    #expect(blocks.filter(\.isRunnable).map(\.line) == [2, 3])
    let own = ScriptBlock(info: "bash accept", content: "echo looked\n", line: 9)
    #expect(ScriptFile.text(blocks: blocks, marked: "accept", plan: "p.md") == nil)
    let look = ScriptFile.text(blocks: blocks + [own], marked: "accept", plan: "p.md")
    #expect(look?.contains("echo looked") == true && look?.contains("block 1 of 1") == true)
    #expect(ScriptFile.text(blocks: [blocks[0]], plan: "p.md") == nil)
    let error = AgentError.noScriptBlocks(plan: "docs/plans/billing/epic-05-x.md")
    #expect(throws: error) { try ScriptAdapter().start(context(AgentSettings(name: "script"))) }
    #expect(error.failureClass == .noWork)
  }

  @Test("The outcome of a script is its exit status, whatever its commands print")
  func outcome() {
    let fake = lines("{\"type\":\"result\",\"is_error\":true}")
    #expect(run(ScriptAdapter().makeParser(), fake).outcome.result == .claimsDone)
    let failed = run(ScriptAdapter().makeParser(), [], exit: AgentExit(.code(3)), stderr: "p.md:9: this block ended")
    #expect(
      failed.outcome.result
        == .failed(.implementation, evidence: "exit status 3: p.md:9: this block ended", retryAt: nil))
  }
}
