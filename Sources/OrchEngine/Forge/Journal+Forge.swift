import OrchDomain
import OrchGitHub
import OrchStore

// What the engine records about what a forge tells.
extension OpenProject {
  /// The unfinished changes that have a pull request, without those that go back and those that landed untested.
  func changesOnForge() throws -> [Change] {
    try store.read(row) { tx throws(StoreError) in try tx.changes([.open, .approved, .landing]) }.filter {
      $0.forgeNumber != nil && $0.landedTree == nil
    }
  }

  func toldFacts(of change: Change) throws -> Set<String> {
    try store.read(row) { tx throws(StoreError) in try tx.toldFacts(ofChange: change.number) }
  }

  func noteTold(_ facts: [String], of change: Change) throws {
    try write { tx throws(StoreError) in try tx.addToldFacts(facts, ofChange: change.number, at: clock.now()) }
  }

  /// Notes what is on the forge and left alone with where it is, so that it is listed once.
  func noteIgnored(_ ignored: [ChangeObserver.Ignored], of change: Change) throws {
    guard !ignored.isEmpty else { return }
    let now = clock.now()
    try write { tx throws(StoreError) in
      try tx.addToldFacts(ignored.map(\.key), ofChange: change.number, at: now)
      for item in ignored {
        try tx.appendEvent(
          .changeIgnored, task: change.task, attempt: change.attempt,
          data: [
            "number": EventValue(change.number), "author": .string(SafeText.line(item.author, limit: 60)),
            "url": .string(SafeText.line(item.url, limit: 200)),
          ], at: now)
      }
    }
  }

  /// The branch of a change has taken in the base; what was said of the change stands.
  func recordUpdate(_ change: Change, head: String, base: String) throws {
    try write { tx throws(StoreError) in
      try tx.updateChange(
        change.number, from: [.open, .approved, .landing], data: ["base": .string(base)], at: clock.now()
      ) {
        $0.headCommit = head
        $0.baseCommit = base
        $0.landingCommit = nil
        $0.testedTree = nil
      }
      _ = try tx.updateAttempt(change.task, change.attempt) { $0.headCommit = head }
    }
  }

  /// Adds what the client counted since the last call to what `doctor` shows.
  func noteRequests(_ counts: RequestCounts, _ limits: RateLimits) throws {
    guard counts != RequestCounts() else { return }
    let now = clock.now()
    try write { tx throws(StoreError) in
      try tx.addForgeRequests(
        ForgeRequests(
          requests: counts.requests, unchanged: counts.unchanged, refused: counts.refusals, failed: counts.failures,
          limit: limits.limit, remaining: limits.remaining), at: now)
    }
  }

  /// Why nothing lands: what landed last is not the tree that was tested. A person who has looked resets or retries
  /// that task.
  func unprovenLanding() throws -> TaskID? {
    let landing = try store.read(row) { tx throws(StoreError) in try tx.changes([.landing]) }
    for change in landing where change.landedTree != nil && change.landedTree != change.testedTree {
      if try task(change.task).state == .stuck { return change.task }
    }
    return nil
  }
}
