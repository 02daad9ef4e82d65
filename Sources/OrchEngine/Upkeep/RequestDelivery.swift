package import OrchDomain
package import OrchStore

/// Gets done what a person asks of tasks: by the process that drives them when there is one, else here and now.
package struct RequestDelivery: Sendable {
  /// What came of one request.
  package struct Answer: Hashable, Sendable {
    /// Nil for the project.
    package var task: TaskID?
    /// Nil when the driving process had not answered in time; the request is still in its mailbox.
    package var outcome: RequestOutcome?
    /// The process that was asked; nil when it was done here.
    package var holder: String?
  }

  private let project: OpenProject
  private let kind: Request.Kind
  private let patience: Duration
  private static let interval = Duration.milliseconds(100)

  /// - Parameter patience: How long the driving process may take to answer.
  package init(project: OpenProject, kind: Request.Kind, patience: Duration = .seconds(60)) {
    self.project = project
    self.kind = kind
    self.patience = patience
  }

  /// - Parameters:
  ///   - tasks: Empty for the project as a whole.
  ///   - isSlow: Called once with the driving process when its answer takes longer than a moment.
  /// - Throws: ``EngineError/unknownTask(_:nearest:)`` before anything is done, when one of the tasks does not exist.
  package func deliver(_ tasks: [TaskID], isSlow: (String) -> Void = { _ in }) async throws -> [Answer] {
    for id in tasks { _ = try project.task(id) }
    let wanted: [TaskID?] = tasks.isEmpty ? [nil] : tasks
    let holder: String
    do {
      let lock = try ProjectLock(project, purpose: purpose(tasks))
      defer { lock.release() }
      return try await carryOut(wanted)
    } catch EngineError.locked(let text) {
      holder = text
    }
    let numbers = try post(wanted)
    return try await wait(for: Array(zip(wanted, numbers)), holder: holder, isSlow: isSlow)
  }

  private func purpose(_ tasks: [TaskID]) -> String {
    ([kind.rawValue] + tasks.map(\.description)).joined(separator: " ")
  }

  private func post(_ tasks: [TaskID?]) throws -> [Int64] {
    let now = project.clock.now()
    return try project.store.write(project.row) { tx throws(StoreError) -> [Int64] in
      var numbers: [Int64] = []
      for id in tasks { numbers.append(try tx.postRequest(kind, task: id, at: now)) }
      return numbers
    }
  }

  /// What was asked before comes first: it may have been left by a run that was killed. The caller holds the lock.
  private func carryOut(_ tasks: [TaskID?]) async throws -> [Answer] {
    try await carryOutPending()
    var answers: [Answer] = []
    for id in tasks { answers.append(Answer(task: id, outcome: try await carryOut(kind, id), holder: nil)) }
    try await writeStatuses()
    return answers
  }

  private func carryOutPending() async throws {
    for request in try project.pendingRequests() {
      let outcome: RequestOutcome
      do {
        outcome = try await carryOut(request.kind, request.task, argument: request.argument)
      } catch let error as StoreError where error.isTransient {
        throw error
      } catch {
        // Else one that can never be carried out would be in the way of all that people ask later.
        outcome = .refused("\(error)")
      }
      try project.settle(request.seq, outcome)
    }
  }

  private func carryOut(
    _ kind: Request.Kind, _ task: TaskID?, argument: String? = nil
  ) async throws -> RequestOutcome {
    do {
      try await Controls(project: project).carryOut(kind, task, argument: argument)
      return .done
    } catch let error as EngineError where error.exitStatus == 1 {
      return .refused(error.description)
    }
  }

  private func writeStatuses() async throws {
    for problem in try await StatusWriter(project: project).writeRound() { project.observer(.diagnostic(problem)) }
  }

  /// Waits until every request is answered. A holder that goes away leaves the rest to this process.
  private func wait(
    for requests: [(task: TaskID?, number: Int64)], holder: String, isSlow: (String) -> Void
  ) async throws -> [Answer] {
    let began = project.clock.elapsed()
    let deadline = began + patience
    var isTold = false
    while true {
      if !isTold, project.clock.elapsed() - began >= .seconds(1) {
        isTold = true
        isSlow(holder)
      }
      let answers = try read(requests, holder: holder)
      if answers.allSatisfy({ $0.outcome != nil }) || project.clock.elapsed() >= deadline { return answers }
      if try ProjectLock.holder(project.paths) == nil, let lock = try lockIfFree() {
        defer { lock.release() }
        try await carryOutPending()
        try await writeStatuses()
        return try read(requests, holder: holder)
      }
      try await project.clock.sleep(Self.interval)
    }
  }

  private func lockIfFree() throws -> ProjectLock? {
    do {
      return try ProjectLock(project, purpose: kind.rawValue)
    } catch EngineError.locked {
      return nil
    }
  }

  private func read(_ requests: [(task: TaskID?, number: Int64)], holder: String) throws -> [Answer] {
    try project.store.read(project.row) { tx throws(StoreError) -> [Answer] in
      var answers: [Answer] = []
      for (task, number) in requests {
        let request = try tx.request(number)
        let isHandled = request.map { $0.handledAt != nil } ?? true
        answers.append(
          Answer(task: task, outcome: isHandled ? RequestOutcome(text: request?.outcome) : nil, holder: holder))
      }
      return answers
    }
  }
}
