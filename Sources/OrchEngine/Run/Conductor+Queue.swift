import OrchConfig
import OrchDomain
import OrchStore
import Synchronization

/// What the merge queue tells while it works, for the loop of the run to take note of.
final class QueueNews: Sendable {
  private let told = Mutex<[(TaskID, Result<Lander.Outcome, any Error>)]>([])

  func tell(_ id: TaskID, _ outcome: Result<Lander.Outcome, any Error>) { told.withLock { $0.append((id, outcome)) } }

  func take() -> [(TaskID, Result<Lander.Outcome, any Error>)] {
    told.withLock { news in
      defer { news = [] }
      return news
    }
  }
}

extension Conductor {
  /// Lets approved changes land, as many as make a stack. There is one queue for one base branch, and nobody else
  /// moves it meanwhile.
  func startLanding(in group: inout ThrowingTaskGroup<Message, any Error>) throws {
    guard !isQueueRunning, stopDeadline == nil else { return }
    let now = project.clock.elapsed()
    let next = try project.landingQueue().filter { id in
      !driven.contains(id) && (heldLandings[id].map { $0 <= now } ?? true)
    }.prefix(project.settings.landing.depth)
    guard !next.isEmpty else { return }
    isQueueRunning = true
    landing = Set(next)
    touched.formUnion(next)
    let queue = QueueRun(project: project, tell: queueNews.tell)
    group.addTask {
      do {
        try await queue.run(Array(next))
        return .queueEnded(nil)
      } catch {
        return .queueEnded(error)
      }
    }
  }

  /// Takes note of what became of changes since the last look.
  func takeQueueNews() throws {
    for (id, outcome) in queueNews.take() {
      landing.remove(id)
      try handleLanding(id, outcome)
    }
  }

  func endQueue(_ error: (any Error)?) throws {
    try takeQueueNews()
    for id in landing {
      switch error {
      case nil, is CancellationError: break
      case let error as StoreError where error.isTransient: hold(id, for: .seconds(2))
      case let error?: try setAside(id, error)
      }
      try refresh(id)
    }
    landing = []
    isQueueRunning = false
  }

  private func handleLanding(_ id: TaskID, _ result: Result<Lander.Outcome, any Error>) throws {
    if case .success(.passing) = result {
      passingLandings[id, default: 0] += 1
    } else {
      passingLandings[id] = nil
    }
    switch result {
    // What waited for another base has one now.
    case .success(.landed):
      heldLandings = [:]
      vainLandings = [:]
    case .success(.sentBack), .success(.stuck), .success(.withdrawn): tryLandingAgain(id)
    case .success(.passing): hold(id, for: project.forge.patience)
    case .success(.waiting):
      // A server is asked less and less often, until something there is seen to change.
      let tries = project.connection == nil ? 0 : min(vainLandings[id, default: 0], 8)
      vainLandings[id] = tries + 1
      hold(id, for: min(project.forge.patience * (1 << tries), .seconds(300)))
    case .failure(let error): try setAside(id, error)
    }
    try refresh(id)
  }

  /// Whether the run stays for a landing that is held. What does not pass in so many tries is left to a later run.
  func isPassing(_ id: TaskID) -> Bool { (1...20).contains(passingLandings[id] ?? 0) }

  /// What kept a change back may be gone.
  func tryLandingAgain(_ id: TaskID) {
    heldLandings[id] = nil
    vainLandings[id] = nil
  }

  private func hold(_ id: TaskID, for time: Duration) { heldLandings[id] = project.clock.elapsed() + time }
}
