import OrchConfig
import OrchDomain
import OrchGit
import OrchStore

// What the engine records about changes, their landing and the gate's evidence.
extension OpenProject {
  func unfinishedChange(of id: TaskID) throws -> Change? {
    try store.read(row) { tx throws(StoreError) in try tx.unfinishedChange(of: id) }
  }

  /// Opens the change of a task, or brings an open one up to date; the verdict decides whether a human is asked.
  func publishChange(
    _ task: StoredTask, _ attempt: LiveAttempt, title: String, body: String, base: String, head: String,
    verdict: Verdict, at place: PublishedChange
  ) throws {
    let now = clock.now()
    let state: Change.State = verdict.needsHuman ? .open : .approved
    func describe(_ change: inout Change) {
      change.attempt = attempt.number
      change.title = title
      change.body = body
      change.branch = attempt.branch
      change.baseBranch = baseBranch
      change.baseCommit = base
      change.headCommit = head
      change.verdict = verdict
      change.needsHuman = verdict.needsHuman
      change.landingCommit = nil
      change.landingTip = nil
      change.testedTree = nil
      change.forge = place.forge.rawValue
      change.forgeNumber = place.number
      change.url = place.url
    }
    try write { tx throws(StoreError) in
      let number: Int
      if let open = try tx.unfinishedChange(of: task.id) {
        number = open.number
        try tx.updateChange(number, from: Set(Change.State.allCases), to: .open, at: now, describe)
      } else {
        number = try tx.createChange(task.id, attempt: attempt.number, forge: place.forge.rawValue, at: now, describe)
          .number
      }
      if state == .approved { try tx.updateChange(number, from: [.open], to: .approved, at: now) }
      _ = try tx.updateAttempt(task.id, attempt.number) { $0.headCommit = head }
      let reason = verdict.needsHuman ? "needs a human: \(Self.why(task, verdict))" : nil
      try tx.transition(
        task.id, from: [.publishing], to: verdict.needsHuman ? .inReview : .approved, reason: reason,
        attempt: attempt.number, data: ["change": EventValue(number), "category": .string(verdict.category.rawValue)],
        at: now)
    }
  }

  private static func why(_ task: StoredTask, _ verdict: Verdict) -> String {
    if let first = verdict.evidence.first {
      return "\(verdict.category.rawValue), \(first.rule) in \(first.file.isEmpty ? "the message" : first.file)"
    }
    return task.plan.needsReview ? "the plan says needs_review" : "[review] auto_merge is off"
  }

  /// Takes an approval back, because of something that nobody could see when it was given.
  func askAgain(_ change: Change, _ found: Evidence) throws {
    let now = clock.now()
    let task = try self.task(change.task)
    try write { tx throws(StoreError) in
      try tx.updateChange(change.number, from: [.approved, .landing], to: .open, at: now) {
        $0.verdict?.evidence.append(found)
        $0.verdict?.needsHuman = true
        $0.needsHuman = true
      }
      try tx.transition(
        change.task, from: [.approved, .landing], to: .inReview,
        reason: "needs a human: \(found.category.rawValue), \(found.rule) in \(task.plan.path)", at: now)
    }
  }

  func startLanding(_ id: TaskID) throws {
    let task = try self.task(id)
    guard task.state != .landing || task.reason != nil else { return }
    try write { tx throws(StoreError) in
      guard let change = try tx.unfinishedChange(of: id) else { return }
      try tx.updateChange(change.number, from: [.approved, .landing], to: .landing, at: clock.now())
      try tx.transition(id, from: [.approved, .landing], to: .landing, at: clock.now())
    }
  }

  /// Recorded, and on disk, before the base moves: a restart can then tell whether it has.
  ///
  /// - Parameters:
  ///   - intended: What is going to land in one move, each with its own commit and what that is put on.
  ///   - tree: What was tested: that of the commit at which the base is going to stand.
  func recordLandingIntents(_ intended: [(change: Change, commit: String, base: String)], tree: String) throws {
    // It gives a number because Swift 6.3.1 crashes on a closure without a result here.
    _ = try store.write(row, durability: .full) { tx throws(StoreError) -> Int in
      for (change, commit, base) in intended {
        try tx.updateChange(change.number, from: [.landing], at: clock.now()) {
          $0.landingCommit = commit
          $0.landingTip = change.landingTip
          $0.landingBase = base
          $0.testedTree = tree
        }
      }
      return intended.count
    }
  }

  func waitForCheckout(_ id: TaskID, reason: String) throws {
    let task = try self.task(id)
    guard task.reason != reason else { return }
    let now = clock.now()
    try write { tx throws(StoreError) in
      if let change = try tx.unfinishedChange(of: id) {
        try tx.updateChange(change.number, from: [.landing, .approved], to: .approved, at: now)
      }
      try tx.transition(id, from: [.landing, .approved], to: .approved, reason: reason, at: now)
    }
  }

  /// What landed is not what was tested.
  func recordUnproven(_ change: Change, commit: String, tree: String) throws {
    try write { tx throws(StoreError) in
      try tx.updateChange(change.number, from: [.landing, .approved], to: .landing, at: clock.now()) {
        $0.landingCommit = commit
        $0.landedTree = tree
      }
    }
  }

  /// Its worktree and branch are to go with that, and what is left on a forge is to be tidied up.
  func completeLanding(_ change: Change, commit: String, tree: String, preserved: String?) throws {
    let now = clock.now()
    try write { tx throws(StoreError) in
      try tx.updateChange(change.number, from: [.landing, .approved], to: .merged, at: now) {
        $0.landingCommit = commit
        $0.landedTree = tree
      }
      try tx.setQueueState(change, .landed, at: now)
      if let attempt = try tx.latestAttempt(of: change.task), attempt.endedAt == nil {
        try tx.endAttempt(change.task, attempt.number, outcome: .complete, at: now) { $0.preservedRef = preserved }
        try tx.makeIntent(.retire, change.task, attempt: attempt.number, at: now)
      }
      if change.forgeNumber != nil { try tx.makeIntent(.tidy, change.task, attempt: change.attempt, at: now) }
      let state = try tx.task(change.task)?.state
      if state == .approved { try tx.transition(change.task, from: [.approved], to: .landing, at: now) }
      try tx.transition(
        change.task, from: [.landing], to: .complete, attempt: change.attempt, data: ["commit": .string(commit)],
        at: now)
      try Self.openDependants(of: change.task, tx, at: now)
    }
  }

  /// Tasks whose last open dependency has just been completed become `ready`.
  static func openDependants(
    of id: TaskID, _ tx: borrowing StoreTransaction, at now: Timestamp
  ) throws(StoreError) {
    for dependant in try tx.dependants(of: id) {
      guard let task = try tx.task(dependant), task.state == .blocked, task.isSound else { continue }
      var isOpen = true
      for dependency in task.plan.dependencies where try tx.task(dependency.id)?.state != .complete { isOpen = false }
      if isOpen { try tx.transition(dependant, from: [.blocked], to: .ready, at: now) }
    }
  }

  /// Keeps what a red gate said, for the attempts that may follow.
  func recordRedGate(_ attempt: LiveAttempt, _ output: String) throws {
    let lines = RedLines.first(of: output)
    try write { tx throws(StoreError) in
      try tx.updateAttempt(attempt.task, attempt.number) { $0.redLines = lines }
    }
  }
}
