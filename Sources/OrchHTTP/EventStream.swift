import Hummingbird
import NIOCore
import OrchDomain

/// Writes the events of one reader: first what it has missed, then what comes.
struct EventStream: Sendable {
  let subscription: EventSubscription
  let heartbeat: Duration

  // Off any actor, where the server writes.
  @concurrent
  func write(to writer: inout any ResponseBodyWriter) async throws {
    let broadcast = subscription.broadcast
    let known = try await broadcast.join()
    do {
      try await follow(from: subscription.after ?? known, broadcast, &writer)
    } catch {
      await broadcast.leave()
      throw error
    }
    await broadcast.leave()
  }

  @concurrent
  private func follow(
    from start: Int64, _ broadcast: EventBroadcast, _ writer: inout any ResponseBodyWriter
  ) async throws {
    var position = start
    var isLive = false
    // At once, so that the reader knows that it is connected, and how long to wait before it comes back.
    try await send("retry: 2000\n: claude-orch events\n\n", &writer)
    while !Task.isCancelled {
      switch await broadcast.next(after: position, heartbeat: heartbeat) {
      case .quiet: try await send(": still here\n\n", &writer)
      case .batches(let batches):
        isLive = true
        for batch in batches {
          let bytes = bytes(of: batch, after: position)
          position = batch.last
          if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
        }
      case .behind where isLive:
        // It reads more slowly than things happen: it comes back with the number of the last one that it got.
        return try await send("event: dropped\ndata: {\"resume_after\":\(position)}\n\n", &writer)
      case .behind:
        let frames = try broadcast.page(after: position)
        guard let last = frames.last?.seq else { return }
        position = last
        let text = frames.filter(subscription.wants).map { $0.text(isNamed: subscription.isNamed) }.joined()
        if !text.isEmpty { try await send(text, &writer) }
      }
    }
  }

  private func bytes(of batch: EventBroadcast.Batch, after position: Int64) -> [UInt8] {
    if subscription.isUnfiltered, batch.frames.first.map({ $0.seq > position }) ?? true {
      return subscription.isNamed ? batch.named : batch.plain
    }
    let frames = batch.frames.filter { $0.seq > position && subscription.wants($0) }
    return Array(frames.map { $0.text(isNamed: subscription.isNamed) }.joined().utf8)
  }

  @concurrent
  private func send(_ text: String, _ writer: inout any ResponseBodyWriter) async throws {
    try await writer.write(ByteBuffer(string: text))
  }
}
