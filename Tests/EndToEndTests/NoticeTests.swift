import Foundation
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Notices of real runs to a receiver that is down and comes back.
@Suite("Notices from end to end", .serialized, .timeLimit(.minutes(10)))
struct NoticeTests {
  /// Takes notices while it is up; may kill the sender before it answers.
  final class Inbox: Sendable {
    private let state = Mutex((isDown: false, victim: pid_t?.none, got: [HTTPServer.Request]()))

    func take(_ request: HTTPServer.Request) -> HTTPServer.Response {
      let (isDown, victim) = state.withLock { state in
        if !state.isDown { state.got.append(request) }
        defer { state.victim = nil }
        return (state.isDown, state.victim)
      }
      if let victim { kill(victim, SIGKILL) }
      return HTTPServer.Response(status: isDown ? 503 : 200)
    }

    func set(isDown: Bool) { state.withLock { $0.isDown = isDown } }
    func killNext(_ pid: pid_t) { state.withLock { $0.victim = pid } }
    var requests: [HTTPServer.Request] { state.withLock { $0.got } }
    var notices: [JSON] { get throws { try requests.map { try JSON(String(decoding: $0.body, as: UTF8.self)) } } }
  }

  private static func shop(_ plans: [Plan], more: String = "") throws -> Workshop {
    try Workshop(
      plans,
      settings: """
        [notifications]
        desktop = false
        [notifications.webhook]
        url = "$HOOK"
        secret = "very-secret-key"
        [notifications.routes]
        landed = ["webhook"]
        \(more)
        """,
      files: ["schedule.toml": "[[batch]]\nname = \"n\"\ncron = \"@yearly\"\nnotify_on_complete = true\n"])
  }

  private static func hook(_ server: HTTPServer) -> [String: String] {
    ["HOOK": "http://127.0.0.1:\(server.port)/very-secret-path"]
  }

  @Test("What happens in a run arrives once and in order, also when the receiver was down; the report comes at the end")
  func outage() async throws {
    let inbox = Inbox()
    let server = try HTTPServer { inbox.take($0) }
    defer { server.stop() }
    let hook = Self.hook(server)
    let shop = try Self.shop([
      Plan("a/E01"), Plan("b/E01", front: "needs_review: true"), Plan("c/E01", script: "exit 1"),
    ])
    try await shop.expect(0, "notify", "send", adding: hook)
    inbox.set(isDown: true)
    try await shop.expect(1, "batch", "run", "n", adding: hook)
    let status = try await shop.expect(0, "status", adding: hook)
    #expect(status.out.contains("Not sent by webhook") && status.out.contains("status 503"), "\(status)")
    let doctor = try await shop.orch("doctor", adding: hook)
    #expect(doctor.out.contains("4 did not arrive by webhook: status 503"), "\(doctor)")
    let report = try await shop.expect(0, "report", adding: hook)
    #expect(report.out.contains("Not told") && report.out.contains("status 503"), "\(report)")
    inbox.set(isDown: false)
    try await Eventually.holds("all notices are sent") {
      _ = try await shop.orch("notify", "send", adding: hook)
      return try inbox.notices.count >= 4
    }
    try await shop.expect(0, "notify", "send", adding: hook)
    let notices = try inbox.notices
    #expect(notices.count == 4, "\(notices)")
    let titles = notices.map { $0["title"].string }
    #expect(Set(titles.dropLast()).count == 3 && titles.contains("ledger: a/E01 has landed"), "\(titles)")
    #expect(titles.contains("ledger: b/E01 waits for your review"), "\(titles)")
    #expect(titles.contains { $0.hasPrefix("ledger: c/E01 ") }, "\(titles)")
    #expect(titles.last?.hasPrefix("ledger: Batch n: ") == true, "\(titles)")
    #expect(notices.last?["body"].string.contains("Landed 1, needs you") == true)
    #expect(inbox.requests.allSatisfy { $0.headers["x-claude-orch-signature"]?.hasPrefix("sha256=") == true })
    let list = try await shop.expect(0, "notify", "list", "--json", adding: hook)
    let events = try await shop.expect(0, "events", adding: hook)
    for text in [list.out, status.out, events.out, doctor.out, report.out] { #expect(!text.contains("very-secret")) }
  }

  @Test(
    "Killed between a receiver's answer and the record of it, the sender sends again under the same id, and loses none")
  func killed() async throws {
    let inbox = Inbox()
    let server = try HTTPServer { inbox.take($0) }
    defer { server.stop() }
    let hook = Self.hook(server)
    let shop = try Self.shop([Plan("a/E01"), Plan("b/E01")])
    try await shop.expect(0, "notify", "send", adding: hook)
    inbox.set(isDown: true)
    try await shop.expect(0, "start", "--all", adding: hook)
    inbox.set(isDown: false)
    // The first message after the outage arrives, and its sender never hears of it.
    try await Eventually.holds("a message whose sender dies") {
      let sender = try shop.launch(["notify", "send"], adding: hook)
      inbox.killNext(sender.pid)
      return try await sender.output().status == -SIGKILL
    }
    try await Eventually.holds("all notices are sent") {
      try await shop.orch("notify", "send", adding: hook).status == 0 && inbox.requests.count >= 3
    }
    let ids = try inbox.notices.map { $0["id"].string }
    #expect(ids.count == 3 && Set(ids).count == 2 && ids[0] == ids[1], "\(ids)")
    let titles = try inbox.notices.map { $0["title"].string }
    #expect(Set(titles) == ["ledger: a/E01 has landed", "ledger: b/E01 has landed"], "\(titles)")
  }
}
