/// The lines of a growing file as they come, until the writer has ended and everything is read.
package struct FollowedLines: AsyncSequence {
  package typealias Element = TailedLine
  package typealias Failure = any Error

  private let tail: FileTail
  private let clock: any Clock<Duration>
  private let interval: Duration
  private let hasEnded: @Sendable () -> Bool

  /// - Parameters:
  ///   - interval: How long the file may have news before they are seen.
  ///   - hasEnded: Whether nobody writes any more. Asked before each look, so that nothing written before is missed.
  package init(
    _ tail: FileTail, clock: any Clock<Duration>, interval: Duration = .milliseconds(100),
    hasEnded: @escaping @Sendable () -> Bool
  ) {
    self.tail = tail
    self.clock = clock
    self.interval = interval
    self.hasEnded = hasEnded
  }

  package func makeAsyncIterator() -> Iterator {
    Iterator(tail: tail, clock: clock, interval: interval, hasEnded: hasEnded)
  }

  /// Goes on where the last line ended. Throws ``ProcessError`` when the file cannot be read, and when cancelled.
  package struct Iterator: AsyncIteratorProtocol {
    fileprivate var tail: FileTail
    fileprivate let clock: any Clock<Duration>
    fileprivate let interval: Duration
    fileprivate let hasEnded: @Sendable () -> Bool
    private var ready: ArraySlice<TailedLine> = []
    private var isOver = false

    fileprivate init(
      tail: FileTail, clock: any Clock<Duration>, interval: Duration, hasEnded: @escaping @Sendable () -> Bool
    ) {
      self.tail = tail
      self.clock = clock
      self.interval = interval
      self.hasEnded = hasEnded
    }

    package mutating func next() async throws -> TailedLine? {
      while true {
        if let line = ready.popFirst() { return line }
        if isOver { return nil }
        let ended = hasEnded()
        ready = try tail.readLines()[...]
        guard ready.isEmpty else { continue }
        if ended {
          isOver = true
          return tail.readRest()
        }
        try await clock.sleep(for: interval)
      }
    }
  }
}
