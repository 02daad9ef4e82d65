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
    after previous: String, at: Timestamp, type: EventType, task: String?, attempt: Int?, data: String
  ) -> String {
    var text = "["
    JSONText.append(previous, to: &text)
    text += ",\(at.milliseconds),"
    JSONText.append(type.rawValue, to: &text)
    text += ","
    if let task { JSONText.append(task, to: &text) } else { text += "null" }
    text += ","
    text += attempt.map { String($0) } ?? "null"
    text += ",\(data)]"
    return SHA256.hex(Array(text.utf8))
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
