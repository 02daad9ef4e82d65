import OrchDomain

/// Decides from what an agent does whether it gets anywhere. Time without progress counts, time on the wall does not.
///
/// Progress is a new commit, a changed file, a use of a tool or a result that was not seen before, and CPU time of the
/// process tree that is really burnt. Words alone are progress too, when they are new, but not for ever: an agent that
/// does nothing but talk has stalled after ``Limits/talk``. Moments are times since the watching began, on a clock that
/// neither jumps nor counts what the machine slept through.
package struct Watchdog: Sendable {
  /// When an agent has stalled.
  package struct Limits: Hashable, Sendable {
    /// Longest time without progress.
    package var stall: Duration
    /// Longest time with words alone.
    package var talk: Duration
    /// CPU time over time from which the process tree counts as working. A spinner or a poll burns a percent or two;
    /// what compiles gets more of a processor, also on a machine that is busy with others.
    package var share: Double

    package init(stall: Duration, talk: Duration? = nil, share: Double = 0.1) {
      self.stall = stall
      self.talk = talk ?? stall * 4
      self.share = share
    }
  }

  /// Something that was seen.
  package enum Sign: Hashable, Sendable {
    /// A line of text; digits in it do not make it a new one.
    case words(String)
    /// A use of a tool, or its result.
    case act(String)
    /// The tip of the branch.
    case commit(String)
    /// A digest of the files in the worktree.
    case files(UInt64)
    /// CPU time that the process tree has used so far.
    case cpu(Duration)
    /// The CLI itself has said that it waits, for a vendor that is busy.
    case waiting(Duration)
  }

  package enum Verdict: Hashable, Sendable {
    case progressing
    /// For so long nothing was seen; other signs than the stream are worth a look.
    case silent(Duration)
    case stalled(reason: String)
  }

  private let limits: Limits
  /// Silence that counts: since the last progress of any kind, and of a kind that is more than words.
  private var silence = Duration.zero
  private var idleness = Duration.zero
  private var last: Duration
  private var waitsUntil = Duration.zero
  private var seen: [UInt64] = []
  private var commit: String?
  private var files: UInt64?
  private var cpu: (used: Duration, at: Duration)?
  /// Whether a commit was made since the watching began.
  package private(set) var hasCommitted = false

  /// A longer gap between two looks means that nobody looked, not that nothing happened.
  private var longestGap: Duration { min(.seconds(60), limits.stall / 4) }
  private static let memory = 512
  private static let missing = "no commit, no changed file, no work of its processes"

  package init(limits: Limits, at now: Duration) {
    self.limits = limits
    last = now
  }

  package mutating func observe(_ sign: Sign, at now: Duration) {
    advance(to: now)
    switch sign {
    case .words(let text): if isNew(text) { silence = .zero }
    case .act(let text): if isNew(text) { progress() }
    case .commit(let tip):
      if let commit, commit != tip {
        hasCommitted = true
        progress()
      }
      commit = tip
    case .files(let digest):
      if let files, files != digest { progress() }
      files = digest
    case .cpu(let used):
      guard let before = cpu else {
        cpu = (used, now)
        return
      }
      // Shorter stretches tell little: the system counts in hundredths of a second.
      let time = now - before.at
      guard time >= .seconds(1) else { return }
      cpu = (used, now)
      if (used - before.used).inSeconds >= limits.share * time.inSeconds { progress() }
    case .waiting(let duration):
      waitsUntil = max(waitsUntil, now + min(duration, .seconds(86_400)))
    }
  }

  /// What is to be done about the agent now.
  package mutating func judge(at now: Duration) -> Verdict {
    advance(to: now)
    if silence >= limits.stall {
      return .stalled(
        reason: "nothing new from it for \(silence.text): no output that was not seen before, " + Self.missing)
    }
    if idleness >= limits.talk {
      return .stalled(reason: "for \(idleness.text) it has only talked: no new use of a tool, " + Self.missing)
    }
    let quiet = max(silence, idleness)
    return quiet == .zero ? .progressing : .silent(quiet)
  }

  private mutating func advance(to now: Duration) {
    let begin = max(last, min(waitsUntil, now))
    let gap = min(max(.zero, now - begin), longestGap)
    silence += gap
    idleness += gap
    last = max(last, now)
  }

  private mutating func progress() {
    silence = .zero
    idleness = .zero
  }

  /// Whether a text was not among the last few hundred; what differs only in its digits is the same.
  private mutating func isNew(_ text: String) -> Bool {
    // FNV-1a: only to tell texts apart, and the same in every run.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    var wasDigit = false
    for byte in text.utf8.prefix(2000) {
      let isDigit = (0x30...0x39).contains(byte)
      if isDigit && wasDigit { continue }
      wasDigit = isDigit
      hash = (hash ^ UInt64(isDigit ? UInt8(0x30) : byte)) &* 0x100_0000_01B3
    }
    if let index = seen.lastIndex(of: hash) {
      seen.append(seen.remove(at: index))
      return false
    }
    if seen.count >= Self.memory { seen.removeFirst() }
    seen.append(hash)
    return true
  }
}
