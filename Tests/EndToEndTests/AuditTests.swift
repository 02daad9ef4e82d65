import Foundation
import GRDBSQLite
import OrchDomain
import OrchStore
import Testing

/// `audit verify`, `replay`, `events` and `cleanup events` over the log that real runs leave.
@Suite(.serialized, .timeLimit(.minutes(15))) struct AuditTests {
  private static func shop() throws -> Workshop {
    try Workshop(
      [
        Plan("a/E01"), Plan("a/E02"), Plan("b/E01", front: "priority: high"), Plan("c/E01", script: "exit 3"),
        Plan("c/E02"),
      ], parallel: 1)
  }

  @Test("Two runs are decided again without a difference, and what landed is proved in the repository")
  func proves() async throws {
    let shop = try Self.shop()
    _ = try await shop.orch("start", "a/E01", "c/E01")
    _ = try await shop.orch("start", "--all")
    let replay = try JSON(try await shop.expect(0, "replay", "--json").out)
    #expect(replay["runs"].int == 2)
    // Four tasks that started, and two ends of runs.
    #expect((replay["decisions"].int ?? 0) >= 6)
    #expect(try await shop.expect(0, "replay").lines.first?.hasSuffix("no difference.") == true)
    let audit = try JSON(try await shop.expect(0, "audit", "verify", "--json").out)
    #expect(audit["landed"].int == 3 && audit["unproven"].array.isEmpty)
    #expect(audit["log"]["intact"].bool == true)

    // Somebody takes the last landed commit off the base branch.
    try shop.git("commit", "--quiet", "--allow-empty", "-m", "Keep the tip")
    let first = try shop.git("rev-list", "--max-parents=0", "main")
    try shop.git("update-ref", "refs/heads/main", first)
    let broken = try await shop.expect(1, "audit")
    #expect(broken.err.contains("is not on 'main' any more"))
  }

  @Test("One changed decision is named with its event; a changed byte is found by the audit")
  func findsTampering() async throws {
    let shop = try Self.shop()
    try await shop.expect(0, "start", "a/E01", "b/E01")
    let changed = try Self.tamper(shop, #"["took","b/E01"]"#, #"["took","a/E01"]"#)
    let replay = try await shop.expect(1, "replay")
    #expect(replay.err.hasPrefix("error: event \(changed) records: a/E01; the scheduler says now: b/E01"))
    #expect(try await shop.expect(1, "audit", "verify").err.contains("at event \(changed)"))
    #expect(try await shop.expect(1, "events", "--verify").err.contains("at event \(changed)"))
  }

  @Test("Events are followed as they happen, and shown from a moment on")
  func follows() async throws {
    let shop = try Self.shop()
    try await shop.expect(0, "sync")
    let complete = AsyncStream<pid_t>.makeStream()
    let follower = try shop.launch(["events", "-f", "--json"]) { line, pid in
      if line.contains(#""to":"complete""#) { complete.continuation.yield(pid) }
    }
    try await shop.expect(0, "start", "a/E01")
    for await pid in complete.stream {
      kill(pid, SIGINT)
      break
    }
    let output = try await follower.output()
    #expect(output.status == 130)
    let seen = output.lines.compactMap { try? JSON($0)["seq"].int }
    #expect(seen == seen.sorted() && seen.first == 1 && Set(seen).count == seen.count)
    #expect(try await shop.expect(0, "events", "--since", "1h").lines.count >= seen.count)
    #expect(try await shop.expect(0, "events", "--since", "2099-01-01").out.isEmpty)
    #expect(try await shop.expect(64, "events", "--since", "yesterday").err.contains("is no time"))
  }

  @Test("Old events go when asked, what is left is proved and replayed from the next run on")
  func compacts() async throws {
    let shop = try Self.shop()
    try await shop.expect(0, "start", "a/E01")
    let all = try await shop.expect(0, "events").lines.count
    #expect(try await shop.expect(64, "cleanup", "events").err.contains("keep_events"))
    let day = "2099-01-01"
    let dry = try JSON(try await shop.expect(0, "cleanup", "events", "--older-than", day, "--dry-run", "--json").out)
    #expect(dry["events"].int == all)
    #expect(try await shop.expect(0, "cleanup", "events", "--older-than", day).out.hasPrefix("\(all) events"))
    let audit = try JSON(try await shop.expect(0, "audit", "verify", "--json").out)
    #expect(audit["log"]["dropped"].int == all && audit["log"]["events"].int == 1)
    try await shop.expect(0, "start", "a/E02")
    let replay = try JSON(try await shop.expect(0, "replay", "--json").out)
    #expect(replay["runs"].int == 1 && (replay["decisions"].int ?? 0) >= 2)
    try await shop.expect(0, "audit")
  }

  /// Changes the text of one event behind the program's back.
  ///
  /// - Returns: The number of the event.
  private static func tamper(_ shop: Workshop, _ old: String, _ new: String) throws -> Int64 {
    let event = try #require(
      try shop.inStore { store, project in try store.events(project, limit: 10_000) }.first { $0.data.contains(old) })
    var database: OpaquePointer?
    try #require(sqlite3_open("\(shop.state)/orchestrator.db", &database) == SQLITE_OK)
    defer { sqlite3_close(database) }
    let sql = "DROP TRIGGER events_are_fixed; UPDATE events SET data = replace(data, '\(old)', '\(new)') WHERE seq = "
    try #require(sqlite3_exec(database, sql + "\(event.seq)", nil, nil, nil) == SQLITE_OK)
    return event.seq
  }
}
