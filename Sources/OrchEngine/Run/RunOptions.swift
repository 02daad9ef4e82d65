package import OrchDomain
import OrchStore

/// What one `start` or batch may do.
package struct RunOptions: Hashable, Sendable {
  /// Only these tasks; nil for any.
  package var tasks: [TaskID]?
  /// Only tasks of these modules; empty for any.
  package var modules: [String] = []
  /// Only tasks of at least this priority.
  package var priority = TaskPriority.low
  /// Tasks that may be started; nil for as many as there are.
  package var count: Int?
  package var maxParallel: Int?
  package var agent: String?
  package var model: String?
  package var maxDuration: Duration?
  package var maxCost: MicroUSD?
  /// The batch in the store that pays for this run.
  package var batchRecord: Int64?
  /// How long the run may wait for a parked task when nothing else is left to do.
  package var patience: Duration
  /// Whether `maxDuration` also ends what is still running, resumable, instead of only keeping more from starting.
  package var endsAtLimit = false
  /// How much longer that is then.
  package var grace = Duration.zero

  /// Whether the run is meant for a task.
  func wants(_ task: StoredTask) -> Bool {
    (tasks?.contains(task.id) ?? true) && (modules.isEmpty || modules.contains(task.id.module))
      && (tasks != nil || task.plan.priority <= priority)
  }

  /// Whether there are tasks that the run is not meant for.
  var isSelective: Bool { tasks != nil || !modules.isEmpty || priority != .low }

  package init(
    tasks: [TaskID]? = nil, module: String? = nil, count: Int? = 3, maxParallel: Int? = nil, agent: String? = nil,
    model: String? = nil, maxDuration: Duration? = nil, maxCost: MicroUSD? = nil, batchRecord: Int64? = nil,
    patience: Duration = .seconds(120)
  ) {
    self.tasks = tasks
    modules = module.map { [$0] } ?? []
    self.count = count
    self.maxParallel = maxParallel
    self.agent = agent
    self.model = model
    self.maxDuration = maxDuration
    self.maxCost = maxCost
    self.batchRecord = batchRecord
    self.patience = patience
  }
}

/// What a run came to. Each list is sorted.
package struct RunSummary: Hashable, Sendable {
  package var started: [TaskID] = []
  package var complete: [TaskID] = []
  /// Waits for a human: to approve, or to free a checkout.
  package var inReview: [TaskID] = []
  package var parked: [TaskID] = []
  package var stuck: [TaskID] = []
  package var failed: [TaskID] = []
  package var cost = MicroUSD.zero
  package var tokens = TokenUsage.zero
  package var duration = Duration.zero
  /// Why the run ended before its work did; nil when all was done that could be done.
  package var endedEarly: String?
  /// The program of an agent that kept tasks from beginning, and how to get it.
  package var missing: String?
  package var wasInterrupted = false
  /// Why changes could not land that are not to blame: the base branch is red.
  package var redBase: String?

  package init() {}

  /// 0 done; 1 a task failed or is stuck, or the base is red; 69 a program is missing; 75 parked; 130 interrupted
  /// (product.md, section 5).
  package var exitStatus: Int32 {
    if wasInterrupted { return 130 }
    if !failed.isEmpty || !stuck.isEmpty || redBase != nil { return 1 }
    if missing != nil { return 69 }
    return parked.isEmpty && endedEarly == nil ? 0 : 75
  }
}
