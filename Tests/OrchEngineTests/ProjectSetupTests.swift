import OrchConfig
import Testing

@testable import OrchEngine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Setting a project up")
struct ProjectSetupTests {
  private static func inScratch(_ body: (String) throws -> Void) throws {
    let root = "\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/orch-setup-\(randomUUID())"
    try FileTree.makeDirectories(root)
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(root) } }
    try body(root)
  }

  private static func text(_ path: String) throws -> String { String(decoding: try FileTree.read(path), as: UTF8.self) }

  @Test func writesWhatIsMissingAndKeepsTheRest() throws {
    try Self.inScratch { root in
      try FileTree.makeDirectories("\(root)/plans")
      try FileTree.write("\(root)/plans/README.md", Array("mine".utf8))
      let setup = ProjectSetup(root: root, plansDirectory: "plans")
      #expect(!setup.hasConfig)
      var answers = SetupAnswers()
      answers.verifyCommands = ["make test"]
      let first = try setup.write(answers, withSample: true)
      #expect(first.filter(\.isNew).map(\.path) == [".claude-orchestrator.toml", "plans/sample/epic-01-first-step.md"])
      #expect(try Self.text("\(root)/plans/README.md") == "mine")
      let config = try Self.text("\(root)/.claude-orchestrator.toml")
      #expect(SettingsLoader.parse(config, file: "x").settings.verify.commands == ["make test"])
      #expect(try Self.text("\(root)/plans/sample/epic-01-first-step.md").contains("`make test` succeeds"))

      answers.verifyCommands = ["other"]
      let second = try setup.write(answers, withSample: true)
      #expect(second.filter(\.isNew).isEmpty)
      #expect(try Self.text("\(root)/.claude-orchestrator.toml") == config)
    }
  }

  @Test func aLinkThatLeadsNowhereCountsAsThere() throws {
    try Self.inScratch { root in
      #expect(symlink("/nonexistent/x", "\(root)/.claude-orchestrator.toml") == 0)
      let setup = ProjectSetup(root: root, plansDirectory: "plans")
      #expect(setup.hasConfig)
      let files = try setup.write(SetupAnswers(), withSample: false)
      #expect(files.first?.isNew == false)
    }
  }

  @Test func proposesTheGatesOfAllKindsOnce() throws {
    try Self.inScratch { root in
      try FileTree.write("\(root)/Cargo.toml", Array("[package]\n".utf8))
      try FileTree.write("\(root)/go.mod", Array("module x\n".utf8))
      let found = try ProjectSetup(root: root, plansDirectory: "plans").detect()
      let answers = ProjectSetup.proposal(found + found)
      #expect(answers.verifyCommands == ["cargo test", "go build ./...", "go test ./..."])
      #expect(answers.lint == ["go vet ./..."])
    }
  }

  @Test func programsAreFoundAsAShellWould() throws {
    try Self.inScratch { root in
      try FileTree.makeDirectories("\(root)/tool")
      try FileTree.write("\(root)/plain", [])
      #expect(ProgramSearch.find("tool", path: root) == nil)
      #expect(ProgramSearch.find("plain", path: root) == nil)
      #expect(chmod("\(root)/plain", 0o755) == 0)
      #expect(ProgramSearch.find("plain", path: "/nonexistent::\(root)") == "\(root)/plain")
      #expect(ProgramSearch.find("\(root)/plain", path: "") == "\(root)/plain")
    }
  }

  @Test func aCensusFindsUnfinishedFilesAndFollowsNoLink() throws {
    try Self.inScratch { root in
      try FileTree.makeDirectories("\(root)/a/b")
      try FileTree.makeDirectories("\(root)/skipped")
      try FileTree.write("\(root)/a/b/x.orch-tmp", [1])
      try FileTree.write("\(root)/skipped/y.orch-tmp", [1])
      #expect(symlink(root, "\(root)/a/loop") == 0)
      let census = try FileTree.census(of: root, suffix: ".orch-tmp", skipping: ["skipped"])
      #expect(census.unfinished == ["\(root)/a/b/x.orch-tmp"])
      #expect(!census.isCut)
      #expect(try FileTree.census(of: root, suffix: "", limit: 2).isCut)
    }
  }
}
