import OrchConfig
package import OrchDomain
import OrchGit
import OrchSchedule
import OrchStore

// What the engine records about the merge queue. A change that no record tells about simply waits.
extension OpenProject {
  /// Approved changes in the order in which they are to land.
  package func landingQueue() throws -> [TaskID] {
    guard try unprovenLanding() == nil else { return [] }
    let tasks = try store.tasks(row, TaskFilter(states: [.approved, .landing], includesRemoved: true))
    guard tasks.count > 1 else { return tasks.map(\.id) }
    let entered = Dictionary(try queueRecords().map { ($0.task, $0.enteredAt) }) { $1 }
    let entries = tasks.map {
      QueueEntry(task: $0.id, priority: $0.plan.priority, enteredAt: entered[$0.id] ?? $0.updatedAt)
    }
    return queueOrder.sorted(entries).map(\.task)
  }

  var queueOrder: QueueOrder { QueueOrder(starvedAfter: settings.landing.starvedAfter, now: clock.now()) }

  /// Those of the changes that are approved now.
  func queueRecords() throws -> [QueueRecord] {
    try store.read(row) { tx throws(StoreError) in try tx.queueRecords() }
  }

  /// Puts approved changes into the queue that are not in it yet; their age counts from their approval.
  func enterQueue(_ changes: [Change]) throws {
    let known = Set(try queueRecords().filter { !$0.state.isOver }.map(\.change))
    let order = queueOrder
    let new = try changes.filter { !known.contains($0.number) }.map { ($0, try task($0.task).plan.priority) }
    guard !new.isEmpty else { return }
    try write { tx throws(StoreError) in
      for (change, priority) in new {
        let entry = QueueEntry(task: change.task, priority: priority, enteredAt: change.updatedAt)
        try tx.setQueueState(
          change, order.isStarved(entry) ? .starved : .waiting, enteredAt: change.updatedAt, at: order.now)
      }
    }
  }

  /// Records where changes are in the queue.
  func note(_ changes: [Change], _ state: QueueState, reason: String? = nil) throws {
    let now = clock.now()
    try write { tx throws(StoreError) in
      for change in changes { try tx.setQueueState(change, state, at: now) { $0.reason = reason } }
    }
  }

  /// Keeps a change back until the base has moved: a stage is red there without it.
  func noteInherited(_ change: Change, base: String, stage: String, reason: String) throws {
    let now = clock.now()
    try write { tx throws(StoreError) in
      try tx.setQueueState(change, .redInherited, at: now) { record in
        record.reason = reason
        record.base = base
        record.stage = stage
      }
    }
  }

  func noteFlaky(_ change: Change) throws {
    let now = clock.now()
    try write { tx throws(StoreError) in
      try tx.setQueueState(change, .flaky, at: now) { record in
        record.isFlaky = true
        record.reason = "red, and green when the same tree was tested again"
      }
    }
  }

  /// Lets changes wait like any other that a run before this one left under way, or kept back because of a red base:
  /// whoever starts a run may have repaired what is not in the repository.
  func resetQueue() throws {
    let left = try queueRecords().filter { $0.state.isUnderWay || $0.state == .redInherited }
    guard !left.isEmpty else { return }
    let now = clock.now()
    try write { tx throws(StoreError) in
      for record in left {
        guard let change = try tx.change(record.change) else { continue }
        try tx.setQueueState(change, .waiting, at: now)
      }
    }
  }

  /// The last commit of the base that is more than statuses of ours. A red base is another one only when this moves.
  func substance(of commit: String) async throws -> String {
    var id = commit
    for _ in 0..<1000 {
      let info = try await repository.commit(id)
      guard info.author == .orchestrator, info.message.hasPrefix(StatusWriter.messagePrefix),
        info.parents.count == 1
      else { return id }
      id = info.parents[0]
    }
    return id
  }
}
