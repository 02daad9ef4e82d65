import Foundation
import NIOCore
import Testing

@testable import OrchHTTP

/// Events over real connections, from a log in memory.
@Suite(.timeLimit(.minutes(5))) struct EventStreamTests {
  @Test func whatWasMissedComesFirstAndThenWhatHappens() async throws {
    let log = FakeLog()
    log.publish(1700)
    let house = try await House.open(log.broadcast())
    let wire = try house.ask("GET /events?after=3")
    try await wire.read { Wire.numbers($0).count >= 1697 }
    log.publish(5)
    let text = try await wire.read { Wire.numbers($0).count >= 1702 }
    #expect(Wire.numbers(text) == Array(4...1705))
    #expect(text.hasPrefix("HTTP/1.1 200 OK") && text.contains("retry: 2000"))
    // Without a number it begins with what comes from now on.
    let other = try house.ask("GET /events?named=true")
    try await other.read { $0.contains("claude-orch events") }
    try await Eventually.holds("both read along") { await house.broadcast.readers == 2 }
    log.publish(1, type: "change.state")
    #expect(
      try await other.read { !Wire.numbers($0).isEmpty }.contains("id: 1706\nevent: change.state\ndata: xxxxxxxxxx\n\n")
    )
  }

  @Test func manyReadersWithManyFiltersGetTheirsInOrder() async throws {
    let log = FakeLog()
    let house = try await House.open(log.broadcast())
    let wires = try (0..<60).map { number in
      try house.ask("GET /events?" + ["", "type=task", "type=change", "type=task&named=true"][number % 4])
    }
    for wire in wires { try await wire.read { $0.contains("claude-orch events") } }
    try await Eventually.holds("all read along") { await house.broadcast.readers == wires.count }
    for round in 0..<50 {
      log.publish(2, type: round % 2 == 0 ? "task.state" : "change.state")
      // So that some come one by one, and others many at once.
      if round % 7 == 0 { try await wires[0].read { Wire.numbers($0).count == 2 * (round + 1) } }
    }
    let all = (1...100).map(Int64.init)
    for (number, wire) in wires.enumerated() {
      let wanted = all.filter { seq in number % 4 == 0 || ((seq - 1) / 2 % 2 == 0) == (number % 4 != 2) }
      #expect(
        Wire.numbers(try await wire.read { Wire.numbers($0).count >= wanted.count }) == wanted, "reader \(number)")
    }
  }

  /// Two that read nothing until they are sent away.
  private static func dropTwo(_ log: FakeLog, grace: TimeAmount) async throws -> (House, [Wire]) {
    let limits = EventRing.Limits(events: 10_000, bytes: 1 << 20, part: 16 << 10, grace: grace)
    let house = try await House.open(log.broadcast(limits))
    let wires = try (0..<2).map { _ in try house.ask("GET /events", buffer: 4096) }
    for wire in wires { try await wire.read { $0.contains("claude-orch events") } }
    try await Eventually.holds("all read along") { await house.broadcast.readers == 2 }
    log.setFlow(40)
    try await Eventually.holds("those that read nothing are sent away") { await house.broadcast.dropped == 2 }
    log.setFlow(0)
    // What is in the pipe then comes at once, not by buffers of a page.
    for wire in wires { wire.widen() }
    return (house, wires)
  }

  /// Goes on behind an event, and gets all that is missing.
  private static func goOn(_ house: House, _ log: FakeLog, after position: Int64) async throws {
    let again = try house.ask("GET /events", ["Last-Event-ID: \(position)"])
    let more = try await again.read { Wire.numbers($0).last == log.last }
    #expect(Wire.numbers(more) == Array((position + 1)...log.last))
    #expect(await house.broadcast.dropped == 2)
  }

  @Test func aReaderThatDoesNotReadIsSentAwayAndToldWhereToGoOn() async throws {
    let log = FakeLog(size: 8000)
    let (house, wires) = try await Self.dropTwo(log, grace: .hours(1))
    for wire in wires {
      let told = try await wire.read {
        $0.contains("event: dropped\ndata: {\"resume_after\":") && $0.hasSuffix("0\r\n\r\n")
      }
      let numbers = Wire.numbers(told)
      let last = try #require(numbers.last)
      #expect(told.contains("\"resume_after\":\(last)}"))
      #expect(numbers == Array(1...last) && last < log.last)
      try await Self.goOn(house, log, after: last)
    }
  }

  /// What lay in buffers may be gone, from some event on.
  @Test func aReaderThatWaitsUntilItIsCutOffGoesOnWithoutAHole() async throws {
    let log = FakeLog(size: 8000)
    let (house, wires) = try await Self.dropTwo(log, grace: .zero)
    for wire in wires {
      let numbers = Wire.numbers(try await wire.read())
      let last = Int64(numbers.count)
      #expect(numbers == Array(1...last) && last < log.last)
      try await Self.goOn(house, log, after: last)
    }
  }

  @Test func silenceIsBrokenFromTimeToTime() async throws {
    let house = try await House.open(FakeLog().broadcast(), heartbeat: .milliseconds(200))
    let wire = try house.ask("GET /events")
    let text = try await wire.read { $0.components(separatedBy: ": still here\n\n").count > 3 }
    #expect(text.components(separatedBy: ": still here\n\n").count > 3)
  }

  @Test func whoGoesAwayIsForgotten() async throws {
    let log = FakeLog()
    let house = try await House.open(log.broadcast(), heartbeat: .milliseconds(100))
    var wire: Wire? = try house.ask("GET /events")
    try await wire?.read { $0.contains("claude-orch events") }
    try await Eventually.holds("it reads along") { await house.broadcast.readers == 1 }
    wire = nil
    try await Eventually.holds("it is forgotten") { await house.broadcast.readers == 0 }
    #expect(await house.broadcast.dropped == 0)
  }
}
