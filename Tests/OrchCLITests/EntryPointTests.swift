import ArgumentParser
import OrchDomain
import OrchRandom
import Testing

@testable import OrchCLI

@Suite("The command line of frequent commands")
struct EntryPointTests {
  static let frequent: [any FrequentCommand.Type] = [StatusCommand.self, ListCommand.self, SyncCommand.self]

  @Test("What is read without the parser is what the parser reads, and what the parser refuses is left to it")
  func same() throws {
    let words =
      ["--bogus", "x", "billing", "complete", "high", "--", "-h", "", "--json=x"]
      + Self.frequent.flatMap { $0.plainOptions + $0.plainFlags }
    var generator = SplitMix64(seed: 11)
    func word(_ words: [String]) -> String { words[Int(generator.next() % UInt64(words.count))] }
    var plain = 0
    for _ in 0..<4000 {
      let command = word(["status", "list", "sync"])
      let arguments = [command] + (0..<generator.next() % 6).map { _ in word(words) }
      guard let found = EntryPoint.frequent(arguments) else { continue }
      plain += 1
      let parsed = try ClaudeOrch.parseAsRoot(arguments)
      #expect("\(found)" == "\(parsed)", "\(arguments)")
    }
    #expect(plain > 300)
  }

  @Test("Every option of a frequent command has a plain form, so none is forgotten", arguments: 0..<frequent.count)
  func complete(_ index: Int) throws {
    let command = Self.frequent[index]
    let words = command.helpMessage().split { " \n".contains($0) }.map(String.init)
    let listed = Set(words.filter { $0.hasPrefix("--") }).subtracting(["--help", "--version"])
    #expect(listed == Set(command.plainOptions + command.plainFlags))
  }

  @Test(
    "Everything else is left to the parser",
    arguments: [
      "check", "status --help", "list x", "status --bogus", "sync --module", "help status", "statu", "",
      "status --generate-completion-script bash", "list --status bogus", "list --priority bogus", "list --module",
      "list --module --json", "sync --theirs --ours", "status --json --json", "list --module=billing", "status --",
    ])
  func rest(_ line: String) {
    #expect(EntryPoint.frequent(line.split(separator: " ").map(String.init)) == nil)
  }

  @Test("Options are read on the short way")
  func options() throws {
    let list = try #require(EntryPoint.frequent(["list", "--module", "billing", "--json"]) as? ListCommand)
    #expect(list.module == "billing" && list.output.json && !list.ready && list.status == nil)
  }

  @Test("Help names the whole program")
  func help() {
    #expect(StatusCommand.helpMessage().contains("USAGE: claude-orch status"))
  }
}

@Suite("Commands that do not exist")
struct UnknownCommandTests {
  @Test(
    "The nearest command is named",
    arguments: [
      (["staus"], "there is no command 'staus'; did you mean 'status'?"),
      (["start", "core/E01"], nil),
      (["pr", "aprove", "core/E01"], "there is no command 'pr aprove'; did you mean 'pr approve'?"),
      (["frobnicate"], "there is no command 'frobnicate'; `claude-orch --help` lists them"),
      (["--verbose"], nil), ([], nil), (["pr"], nil), (["help", "staus"], nil),
    ] as [([String], String?)])
  func nearest(arguments: [String], text: String?) { #expect(EntryPoint.unknownCommand(in: arguments) == text) }

  @Test func evidenceFromAMessageSaysSo() {
    let evidence = Evidence(rule: "security.told", category: .security, file: "", line: nil, excerpt: "Fix a CVE")
    #expect(VerdictText.line(evidence, colour: false) == "(message): security.told: Fix a CVE")
  }
}
