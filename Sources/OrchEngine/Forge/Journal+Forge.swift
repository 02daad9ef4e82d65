import OrchDomain
import OrchGitHub
import OrchStore

// What the engine records about what a forge tells.
extension OpenProject {
  /// The unfinished changes that have a pull request.
  func changesOnForge() throws -> [Change] {
    try store.read(row) { tx throws(StoreError) in try tx.changes([.open, .approved]) }.filter { $0.forgeNumber != nil }
  }

  func toldFacts(of change: Change) throws -> Set<String> {
    try store.read(row) { tx throws(StoreError) in try tx.toldFacts(ofChange: change.number) }
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
