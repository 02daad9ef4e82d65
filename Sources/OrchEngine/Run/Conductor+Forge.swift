import OrchConfig
import OrchDomain
import OrchGitHub
import OrchStore

/// What a run knows of the looks at its changes on a forge.
struct ForgeWatch: Sendable {
  var isLooking = false
  /// When the next look is due, on the clock that never jumps; nil before the first.
  var next: Duration?
  /// Whether checks are under way that the run stays for.
  var isWaiting = false
  /// The changes that a look was begun for.
  var seen: Set<Int> = []
}

extension Conductor {
  /// Looks at the changes on the forge when it is time, beside everything else.
  func lookAtForge(in group: inout ThrowingTaskGroup<Message, any Error>) throws {
    guard let connection = project.connection, !watch.isLooking else { return }
    let now = project.clock.elapsed()
    let changes = try project.changesOnForge()
    guard !changes.isEmpty else {
      watch.isWaiting = false
      return
    }
    // One that was published since the last look is not kept waiting for the next one.
    let isNew = changes.contains { !watch.seen.contains($0.number) }
    guard let next = watch.next, isNew ? next <= now + interval - .seconds(2) : next <= now else {
      if watch.next == nil { watch.next = now }
      return
    }
    watch.isLooking = true
    watch.next = now + interval
    watch.seen = Set(changes.map(\.number))
    let numbers = Set(changes.compactMap(\.forgeNumber))
    let urgent = Set(changes.filter { $0.state == .approved }.compactMap(\.forgeNumber))
    group.addTask {
      do {
        return .forge(.success(try await connection.reader.look(at: numbers, urgent: urgent)))
      } catch {
        return .forge(.failure(error))
      }
    }
  }

  private var interval: Duration { project.settings.forge.pollInterval }

  func handleForge(_ result: Result<[PullFacts], any Error>) async throws {
    watch.isLooking = false
    guard let connection = project.connection else { return }
    switch result {
    case .failure(is CancellationError): return
    case .failure(let error):
      watch.isWaiting = false
      let text = "changes on GitHub are not looked at: \(error)"
      if told.insert(text).inserted { project.observer(.diagnostic(text)) }
      if case GitHubError.limited(let until, _) = error {
        watch.next = project.clock.elapsed() + max(.seconds(1), until.since(project.clock.now()))
      }
    case .success(let facts):
      let byNumber = Dictionary(facts.map { ($0.pull.number, $0) }) { first, _ in first }
      var isWaiting = false
      try takeQueueNews()
      for change in try project.changesOnForge() {
        // Whoever has it in hand goes first; what the forge says is heard at the next look.
        guard !driven.contains(change.task), !landing.contains(change.task) else {
          isWaiting = true
          continue
        }
        guard let number = change.forgeNumber, let facts = byNumber[number] else { continue }
        switch try await ForgeNews(project: project, connection: connection).carryOut(facts, change) {
        case .nothing: break
        case .wait: isWaiting = true
        case .changed:
          touched.insert(change.task)
          heldLandings[change.task] = nil
          try refresh(change.task)
        }
      }
      watch.isWaiting = isWaiting
      try project.noteRequests(await connection.client.takeCounts(), await connection.client.limits)
    }
  }
}

extension Conductor {
  /// Whether the forge is going to say something soon that the run is there for: checks are under way, or may begin.
  func staysForForge() throws -> Bool {
    guard project.connection != nil else { return false }
    if watch.isLooking || watch.isWaiting || passingLandings.keys.contains(where: isPassing) { return true }
    let now = project.clock.now()
    return try project.changesOnForge().contains { change in
      !watch.seen.contains(change.number) || now.since(change.updatedAt) < project.settings.forge.checksGrace
    }
  }
}
