import OrchDomain
import OrchRandom
import OrchWeb
import Synchronization
import Testing

@testable import OrchGitHub

@Suite struct ReaderTests {
  /// Fifty pull requests whose checks are under way; some change at every look.
  private static func pulls(_ look: Int) -> String {
    let items = (1...50).map { number in
      """
      {"number":\(number),"html_url":"https://x","title":"t","state":"open",
      "updated_at":"\(look % 7 == number % 7 ? look : 0)",
      "head":{"ref":"b\(number)","sha":"\(String(repeating: "a", count: 38))\(10 + number)"},
      "base":{"ref":"main","sha":"x"},"labels":[]}
      """
    }
    return "[\(items.joined(separator: ","))]"
  }

  @Test("Fifty open changes stay within 600 requests an hour, and each is looked at")
  func fiftyChanges() async throws {
    let looks = Mutex(0)
    let world = ManualWorld { call, _ in
      if call.url.contains("/pulls?") { return HTTPAnswer(200, Self.pulls(looks.withLock { $0 })) }
      if call.url.contains("/check-runs") {
        return HTTPAnswer(
          200, #"{"check_runs":[{"id":1,"name":"build","status":"in_progress","conclusion":null}]}"#)
      }
      if call.url.contains("/status") { return HTTPAnswer(200, #"{"statuses":[]}"#) }
      return HTTPAnswer(200, "[]")
    }
    let client = try world.client(budget: RequestBudget(perHour: 600))
    let reader = PullReader(client: client, now: { world.now })
    var seen: Set<Int> = []
    var times: [Timestamp] = []
    for minute in 0..<120 {
      looks.withLock { $0 = minute }
      let before = world.calls.count
      let facts = try? await reader.look(at: Set(1...50), urgent: [1, 2, 3])
      for fact in facts?.facts ?? [] where fact.checks != nil && fact.reviews != nil { seen.insert(fact.pull.number) }
      times += Array(repeating: world.now, count: world.calls.count - before)
      world.advance(by: .seconds(60))
    }
    #expect(seen.count == 50)
    for time in times {
      let hour = times.count { $0 >= time && $0.since(time) < .seconds(3600) }
      #expect(hour <= 600)
      if hour > 600 { break }
    }
  }

  @Test("A pull request that is gone, or whose details cannot be read, keeps no other from being seen")
  func oneIsGone() async throws {
    let world = ManualWorld { call, _ in
      if call.url.contains("/pulls?") { return HTTPAnswer(200, Self.pulls(0)) }
      if call.url.hasSuffix("/pulls/77") { return HTTPAnswer(404) }
      if call.url.contains("11/check-runs") { return HTTPAnswer(422, #"{"message":"No commit found for SHA"}"#) }
      if call.url.contains("/check-runs") { return HTTPAnswer(200, #"{"check_runs":[]}"#) }
      if call.url.contains("/status") { return HTTPAnswer(200, #"{"statuses":[]}"#) }
      return HTTPAnswer(200, "[]")
    }
    let reader = PullReader(client: try world.client(), now: { world.now })
    let look = try await reader.look(at: [1, 2, 77], urgent: [])
    #expect(look.facts.map(\.pull.number) == [1, 2])
    #expect(look.facts.map { $0.checks != nil } == [false, true])
    #expect(Set(look.troubles.keys) == [1, 77])
    #expect(look.troubles[77] == .notFound("GET /repos/acme/app/pulls/77"))
  }

  @Test("A login that is not enough is nobody's trouble but the whole look's")
  func login() async throws {
    let world = ManualWorld { call, _ in
      call.url.contains("/pulls?")
        ? HTTPAnswer(200, Self.pulls(0)) : HTTPAnswer(403, #"{"message":"Resource not accessible"}"#)
    }
    let reader = PullReader(client: try world.client(), now: { world.now })
    await #expect(throws: GitHubError.forbidden("Resource not accessible")) {
      try await reader.look(at: [1, 2], urgent: [])
    }
  }

  @Test("The budget holds in every hour, however it is asked for", arguments: 1...50)
  func budget(seed: Int) {
    var budget = RequestBudget(perHour: 600)
    var random = SplitMix64(seed: UInt64(seed))
    var now = Timestamp(milliseconds: 0)
    var granted: [Timestamp] = []
    while now.milliseconds < 4 * 3_600_000 {
      for _ in 0..<Int.random(in: 0...40, using: &random) where budget.take(now: now) { granted.append(now) }
      now = now.advanced(by: .seconds(Int.random(in: 1...120, using: &random)))
    }
    var first = 0
    for (index, time) in granted.enumerated() {
      while time.since(granted[first]) >= .seconds(3600) { first += 1 }
      #expect(index - first + 1 <= 600)
    }
  }
}
