package import OrchDomain

/// What to do about one batch now.
package struct BatchPlan: Hashable, Sendable {
  /// Why a due time gets no run.
  package enum Reason: Hashable, Sendable {
    /// Nothing was there to start it.
    case absent
    /// One run makes up for several due times.
    case madeUp(for: Timestamp)
    case tooMany
    /// The run before was still going on.
    case overlap(run: Int64)
  }

  /// Due times one behind the other that get no run, for one reason.
  package struct Missed: Hashable, Sendable {
    package var first: Timestamp
    package var last: Timestamp
    package var count: Int
    package var reason: Reason
  }

  /// A run to begin.
  package struct Start: Hashable, Sendable {
    package var due: Timestamp
    /// Later than `due` by the batch's jitter; may lie ahead.
    package var at: Timestamp
  }

  /// To be recorded, the oldest first. They are final: no later plan gives one of these times a run.
  package var missed: [Missed] = []
  /// The run to begin, unless `goesOn` names one that comes before it.
  package var start: Start?
  /// A run whose process has died within its time: it goes on as the same run.
  package var goesOn: BatchPast.Entry?
  /// The next due time; nil when the schedule never fires again.
  package var next: Timestamp?
}

extension BatchSpec {
  /// What is due, what is missed, and what is made up for: each due time since the batch is known comes to exactly one
  /// run or one entry of `missed`, or waits for a later plan.
  ///
  /// - Parameters:
  ///   - past: With everything that was recorded of earlier plans.
  ///   - zone: That of ``timezone``.
  package func plan(at now: Timestamp, _ past: BatchPast, zone: TimeZoneOffsets) -> BatchPlan {
    var plan = BatchPlan(next: cron.next(after: now, zone: zone))
    plan.goesOn = past.entries.first { $0.state == .lost && timeLeft(at: now, startedAt: $0.startedAt) > .zero }
    let runs = past.entries.filter { $0.state != .lost || $0 == plan.goesOn }
    let isBusy = runs.contains { $0.state == .running || $0.state == .lost }
    let due = pending(at: now, past, zone: zone).map { moment in
      (moment: moment, run: runs.first { $0.wentOn(at: moment) }?.id)
    }
    let queued = overlap == .queue ? due.last { $0.run != nil }?.moment : nil
    var reasons: [Timestamp: BatchPlan.Reason] = [:]
    for (moment, run) in due where moment != queued { reasons[moment] = run.map { .overlap(run: $0) } }
    let open = due.map(\.moment).filter { reasons[$0] == nil }
    if !isBusy { reasons.merge(policy(open, queued: queued, now)) { first, _ in first } }
    // A later time is never settled before an earlier one, so that the newest entry tells how far everything is.
    let first = open.first { reasons[$0] == nil }
    plan.missed = Self.spans(
      due.map(\.moment).prefix { $0 != first }.compactMap { time in reasons[time].map { (time, $0) } })
    if !isBusy { plan.start = first.map { BatchPlan.Start(due: $0, at: start(of: $0)) } }
    return plan
  }

  /// Which of the due times that could have a run get none.
  ///
  /// - Parameter queued: The one that waited for the run before, if any: it is never too late.
  private func policy(_ open: [Timestamp], queued: Timestamp?, _ now: Timestamp) -> [Timestamp: BatchPlan.Reason] {
    guard let newest = open.last else { return [:] }
    var reasons: [Timestamp: BatchPlan.Reason] = [:]
    switch catchup {
    case .none:
      let isOnTime = newest == queued || now.since(start(of: newest)) <= BatchSpec.punctuality
      for moment in open where moment != queued && !(moment == newest && isOnTime) { reasons[moment] = .absent }
      if let queued, queued != newest, isOnTime { reasons[queued] = .madeUp(for: newest) }
    case .last: for moment in open.dropLast() { reasons[moment] = .madeUp(for: newest) }
    case .all: for moment in open.dropLast(BatchSpec.catchupLimit) { reasons[moment] = .tooMany }
    }
    return reasons
  }

  /// The due times until now that nothing is recorded of, the oldest first.
  private func pending(at now: Timestamp, _ past: BatchPast, zone: TimeZoneOffsets) -> [Timestamp] {
    var result: [Timestamp] = []
    var moment = past.floor(at: now)
    while let next = cron.next(after: moment, zone: zone), next <= now {
      if !past.hasDealtWith(next, now: now) { result.append(next) }
      moment = next
    }
    return result
  }

  /// Joins neighbours that are missed for the same reason.
  private static func spans(_ missed: [(Timestamp, BatchPlan.Reason)]) -> [BatchPlan.Missed] {
    var result: [BatchPlan.Missed] = []
    for (moment, reason) in missed {
      if let last = result.last, last.reason == reason {
        result[result.count - 1].last = moment
        result[result.count - 1].count += 1
      } else {
        result.append(BatchPlan.Missed(first: moment, last: moment, count: 1, reason: reason))
      }
    }
    return result
  }
}
