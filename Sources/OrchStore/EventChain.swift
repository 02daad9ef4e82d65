import OrchDomain

/// The end of a project's chain of events: how many there are, and the hash of the last one.
///
/// It is kept beside the events, so that cutting off the end is noticed as well as changing the middle.
struct EventChain: Hashable {
  var count = 0
  /// Empty before the first event.
  var head = ""

  /// The hash of an event: SHA-256 of one JSON text, which holds everything but the running number.
  ///
  /// The number is left out, because it counts through all projects and so depends on what others did.
  static func hash(
    after previous: String, at: Timestamp, type: EventType, task: String?, attempt: Int?, data: String,
    by text: inout HashedText
  ) -> String {
    text.set(
      after: previous.utf8, at: at, type: type.rawValue.utf8, task: task?.utf8, attempt: attempt.map { Int64($0) },
      data: data.utf8)
    return SHA256.hex(text.bytes)
  }
}

/// The text that an event's hash is made of, in memory that is used again for the next one.
struct HashedText {
  private(set) var bytes: [UInt8] = []

  mutating func set<Bytes: Collection<UInt8>>(
    after previous: Bytes, at: Timestamp, type: Bytes, task: Bytes?, attempt: Int64?, data: Bytes
  ) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(UInt8(ascii: "["))
    JSONText.append(previous, to: &bytes)
    bytes += ",\(at.milliseconds),".utf8
    JSONText.append(type, to: &bytes)
    bytes.append(UInt8(ascii: ","))
    if let task { JSONText.append(task, to: &bytes) } else { bytes += "null".utf8 }
    bytes.append(UInt8(ascii: ","))
    if let attempt { bytes += String(attempt).utf8 } else { bytes += "null".utf8 }
    bytes.append(UInt8(ascii: ","))
    bytes += data
    bytes.append(UInt8(ascii: "]"))
  }
}

/// The answer to: has anybody changed the log?
package enum ChainStatus: Hashable, Sendable {
  ///
  /// - Parameters:
  ///   - events: How many there are.
  ///   - dropped: How many older ones were taken away by compaction.
  case intact(events: Int, dropped: Int = 0)
  /// The first event that does not fit, or nil when events are missing at the end.
  case broken(seq: Int64?, reason: String)
}
