/// One event, ready to be sent.
package struct EventFrame: Sendable {
  package var seq: Int64
  package var type: String
  package var project: String
  package var task: String?
  /// One line of JSON.
  package var data: String

  package init(seq: Int64, type: String, project: String, task: String?, data: String) {
    self.seq = seq
    self.type = type
    self.project = project
    self.task = task
    self.data = data
  }

  /// The lines of `text/event-stream`.
  func text(isNamed: Bool) -> String {
    isNamed ? "id: \(seq)\nevent: \(type)\ndata: \(data)\n\n" : "id: \(seq)\ndata: \(data)\n\n"
  }
}

/// What a reader of events asks for.
package struct EventSubscription: Sendable {
  /// Only events behind this one; nil for those that come from now on.
  package var after: Int64?
  package var project: String?
  package var task: String?
  /// Of these kinds, or of kinds that begin with one of them and a dot; empty for all.
  package var types: [String]
  /// Whether each event has a name of its own, for `addEventListener`; without one all arrive at `onmessage`.
  package var isNamed: Bool
  package var broadcast: EventBroadcast

  package init(
    broadcast: EventBroadcast, after: Int64? = nil, project: String? = nil, task: String? = nil, types: [String] = [],
    isNamed: Bool = false
  ) {
    self.broadcast = broadcast
    self.after = after
    self.project = project
    self.task = task
    self.types = types
    self.isNamed = isNamed
  }

  var isUnfiltered: Bool { project == nil && task == nil && types.isEmpty }

  func wants(_ frame: EventFrame) -> Bool {
    if let project, frame.project != project { return false }
    if let task, frame.task != task { return false }
    return types.isEmpty || types.contains { frame.type == $0 || frame.type.hasPrefix("\($0).") }
  }
}

/// Hands the events of the log to everybody who reads along. The log is read once, however many readers there are.
package actor EventBroadcast {
  /// Events that came at the same time.
  struct Batch: Sendable {
    let frames: [EventFrame]
    let named: [UInt8]
    let plain: [UInt8]
    var last: Int64 { frames.last?.seq ?? 0 }

    init(_ frames: [EventFrame]) {
      self.frames = frames
      named = Array(frames.map { $0.text(isNamed: true) }.joined().utf8)
      plain = Array(frames.map { $0.text(isNamed: false) }.joined().utf8)
    }
  }

  /// What a reader gets next.
  enum Next: Sendable {
    case batches([Batch])
    /// It has read less than what is still kept here; the rest is in the log.
    case behind
    /// Nothing has come for a while.
    case quiet
  }

  private let read: @Sendable (_ after: Int64, _ limit: Int) throws -> [EventFrame]
  private let head: @Sendable () throws -> Int64
  private let hasNews: @Sendable () throws -> Bool
  private var kept: [Batch] = []
  private var count = 0
  /// The last event that is not kept any more, and the last one that is known.
  private var floor: Int64 = 0
  private var last: Int64?
  private var waiting: [Int: (continuation: CheckedContinuation<Void, Never>, until: ContinuousClock.Instant)] = [:]
  private var nextReader = 0
  package private(set) var readers = 0

  /// Events that a reader may be behind before it is sent away.
  static let most = 10_000
  static let page = 500
  /// How often the log is looked at.
  private static let pause = Duration.milliseconds(100)

  /// - Parameters:
  ///   - read: A page of the log, oldest first.
  ///   - head: The number of the newest event.
  ///   - hasNews: Whether anybody has written since the last call.
  package init(
    read: @escaping @Sendable (_ after: Int64, _ limit: Int) throws -> [EventFrame],
    head: @escaping @Sendable () throws -> Int64, hasNews: @escaping @Sendable () throws -> Bool
  ) {
    self.read = read
    self.head = head
    self.hasNews = hasNews
  }

  /// Looks at the log until it is cancelled; while nobody reads along it does nothing.
  package func run() async {
    while !Task.isCancelled {
      do {
        if readers > 0, try hasNews() { try look() }
        releaseExpired()
        try await Task.sleep(for: readers > 0 ? Self.pause : .milliseconds(500))
      } catch is CancellationError {
        break
      } catch {
        // The log cannot be read now; readers get the rest when it can.
        do { try await Task.sleep(for: .seconds(1)) } catch { break }
      }
    }
    wake()
  }

  private func look() throws {
    guard let known = last else { return }
    var position = known
    while true {
      let frames = try read(position, Self.page)
      guard let end = frames.last?.seq else { break }
      position = end
      kept.append(Batch(frames))
      count += frames.count
      if frames.count < Self.page { break }
    }
    guard position > known else { return }
    last = position
    while count > Self.most, kept.count > 1 {
      let old = kept.removeFirst()
      count -= old.frames.count
      floor = old.last
    }
    wake()
  }

  private func wake() {
    let all = waiting.values
    waiting = [:]
    for reader in all { reader.continuation.resume() }
  }

  /// One look for all, because a timer for each reader costs more than its events.
  private func releaseExpired() {
    let now = ContinuousClock.now
    for (number, reader) in waiting where reader.until <= now {
      waiting[number] = nil
      reader.continuation.resume()
    }
  }

  /// A reader begins. The first one sets the beginning of what is kept.
  ///
  /// - Returns: The number of the newest event that is known.
  func join() throws -> Int64 {
    if readers == 0 || last == nil {
      kept = []
      count = 0
      let now = try head()
      floor = now
      last = now
      _ = try hasNews()
    }
    readers += 1
    return last ?? 0
  }

  func leave() { readers -= 1 }

  /// What came behind `position`; waits for it for as long as a heartbeat takes.
  func next(after position: Int64, heartbeat: Duration) async -> Next {
    if position < floor { return .behind }
    if let found = news(after: position) { return .batches(found) }
    if Task.isCancelled { return .quiet }
    let reader = nextReader
    nextReader += 1
    let until = ContinuousClock.now.advanced(by: heartbeat)
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in waiting[reader] = (continuation, until) }
    } onCancel: {
      Task { await self.release(reader) }
    }
    if position < floor { return .behind }
    return news(after: position).map { .batches($0) } ?? .quiet
  }

  private func release(_ reader: Int) { waiting.removeValue(forKey: reader)?.continuation.resume() }

  private func news(after position: Int64) -> [Batch]? {
    guard let last, last > position, let first = kept.firstIndex(where: { $0.last > position }) else { return nil }
    return Array(kept[first...])
  }

  /// A page of the log itself, for readers that come from further back.
  nonisolated func page(after position: Int64) throws -> [EventFrame] { try read(position, Self.page) }
}
