import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch mcp`
struct MCPCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mcp", abstract: "Answer the tools of agents over standard input and output (Model Context Protocol)",
    discussion: """
      Tells about one project; a client cannot switch writing on. Register it with \
      `claude mcp add claude-orch -- claude-orch mcp --project DIR`.
      """)

  @OptionGroup var options: ProjectOptions

  @Flag(name: .long, help: "Also offer start, retry and approve")
  var allowWrite = false

  func run() async throws {
    let server = MCPServer(tools: MCPTools(place: try options.place(), allowsWriting: allowWrite))
    while let line = Terminal.standardInput.readLine() {
      guard let answer = await server.answer(line) else { continue }
      Terminal.standardOutput.write(answer.text() + "\n")
    }
  }
}
