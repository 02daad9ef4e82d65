import ArgumentParser
import Testing

@testable import OrchCLI

@Suite("The command line of frequent commands")
struct EntryPointTests {
  @Test(
    "The short way finds the command that the whole parser finds, or leaves it to that",
    arguments: [
      "status", "status --json", "list", "list --module billing --json", "sync --dry-run", "check", "status --help",
      "list x",
      "status --bogus", "sync --module", "help status", "statu", "", "status --generate-completion-script bash",
    ])
  func same(_ line: String) {
    let arguments = line.split(separator: " ").map(String.init)
    #expect(outcome { try EntryPoint.parse(arguments) } == outcome { try ClaudeOrch.parseAsRoot(arguments) })
  }

  @Test("Options are read on the short way")
  func options() throws {
    let list = try #require(try EntryPoint.parse(["list", "--module", "billing", "--json"]) as? ListCommand)
    #expect(list.module == "billing" && list.output.json)
  }

  @Test("Help names the whole program")
  func help() {
    #expect(StatusCommand.helpMessage().contains("USAGE: claude-orch status"))
  }

  private func outcome(_ parse: () throws -> any ParsableCommand) -> String {
    do {
      return "\(type(of: try parse()))"
    } catch {
      return ClaudeOrch.fullMessage(for: error)
    }
  }
}
