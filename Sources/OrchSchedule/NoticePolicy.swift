package import OrchDomain

/// Hours of every day in which nobody is disturbed, such as `22:00-07:00`.
package struct QuietHours: Hashable, Sendable {
  /// Minutes after midnight on local clocks.
  let start: Int
  let end: Int

  /// - Returns: Nil for text of another form, and for hours that have no beginning.
  package init?(_ text: String) {
    let times = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minute)
    guard times.count == 2, let start = times[0], let end = times[1], start != end else { return nil }
    self.start = start
    self.end = end
  }

  private static func minute(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  /// When they end, if they hold now.
  package func end(at now: Timestamp, _ zone: TimeZoneOffsets) -> Timestamp? {
    let second = Int(now.milliseconds.floorDivided(by: 1000))
    let local = second + zone.seconds(at: second)
    let minute = local.floorModulo(86_400) / 60
    let holds = start < end ? start <= minute && minute < end : start <= minute || minute < end
    guard holds else { return nil }
    let midnight = local - local.floorModulo(86_400)
    let close = midnight + end * 60 + (minute < end ? 0 : 86_400)
    return Timestamp(milliseconds: Int64(zone.moment(ofLocal: close)) * 1000)
  }
}

/// When notices of one channel go, and which of them together.
package struct NoticePolicy: Hashable, Sendable {
  /// Messages in any hour.
  package var perHour: Int
  /// How long a notice waits for others, to go with them; zero for not at all.
  package var digest: Duration
  package var quiet: QuietHours?

  package init(perHour: Int, digest: Duration = .zero, quiet: QuietHours? = nil) {
    self.perHour = max(1, perHour)
    self.digest = digest
    self.quiet = quiet
  }

  /// A notice that waits.
  package struct Waiting: Hashable, Sendable {
    package var id: Int64
    package var createdAt: Timestamp
    package var notBefore: Timestamp

    package init(id: Int64, createdAt: Timestamp, notBefore: Timestamp) {
      self.id = id
      self.createdAt = createdAt
      self.notBefore = notBefore
    }

    /// Whether it was tried and is not tried again yet. What was written or tried in the future was so by a clock that
    /// has been put back since.
    fileprivate func pauses(at now: Timestamp) -> Bool {
      notBefore > now && notBefore != createdAt && notBefore.since(now) <= NoticePolicy.longestPause
    }
  }

  package enum Step: Hashable, Sendable {
    /// As one message.
    case send([Int64])
    case wait(until: Timestamp)
    case nothing
  }

  private static let hour = Duration.seconds(3600)

  /// - Parameters:
  ///   - waiting: In the order in which they were written, which is that of sending.
  ///   - sent: When messages went in the last hour, the oldest first.
  package func next(
    _ waiting: [Waiting], sent: [Timestamp], at now: Timestamp, zone: TimeZoneOffsets
  ) -> Step {
    guard let head = waiting.first else { return .nothing }
    if let end = quiet?.end(at: now, zone) { return .wait(until: end) }
    // Nobody overtakes the first one, however often it has failed.
    if head.pauses(at: now) { return .wait(until: head.notBefore) }
    if digest > .zero {
      let due = head.createdAt.advanced(by: digest)
      if due > now, head.createdAt <= now { return .wait(until: due) }
    }
    // What was sent in the future was sent by a clock that has been put back since.
    let recent = sent.filter { $0 <= now && now.since($0) < Self.hour }
    if recent.count >= perHour { return .wait(until: recent[recent.count - perHour].advanced(by: Self.hour)) }
    // With the last message of the hour goes all that would have to wait for the next.
    let isTogether = digest > .zero || recent.count == perHour - 1
    return .send(isTogether ? waiting.map(\.id) : [head.id])
  }

  /// How long to wait after so many failures in a row: from half a minute to half an hour.
  package static func pause(after tries: Int) -> Duration { .seconds(30 * (1 << max(0, min(6, tries - 1)))) }

  /// No receiver is obeyed that asks for a longer pause.
  package static let longestPause = Duration.seconds(86_400)

  /// How long a notice is tried.
  package static let patience = Duration.seconds(3 * 86_400)
}
