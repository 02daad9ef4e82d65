import OrchDomain
import OrchProcess
import OrchSchedule
import OrchStore

// What other processes ask of the run that goes on.
//
// A request stays in the mailbox until it is done or refused, so a process that is killed in between leaves it to the
// next one; doing it a second time is refused or changes nothing.
extension Conductor {
  /// Carries out what has been asked since the last look.
  func handleRequests(in group: inout ThrowingTaskGroup<Message, any Error>) async throws {
    let requests = try project.pendingRequests().filter { !waiting.contains($0.seq) }
    guard !requests.isEmpty else { return }
    for request in requests { try await handle(request, in: &group) }
    frontier.setPaused(try project.isPaused())
  }

  private func handle(_ request: Request, in group: inout ThrowingTaskGroup<Message, any Error>) async throws {
    if request.kind == .stop, request.task == nil {
      // One that was left for a run that is gone has nothing to stop in this one.
      guard !earlierRequests.contains(request.seq) else { return try project.settle(request.seq, .done) }
      waiting.insert(request.seq)
      stopRequests.append(request.seq)
      return await stop.stop()
    }
    guard let id = request.task else { return try await carryOut(request) }
    if landing.contains(id), [.stop, .reset, .retry, .reject].contains(request.kind) {
      return try project.settle(request.seq, .refused("\(id) is landing at this moment; ask again when that is done"))
    }
    guard driven.contains(id) else { return try await carryOut(request) }
    guard request.kind == .stop || request.kind == .reset else {
      // Its drive has ended and has not been taken note of yet: the request stays in the mailbox until then.
      guard try project.task(id).state.holdsSlot else { return }
      return try await carryOut(request)
    }
    // Its driver parks it; what was asked is done then.
    waiting.insert(request.seq)
    deferred[id, default: []].append(request)
    guard let run = await project.running.askToStop(id, reason: Controls.reasonForStopping(id)) else { return }
    group.addTask { [project] in
      _ = await project.supervisor.stop(run, grace: AgentTurn.grace)
      return .stopSent
    }
  }

  /// Tells whoever asked for the end of the run that nothing of it goes on.
  func settleStopRequests() throws {
    for number in stopRequests { try project.settle(number, .done) }
    stopRequests = []
  }

  /// Does what waited for the drive of a task to end.
  func handleDeferred(of id: TaskID) async throws {
    await project.running.forget(id)
    for request in deferred.removeValue(forKey: id) ?? [] {
      waiting.remove(request.seq)
      if request.kind == .stop {
        let task = try project.task(id)
        let came = RequestOutcome.refused("\(id) came to \(task.state.rawValue) before it could be stopped")
        try project.settle(request.seq, task.state == .parked ? .done : came)
      } else {
        try await carryOut(request)
      }
    }
  }

  private func carryOut(_ request: Request) async throws {
    var outcome = RequestOutcome.done
    do {
      try await Controls(project: project).carryOut(request.kind, request.task, argument: request.argument)
    } catch let error as StoreError where error.isTransient {
      return  // It stays in the mailbox.
    } catch {
      outcome = .refused("\(error)")
    }
    try project.settle(request.seq, outcome)
    guard let id = request.task, case .done = outcome else { return }
    try refresh(id)
    if request.kind == .resume || request.kind == .retry { touched.insert(id) }
  }
}
