import Foundation
import GRDBSQLite
import OrchStore
import Testing

/// What `doctor` says when processes were killed, GitHub went on by itself, or somebody else had a hand in the state.
@Suite(.serialized, .timeLimit(.minutes(15))) struct DoctorDriftTests {
  @Test func anAttemptWhoseProcessesWereAllKilledIsNamedAndGoesOn() async throws {
    let (shop, run, agent) = try await AgentKillTests.withWaitingAgent()
    #expect(try await !shop.expect(0, "doctor").out.contains("nobody watches"))
    let turn = try #require(try shop.turns("core/E01").last?.runDirectory)
    let record = try shop.read("\(turn)/pid")
    let supervisor = try #require(record.firstMatch(of: #/shim (\d+)/#).flatMap { pid_t($0.1) })
    #expect(kill(supervisor, 0) == 0, "\(record)")
    for pid in [run.pid, supervisor, agent] { kill(pid, SIGKILL) }
    _ = try await run.output()
    while kill(supervisor, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    let found = try await shop.orch("doctor")
    #expect(found.out.contains("core/E01, attempt 1: nobody watches its agent any more"), "\(found)")
    try shop.write("\(shop.scratch.path)/go", "")
    _ = try await shop.orch("start", "--all")
    #expect(try await !shop.orch("doctor").out.contains("nobody watches"))
  }

  @Test func beforeAnythingIsFixedWhoeverDrivesTheProjectIsAskedToEnd() async throws {
    let shop = try Workshop([WorldTests.waiting()])
    let run = try shop.launch(["start", "--all"])
    try await WorldTests.wait(for: "here", shop)
    let refused = try await shop.expect(75, "doctor", "--fix")
    #expect(
      refused.err.contains("this project is being worked on: start") && !refused.out.contains("Fixed"), "\(refused)")
    let looked = try await shop.expect(0, "doctor")
    #expect(looked.out.contains("held by"), "\(looked)")
    #expect(!looked.out.contains("nobody drives the project"))
    try shop.write("\(shop.scratch.path)/go", "")
    #expect(try await run.output().status == 0)
  }

  @Test func secretsThatOthersMayReadAreNamedAndClosed() async throws {
    let shop = try Workshop([Plan("core/E01")])
    try await shop.expect(0, "start", "--all")
    let files = ["orchestrator.db", "link.key", "daemon.json"].map { "\(shop.state)/\($0)" }
    #expect(try mode(files[0]) == 0o600, "the store is made for its owner")
    for file in files.dropFirst() { try shop.write(file, "{}") }
    for file in files { try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file) }
    let found = try await shop.orch("doctor")
    for file in files { #expect(found.out.contains("others may read or write \(file)"), "\(found)") }
    try FileManager.default.removeItem(atPath: files[2])
    let fixed = try await shop.orch("doctor", "--fix")
    for file in files.dropLast() {
      #expect(fixed.out.contains("Fixed: closed \(file) to others"), "\(fixed)")
      #expect(try mode(file) == 0o600)
    }
    #expect(!fixed.out.contains("others may read"))
  }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func refsThatAreNoneOfOursAreToldAndKept() async throws {
    let shop = try Workshop([Plan("core/E01")])
    try await shop.expect(0, "start", "--all")
    #expect(try await !shop.expect(0, "doctor").out.contains("not ours"))
    try shop.git("update-ref", "refs/orch/strange/one", "main")
    try shop.git("update-ref", "refs/orch/attempts/gone/E09/1", "main")
    let refs = try shop.git("for-each-ref", "refs/orch")
    let found = try await shop.expect(0, "doctor", "--fix")
    #expect(found.out.contains("1 ref below refs/orch/ not ours, such as refs/orch/strange/one"), "\(found)")
    #expect(found.out.contains("belong to no known task, such as gone/E09/1"), "\(found)")
    #expect(try shop.git("for-each-ref", "refs/orch") == refs)
  }

  @Test func aChangeThatNeverLandsIsAnError() async throws {
    let shop = try Workshop([Plan("core/E01", front: "needs_review: true")])
    try await shop.expect(0, "start", "--all")
    var database: OpaquePointer?
    try #require(sqlite3_open("\(shop.state)/orchestrator.db", &database) == SQLITE_OK)
    try #require(sqlite3_exec(database, "UPDATE changes SET state = 'approved'", nil, nil, nil) == SQLITE_OK)
    sqlite3_close(database)
    let found = try await shop.expect(1, "doctor")
    #expect(found.out.contains("is approved, but its task is in_review, so it never lands"), "\(found)")
    try await shop.expect(0, "reset", "core/E01")
    #expect(try await !shop.orch("doctor").out.contains("never lands"))
  }

  @Test("A pull request that is elsewhere, gone or cannot be asked for is told, and nothing is changed")
  func pulls() async throws {
    let world = try GitHubTests.World([Plan("core/E01", front: "needs_review: true")])
    try await world.start()
    func doctor(_ status: Int32) async throws -> String {
      try await world.shop.expect(status, "doctor", adding: world.login).out
    }
    #expect(try await doctor(0).contains("the store and the repository agree"))
    let head = try #require(world.pull(1)).headSHA
    let foreign = world.stub.git(
      "commit-tree", "-p", head, "-m", "Somebody else's", world.stub.git("rev-parse", "\(head)^{tree}"))
    _ = world.stub.git("update-ref", "refs/heads/feat/core-E01", foreign)
    let moved = try await doctor(1)
    #expect(
      moved.contains("pull request 1 is at \(foreign.prefix(12)) on GitHub, but \(head.prefix(12)) is"), "\(moved)")
    _ = world.stub.git("update-ref", "refs/heads/feat/core-E01", head)
    #expect(try await doctor(0).contains("the store and the repository agree"))
    world.stub.add(GitHubStub.Fault(call: "GET /repos/acme/app/pulls", kind: .status(500), times: 100))
    #expect(try await doctor(0).contains("GitHub cannot be asked"))
    world.stub.state.withLock { state in
      state.faults = []
      state.pulls[1]?.state = "closed"
    }
    #expect(try await doctor(1).contains("pull request 1 is closed, merged or missing on GitHub"))
    #expect(try await world.shop.states() == ["core/E01": "in_review"])
    #expect(world.violations == [])
  }
}
