import OrchDomain
import OrchGit
import OrchStore

/// Settles acts that an earlier process had decided upon and may or may not have done, by looking at the world.
///
/// What is settled by driving a task on, such as a worktree that is being made, is not done here: see
/// docs/decisions/0016 for what each act relies on.
struct Reconciler: Sendable {
  let project: OpenProject

  /// Finishes the landing of a task when only its record is missing. Whoever takes work back has to ask this first,
  /// or it would be taken back behind its landing. The caller holds the project's lock.
  ///
  /// - Returns: Whether it had landed.
  @discardableResult
  func settleLanding(of id: TaskID) async throws -> Bool {
    guard let change = try project.unfinishedChange(of: id) else { return false }
    return try await Lander(project: project).finishLanded(change) != nil
  }

  /// Does what was to be done behind work that has ended. What cannot be done now stays intended, and is told.
  func settleIntents() async throws {
    for intent in try project.openIntents() { try await settle(intent) }
  }

  /// - Throws: What the database says; that a worktree cannot go is told, and stays intended.
  func settle(_ intent: Intent) async throws {
    switch intent.kind {
    case .retire:
      do {
        try await retire(intent)
      } catch let error as GitError {
        project.observer(.diagnostic("the worktree of \(intent.task) is kept: \(error)"))
      }
    case .tidy:
      let change = try project.store.read(project.row) { tx throws(StoreError) in
        try tx.changes(of: intent.task).last { $0.attempt == intent.attempt && $0.state == .merged }
      }
      if let change, await !project.forge.tidy(change) { return }
      try project.settle(intent)
    }
  }

  /// Takes a worktree and its branch away, and records that they are gone.
  func retire(_ intent: Intent) async throws {
    if let record = try project.attemptRecord(intent.task, intent.attempt) {
      try await Workspace(project: project).retire(LiveAttempt(record, turns: [], paths: project.paths))
    }
    try project.settle(intent)
  }
}

extension OpenProject {
  func openIntents(of task: TaskID? = nil) throws -> [Intent] {
    try store.read(row) { tx throws(StoreError) in try tx.intents(of: task) }
  }

  func settle(_ intent: Intent) throws {
    try write { tx throws(StoreError) in try tx.settleIntent(intent, at: clock.now()) }
  }

  func attemptRecord(_ id: TaskID, _ number: Int) throws -> Attempt? {
    try store.read(row) { tx throws(StoreError) in try tx.attempt(id, number) }
  }
}
