import Foundation
import OrchDomain
import OrchStore
import Testing

/// Repositories and settings as people have them; each case is one that did not work once.
@Suite(.serialized, .timeLimit(.minutes(15))) struct RealRepositoryTests {
  /// What a person has done to a repository before `start`, and what is true afterwards.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// In the checkout.
    var before: String
    var script = Plan.work("core/E01")
    /// In the checkout, after everything has landed.
    var proof = "test -e data/core-E01"
  }

  static let cases = [
    Case(
      testDescription: "a shallow clone with a split index",
      before: """
        git commit --quiet --allow-empty -m More
        git clone --quiet --depth 1 "file://$PWD" ../clone
        mv .git ../whole.git
        mv ../clone/.git .git
        git update-index --split-index
        git config core.splitIndex true
        """),
    Case(
      testDescription: "a person who signs, and whose editor waits",
      before: """
        git config --global commit.gpgSign true
        git config --global tag.gpgSign true
        git config --global user.signingKey NOBODY
        git config --global core.editor 'sleep 600; false'
        """,
      script: Plan.work("core/E01") + "\ngit commit --quiet --amend\ngit tag --annotate --message one v1"),
    Case(
      testDescription: "plans behind links",
      before: """
        mkdir services
        mv docs/plans/core services/plans
        ln -s ../../services/plans docs/plans/core
        mv README.md docs/all.md
        ln -s docs/all.md README.md
        git add --all
        git commit --quiet -m Links
        """,
      proof: """
        test -L docs/plans/core && test -L README.md && test -z "$(git status --porcelain)"
        git show main:services/plans/epic-01-task.md | grep -q 'status: complete'
        git show main:docs/all.md | grep -q 🟢
        git checkout --quiet --detach
        "$ORCH" sync | grep -q 'nothing changed'
        """),
    Case(
      testDescription: "a sparse checkout without the plans",
      before: """
        mkdir app
        echo 1 > app/one
        git add --all
        git commit --quiet -m App
        git sparse-checkout set app
        test ! -e docs
        """,
      script: "echo 2 > app/one\ngit commit --quiet --all -m Two",
      proof: "grep -q 2 app/one && test ! -e docs && git show main:docs/plans/core/epic-01-task.md | grep -q complete"),
  ]

  @Test(arguments: cases) func theWorkLands(_ item: Case) async throws {
    let shop = try Workshop([Plan("core/E01", script: item.script)])
    try shop.sh(item.before)
    let run = try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"], "\(run)")
    try shop.sh(item.proof)
    #expect(try await shop.strays() == [])
  }

  @Test func aPlanBehindALinkIsNotChangedUnseen() async throws {
    let other = Plan("other/E01")
    let cheat = "sed -i.old 's/^status: .*/status: complete/' more/epic-01-task.md\nrm more/*.old\ngit commit -qam More"
    let shop = try Workshop([Plan("core/E01", script: Plan.work("core/E01") + "\n" + cheat), other])
    try shop.sh("mv docs/plans/other more; ln -s ../../more docs/plans/other; git add --all; git commit -qm Link")
    try await shop.expect(0, "start", "core/E01")
    #expect(try await shop.states() == ["core/E01": "in_review", "other/E01": "ready"])
    #expect(try await shop.expect(0, "pr", "show", "core/E01").out.contains("more/epic-01-task.md: policy.plan-status"))
  }

  @Test func outputThatCannotBeWrittenIsTold() async throws {
    let shop = try Workshop([Plan("core/E01")])
    // Nobody reads what a run says: the run goes on.
    try shop.sh(#""$ORCH" start --all | true"#)
    #expect(try await shop.states() == ["core/E01": "complete"])
    #if os(Linux)
      try shop.sh(#"! "$ORCH" list --json > /dev/full 2> told && grep -q 'not complete: No space left' told"#)
    #endif
  }

  @Test(arguments: [
    ("git update-ref -d refs/heads/main", "branch 'main' has no commit yet"),
    ("git branch --quiet -m main work && git update-ref refs/remotes/origin/main work", "git branch main origin/main"),
  ])
  func withoutABaseNothingBegins(_ command: String, _ told: String) async throws {
    let shop = try Workshop([Plan("core/E01")])
    try shop.sh(command)
    let run = try await shop.expect(69, "start", "--all")
    #expect(run.err.contains(told), "\(run)")
    #expect(try await shop.states() == ["core/E01": "ready"])
  }

  /// A person takes a commit off the base on which an agent has begun its work, before or after the change is approved.
  @Test(arguments: [false, true]) func whatAPersonTookOffTheBaseComesBackOnlyIfTheySaySo(_ late: Bool) async throws {
    let shop = try Workshop(
      late ? [.word("core/E01", "transfer")] : [WorldTests.waiting()], files: ["kept.txt": "kept\n"])
    let before = try shop.git("rev-parse", "main")
    try shop.sh("echo secret > mistake && git add mistake && git commit --quiet -m Mistake")
    if late {
      // An edit in the way keeps the approved change from landing.
      try shop.write("words", "mine\n")
      try await shop.expect(0, "start", "--all")
      #expect(try await shop.states() == ["core/E01": "approved"])
      try shop.sh("git reset --quiet --hard \(before)")
      try await shop.expect(0, "start", "--all")
    } else {
      let run = try shop.launch(["start", "--all"])
      try await WorldTests.wait(for: "here", shop)
      try shop.sh("git reset --quiet --hard \(before)")
      try shop.write("\(shop.scratch.path)/go", "")
      #expect(try await run.output().status == 0)
    }
    #expect(try await shop.states() == ["core/E01": "in_review"])
    #expect(try await shop.expect(0, "pr", "show", "core/E01").out.contains("(Mistake)"))
    #expect(try shop.git("ls-tree", "--name-only", "main", "mistake").isEmpty)
    try await shop.expect(0, "pr", "approve", "core/E01")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
  }
}

extension Workshop {
  /// A few lines of shell in the checkout that must succeed; `$ORCH` is the program.
  func sh(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-ec", script]
    process.currentDirectoryURL = URL(filePath: root)
    process.environment = environment.merging(["ORCH": Built.orch]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.everything(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(script): \(text)", sourceLocation: sourceLocation)
  }
}
