import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Commands of people beside, after and instead of a run.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MailboxTests {
  @Test func aRequestThatCannotBeCarriedOutIsInNobodysWay() async throws {
    let ask = ["implementation", "crash", "gate", "no_work"].map { "[retry.classes.\($0)]\naction = \"ask\"\n" }
    let shop = try Workshop([Plan("core/E01", script: "exit 1")], settings: ask.joined())
    _ = try await shop.launch(["start", "--all"]).output()
    #expect(try await shop.states() == ["core/E01": "stuck"])
    // Where the next turn would be prepared is a file.
    let turn = try #require(try shop.turns("core/E01").first?.runDirectory)
    try shop.write(turn.replacingOccurrences(of: "/turn-1", with: "/input-2"), "in the way\n")
    // Left by a run that was killed before it came to it.
    let store = try Store(path: "\(shop.state)/orchestrator.db")
    let project = try #require(try store.projects().first).id
    let number = try store.postRequest(project, .resume, task: TaskID("core/E01"), at: Timestamp(milliseconds: 1))
    try await shop.expect(0, "pause")
    let request = try #require(try store.read(project) { tx throws(StoreError) in try tx.request(number) })
    #expect(request.outcome?.hasPrefix("refused: ") == true, "\(request)")
    try store.close()
  }

  @Test func aRunThatIsJustStartingIsARun() async throws {
    let shop = try Workshop([
      Plan("a/E01", script: Plan.meet("b/E01") + "\n" + Plan.work("a/E01")),
      Plan("b/E01", script: Plan.meet("a/E01") + "\n" + Plan.work("b/E01")),
    ])
    try await shop.expect(0, "start", "--all")
    let gate = { try shop.git("worktree", "list", "--porcelain").contains("/_gate") }
    #expect(try gate())
    // It holds the lock, and has not written who it is.
    let locks = "\(shop.state)/locks"
    let held = try FileManager.default.contentsOfDirectory(atPath: locks).map { open("\(locks)/\($0)", O_RDONLY) }
    for descriptor in held { #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0) }
    let cleanup = try await shop.expect(0, "cleanup", "worktrees", "--all")
    #expect(cleanup.out.contains("a run goes on"), "\(cleanup)")
    #expect(try gate(), "the checkout of a gate was taken away beside a run")
    for descriptor in held { close(descriptor) }
  }
}
