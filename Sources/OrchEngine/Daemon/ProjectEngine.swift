import OrchConfig
import OrchDomain
import OrchSchedule
import OrchStore

/// Starts a batch of a project if it is due, and returns when it has ended.
package typealias BatchStarter = @Sendable (_ name: String, _ project: OpenProject) async throws -> Void

/// Works for one project inside of the daemon: it looks whether there is something to do, and does it as a `start`
/// would.
///
/// While there is nothing to do it holds no lock, starts no process, and reads one counter of the database; so the
/// commands work beside it as they do without a daemon. It keeps nothing that matters in memory.
package actor ProjectEngine {
  /// What it does now.
  package enum Phase: Hashable, Sendable {
    /// It has not looked yet.
    case starting
    case idle
    /// It holds the project's lock and drives tasks.
    case working
    /// Another process drives the project.
    case waiting(String)
    /// It cannot work; tried again from time to time.
    case failed(String)
  }

  package nonisolated let project: OpenProject
  package private(set) var phase = Phase.starting
  private let watched: Store
  private var stop: StopSwitch?
  private var isDraining = false
  private var plansReadAt: Duration?
  private var planPause = Duration.zero
  private var repositorySyncAt: Duration?
  private var forgeLookedAt: Duration?
  private var remindedAt: Duration?
  private var isTelling = false
  private let startBatch: BatchStarter?
  private var scheduleReadAt: Duration?
  /// When the next batch is due.
  private var batchDue: Timestamp?
  /// Batches whose programs this engine has started and that have not ended, with whether they drive tasks.
  private var batches: [String: Bool] = [:]
  /// When a batch may be started again that ended and is still due.
  private var batchRetryAt: [String: Duration] = [:]
  /// What was to do when the last run ended, and when it is looked at again although nothing has changed.
  private var left: (reasons: Set<Reason>, until: Duration)?

  /// Why a run is needed.
  enum Reason: Hashable, Sendable {
    case submitted, asked, underWay, approved, woken, forge
  }

  /// How often the counter is looked at.
  private static let pause = Duration.milliseconds(500)
  /// How soon what a run could not get done is tried again.
  private static let retry = Duration.seconds(30)
  /// How soon a change of the schedule file is seen.
  private static let schedulePause = Duration.seconds(30)
  /// Reading the plans may take one part in this many of the time.
  private static let share = 500

  /// - Throws: ``StoreError`` when the database cannot be opened a second time.
  ///
  /// - Parameter startBatch: Nil when somebody else looks at the schedule.
  package init(_ project: OpenProject, startBatch: BatchStarter? = nil) throws {
    self.project = project
    self.startBatch = startBatch
    // A connection of its own: the counter tells of what all the others have written, also those of this process.
    watched = try Store(path: project.store.path, access: .readOnly)
  }

  /// Works until it is cancelled, or drained.
  package func run() async {
    var token: Int?
    while !Task.isCancelled, !isDraining {
      do {
        let now = try watched.changeToken()
        if now != token || isDue() {
          token = now
          try await lookAround()
        }
        if phase == .starting { phase = .idle }
        try await project.clock.sleep(Self.pause)
      } catch is CancellationError {
        return
      } catch {
        phase = .failed("\(error)")
        project.observer(.diagnostic("\(error)"))
        token = nil
        guard await isAwake(after: Self.retry) else { return }
      }
    }
  }

  private func isAwake(after time: Duration) async -> Bool {
    do { try await project.clock.sleep(time) } catch { return false }
    return true
  }

  /// Finishes what runs and starts nothing more; ``run()`` ends then.
  package func drain() async {
    isDraining = true
    _ = await stop?.press()
  }

  /// Whether something is to be looked at although nobody has written anything.
  private func isDue() -> Bool {
    let now = project.clock.elapsed()
    if let batchDue, batchDue <= project.clock.now() { return true }
    return [left?.until, nextPlans, nextSchedule, remindedAt.map { $0 + .seconds(30) } ?? now].contains {
      $0.map { $0 <= now } ?? false
    }
      || isForgeDue(now)
  }

  private var nextSchedule: Duration? {
    startBatch == nil ? nil : scheduleReadAt.map { $0 + Self.schedulePause } ?? .zero
  }

  private var nextPlans: Duration { plansReadAt.map { $0 + planPause } ?? .zero }

  /// Everything that the daemon does for a project from time to time has its place here.
  private func lookAround() async throws {
    try await readPlans()
    try remind()
    try tellPeople()
    try startBatches()
    // The program of the batch has the lock in a moment, or has it.
    if let name = batches.first(where: \.value)?.key {
      phase = .waiting("batch \(name)")
      return
    }
    let reasons = try await reasons()
    guard !reasons.isEmpty else {
      left = nil
      phase = .idle
      return
    }
    let now = project.clock.elapsed()
    // What the last run has left is nothing new until its time has come.
    if let left, reasons.isSubset(of: left.reasons), left.until > now { return }
    if reasons.contains(.forge) { forgeLookedAt = now }
    left = try await work() ? (try await self.reasons(), project.clock.elapsed() + Self.retry) : nil
  }

  /// Starts what is due as the program that cron would start: it finds out by itself whether it is the first.
  private func startBatches() throws {
    guard let startBatch else { return }
    let now = project.clock.elapsed()
    scheduleReadAt = now
    let due = try DueBatches(
      try BatchSchedule.load(project.place), ledger: BatchLedger(project: project), clock: project.clock
    ) { try ProjectLock.isHeld(project.paths, for: $0) }
    batchDue = due.next
    for spec in due.specs where batches[spec.name] == nil && (batchRetryAt[spec.name] ?? .zero) <= now {
      batches[spec.name] = spec.kind != .command
      Task {
        do {
          try await startBatch(spec.name, project)
        } catch is CancellationError {
        } catch {
          project.observer(.diagnostic("batch \(SafeText.visible(spec.name)) cannot be started: \(error)"))
        }
        batchHasEnded(spec.name)
      }
    }
  }

  private func batchHasEnded(_ name: String) {
    batches[name] = nil
    // One that ends at once and is still due must not be started again and again.
    batchRetryAt[name] = project.clock.elapsed() + Self.retry
    scheduleReadAt = nil
    left = nil
  }

  /// Runs everything that there is to do, as a `start` would.
  ///
  /// - Returns: Whether it could: another process may drive the project.
  private func work() async throws -> Bool {
    let lock: ProjectLock
    do {
      lock = try ProjectLock(project, purpose: "daemon")
    } catch EngineError.locked(let holder) {
      phase = .waiting(holder)
      return false
    }
    defer { lock.release() }
    phase = .working
    let stop = StopSwitch()
    self.stop = stop
    defer { self.stop = nil }
    if isDraining { return false }
    _ = try await Conductor(serving: project, stop: stop).run()
    phase = .idle
    return true
  }

  private func reasons() async throws -> Set<Reason> {
    var reasons: Set<Reason> = []
    let now = project.clock.now()
    let runs = try project.store.read(project.row) { tx throws(StoreError) in try tx.openRuns() }
    if !runs.isEmpty { reasons.insert(.submitted) }
    if try !project.pendingRequests().isEmpty { reasons.insert(.asked) }
    if try !project.tasksNeedingSlot().isEmpty { reasons.insert(.underWay) }
    if try !project.landingQueue().isEmpty { reasons.insert(.approved) }
    if try project.parkedTasks().contains(where: { $0.parkedUntil.map { $0 <= now } ?? false }) {
      reasons.insert(.woken)
    }
    if isForgeDue(project.clock.elapsed()), try !project.changesOnForge().isEmpty { reasons.insert(.forge) }
    return reasons
  }

  private func isForgeDue(_ now: Duration) -> Bool {
    guard project.connection != nil else { return false }
    return forgeLookedAt.map { $0 + project.settings.forge.pollInterval <= now } ?? true
  }

  private func remind() throws {
    let now = project.clock.elapsed()
    guard remindedAt.map({ now - $0 >= .seconds(30) }) ?? true else { return }
    remindedAt = now
    try project.remindOfWaits()
  }

  /// Sends what waits for people, also while nobody works: in the background, because a receiver may be slow.
  private func tellPeople() throws {
    guard !isTelling else { return }
    let desk = NoticeDesk(project: project)
    try desk.collect()
    isTelling = true
    Task {
      do {
        try await desk.deliver()
      } catch {
        project.observer(.diagnostic("notices cannot be sent: \(error)"))
      }
      isTelling = false
    }
  }

  /// Takes over what people have changed in plans. The more plans there are, the less often it looks.
  private func readPlans() async throws {
    let began = project.clock.elapsed()
    guard nextPlans <= began else { return }
    let outcome = try QuickSync.run(
      project.place, store: project.store, row: project.row, at: project.clock.now())
    if case .needsRepository = outcome, repositorySyncAt.map({ began - $0 >= .seconds(60) }) ?? true {
      repositorySyncAt = began
      let report = try await PlanSync(project: project).run()
      _ = try await StatusWriter(project: project).writeRound(also: report.accepted.map(\.0))
    }
    plansReadAt = project.clock.elapsed()
    planPause = max(.seconds(2), (project.clock.elapsed() - began) * Self.share)
  }
}
