import OrchDomain
import OrchStore

/// What a look at the chain of hashes found, for people and programs.
struct ChainReport {
  let status: ChainStatus

  /// - Throws: ``ExitStatus/failed`` when the log was changed.
  func write(asJSON: Bool) throws {
    if asJSON { Terminal.standardOutput.write(JSONValue.object(members).text() + "\n") }
    switch status {
    case .intact: if !asJSON { Terminal.standardOutput.write(text + "\n") }
    case .broken:
      Terminal.standardError.write(text + "\n")
      throw ExitStatus.failed
    }
  }

  var isIntact: Bool { if case .intact = status { true } else { false } }

  var text: String {
    switch status {
    case .intact(let events, let dropped):
      "The log is intact: \(events) events, every hash fits."
        + (dropped > 0 ? " It goes on from \(dropped) older ones that were taken away, whose last hash it keeps." : "")
    case .broken(let seq, let reason):
      "error: the log was changed by somebody, at \(seq.map { "event \($0)" } ?? "its end"): "
        + SafeText.visible(reason)
    }
  }

  var members: [JSONValue.Member] {
    switch status {
    case .intact(let events, let dropped):
      [
        .init("intact", true), .init("events", JSONValue(events)), .init("dropped", JSONValue(dropped)),
        .init("seq", .null), .init("reason", .null),
      ]
    case .broken(let seq, let reason):
      [
        .init("intact", false), .init("events", .null), .init("dropped", .null),
        .init("seq", seq.map { .int($0) } ?? .null), .init("reason", .string(reason)),
      ]
    }
  }
}
