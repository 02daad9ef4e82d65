import OrchConfig
import OrchDomain
import OrchGit
import OrchGitHub
import OrchProcess
import OrchSchedule
import OrchStore

/// Runs tasks until nothing more can be done without a person: starts what the frontier allows, follows, lands, writes
/// statuses back, repeats.
///
/// It holds no state that matters: everything it knows is read from the store when it starts.
package actor Conductor {
  let project: OpenProject
  let options: RunOptions
  let stop: StopSwitch
  var frontier: RecordedFrontier
  /// What may be started, and for whom: one order of this process, or those that the daemon was given.
  var orders: [Order] = []
  /// The order that the frontier is narrowed to; nil when it has to be narrowed again.
  var selected: Selected?
  /// What each order may start, since the plans were read or the orders have changed.
  var selections: [Int: Set<TaskID>?] = [:]
  /// Whether it takes up what is submitted to the daemon, and starts nothing of its own.
  let servesSubmissions: Bool
  var driven: Set<TaskID> = []
  /// Changes that the merge queue has in hand; none while it does not run.
  var landing: Set<TaskID> = []
  var isQueueRunning = false
  let queueNews = QueueNews()
  /// Changes whose landing waits for a person's checkout or another base, with the time of the next try on the clock
  /// that never jumps.
  var heldLandings: [TaskID: Duration] = [:]
  /// How often in a row each was tried in vain.
  var vainLandings: [TaskID: Int] = [:]
  /// Of these, those whose wait passes by itself, with the number of tries in a row.
  var passingLandings: [TaskID: Int] = [:]
  /// When people were last looked for who have to be reminded.
  var remindedAt: Timestamp?
  /// When the plans were compiled last.
  var plansReadAt: Duration
  /// The number of the last event that the frontier has to do with.
  var newsSeen: Int64
  /// Cool-downs as the frontier was told of them; nil when it has to be told again.
  var toldCooldowns: [Cooldown]?
  /// When what was asked to stop is no longer waited for; nil while nothing was.
  var stopDeadline: Duration?
  /// Requests that wait for the drive of their task to end, and their numbers.
  var deferred: [TaskID: [Request]] = [:]
  var waiting: Set<Int64> = []
  /// Requests that ask for the end of this run.
  var stopRequests: [Int64] = []
  /// Every task that this run had to do with.
  var touched: Set<TaskID> = []
  /// Problems that were told already; each is told once.
  var told: Set<String> = []
  /// When statuses are written again that could not be written the last time.
  var statusesHeldUntil: Duration?
  /// What the last round of writing statuses left for a person to settle.
  var statusesLeft: [StatusDrift]? = []
  /// Why no new worktree is made; nil while there is room.
  var heldByDisk: String?
  var isMeasuring = false
  var measuredAt: Duration
  /// Tasks whose worktrees have changed since the last measuring.
  var unmeasured: Set<TaskID> = []
  var watch = ForgeWatch()
  var foresight: ForecastWatch
  var heart: Heart?
  var isTelling = false
  var toldPeopleAt: Duration?
  private let beganElapsed: Duration
  /// Requests that were there before this run: none of them asks for its end.
  let earlierRequests: Set<Int64>
  private static let tick = Duration.milliseconds(100)

  enum Message: Sendable {
    case driven(TaskID, Result<TaskDriver.Ending, any Error>)
    /// The merge queue has nothing more to do with the changes that it was given; why, if that is trouble.
    case queueEnded((any Error)?)
    case stopSent
    /// Worktrees were measured; why not, if that did not work.
    case measured(String?)
    /// The branches were compared; why not, if that did not work.
    case foreseen(ConflictForecast, String?)
    /// The changes on the forge were looked at.
    case forge(Result<PullLook, any Error>)
    /// Notices were sent; what did not arrive.
    case peopleTold([String])
    case tick
  }

  package init(project: OpenProject, options: RunOptions, stop: StopSwitch) throws {
    var paying = project
    paying.options = options
    paying.payer = PayingRun(batch: options.batchRecord, project.clock)
    self.project = paying
    self.options = options
    self.stop = stop
    servesSubmissions = false
    orders = [Order(number: nil, options: options, project: paying)]
    beganElapsed = project.clock.elapsed()
    plansReadAt = beganElapsed
    earlierRequests = Set(try project.pendingRequests().map(\.seq))
    measuredAt = beganElapsed
    foresight = ForecastWatch(project: paying)
    newsSeen = try project.latestEvent()
    frontier = try project.recordedFrontier()
  }

  /// A run of the daemon: it takes up what is submitted, and brings to its end what is under way.
  package init(serving project: OpenProject, stop: StopSwitch) throws {
    self.project = project
    self.options = RunOptions(patience: .zero)
    self.stop = stop
    servesSubmissions = true
    beganElapsed = project.clock.elapsed()
    plansReadAt = beganElapsed
    // It takes over from the one before it, also from one that was killed: what was asked of that is asked of it.
    earlierRequests = []
    measuredAt = beganElapsed
    foresight = ForecastWatch(project: project)
    newsSeen = try project.latestEvent()
    frontier = try project.recordedFrontier()
    orders = try Order.open(in: project)
  }

  /// - Throws: What makes going on senseless, such as a store that cannot be written. Tasks' own trouble is recorded.
  package func run() async throws -> RunSummary {
    try await checkSandbox()
    // Without a base, or in a repository that we may not write, each task would be stuck for it.
    _ = try await project.baseCommit()
    try project.repository.checkWritable()
    try beat()
    try await recover()
    try project.compactLogByPolicy()
    try await measureAtStart()
    try await withThrowingTaskGroup(of: Message.self) { group in
      group.addTask { [clock = project.clock] in
        try await clock.sleep(Self.tick)
        return .tick
      }
      while true {
        try await handleRequests(in: &group)
        try takeQueueNews()
        try await takeSubmissions()
        // A status commit moves the base, and a landing whose base moves has to run its gate again.
        if !isQueueRunning {
          try await followPlans()
          try await writeStatuses()
        }
        try followCooldowns()
        try beat()
        try remind()
        try await wakeParked()
        try measureWorktrees(in: &group)
        try lookAtForge(in: &group)
        foreseeConflicts(in: &group)
        try tellPeople(in: &group)
        try await dispatch(in: &group)
        try startLanding(in: &group)
        try await endOrders()
        if try await isFinished(in: &group) { break }
        guard let message = try await group.next() else { break }
        try await handle(message, in: &group)
      }
      group.cancelAll()
    }
    if !stopRequests.isEmpty { try endStoppedOrders() }
    try settleStopRequests()
    try recordRest()
    statusesHeldUntil = nil
    try await writeStatuses()
    await project.shareStatuses()
    try endHeartbeat()
    try await tellPeopleAtEnd()
    let wasInterrupted = await stop.level > .none
    for index in orders.indices { orders[index].summary.wasInterrupted = wasInterrupted }
    return servesSubmissions ? RunSummary() : try summarise(0)
  }

  private func handle(_ message: Message, in group: inout ThrowingTaskGroup<Message, any Error>) async throws {
    switch message {
    case .stopSent: break
    case .measured(let problem):
      isMeasuring = false
      if let problem, told.insert(problem).inserted { project.observer(.diagnostic(problem)) }
    case .forge(let result): try await handleForge(result)
    case .foreseen(let forecast, let problem): takeForecast(forecast, problem)
    case .peopleTold(let problems): notePeopleTold(problems)
    case .tick:
      group.addTask { [clock = project.clock] in
        try await clock.sleep(Self.tick)
        return .tick
      }
    case .driven(let id, let result):
      driven.remove(id)
      unmeasured.insert(id)
      try handleEnding(id, result)
      try await handleDeferred(of: id)
    case .queueEnded(let error): try endQueue(error)
    }
  }

  private func handleEnding(_ id: TaskID, _ result: Result<TaskDriver.Ending, any Error>) throws {
    switch result {
    case .success(.settled): break
    case .failure(is CancellationError): break
    // Nothing was recorded, so it is driven again from where it is.
    case .failure(let error as StoreError) where error.isTransient: project.observer(.diagnostic("\(id): \(error)"))
    case .failure(let error): try setAside(id, error)
    }
    try refresh(id)
  }

  /// The world's trouble with one task: it is told and recorded, and the others go on.
  func setAside(_ id: TaskID, _ error: any Error) throws {
    let state = try project.task(id).state
    // Somebody has settled it in the meantime, such as a person who says that it is done.
    guard state.holdsSlot || state.isActive else { return }
    project.observer(.diagnostic("\(id): \(error)"))
    try project.setStuck(id, reason: String(describing: error), failure: .environment)
  }

  /// Tells the frontier where a task now stands.
  func refresh(_ id: TaskID) throws {
    let stored = try project.task(id)
    frontier.know(FrontierKnowledge.Task(try project.schedulable(stored), isPaused: stored.isPaused))
    if toldCooldowns?.isEmpty == false {
      frontier.setAgentWait(id, try project.agentPicker().wait(for: stored.plan)?.text)
    }
  }

  /// Whether nothing runs, nothing can be started, and nothing becomes possible soon.
  private func isFinished(in group: inout ThrowingTaskGroup<Message, any Error>) async throws -> Bool {
    if await stop.level >= .stop || isOverLimit {
      if stopDeadline == nil { await stopAgents(in: &group) }
      // A landing is cancelled with the group, and so is what could not be stopped; the store says where to go on.
      return driven.isEmpty || stopDeadline.map { $0 <= project.clock.elapsed() } ?? false
    }
    guard driven.isEmpty, !isQueueRunning else { return false }
    if await stop.level > .none { return true }
    let open = try project.landingQueue().filter { heldLandings[$0] == nil }
    if !open.isEmpty { return false }
    if try !project.tasksNeedingSlot().isEmpty { return false }
    if try staysForForge() { return false }
    if try await canStartMore() { return false }
    guard try await nextWake() == nil else { return false }
    // What came since the last look is seen now or never.
    try await readPlans()
    return try await !canStartMore()
  }

  private func canStartMore() async throws -> Bool {
    for index in orders.indices {
      if try await mayStartMore(for: index), try readyCount(ofOrder: index) > 0 { return true }
    }
    return false
  }

  /// Whether what runs has to end, too.
  var isOverLimit: Bool {
    guard options.endsAtLimit, let limit = options.maxDuration else { return false }
    return ranFor >= limit + options.grace
  }

  var ranFor: Duration { project.clock.elapsed() - beganElapsed }

  /// Asks every task under way to park itself, with its session kept.
  private func stopAgents(in group: inout ThrowingTaskGroup<Message, any Error>) async {
    stopDeadline = project.clock.elapsed() + AgentTurn.grace + .seconds(45)
    var reason = Interruption.bySignal
    if await stop.level < .stop, let level = project.runTimeReached {
      for index in orders.indices { orders[index].limitInTheWay = level }
      reason = Interruption.byLimit(level)
    }
    for run in await project.running.askAllToStop(reason: reason) {
      group.addTask { [project] in
        _ = await project.supervisor.stop(run, grace: AgentTurn.grace)
        return .stopSent
      }
    }
  }

  /// When a parked task goes on by itself, or an agent gets work again, if that is soon enough to wait for.
  func nextWake() async throws -> Timestamp? {
    var limit = project.clock.now().advanced(by: options.patience)
    if options.endsAtLimit, let duration = options.maxDuration {
      limit = min(limit, project.clock.now().advanced(by: duration - ranFor))
    }
    var times = try project.parkedTasks().compactMap(\.parkedUntil)
    if frontier.countWithoutAgent > 0 {
      for index in orders.indices where try await mayStartMore(for: index) {
        times += (toldCooldowns ?? []).map(\.until)
      }
    }
    return times.filter { $0 <= limit }.min()
  }
}
