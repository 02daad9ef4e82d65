import OrchConfig
import OrchDomain
import OrchSchedule
import OrchStore

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
  /// Reading the plans may take one part in this many of the time.
  private static let share = 500

  /// - Throws: ``StoreError`` when the database cannot be opened a second time.
  package init(_ project: OpenProject) throws {
    self.project = project
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
    return [left?.until, nextPlans, remindedAt.map { $0 + .seconds(30) } ?? now].contains {
      $0.map { $0 <= now } ?? false
    }
      || isForgeDue(now)
  }

  private var nextPlans: Duration { plansReadAt.map { $0 + planPause } ?? .zero }

  /// Everything that the daemon does for a project from time to time has its place here.
  ///
  /// The batches of the schedule belong here, too: what is due is submitted as runs before the reasons are asked for.
  private func lookAround() async throws {
    try await readPlans()
    try remind()
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
