import Foundation
import OrchDomain
import OrchStore
import Testing

/// Keys that agents commit, and logins that they must not have.
@Suite(.serialized, .timeLimit(.minutes(15))) struct SecretTests {
  /// Makes a key whose text is in no file of this repository, nor in the plan.
  static let makeKey = """
    key() {
      printf -- '-----BEGIN %s KEY-----\\n' 'RSA PRIVATE'
      seq 1 400 | sha256sum | cut -c1-64
      seq 2 400 | sha256sum | cut -c1-64
      printf -- '-----END %s KEY-----\\n' 'RSA PRIVATE'
    }

    """

  @Test func aCommittedKeyNeverLandsAndIsNowhereInTheEnd() async throws {
    let shop = try Workshop([
      Plan(
        "core/E01",
        script: Self.makeKey + """
          if [ -z "${ORCH_FEEDBACK_FILE:-}" ]; then
            key | tee deploy.pem
            git add deploy.pem && git commit --quiet -m "Add a key"
            git rm --quiet deploy.pem && git commit --quiet -m "Take it away again"
          else
            grep -q 'deploy.pem:1: private-key' "$ORCH_FEEDBACK_FILE"
            git reset --quiet --hard "$ORCH_BASE"
          fi
          \(Plan.work("core/E01"))
          """)
    ])
    let output = try await shop.orch("start", "--all")
    #expect(output.status == 0, "\(output)")
    try await shop.expectFinished(["core/E01"])
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "secrets"])
    let digest = try shop.run("seq 1 400 | sha256sum | cut -c1-64")
    #expect(digest.count == 64)
    #expect(!output.out.contains(digest) && !output.err.contains(digest))
    #expect(try !shop.git("log", "-p", "main").contains(digest))
    let found = try shop.run("grep -rlF '\(digest)' '\(shop.state)' || true")
    #expect(found.isEmpty, "\(found)")
    for arguments in [["logs", "core/E01"], ["logs", "core/E01", "--raw"], ["events"], ["pr", "show", "core/E01"]] {
      let shown = try await shop.launch(arguments).output()
      #expect(!shown.out.contains(digest), "\(arguments)")
    }
  }

  @Test func anAgentThatDoesNotTakeItOutIsStuck() async throws {
    let shop = try Workshop([
      Plan(
        "core/E01",
        script: Self.makeKey + """
          key > deploy.pem
          git add deploy.pem && git commit --quiet -m "Add a key"
          git rm --quiet deploy.pem
          \(Plan.work("core/E01"))
          """)
    ])
    let output = try await shop.orch("start", "--all")
    #expect(output.status == 1, "\(output)")
    #expect(try await shop.states() == ["core/E01": "stuck"])
    #expect(try await shop.orch("why", "core/E01").out.contains("private-key"))
    #expect(try shop.changes().isEmpty)
  }

  @Test func whatThePolicyOfTheBaseAllowsIsNoSecret() async throws {
    let shop = try Workshop(
      [
        Plan(
          "core/E01", front: "needs_review: true",
          script: Self.makeKey + "mkdir -p data fixtures\nkey > fixtures/key.pem\ngit add fixtures\n"
            + Plan.work("core/E01"))
      ], settings: "[review]\nallow_secrets = [\"fixtures/**\"]")
    let output = try await shop.orch("start", "--all")
    #expect(try await shop.states() == ["core/E01": "in_review"], "\(output)")
  }

  @Test(arguments: ["off", "bubblewrap"]) func anAgentHasNoLoginOfAForgeAndCannotPush(_ mode: String) async throws {
    if mode != "off", let obstacle = Bubblewrap.obstacle {
      print("skipped: \(obstacle)")
      return
    }
    let shop = try Workshop([])
    let canary = "\(shop.scratch.path)/asked"
    let helper = "\(shop.scratch.path)/helper"
    let plan = Plan(
      "core/E01",
      script: """
        env | grep -E 'TOKEN|SECRET|SSH_AUTH_SOCK|PASSWORD' | sed 's/^/HELD /' || true
        for url in https://forge.invalid/a.git ssh://git@forge.invalid/a.git git@forge.invalid:a.git; do
          git push "$url" HEAD 2>&1 | sed 's/^/PUSH /' || true
        done
        printf 'protocol=https\\nhost=forge.invalid\\n\\n' | git credential fill 2>&1 | sed 's/^/FILL /' || true
        \(Plan.work("core/E01"))
        """)
    try shop.write(plan.path, plan.text)
    try shop.write("README.md", Plan.overview([plan]))
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Plan")
    try shop.write(helper, "#!/bin/sh\ntouch \(canary)\necho username=a\necho password=hunter2hunter2\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: helper)
    try shop.git("config", "--global", "credential.helper", helper)
    try shop.git("config", "credential.helper", helper)
    let secrets = [
      "GITHUB_TOKEN": "token-of-the-user", "GH_TOKEN": "token-of-the-user", "SSH_AUTH_SOCK": "/tmp/agent.sock",
      "AWS_SECRET_ACCESS_KEY": "token-of-the-user",
    ]
    let output = try await shop.orch("start", "--all", adding: secrets.merging(["CLAUDE_ORCH_SANDBOX": mode]) { $1 })
    #expect(output.status == 0, "\(output)")
    let text = try SandboxedWorkTests.printed(shop)
    #expect(!text.contains("HELD") && !text.contains("hunter2") && !text.contains("token-of"), "\(text)")
    #expect(text.split(separator: "\n").count { $0.contains("claude-orch-pushes-for-you") } >= 3, "\(text)")
    #expect(!shop.exists(canary), "a credential helper was asked")
  }
}

extension Workshop {
  /// What a shell command prints, without the last line feed.
  func run(_ command: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.everything(), as: UTF8.self)
    process.waitUntilExit()
    return text.trimmingCharacters(in: .newlines)
  }
}
