import Foundation
import OrchDomain
import OrchStore
import Testing

/// Trouble with one change is the trouble of that one.
@Suite(.serialized, .timeLimit(.minutes(20))) struct GitHubTroubleTests {
  typealias World = GitHubTests.World

  private static func approve(_ number: Int, in world: World) throws {
    let head = try #require(world.pull(number)?.headSHA)
    world.stub.state.withLock { state in
      state.pulls[number]?.reviews.append(GitHubTests.review(100 + number, "APPROVED", head))
      state.pulls[number]?.changes += 1
    }
  }

  private static let both = [
    Plan("core/E01", front: "needs_review: true"), Plan("web/E01", front: "needs_review: true"),
  ]

  @Test("A change that cannot be followed is set aside, told once, and keeps no other waiting")
  func setAside() async throws {
    let world = try World(Self.both, parallel: 1)
    try await world.start()
    // Closed by a person, and its attempt cannot be kept because a lock is in the way that nobody holds.
    let lock = ".git/refs/orch/attempts/core/E01/1.lock"
    try world.shop.write(lock, "")
    let numbers = Dictionary(
      uniqueKeysWithValues: try world.shop.changes().map { ($0.task.description, $0.forgeNumber ?? 0) })
    let (closed, approved) = (try #require(numbers["core/E01"]), try #require(numbers["web/E01"]))
    world.stub.state.withLock { $0.pulls[closed]?.state = "closed" }
    try Self.approve(approved, in: world)
    let output = try await world.start(0)
    #expect(try await world.shop.states() == ["core/E01": "in_review", "web/E01": "complete"])
    let told = output.err.split(separator: "\n").filter { $0.contains("core/E01") && $0.contains("set aside") }
    #expect(told.count == 1, "\(output)")
    try FileManager.default.removeItem(atPath: "\(world.shop.root)/\(lock)")
    try await world.start(1)
    #expect(try await world.shop.states() == ["core/E01": "cancelled", "web/E01": "complete"])
  }

  @Test("What a person merges although its task is stuck is proven and recorded, and the others go on")
  func mergedWhileStuck() async throws {
    let world = try World(Self.both, forge: "max_turns = 0", parallel: 1)
    try await world.start()
    let first = try #require(world.pull(1)?.headSHA)
    world.stub.state.withLock { state in
      state.pulls[1]?.comments = [GitHubTests.comment(12, "ann", "OWNER", "Say it twice.")]
      state.pulls[1]?.reviews = [GitHubTests.review(2, "CHANGES_REQUESTED", first)]
      state.pulls[1]?.changes += 1
    }
    try await world.start(1)
    #expect(try await Set(world.shop.states().values) == ["stuck", "in_review"])
    let head = try #require(world.pull(1)?.headSHA)
    #expect(world.stub.merge(1, ["sha": head, "merge_method": "squash", "commit_title": "By hand"]).status == 200)
    try Self.approve(2, in: world)
    try await world.start()
    #expect(try await Set(world.shop.states().values) == ["complete"])
    #expect(try world.shop.changes().allSatisfy { $0.state == .merged && $0.landedTree == $0.testedTree })
    #expect(world.stub.state.withLock { $0.pulls.count } == 2)
  }

  @Test("A tree that landed untested stops the changes that were tested on top of it")
  func restOfTheStack() async throws {
    let plans = QueueTests.plans(3)
    let world = try World(plans, settings: "[landing]\ndepth = 3", gate: "sh test.sh")
    try await world.start()
    for plan in plans { try await world.shop.expect(0, "pr", "approve", plan.id) }
    let stub = world.stub
    stub.state.withLock { state in
      state.beforeMerge = {
        stub.state.withLock { $0.beforeMerge = nil }
        Self.push("other.txt", to: stub)
      }
    }
    try await world.start(1)
    #expect(try await world.shop.states().values.sorted() == ["landing", "landing", "stuck"])
    #expect(stub.state.withLock { $0.merges } == 1, "nothing lands on what nobody has tested")
  }

  /// A person pushes a new file to the base.
  static func push(_ file: String, to stub: GitHubStub) {
    let copy = "\(stub.directory)/copy-\(file)"
    GitHubStub.git(["clone", "--quiet", stub.repository, copy], in: stub.directory)
    do { try Data("other\n".utf8).write(to: URL(filePath: "\(copy)/\(file)")) } catch { return }
    GitHubStub.git(["add", file], in: copy)
    GitHubStub.git(["commit", "--quiet", "-m", "Other"], in: copy)
    GitHubStub.git(["push", "--quiet", "origin", "HEAD:main"], in: copy)
  }

  @Test("A pull request that a person has aimed at another branch is not merged there")
  func otherBase() async throws {
    let world = try World([Plan("core/E01", front: "needs_review: true")])
    try await world.start()
    _ = world.stub.git("branch", "release", "main")
    let before = world.stub.tip("release")
    world.stub.state.withLock { state in
      state.pulls[1]?.base = "release"
      state.pulls[1]?.changes += 1
    }
    try await world.shop.expect(0, "pr", "approve", "core/E01")
    let output = try await world.shop.expect(1, "start", "--all", adding: world.login)
    #expect((output.out + output.err).contains("goes into 'release'"), "\(output)")
    #expect(world.stub.tip("release") == before)
    #expect(world.stub.state.withLock { ($0.merges, $0.pulls.count) } == (0, 1))
    #expect(try await world.shop.states() == ["core/E01": "stuck"])
  }

  @Test("A commit that a person puts on a branch behind its merge keeps the branch on GitHub")
  func commitBehindMerge() async throws {
    let world = try World([Plan("core/E01", front: "needs_review: true")])
    try await world.start()
    let pull = try #require(world.pull(1))
    #expect(world.stub.merge(1, ["sha": pull.headSHA, "merge_method": "squash", "commit_title": "x"]).status == 200)
    let tree = world.stub.git("rev-parse", "\(pull.headSHA)^{tree}")
    let mine = GitHubStub.git(["commit-tree", tree, "-p", pull.headSHA, "-m", "Mine"], in: world.stub.repository).text
    _ = world.stub.git("update-ref", "refs/heads/\(pull.head)", mine)
    let output = try await world.start()
    #expect(try await world.shop.states() == ["core/E01": "complete"])
    #expect(world.stub.tip(pull.head) == mine, "a person's commit is lost")
    #expect(output.err.contains("stays"), "\(output)")
  }

  @Test("A landing that waits for checks asks less and less often, and lands as soon as they are green")
  func patience() async throws {
    let world = try World([Plan("core/E01")])
    world.stub.state.withLock { $0.automatic = ["core-E01": "pending"] }
    let run = try world.shop.launch(["start", "--all"], adding: world.login)
    try await Eventually.holds("it has looked for a while") {
      world.stub.count("GET", "/repos/acme/app/pulls") >= 14 || world.stub.state.withLock { $0.log.count > 400 }
    }
    let tries = world.stub.count("GET", "/repos/acme/app/pulls/1")
    #expect(tries <= 8, "the queue has asked \(tries) times")
    world.stub.state.withLock { state in
      for (head, checks) in state.checks {
        state.checks[head] = checks.map { GitHubStub.check($0["id"] as? Int ?? 0, "build", "success") }
      }
    }
    #expect(try await run.output().status == 0)
    #expect(try await world.shop.states() == ["core/E01": "complete"])
  }

  @Test("A token that may not push is a person's business, not something to wait for")
  func readOnly() async throws {
    let world = try World([Plan("core/E01")])
    world.stub.state.withLock { $0.isReadOnly = true }
    let output = try await world.start(1)
    #expect(try await world.shop.states() == ["core/E01": "stuck"])
    #expect((output.out + output.err).contains("the right to read and write contents"), "\(output)")
  }

  @Test(
    "A routine change that a person has sent back does not land before that person has seen what came of it",
    arguments: ["on GitHub", "here"])
  func objection(answer: String) async throws {
    let world = try World(
      [Plan("core/E01", script: GitHubTests.twoTurns)], forge: "checks_timeout = \"2s\"")
    world.stub.state.withLock { $0.automatic = ["core-E01": "pending"] }
    try await world.start()
    let first = try #require(world.pull(1)?.headSHA)
    world.stub.state.withLock { state in
      state.checks[first] = [GitHubStub.check(1, "build", "success")]
      state.pulls[1]?.reviews = [GitHubTests.review(2, "CHANGES_REQUESTED", first)]
      state.pulls[1]?.changes += 1
      state.automatic = ["core-E01": "success"]
    }
    // Looked at before the queue has asked, or behind it: it is not merged over that person's word.
    for _ in 0..<2 { try await world.start() }
    #expect(try world.shop.turns("core/E01").map(\.purpose) == ["start", "review"])
    #expect(world.stub.state.withLock { $0.merges } == 0)
    #expect(try await world.shop.expect(0, "status").out.contains("ann has requested changes"))
    if answer == "here" {
      try await world.shop.expect(0, "pr", "approve", "core/E01")
    } else {
      try Self.approve(1, in: world)
    }
    try await world.start()
    #expect(try await world.shop.states() == ["core/E01": "complete"])
  }
}
