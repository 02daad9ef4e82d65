import Foundation
import OrchDomain
import OrchStore
import Testing

/// A repository that means harm.
@Suite(.serialized, .timeLimit(.minutes(15))) struct HostileTests {
  @Test func nothingOfTheRepositoryRunsThroughUs() async throws {
    // The agents would meet the same configuration: that they can commit all the same is theirs to see to.
    let own = { (id: String) in Plan.work(id).replacing("git commit", with: "git -c commit.gpgSign=false commit") }
    let shop = try Workshop([
      Plan("core/E01", front: "needs_review: true", script: own("core/E01")),
      Plan("other/E01", script: own("other/E01")),
    ])
    let canary = "\(shop.scratch.path)/canary"
    let script = "\(shop.scratch.path)/bite.sh"
    // What an agent's own git runs is the agent's; it says who it is by its environment.
    try shop.write(
      script, "#!/bin/sh\n[ -n \"$ORCH_PROMPT_FILE\" ] && exit 0\necho \"$0 $*\" >> \(canary)\nexit 0\n")
    let hooks = [
      "post-checkout", "post-commit", "post-merge", "pre-commit", "commit-msg", "prepare-commit-msg",
      "post-index-change",
      "reference-transaction", "pre-push", "update", "post-update", "post-rewrite", "pre-merge-commit",
    ]
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
    for hook in hooks {
      try FileManager.default.createSymbolicLink(
        atPath: "\(shop.root)/.git/hooks/\(hook)", withDestinationPath: script)
    }
    for (key, value) in [
      ("core.fsmonitor", script), ("core.pager", script), ("core.editor", script), ("core.sshCommand", script),
      ("diff.external", script), ("gpg.program", script), ("commit.gpgSign", "true"), ("core.askPass", script),
      ("credential.helper", script), ("filter.bite.clean", "\(script); cat"), ("diff.bite.textconv", script),
      ("merge.bite.driver", script), ("gc.auto", "1"), ("core.alternateRefsCommand", script),
    ] {
      try shop.git("config", key, value)
    }
    try shop.write(".git/info/attributes", "*.txt diff=bite merge=bite\n")
    for arguments in [
      ["sync"], ["status"], ["list"], ["start", "--all"], ["pr", "show", "core/E01"], ["pr", "merge", "core/E01"],
    ] {
      let more = ["GIT_EXTERNAL_DIFF": script, "GIT_SSH_COMMAND": script, "GIT_PAGER": script]
      let output = try await shop.launch(arguments, adding: more).output()
      #expect(output.status == 0, "\(arguments): \(output)")
    }
    #expect(!shop.exists(canary), "\((try? shop.read(canary)) ?? "")")
    #expect(try await Set(shop.states().values) == ["complete"])
  }

  @Test func environmentThatPointsElsewhereIsIgnored() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let other = try Workshop([])
    let before = try other.git("for-each-ref") + other.git("status", "--porcelain")
    let output = try await shop.orch(
      "start", "--all",
      adding: [
        "GIT_DIR": "\(other.root)/.git", "GIT_WORK_TREE": other.root, "GIT_INDEX_FILE": "\(other.root)/.git/index",
        "GIT_OBJECT_DIRECTORY": "\(other.root)/.git/objects", "GIT_AUTHOR_NAME": "Somebody",
      ])
    #expect(output.status == 0, "\(output)")
    #expect(try other.git("for-each-ref") + other.git("status", "--porcelain") == before)
    try await shop.expectFinished(["core/E01"])
  }

  @Test func escapeSequencesAreNotPrinted() async throws {
    let title = "Title \u{1B}]0;owned\u{07}\u{1B}[2J\u{202E}desrever\u{9B}31m"
    let plan = Plan(
      "core/E01", title, front: "needs_review: true",
      script: """
        printf '\\033[31mred\\033[0m\\n'
        printf '\\033]0;owned\\007\\n' >&2
        mkdir -p data
        printf 'ok \\033[31m\\033]0;owned\\007\\n' > data/file
        git add data
        git commit --quiet -m "$(printf 'Subject \\033[31m')"
        """)
    let shop = try Workshop([plan])
    for arguments in [
      ["check"], ["sync"], ["start", "--all"], ["list"], ["status"], ["pr", "list"], ["pr", "review"],
      ["pr", "show", "core/E01"], ["list", "--json"], ["pr", "show", "core/E01", "--json"],
      ["pr", "merge", "core/E01"],
      ["check", "no\u{1B}[2Jsuch"],
    ] {
      let output = try await shop.launch(arguments).output()
      for scalar in ["\u{1B}", "\u{07}", "\u{9B}", "\u{202E}"] as [Unicode.Scalar] {
        #expect(
          !(output.out + output.err).unicodeScalars.contains(scalar),
          "\(arguments) prints U+\(String(scalar.value, radix: 16)): \(output)")
      }
    }
    #expect(try await shop.states() == ["core/E01": "complete"])
    let message = try shop.git("log", "-3", "--format=%B", "main")
    #expect(!message.unicodeScalars.contains("\u{07}"), "\(message)")
  }

  @Test func secretsDoNotReachTheAgent() async throws {
    let plan = Plan(
      "core/E01",
      script:
        "env > secrets\nsed -i.bak '1s/^/ok /' secrets; rm secrets.bak\ngit add secrets\ngit commit --quiet -m env")
    let shop = try Workshop([plan])
    let output = try await shop.orch(
      "start", "--all",
      adding: ["API_TOKEN": "s3cr3t-value", "GIT_CONFIG_COUNT": "0", "ANTHROPIC_API_KEY": "s3cr3t-value"])
    #expect(!(output.out + output.err).contains("s3cr3t-value"))
    let kept = try shop.git("show", "refs/orch/attempts/core/E01/1:secrets", accepted: [0, 128])
    let branch = try shop.git("show", "feat/core-E01:secrets", accepted: [0, 128])
    #expect((kept + branch).contains("ORCH_TASK=core/E01"))
    #expect(!(kept + branch).contains("s3cr3t-value"))
    for name in ["ATTEMPT=1", "PLAN=docs/plans/core/", "WORKTREE=", "BRANCH=feat/core-E01", "BASE=", "PROMPT_FILE="] {
      #expect((kept + branch).contains("ORCH_\(name)"))
    }
  }
}
