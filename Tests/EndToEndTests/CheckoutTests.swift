import Foundation
import OrchDomain
import OrchStore
import Testing

/// Product.md, promise 3: the user's checkout is theirs.
@Suite(.serialized, .timeLimit(.minutes(15))) struct CheckoutTests {
  static let ids = ["core/E01", "core/E02"]
  static var plans: [Plan] { ids.map { Plan($0) } }

  /// What a person would miss if it changed: every file that is not ours to write, and the staged contents.
  private func picture(_ shop: Workshop, _ files: [String]) throws -> [String] {
    try files.map { shop.exists($0) ? "\($0): \(try shop.read($0))" : "\($0) is missing" }
      + files.map { "\($0) staged: \(try shop.git("ls-files", "--stage", "--", $0))" }
  }

  @Test func cleanCheckoutFollows() async throws {
    let shop = try Workshop(Self.plans)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(Self.ids)
    #expect(try shop.read("data/core-E02") == "ok core/E02\n")
    #expect(try shop.git("rev-parse", "--abbrev-ref", "HEAD") == "main")
  }

  @Test func unrelatedEditsSurviveByteForByte() async throws {
    let shop = try Workshop(Self.plans)
    try shop.write("notes.txt", "one\nunstaged\r\nthree")
    try shop.write("words", "staged\n")
    try shop.git("add", "words")
    try shop.write("words", "staged and then edited\n")
    try shop.write("new.txt", "staged and new\n")
    try shop.git("add", "new.txt")
    try shop.write("untracked/file", "\u{0}bytes\n")
    try shop.git("rm", "--quiet", "--cached", "test.sh")
    let files = ["notes.txt", "words", "new.txt", "untracked/file", "test.sh"]
    let before = try picture(shop, files)
    let listed = try shop.uncommitted()
    try await shop.expect(0, "start", "--all")
    #expect(try picture(shop, files) == before)
    #expect(try shop.uncommitted() == listed)
    #expect(try await Set(shop.states().values) == ["complete"])
    #expect(try shop.read("data/core-E01") == "ok core/E01\n", "what landed is in the checkout too")
    #expect(try shop.git("stash", "list").isEmpty)
  }

  @Test(arguments: [false, true]) func overlappingEditsHoldTheLanding(_ staged: Bool) async throws {
    let shop = try Workshop([.word("core/E01", "transfer"), Plan("other/E01")])
    try shop.write("words", "mine\n")
    if staged { try shop.git("add", "words") }
    let before = try picture(shop, ["words"])
    let run = try await shop.launch(["start", "--all"]).output()
    #expect(run.status == 0, "\(run)")
    #expect(try await shop.states() == ["core/E01": "approved", "other/E01": "complete"])
    #expect(try picture(shop, ["words"]) == before)
    #expect(try shop.git("show", "main:words") == "help")
    let status = try await shop.expect(0, "status")
    #expect(status.lines.first == "Tasks: 2 total | 0 not started | 1 in progress | 1 complete")
    #expect(status.out.contains("core/E01"))
    #expect(status.out.contains("uncommitted changes in") && status.out.contains("words"), "\(status)")

    // The person moves the edit away; the next start lands the change, without a second attempt.
    try shop.git("checkout", "--quiet", "HEAD", "--", "words")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01", "other/E01"])
    #expect(try shop.read("words") == "help transfer\n")
    #expect(try shop.turns("core/E01").count == 1)
  }

  @Test func anUntrackedFileInTheWayHoldsTheLanding() async throws {
    let shop = try Workshop([Plan("core/E01")])
    try shop.write("data/core-E01", "mine\n")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "approved"])
    #expect(try shop.read("data/core-E01") == "mine\n")
    #expect(try await shop.expect(0, "status").out.contains("data/core-E01"))
    try FileManager.default.removeItem(atPath: "\(shop.root)/data/core-E01")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
  }

  @Test func theEditIsCommittedByThePerson() async throws {
    let shop = try Workshop([.word("core/E01", "transfer")])
    try shop.write("words", "help mine\n")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "approved"])
    try shop.git("commit", "--quiet", "--all", "-m", "My own word")
    // Now the two conflict: the agent gets the facts and merges.
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
    #expect(try shop.git("log", "--format=%s", "main").contains("My own word"))
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "conflict"])
  }

  @Test func anotherBranchStaysAsItIs() async throws {
    let shop = try Workshop(Self.plans)
    try shop.git("checkout", "--quiet", "-b", "mine")
    try shop.write("notes.txt", "edited\n")
    let head = try shop.git("rev-parse", "HEAD")
    let listing = try shop.git("ls-files", "--stage")
    try await shop.expect(0, "start", "--all")
    #expect(try shop.git("rev-parse", "HEAD") == head)
    #expect(try shop.git("rev-parse", "--abbrev-ref", "HEAD") == "mine")
    #expect(try shop.git("ls-files", "--stage") == listing)
    #expect(try shop.read("notes.txt") == "edited\n")
    #expect(!shop.exists("data/core-E01"))
    #expect(try await Set(shop.states().values) == ["complete"])
    #expect(try shop.git("show", "main:data/core-E02") == "ok core/E02")
    #expect(try shop.git("show", "main:README.md").count { $0 == "🟢" } == 2)
    // The overview on the person's branch is theirs.
    #expect(try shop.uncommitted() == [" M notes.txt"])
  }

  @Test func detachedHeadStaysAsItIs() async throws {
    let shop = try Workshop(Self.plans)
    try shop.git("checkout", "--quiet", "--detach")
    let head = try shop.git("rev-parse", "HEAD")
    try await shop.expect(0, "start", "--all")
    #expect(try shop.git("rev-parse", "HEAD") == head)
    #expect(try shop.git("rev-parse", "--abbrev-ref", "HEAD") == "HEAD")
    #expect(try shop.uncommitted() == [])
    #expect(try shop.git("show", "main:data/core-E01") == "ok core/E01")
    #expect(try await Set(shop.states().values) == ["complete"])
  }

  @Test func aRebaseInProgressIsWaitedFor() async throws {
    let shop = try Workshop([Plan("core/E01")])
    try shop.git("branch", "upstream")
    try shop.write("notes.txt", "mine\n")
    try shop.git("commit", "--quiet", "--all", "-m", "Mine")
    try shop.git("checkout", "--quiet", "upstream")
    try shop.write("notes.txt", "theirs\n")
    try shop.git("commit", "--quiet", "--all", "-m", "Theirs")
    try shop.git("checkout", "--quiet", "main")
    try shop.git("rebase", "upstream", accepted: [1])
    let before = try shop.git("status") + shop.git("ls-files", "--stage") + shop.read("notes.txt")
    let base = try shop.git("rev-parse", "main")
    try await shop.expect(0, "start", "--all")
    #expect(try shop.git("status") + shop.git("ls-files", "--stage") + shop.read("notes.txt") == before)
    #expect(try shop.git("rev-parse", "main") == base, "the branch that is rebased moved")
    #expect(try await shop.states() == ["core/E01": "approved"])
    #expect(try await shop.expect(0, "status").out.contains("a rebase is in progress"))

    try shop.git("rebase", "--abort")
    try shop.git("branch", "--quiet", "-D", "upstream")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
  }

  @Test func aBareRepositoryWorks() async throws {
    let shop = try Workshop(Self.plans)
    let bare = "\(shop.scratch.path)/bare.git"
    try shop.git("clone", "--quiet", "--bare", shop.root, bare)
    let settings = "\(shop.scratch.path)/settings.toml"
    try shop.write(settings, try shop.read(".claude-orchestrator.toml"))
    for name in ["user.name", "user.email"] { try shop.git("config", name, "Bare", in: bare) }
    let run = try await shop.orch("start", "--all", "--config", settings, in: bare)
    #expect(run.status == 0, "\(run)")
    #expect(try shop.git("show", "main:data/core-E02", in: bare) == "ok core/E02")
    #expect(try shop.git("show", "main:README.md", in: bare).count { $0 == "🟢" } == 2)
    #expect(try shop.git("show", "main:\(Plan("core/E01").path)", in: bare).contains("status: complete"))
    let status = try await shop.orch("status", "--config", settings, in: bare)
    #expect(status.lines == ["Tasks: 2 total | 0 not started | 0 in progress | 2 complete"])
  }

  @Test func anEditOfThePlanItselfSurvivesUncommitted() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let path = Plan("core/E01").path
    let edited = Plan("core/E01").text.replacingOccurrences(of: "Does one thing.", with: "Does one thing, well.")
    try shop.write(path, edited)
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
    let committed = try shop.git("show", "main:\(path)")
    #expect(committed.contains("status: complete"))
    #expect(!committed.contains("well."), "the person's edit was committed for them")
    let now = try shop.read(path)
    #expect(now == edited.replacingOccurrences(of: "status: not_started", with: "status: complete"))
    #expect(try shop.uncommitted() == [" M \(path)"])
    #expect(try shop.git("diff", "--numstat") == "1\t1\t\(path)")
  }

  @Test func anEditedOverviewKeepsTheEdit() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let edited = try shop.read("README.md") + "\nMy own paragraph.\n"
    try shop.write("README.md", edited)
    try shop.git("add", "README.md")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
    #expect(try shop.read("README.md") == edited.replacingOccurrences(of: "🔴", with: "🟢"))
    #expect(!(try shop.git("show", "main:README.md").contains("My own paragraph")))
    #expect(try shop.git("diff", "--cached", "--name-only") == "README.md")
  }

  @Test func anUncommittedPlanWorks() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let plan = Plan("core/E02")
    try shop.write(plan.path, plan.text)
    try await shop.expect(0, "start", "--all")
    #expect(try await Set(shop.states().values) == ["complete"])
    #expect(try shop.git("show", "main:data/core-E02") == "ok core/E02")
    #expect(try shop.read(plan.path).contains("status: complete"))
    #expect(try shop.uncommitted() == ["?? \(plan.path)"], "committing a plan is its author's business")
  }

  @Test func aLinkedWorktreeOnTheBaseFollowsToo() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let linked = "\(shop.scratch.path)/linked"
    try shop.git("checkout", "--quiet", "-b", "mine")
    try shop.git("worktree", "add", "--quiet", linked, "main")
    try shop.write("\(linked)/mine.txt", "untracked\n")
    let run = try await shop.orch("start", "--all", in: linked)
    #expect(run.status == 0, "\(run)")
    #expect(try shop.read("\(linked)/data/core-E01") == "ok core/E01\n")
    #expect(try shop.git("status", "--porcelain", in: linked) == "?? mine.txt")
    #expect(try shop.git("rev-parse", "--abbrev-ref", "HEAD") == "mine")
  }

  /// In a script of a plan: the person's checkout, as `$root`.
  private static let findRoot = #"root=$(dirname "$(git rev-parse --path-format=absolute --git-common-dir)")"#

  @Test func aPlanThatIsHalfEditedWhenItsWorkLandsIsNotDoneAgain() async throws {
    let path = Plan("core/E01").path
    // The person saves in the middle of an edit, while the agent works.
    let shop = try Workshop([
      Plan(
        "core/E01",
        script: """
          \(Plan.work("core/E01"))
          \(Self.findRoot)
          sed 's/^status: .*/&\\nlabels: [half/' "$root/\(path)" > "$root/half"
          mv "$root/half" "$root/\(path)"
          """)
    ])
    _ = try await shop.launch(["start", "--all"]).output()
    // On a slow machine the edit is read while the agent works; then a human decides about what it has made.
    if try await shop.states() == ["core/E01": "in_review"] {
      try await shop.expect(0, "pr", "approve", "core/E01")
      _ = try await shop.launch(["start", "--all"]).output()
    }
    #expect(try await shop.states() == ["core/E01": "complete"])
    let half = try shop.read(path)
    #expect(half.contains("labels: [half\n") && !half.contains("status: complete"))
    #expect(try shop.git("show", "main:\(path)").contains("status: complete"))

    // And then writes the rest.
    try shop.write(path, half.replacingOccurrences(of: "labels: [half\n", with: "labels: [whole]\n"))
    try await shop.expect(0, "sync")
    #expect(try await shop.states() == ["core/E01": "complete"], "landed work was put back to its beginning")
    #expect(try shop.read(path).contains("status: complete\nlabels: [whole]\n"))
    #expect(try shop.attempts("core/E01").count == 1)
  }

  @Test func aStatusThatCannotBeWrittenIsNotTakenForWrittenOnAnotherBranch() async throws {
    let plan = Plan("core/E01")
    let text = plan.text.replacingOccurrences(of: "status: not_started", with: "status: |-\n  not_started")
    let shop = try Workshop([], files: [plan.path: text])
    try shop.git("checkout", "--quiet", "-b", "mine")
    _ = try await shop.launch(["start", "--all"]).output()
    #expect(try await shop.states() == ["core/E01": "complete"])
    try shop.git("checkout", "--quiet", "main")
    _ = try await shop.orch("sync")
    #expect(try await shop.states() == ["core/E01": "complete"], "landed work was put back to its beginning")
  }

  @Test func aStatusThatAPersonCommitsWhileAGateRunsIsNotWrittenOver() async throws {
    let path = Plan("core/E01").path
    let gate = """
      case "$PWD" in
      */_gate*)
        [ -e ../../../seen ] && exit 0
        touch ../../../seen
        \(Self.findRoot)
        cd "$root" || exit 1
        unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
        sed 's/^status: .*/status: not_started/' \(path) > half && cat half > \(path) && rm half
        git commit --quiet --message "Not like this" \(path)
        ;;
      esac

      """
    let shop = try Workshop([Plan("core/E01")], gate: "sh gate.sh", files: ["gate.sh": gate])
    let run = try await shop.launch(["start", "--all"]).output()
    #expect(try await shop.states() == ["core/E01": "complete"])
    #expect(try shop.git("log", "--format=%s", "main").contains("Not like this"), "\(run)")
    #expect(try shop.git("show", "main:\(path)").contains("status: not_started"), "the person's edit was written over")
    let sync = try await shop.orch("sync")
    #expect(sync.status == 1 && sync.out.contains("both changed"), "\(sync)")
  }
}
