import Foundation
import OrchDomain
import Testing

/// Verdicts with the real program: any diff, the own history, and the guard against lost lines.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ReviewTests {
  static let lines = (1...12).map { "setting_\($0) = \($0)" }.joined(separator: "\n") + "\n"

  @Test(
    "pr route explains a range and a diff, by the policy of the base commit, and stores nothing")
  func route() async throws {
    let shop = try Workshop([])
    try shop.write(".claude-orchestrator/review.toml", "[review]\nprotected = [\"legal/**\"]\n")
    try shop.write("src/app.py", "def run(x):\n    return x\n")
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Policy and program")
    // The branch under review may not loosen the policy for itself.
    try shop.write(".claude-orchestrator/review.toml", "[review]\n")
    try shop.write("legal/terms.md", "Terms\n")
    try shop.write("src/app.py", "import subprocess\n\ndef run(x):\n    return subprocess.run(x)\n")
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Run it")
    let json = try JSON(try await shop.expect(0, "pr", "route", "--range", "HEAD~1..HEAD", "--json").out)["verdict"]
    #expect(json["category"].string == "security")
    #expect(json["needs_human"].bool == true)
    let evidence = json["evidence"].array.map { "\($0["rule"].string) \($0["file"].string)" }
    #expect(evidence.contains("security.exec src/app.py"), "\(evidence)")
    #expect(evidence.contains("policy.protected-path legal/terms.md"), "\(evidence)")
    let text = try await shop.expect(0, "pr", "route", "--range", "HEAD~1..HEAD").out
    #expect(text.hasPrefix("verdict: security, needs a human\n"), "\(text)")
    #expect(text.contains("src/app.py:4: security.exec: return subprocess.run(x)"), "\(text)")

    try shop.write("\(shop.scratch.path)/change.diff", try shop.git("diff", "HEAD~1", "HEAD", "--", "src"))
    let diff = try JSON(
      try await shop.expect(0, "pr", "route", "--diff", "\(shop.scratch.path)/change.diff", "--json").out)["verdict"]
    #expect(diff["evidence"].array.contains { $0["rule"].string == "security.exec" && $0["line"].int == 4 })
    try shop.write("\(shop.scratch.path)/broken.diff", "@@ -1 +1 @@\n-a\n+b\n")
    let broken = try JSON(
      try await shop.expect(0, "pr", "route", "--diff", "\(shop.scratch.path)/broken.diff", "--json").out)["verdict"]
    #expect(broken["needs_human"].bool == true)
    try await shop.expect(1, "pr", "route", "--range", "nowhere..HEAD")
    try await shop.expect(64, "pr", "route")
    #expect(!shop.exists("\(shop.state)/orchestrator.db"), "a verdict needs no store")
  }

  @Test("A policy may keep all code for a human, and what a project of .NET inherits tells whether it is published")
  func allCode() async throws {
    let shop = try Workshop([])
    try shop.write(
      "Directory.Build.props", "<PropertyGroup><TargetFrameworks>net8.0;net9.0</TargetFrameworks></PropertyGroup>")
    try shop.write("src/Kit/Kit.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"></Project>\n")
    try shop.write("src/Kit/A.cs", "public class A {\n}\n")
    try shop.write("src/app.py", "value = 1\n")
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Kit and program")
    func route(_ words: String...) async throws -> [String] {
      try shop.git("commit", "--quiet", "--all", "-m", "Change")
      let words = ["pr", "route", "--range", "HEAD~1..HEAD", "--json"] + words
      let output = try await shop.launch(words).output()
      #expect(output.status == 0, "\(output)")
      let verdict = try JSON(output.out)["verdict"]
      return verdict["evidence"].array.map { "\($0["rule"].string) \($0["file"].string)" }
    }
    try shop.write("src/Kit/A.cs", "public class A {\n  public int Size() { return 1; }\n}\n")
    #expect(try await route() == ["architecture.public-api src/Kit/A.cs"])
    try shop.write("\(shop.scratch.path)/strict.toml", "[review]\ncode_needs_review = true\n")
    try shop.write("src/app.py", "value = 2\n")
    #expect(try await route() == [])
    try shop.write("src/app.py", "value = 3\n")
    #expect(try await route("--policy", "\(shop.scratch.path)/strict.toml") == ["policy.code src/app.py"])
  }

  @Test("pr replay counts humans per rule, and another policy changes its answer and nothing else")
  func replay() async throws {
    let shop = try Workshop([])
    for number in 1...3 {
      try shop.write("src/a\(number).py", "value = \(number)\n")
      try shop.git("add", "--all")
      try shop.git("commit", "--quiet", "-m", "Value \(number)")
    }
    try shop.write("Dockerfile", "FROM scratch\n")
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Image")
    let before = try shop.git("for-each-ref")
    let usual = try JSON(try await shop.expect(0, "pr", "replay", "--last", "200", "--json").out)
    #expect(usual["commits"].int == 4)
    #expect(usual["humans"].int == 1)
    #expect(usual["rules"].array.map { $0["rule"].string } == ["security.ci"])
    try shop.write("\(shop.scratch.path)/strict.toml", "[review]\nprotected = [\"src/**\"]\n")
    let strict = try JSON(
      try await shop.expect(0, "pr", "replay", "--policy", "\(shop.scratch.path)/strict.toml", "--json").out)
    #expect(strict["humans"].int == 4)
    #expect(strict["routed_differently"].array.count == 3)
    #expect(try await shop.expect(0, "pr", "replay").out.contains("4 commits: 1 need a human (25.0 %)"))
    #expect(try shop.git("for-each-ref") == before)
    #expect(!shop.exists("\(shop.state)/orchestrator.db"))
  }

  @Test("What one task landed does not go with the next one, unless its plan says so", arguments: [false, true])
  func lostLines(_ isMeant: Bool) async throws {
    let undo = "git rm --quiet src/settings.py\ngit commit --quiet -m Tidy"
    let shop = try Workshop([
      Plan(
        "core/E01",
        script: "mkdir -p src\ncat >src/settings.py <<'X'\n\(Self.lines)X\ngit add src\ngit commit --quiet -m S"),
      Plan("core/E02", front: isMeant ? "supersedes: [core/E01]" : "", script: undo),
    ])
    _ = try await shop.orch("start", "--all")
    let states = try await shop.states()
    #expect(states["core/E01"] == "complete")
    guard !isMeant else {
      #expect(states["core/E02"] == "complete")
      return
    }
    #expect(states["core/E02"] == "in_review")
    let change = try JSON(try await shop.expect(0, "pr", "show", "core/E02", "--json").out)
    let evidence = change["verdict"]["evidence"].array
    #expect(evidence.map { $0["rule"].string } == ["policy.lost-lines"])
    let excerpt = evidence.first?["excerpt"].string ?? ""
    #expect(excerpt.contains("core/E01") && excerpt.contains("core/E02"), "\(excerpt)")
    #expect(try await shop.expect(0, "pr", "show", "core/E02").out.contains("^ policy.lost-lines: "))
  }

  @Test("An agent that asks for a human in a commit message gets one")
  func opinion() async throws {
    let shop = try Workshop([
      Plan(
        "core/E01",
        script:
          "echo ok >a.txt\ngit add a.txt\ngit commit --quiet -m 'Add a\n\nNeeds-Review: is this the right file?'"
      )
    ])
    _ = try await shop.orch("start", "--all")
    #expect(try await shop.states() == ["core/E01": "in_review"])
    #expect(try await shop.expect(0, "pr", "review").out.contains("policy.agent-opinion: is this the right file?"))
  }
}
