import Foundation
import Testing

@testable import OrchHTTP

/// What the door keeps out.
@Suite(.timeLimit(.minutes(5))) struct LimitTests {
  private static let json = "Content-Type: application/json"

  @Test func bodiesHaveALimit() async throws {
    let house = try await House.open(FakeLog().broadcast(), bodyLimit: 100)
    func send(_ count: Int, chunked: Bool) async throws -> String {
      let body = String(repeating: "x", count: count)
      let length = chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(count)"
      let text = chunked ? "\(String(count, radix: 16))\r\n\(body)\r\n0\r\n\r\n" : body
      return try await house.ask("POST /body", [Self.json, length, "Connection: close"], body: text).read()
    }
    for isChunked in [false, true] {
      #expect(try await send(100, chunked: isChunked).contains("{\"bytes\":100}"))
      let refused = try await send(101, chunked: isChunked)
      #expect(refused.hasPrefix("HTTP/1.1 413") && refused.contains("body_too_large"))
    }
  }

  @Test func headersHaveALimit() async throws {
    let house = try await House.open(FakeLog().broadcast())
    let large = "X-Large: " + String(repeating: "x", count: 40_000)
    #expect(try await !house.ask("GET /body", [large, "Connection: close"]).read().hasPrefix("HTTP/1.1 2"))
  }

  @Test func whoAsksTooOftenIsToldWhenToComeBack() async throws {
    let house = try await House.open(FakeLog().broadcast(), rate: 2)
    // All in one go, because a busy machine would let the bucket fill between two of them.
    let lines = ["GET /nothing HTTP/1.1", "Host: 127.0.0.1:\(house.port)", "Authorization: Bearer \(House.token)"]
    let wire = try house.ask("GET /nothing")
    try wire.send(String(repeating: (lines + ["", ""]).joined(separator: "\r\n"), count: 60))
    try wire.send((lines + ["Connection: close", "", ""]).joined(separator: "\r\n"))
    let answers = try await wire.read().components(separatedBy: "HTTP/1.1 ").dropFirst()
    #expect(answers.allSatisfy { $0.hasPrefix("404") || $0.hasPrefix("429") })
    let refused = try #require(answers.first { $0.hasPrefix("429") })
    #expect(refused.lowercased().contains("retry-after: 1") && refused.contains("too_many_requests"))
  }

  @Test func aBucketFillsAtItsRate() {
    let limit = RateLimit(perSecond: 2, burst: 3)
    #expect((0..<3).allSatisfy { _ in limit.take("a", now: .zero) == nil })
    #expect(limit.take("a", now: .zero) == 1)
    #expect(limit.take("b", now: .zero) == nil)
    #expect(limit.take("a", now: .milliseconds(499)) == 1)
    #expect(limit.take("a", now: .milliseconds(500)) == nil)
    #expect(limit.take("a", now: .milliseconds(600)) == 1)
    // It never holds more than the burst.
    #expect((0..<3).allSatisfy { _ in limit.take("a", now: .seconds(1000)) == nil })
    #expect(limit.take("a", now: .seconds(1000)) != nil)
  }

  @Test func headIsAnsweredWithoutABody() async throws {
    let house = try await House.open(FakeLog().broadcast())
    // Two answers over one connection: a body would stand between them.
    let wire = try house.ask("HEAD /events")
    let head = ["HEAD /nothing HTTP/1.1", "Host: 127.0.0.1:\(house.port)", "Authorization: Bearer \(House.token)"]
    try wire.send((head + ["Connection: close", "", ""]).joined(separator: "\r\n"))
    let text = try await wire.read()
    let heads = text.components(separatedBy: "\r\n\r\n")
    #expect(heads.count == 3 && heads[0].hasPrefix("HTTP/1.1 200") && heads[1].hasPrefix("HTTP/1.1 404"))
    #expect(heads.last == "")
    #expect(heads[0].lowercased().contains("content-type: text/event-stream"))
  }
}
