import OrchConfig
import OrchDomain
import OrchGit
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
  /// What was seen of each pull request the last time.
  var facts: [Int: PullFacts] = [:]
  /// Changes that something went wrong about.
  var aside: [Int: Aside] = [:]

  /// How long a change is left alone that something went wrong about.
  struct Aside: Hashable, Sendable {
    var tries = 0
    /// On the clock that never jumps.
    var until = Duration.zero
  }

  /// After so many tries in a row a person has to look.
  private static let mostTries = 5
  private static let longest = Duration.seconds(900)

  /// Leaves a change alone for twice as long as the last time.
  ///
  /// - Returns: Whether a person has to look at it now.
  mutating func setAside(_ change: Int, every interval: Duration, now: Duration) -> Bool {
    var item = aside[change] ?? Aside()
    item.until = now + min(interval * (1 << min(item.tries, 16)), Self.longest)
    item.tries += 1
    aside[change] = item
    return item.tries == Self.mostTries
  }

  func isAside(_ change: Int, now: Duration) -> Bool { aside[change].map { now < $0.until } ?? false }
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

  func handleForge(_ result: Result<PullLook, any Error>) async throws {
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
    case .success(let look):
      let byNumber = Dictionary(look.facts.map { ($0.pull.number, $0) }) { first, _ in first }
      var isWaiting = false
      try takeQueueNews()
      for change in try project.changesOnForge() {
        // Whoever has it in hand goes first; what the forge says is heard at the next look.
        guard !driven.contains(change.task), !landing.contains(change.task) else {
          isWaiting = true
          continue
        }
        guard let number = change.forgeNumber, !watch.isAside(change.number, now: project.clock.elapsed()) else {
          continue
        }
        do {
          if let trouble = look.troubles[number] { throw trouble }
          guard let facts = byNumber[number] else { continue }
          if watch.facts.updateValue(facts, forKey: number) != facts { tryLandingAgain(change.task) }
          let outcome = try await ForgeNews(project: project, connection: connection).carryOut(facts, change)
          watch.aside[change.number] = nil
          if outcome == .wait { isWaiting = true }
          guard outcome == .changed else { continue }
          touched.insert(change.task)
          tryLandingAgain(change.task)
          try refresh(change.task)
        } catch {
          try setAside(change, error)
        }
      }
      watch.isWaiting = isWaiting
      try project.noteRequests(await connection.client.takeCounts(), await connection.client.limits)
    }
  }

  /// Trouble with one change is told, and it is looked at again later and later, until a person has to look; all others
  /// go on.
  private func setAside(_ change: Change, _ error: any Error) throws {
    switch error {
    case is CancellationError, GitError.cancelled: throw CancellationError()
    // The next look sees what somebody else has decided.
    case let error as StoreError where error.isOvertaken: return
    case let error as StoreError: throw error
    default: break
    }
    let isForPerson = watch.setAside(change.number, every: interval, now: project.clock.elapsed())
    let reason = "what GitHub says about \(change.name) cannot be followed: \(error)"
    let text = "\(change.task) is set aside: \(reason)"
    if told.insert(text).inserted { project.observer(.diagnostic(text)) }
    let state = try project.task(change.task).state
    guard isForPerson, state.isActive || state.holdsSlot else { return }
    try project.setStuck(change.task, reason: reason, failure: .environment)
    touched.insert(change.task)
    try refresh(change.task)
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
