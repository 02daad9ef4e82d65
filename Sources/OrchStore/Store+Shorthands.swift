package import OrchDomain

// One operation, one transaction. Everything else goes through `read` and `write`.
extension Store {
  /// ``StoreTransaction/applyCompilation(_:at:)`` as a transaction of its own.
  package func applyCompilation(
    _ project: ProjectID, _ compilation: Compilation, at: Timestamp
  ) throws(StoreError) -> SyncResult {
    try write(project) { tx in try tx.applyCompilation(compilation, at: at) }
  }

  /// ``StoreTransaction/transition(_:from:to:reason:parkedUntil:failureClass:attempt:event:data:at:)`` as a transaction
  /// of its own.
  @discardableResult
  package func transition(
    _ project: ProjectID, _ task: TaskID, from expected: Set<TaskState>, to state: TaskState, reason: String? = nil,
    parkedUntil: Timestamp? = nil, failureClass: FailureClass? = nil, attempt: Int? = nil,
    event: EventType = .taskState, data: [String: EventValue] = [:], at: Timestamp
  ) throws(StoreError) -> TaskState {
    try write(project) { tx in
      try tx.transition(
        task, from: expected, to: state, reason: reason, parkedUntil: parkedUntil, failureClass: failureClass,
        attempt: attempt, event: event, data: data, at: at)
    }
  }

  /// Puts a request into the mailbox of the process that runs the tasks.
  @discardableResult
  package func postRequest(
    _ project: ProjectID, _ kind: Request.Kind, task: TaskID? = nil, argument: String? = nil, at: Timestamp
  ) throws(StoreError) -> Int64 {
    try write(project) { tx in try tx.postRequest(kind, task: task, argument: argument, at: at) }
  }

  /// How many tasks and changes there are in each state.
  package func counts(_ project: ProjectID) throws(StoreError) -> TaskCounts {
    try read(project) { tx in try tx.counts() }
  }

  /// Tasks in the order of ids.
  package func tasks(_ project: ProjectID, _ filter: TaskFilter = TaskFilter()) throws(StoreError) -> [StoredTask] {
    try read(project) { tx in try tx.tasks(filter) }
  }

  /// One task; nil when there is none.
  package func task(_ project: ProjectID, _ id: TaskID) throws(StoreError) -> StoredTask? {
    try read(project) { tx in try tx.task(id) }
  }

  /// What the scheduler needs of all tasks.
  package func loadGraph(_ project: ProjectID) throws(StoreError) -> [GraphTask] {
    try read(project) { tx in try tx.loadGraph() }
  }

  /// Every known plan file, in the order of paths.
  package func planFiles(
    _ project: ProjectID, includingUnits: Bool = true
  ) throws(StoreError) -> [PlanFile] {
    try read(project) { tx in try tx.planFiles(includingUnits: includingUnits) }
  }

  /// Events after `seq`, oldest first.
  package func events(
    _ project: ProjectID, after seq: Int64 = 0, limit: Int = 1000, task: TaskID? = nil
  ) throws(StoreError) -> [StoredEvent] {
    try read(project) { tx in try tx.events(after: seq, limit: limit, task: task) }
  }

  /// Whether anybody has changed the log of a project.
  package func verifyChain(_ project: ProjectID) throws(StoreError) -> ChainStatus {
    try read(project) { tx in try tx.verifyChain() }
  }
}
