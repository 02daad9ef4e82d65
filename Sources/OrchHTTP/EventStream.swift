import Hummingbird
import NIOCore
import OrchDomain

/// Writes the events of one reader: first what it has missed, then what comes.
struct EventStream: Sendable {
  let subscription: EventSubscription
  let channel: any Channel
  let heartbeat: Duration

  // Off any actor, where the server writes.
  @concurrent
  func write(to writer: inout any ResponseBodyWriter) async throws {
    let broadcast = subscription.broadcast
    let known = try await broadcast.join()
    do {
      try await follow(from: subscription.after ?? known, &writer)
    } catch {
      await broadcast.leave()
      throw error
    }
    await broadcast.leave()
  }

  @concurrent
  private func follow(from start: Int64, _ writer: inout any ResponseBodyWriter) async throws {
    var position = start
    // At once, so that the reader knows that it is connected, and how long to wait before it comes back.
    try await send("retry: 2000\n: claude-orch events\n\n", &writer)
    while case .behind(let reached) = await subscription.broadcast.follow(
      channel, after: position, subscription.filter, heartbeat: heartbeat)
    {
      let frames = try subscription.broadcast.page(after: reached)
      let text = subscription.filter.text(of: frames, after: reached)
      if !text.isEmpty { try await send(text, &writer) }
      // What is missing in between was taken out of the log.
      position = if let last = frames.last?.seq { last } else { await subscription.broadcast.floor }
    }
  }

  /// Waits until the connection takes it, and ends a connection that does not for too long.
  @concurrent
  private func send(_ text: String, _ writer: inout any ResponseBodyWriter) async throws {
    let end = channel.eventLoop.scheduleTask(in: EventReader.patience) { [channel] in channel.close(promise: nil) }
    defer { end.cancel() }
    try await writer.write(ByteBuffer(string: text))
  }
}
