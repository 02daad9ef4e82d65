import NIOCore

/// The newest events of the log, in parts that are written to readers as they are.
struct EventRing: Sendable {
  /// Events that came together.
  struct Part: Sendable {
    let frames: [EventFrame]
    /// For a reader that wants all of them as messages, which is what nearly everybody wants: encoded once.
    let plain: ByteBuffer

    init(_ frames: [EventFrame]) {
      self.frames = frames
      plain = ByteBuffer(string: EventFilter().text(of: frames, after: 0))
    }

    var first: Int64 { frames.first?.seq ?? 0 }
    var last: Int64 { frames.last?.seq ?? 0 }
  }

  /// How much is kept, and for whom.
  struct Limits: Sendable {
    var events = 10_000
    var bytes = 8 << 20
    /// Of a part: more than that is written in several steps, so that a reader who takes none of it costs no more.
    var part = 32 << 10
    /// How long a reader that was dropped may take to read the rest.
    var grace = TimeAmount.seconds(5)
  }

  private(set) var parts: [Part] = []
  /// Everything behind this event is here.
  private(set) var floor: Int64
  /// The newest event.
  private(set) var last: Int64
  private var events = 0
  private var bytes = 0
  let limits: Limits

  /// - Parameter start: The first event that is kept comes behind this one.
  init(start: Int64, limits: Limits) {
    floor = start
    last = start
    self.limits = limits
  }

  /// Takes what has come, and lets go of the oldest.
  mutating func append(_ frames: [EventFrame]) {
    var part: [EventFrame] = []
    var size = 0
    for frame in frames {
      if !part.isEmpty, size + frame.data.utf8.count > limits.part {
        add(Part(part))
        (part, size) = ([], 0)
      }
      part.append(frame)
      size += frame.data.utf8.count
    }
    if !part.isEmpty { add(Part(part)) }
    var gone = 0
    while events > limits.events || bytes > limits.bytes, gone < parts.count - 1 {
      events -= parts[gone].frames.count
      bytes -= parts[gone].plain.readableBytes
      floor = parts[gone].last
      gone += 1
    }
    parts.removeFirst(gone)
  }

  private mutating func add(_ part: Part) {
    parts.append(part)
    events += part.frames.count
    bytes += part.plain.readableBytes
    last = part.last
  }

  /// The parts that hold something behind `position`. Readers are near the end, so it is looked for from there.
  func parts(after position: Int64) -> ArraySlice<Part> {
    var start = parts.endIndex
    while start > parts.startIndex, parts[start - 1].last > position { start -= 1 }
    return parts[start...]
  }
}
