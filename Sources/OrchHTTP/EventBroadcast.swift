import NIOCore

/// Hands the events of the log to everybody who reads along. The log is read once, each event is encoded once, and what
/// has come is written to all readers of an event loop in one go, however many readers there are.
package actor EventBroadcast {
  private let read: @Sendable (_ after: Int64, _ limit: Int) throws -> [EventFrame]
  private let head: @Sendable () throws -> Int64
  private let hasNews: @Sendable () throws -> Bool
  private let limits: EventRing.Limits
  private var ring: EventRing?
  private var loops: [ObjectIdentifier: Loop] = [:]
  private var hasEnded = false
  package private(set) var readers = 0
  /// Readers that took less than what happened.
  package private(set) var dropped = 0

  /// An event loop with the readers that it serves.
  private struct Loop: Sendable {
    let loop: any EventLoop
    let readers: NIOLoopBoundBox<EventReaders>

    init(_ loop: any EventLoop) {
      self.loop = loop
      readers = .makeBoxSendingValue(EventReaders(), eventLoop: loop)
    }

    func run(_ body: @escaping @Sendable (EventReaders) -> Void) {
      loop.execute { [readers] in body(readers.value) }
    }
  }

  static let page = 500
  /// How often the log is looked at and readers are written to.
  private static let pause = Duration.milliseconds(100)
  /// What one reader adds to it: beyond 400 readers there are 4,000 writes a second, and no more.
  private static let share = Duration.microseconds(250)

  /// - Parameters:
  ///   - read: A page of the log, oldest first.
  ///   - head: The number of the newest event.
  ///   - hasNews: Whether anybody has written since the last call.
  package init(
    read: @escaping @Sendable (_ after: Int64, _ limit: Int) throws -> [EventFrame],
    head: @escaping @Sendable () throws -> Int64, hasNews: @escaping @Sendable () throws -> Bool
  ) {
    self.init(read: read, head: head, hasNews: hasNews, limits: EventRing.Limits())
  }

  init(
    read: @escaping @Sendable (_ after: Int64, _ limit: Int) throws -> [EventFrame],
    head: @escaping @Sendable () throws -> Int64, hasNews: @escaping @Sendable () throws -> Bool,
    limits: EventRing.Limits
  ) {
    self.read = read
    self.head = head
    self.hasNews = hasNews
    self.limits = limits
  }

  /// Looks at the log until it is cancelled; while nobody reads along it does nothing.
  package func run() async {
    while !Task.isCancelled {
      do {
        if readers > 0 {
          if try hasNews() { try look() }
          hand()
        }
        try await Task.sleep(for: readers > 0 ? max(Self.pause, Self.share * readers) : .milliseconds(500))
      } catch is CancellationError {
        break
      } catch {
        // The log cannot be read now; readers get the rest when it can.
        do { try await Task.sleep(for: .seconds(1)) } catch { break }
      }
    }
    hasEnded = true
    for loop in loops.values { loop.run { $0.end() } }
  }

  private func look() throws {
    while let position = ring?.last {
      let frames = try read(position, Self.page)
      ring?.append(frames)
      if frames.count < Self.page { return }
    }
  }

  private func hand() {
    guard let ring else { return }
    for loop in loops.values { loop.run { $0.take(ring) } }
  }

  /// A reader begins. The first one sets the beginning of what is kept.
  ///
  /// - Returns: The number of the newest event that is known.
  func join() throws -> Int64 {
    if readers == 0 || ring == nil {
      ring = EventRing(start: try head(), limits: limits)
      _ = try hasNews()
    }
    readers += 1
    return ring?.last ?? 0
  }

  func leave() { readers -= 1 }

  /// Everything behind this event is kept here.
  var floor: Int64 { ring?.floor ?? 0 }

  /// Writes everything behind `position` to the connection as it comes, until the reader is gone or too far behind.
  func follow(
    _ channel: any Channel, after position: Int64, _ filter: EventFilter, heartbeat: Duration
  ) async -> EventReader.End {
    guard let ring, !hasEnded else { return .closed }
    guard position >= ring.floor else { return .behind(position) }
    let loop = loops[ObjectIdentifier(channel.eventLoop)] ?? Loop(channel.eventLoop)
    loops[ObjectIdentifier(channel.eventLoop)] = loop
    let pause = TimeAmount(heartbeat)
    let end = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.run {
          $0.add(EventReader(channel, after: position, filter: filter, heartbeat: pause, continuation))
        }
      }
    } onCancel: {
      channel.close(promise: nil)
    }
    if case .dropped = end { dropped += 1 }
    return end
  }

  /// A page of the log itself, for readers that come from further back.
  nonisolated func page(after position: Int64) throws -> [EventFrame] { try read(position, Self.page) }
}
