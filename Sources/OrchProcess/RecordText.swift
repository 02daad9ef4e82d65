import OrchDomain

/// The `key value` lines of the records that orch-shim writes.
struct RecordText {
  private var values: [Substring: Substring] = [:]

  /// nil when the text is not a complete record of this kind, such as `orch-exit 1`.
  init?(_ text: String, kind: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst().map(String.init) == kind, lines.contains("end") else { return nil }
    for line in lines.prefix(while: { $0 != "end" }) {
      let parts = line.split(separator: " ", maxSplits: 1)
      if parts.count == 2 { values[parts[0]] = parts[1] }
    }
  }

  func text(_ key: Substring) -> String? { values[key].map(String.init) }
  func number(_ key: Substring) -> Int64? { values[key].flatMap { Int64($0) } }
  func code(_ key: Substring) -> Int32? { values[key].flatMap { Int32($0) } }

  func identity(_ key: Substring) -> ProcessIdentity? {
    guard let parts = values[key]?.split(separator: " "), parts.count == 2, let pid = Int32(parts[0]), pid > 1,
      let start = UInt64(parts[1])
    else { return nil }
    return ProcessIdentity(pid: pid, start: start)
  }
}

extension SupervisedRun {
  init?(record text: String, runDirectory: String) {
    guard let record = RecordText(text, kind: "orch-pid 1"), let runID = record.text("run_id"),
      let shim = record.identity("shim"), let child = record.identity("child"), let bootID = record.text("boot"),
      let started = record.number("started_ms")
    else { return nil }
    self.init(
      runDirectory: runDirectory, runID: runID, shim: shim, child: child, bootID: bootID,
      startedAt: Timestamp(milliseconds: started))
  }
}

extension ExitRecord {
  init?(record text: String) {
    guard let record = RecordText(text, kind: "orch-exit 1"), let runID = record.text("run_id"),
      let outcome = Self.outcome(of: record), let started = record.number("started_ms"),
      let ended = record.number("ended_ms"), let elapsed = record.number("elapsed_ms"),
      let user = record.number("user_us"), let system = record.number("system_us"),
      let resident = record.number("max_rss_bytes"), let survivors = record.number("survivors")
    else { return nil }
    self.init(
      runID: runID, outcome: outcome,
      exit: record.code("code").map(ProcessExit.code) ?? record.code("signal").map(ProcessExit.signal),
      failedStep: record.text("step"), starterDied: record.text("outcome") == "parent-gone",
      startedAt: Timestamp(milliseconds: started), endedAt: Timestamp(milliseconds: ended),
      elapsed: .milliseconds(elapsed), userTime: .microseconds(user), systemTime: .microseconds(system),
      maxResidentBytes: resident, survivors: Int(clamping: survivors))
  }

  private static func outcome(of record: RecordText) -> Outcome? {
    switch record.text("outcome") {
    case "exited": record.code("code").map(Outcome.exited)
    case "signalled": record.code("signal").map(Outcome.signalled)
    case "deadline": .deadline
    case "stopped", "parent-gone": .stopped
    case "output-limit": .outputLimit
    case "spawn-failed": record.code("errno").map { .spawnFailed(errno: $0) }
    default: nil
    }
  }
}
