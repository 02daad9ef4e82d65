import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// One connection that gets events as they come. Touched on the event loop of its connection only.
final class EventReader {
  /// Why it does not get them any more.
  enum End: Sendable {
    /// It wants events from further back than what is kept; the rest is in the log.
    case behind(Int64)
    /// It takes less than what happens. It was told the last event that was written to it.
    case dropped
    /// Nobody is there.
    case closed
  }

  /// How long a reader may take nothing of what was written to it.
  static let patience = TimeAmount.seconds(60)

  private let channel: any Channel
  private let filter: EventFilter
  private let wantsAll: Bool
  private let heartbeat: TimeAmount
  private var position: Int64
  private var wroteAt = NIODeadline.now()
  private var couldWriteAt = NIODeadline.now()
  private var continuation: CheckedContinuation<End, Never>?

  var isOver: Bool { continuation == nil }

  init(
    _ channel: any Channel, after position: Int64, filter: EventFilter, heartbeat: TimeAmount,
    _ continuation: CheckedContinuation<End, Never>
  ) {
    self.channel = channel
    self.position = position
    self.filter = filter
    wantsAll = filter == EventFilter()
    self.heartbeat = heartbeat
    self.continuation = continuation
  }

  /// Writes what has come since the last call, as far as the connection takes it.
  ///
  /// - Parameter texts: What was made of the newest part for readers that want the same.
  func take(_ ring: EventRing, now: NIODeadline, texts: inout [EventFilter: ByteBuffer]) {
    guard !isOver else { return }
    guard channel.isActive else { return end(.closed) }
    guard channel.isWritable else {
      if position < ring.floor || now - couldWriteAt > Self.patience { drop(ring.limits.grace) }
      return
    }
    couldWriteAt = now
    guard position >= ring.floor else { return end(.behind(position)) }
    var hasWritten = false
    for part in ring.parts(after: position) {
      // What it does not take now is here the next time, and nothing is held for it.
      guard channel.isWritable else { break }
      let bytes = bytes(of: part, isNewest: part.last == ring.last, &texts)
      position = part.last
      if bytes.readableBytes > 0 {
        write(bytes)
        hasWritten = true
      }
    }
    if !hasWritten, now - wroteAt >= heartbeat {
      write(ByteBuffer(string: ": still here\n\n"))
      hasWritten = true
    }
    guard hasWritten else { return }
    wroteAt = now
    channel.flush()
  }

  private func bytes(
    of part: EventRing.Part, isNewest: Bool, _ texts: inout [EventFilter: ByteBuffer]
  ) -> ByteBuffer {
    let isWhole = part.first > position
    if isWhole, wantsAll { return part.plain }
    if isWhole, isNewest, let known = texts[filter] { return known }
    let bytes = ByteBuffer(string: filter.text(of: part.frames, after: position))
    if isWhole, isNewest { texts[filter] = bytes }
    return bytes
  }

  private func write(_ bytes: ByteBuffer) { channel.write(HTTPResponsePart.body(bytes), promise: nil) }

  /// Sends it away. One that reads on finds the number behind the last event that it got; one that does not loses
  /// what lies in the buffers, and comes back with the last number that it has.
  private func drop(_ grace: TimeAmount) {
    write(ByteBuffer(string: "event: dropped\ndata: {\"resume_after\":\(position)}\n\n"))
    channel.flush()
    channel.eventLoop.scheduleTask(in: grace) { [channel] in channel.close(promise: nil) }
    end(.dropped)
  }

  func end(_ why: End) {
    continuation?.resume(returning: why)
    continuation = nil
  }
}

/// The readers whose connections one event loop serves, and all of its work for them in one go.
final class EventReaders {
  private var readers: [EventReader] = []

  func add(_ reader: EventReader) { readers.append(reader) }

  func take(_ ring: EventRing) {
    let now = NIODeadline.now()
    var texts: [EventFilter: ByteBuffer] = [:]
    for reader in readers { reader.take(ring, now: now, texts: &texts) }
    readers.removeAll { $0.isOver }
  }

  /// Nothing more comes.
  func end() {
    for reader in readers { reader.end(.closed) }
    readers = []
  }
}
