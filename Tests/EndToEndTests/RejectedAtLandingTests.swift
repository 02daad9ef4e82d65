import Foundation
import OrchDomain
import OrchStore
import Testing

/// A person rejects a change in the moment in which it lands: exactly one of the two happens, and they are told which.
@Suite(.serialized, .timeLimit(.minutes(20))) struct RejectedAtLandingTests {
  private static let plan = Plan("core/E01", front: "needs_review: true", script: GitHubTests.twoTurns)

  private static func reject(_ shop: Workshop, _ login: [String: String] = [:]) async throws -> Output {
    try await shop.orch("pr", "reject", "core/E01", "--reason", "Twice.", adding: login)
  }

  @Test(
    "Killed behind the move of the base, the landing is recorded, and who rejects is told",
    arguments: ForgeContractTests.Kind.allCases)
  func landed(kind: ForgeContractTests.Kind) async throws {
    let world = kind == .github ? try GitHubTests.World([Self.plan]) : nil
    let shop = try world?.shop ?? Workshop([Self.plan])
    let login = world?.login ?? [:]
    try await shop.expect(0, "start", "--all", adding: login)
    try await shop.expect(0, "pr", "approve", "core/E01")
    let point = ["ORCH_CRASH_AT": "act base.moved"]
    #expect(try await shop.orch("start", "--all", adding: login.merging(point) { $1 }).status == -9)
    for _ in 0..<2 {
      let output = try await Self.reject(shop, login)
      #expect(output.status == 1 && output.err.contains("has landed already"), "\(output)")
      #expect(try await shop.states() == ["core/E01": "complete"])
    }
    try await shop.expect(0, "start", "--all", adding: login)
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start"])
    #expect(try shop.changes().map(\.state) == [.merged])
    if let world { #expect(world.stub.state.withLock { ($0.merges, $0.pulls.count) } == (1, 1)) }
  }

  @Test(
    "Killed before the move of the base, a rejection takes the work back", arguments: ForgeContractTests.Kind.allCases)
  func notLanded(kind: ForgeContractTests.Kind) async throws {
    let world = kind == .github ? try GitHubTests.World([Self.plan]) : nil
    let shop = try world?.shop ?? Workshop([Self.plan])
    let login = world?.login ?? [:]
    try await shop.expect(0, "start", "--all", adding: login)
    try await shop.expect(0, "pr", "approve", "core/E01")
    let point = ["ORCH_CRASH_AT": "act landing.intended"]
    #expect(try await shop.orch("start", "--all", adding: login.merging(point) { $1 }).status == -9)
    let output = try await Self.reject(shop, login)
    #expect(output.status == 0, "\(output)")
    try await shop.expect(0, "start", "--all", adding: login)
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "rejected"])
    #expect(try await shop.states() == ["core/E01": "in_review"])
  }

  @Test("While a change lands it cannot be rejected, and who tries is told so")
  func underWay() async throws {
    let scratch = try Scratch()
    let gate =
      "sh test.sh && if [ -e \(scratch.path)/block ]; then touch \(scratch.path)/seen; "
      + "while [ -e \(scratch.path)/block ]; do sleep 0.1; done; fi"
    let shop = try Workshop([Self.plan], gate: gate)
    try await shop.expect(0, "start", "--all")
    try await shop.expect(0, "pr", "approve", "core/E01")
    try shop.write("\(scratch.path)/block", "")
    let run = try shop.launch(["start", "--all"])
    try await Self.wait { FileManager.default.fileExists(atPath: "\(scratch.path)/seen") }
    let output = try await Self.reject(shop)
    #expect(output.status == 1 && output.err.contains("it lands at this moment"), "\(output)")
    try FileManager.default.removeItem(atPath: "\(scratch.path)/block")
    #expect(try await run.output().status == 0)
    #expect(try await shop.states() == ["core/E01": "complete"])
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start"])
  }

  @Test("A change that is rejected after the queue has taken it leaves the queue, and its agent gets the reason")
  func rejectedInTheQueue() async throws {
    let world = try GitHubTests.World([Self.plan])
    try await world.start()
    try await world.shop.expect(0, "pr", "approve", "core/E01")
    let (isIn, isRejected) = (Flag(), Flag())
    // The queue asks for the checks of a change before it begins to land it.
    world.stub.add(
      .init(
        call: "/check-runs",
        kind: .meanwhile {
          isIn.raise(); isRejected.wait()
        }, times: 2))
    let run = try world.shop.launch(["start", "--all"], adding: world.login)
    try await Self.wait { isIn.isRaised }
    let output = try await Self.reject(world.shop, world.login)
    #expect(output.status == 0, "\(output)")
    isRejected.raise()
    let end = try await run.output()
    #expect(end.status == 0, "\(end)")
    #expect(try world.shop.turns("core/E01").map(\.purpose) == ["start", "rejected"])
    #expect(try await world.shop.states() == ["core/E01": "in_review"])
    #expect(world.stub.state.withLock { ($0.merges, $0.pulls.count) } == (0, 1))
  }

  @Test("What a person has merged on GitHub is not sent back to its agent")
  func mergedByAPerson() async throws {
    let world = try GitHubTests.World([Self.plan])
    try await world.start()
    let head = try #require(world.pull(1)?.headSHA)
    #expect(world.stub.merge(1, ["sha": head, "merge_method": "squash", "commit_title": "By hand"]).status == 200)
    let output = try await Self.reject(world.shop, world.login)
    #expect(output.status == 1 && output.err.contains("has landed already"), "\(output)")
    try await world.start()
    #expect(try await world.shop.states() == ["core/E01": "complete"])
    #expect(try world.shop.turns("core/E01").map(\.purpose) == ["start"])
  }

  // MARK: Material

  /// Something that threads wait for.
  private final class Flag: Sendable {
    private let state = GitHubStub.Guarded(false)
    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
    func wait() {
      let end = Date().addingTimeInterval(120)
      while !isRaised, Date() < end { Thread.sleep(forTimeInterval: 0.02) }
    }
  }

  private static func wait(for condition: () -> Bool) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(120))
    while !condition() {
      try #require(ContinuousClock.now < end, "it never came to that")
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
