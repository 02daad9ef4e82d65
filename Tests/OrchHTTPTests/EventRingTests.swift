import NIOCore
import OrchRandom
import Testing

@testable import OrchHTTP

/// What is kept of the log for those who read along.
@Suite struct EventRingTests {
  private static func frames(_ numbers: Range<Int64>, _ random: inout SplitMix64) -> [EventFrame] {
    numbers.map { number in
      EventFrame(
        seq: number, type: "t", project: "p", task: nil,
        data: String(repeating: "x", count: Int.random(in: 0...200, using: &random)))
    }
  }

  @Test("From wherever a reader is, it finds every event once, or that it is too far behind", arguments: 0..<200)
  func everyEventOnce(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let limits = EventRing.Limits(
      events: Int.random(in: 1...60, using: &random), bytes: Int.random(in: 100...8000, using: &random),
      part: Int.random(in: 1...2000, using: &random))
    let start = Int64.random(in: 0...100, using: &random)
    var ring = EventRing(start: start, limits: limits)
    var next = start + 1
    for _ in 0..<30 {
      let end = next + Int64.random(in: 0...40, using: &random)
      ring.append(Self.frames(next..<end, &random))
      next = end
      #expect(ring.last == next - 1)
      let position = Int64.random(in: ring.floor...max(ring.floor, ring.last), using: &random)
      let found = ring.parts(after: position).flatMap { $0.frames.map(\.seq) }.filter { $0 > position }
      #expect(found == Array((position + 1)..<next))
      // Everything behind the floor is there, and no more than the limits and one part.
      let kept = ring.parts.flatMap { $0.frames.map(\.seq) }
      #expect(kept == Array((ring.floor + 1)..<next))
      let others = ring.parts.dropLast()
      #expect(others.reduce(0) { $0 + $1.frames.count } <= limits.events)
      #expect(others.reduce(0) { $0 + $1.plain.readableBytes } <= limits.bytes)
      #expect(
        ring.parts.allSatisfy { $0.frames.count == 1 || $0.frames.reduce(0) { $0 + $1.data.utf8.count } <= limits.part }
      )
    }
  }

  @Test func aFilterTakesKindsAndWhatBeginsWithThem() {
    let frame = EventFrame(seq: 1, type: "task.state", project: "p", task: "a/E01", data: "{}")
    for (filter, isWanted) in [
      (EventFilter(), true), (EventFilter(types: ["task"]), true), (EventFilter(types: ["task.state"]), true),
      (EventFilter(types: ["tas"]), false), (EventFilter(types: ["change", "task"]), true),
      (EventFilter(project: "p", task: "a/E01"), true), (EventFilter(project: "q"), false),
      (EventFilter(task: "a/E02"), false),
    ] {
      #expect(filter.wants(frame) == isWanted, "\(filter)")
    }
    #expect(EventFilter(isNamed: true).text(of: [frame], after: 0) == "id: 1\nevent: task.state\ndata: {}\n\n")
    #expect(EventFilter().text(of: [frame], after: 1) == "")
  }
}
