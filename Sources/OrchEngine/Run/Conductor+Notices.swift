import OrchDomain

extension Conductor {
  private static let interval = Duration.seconds(5)

  /// Tells people now and then what has happened, in the background: a receiver that is slow holds nobody up.
  func tellPeople(in group: inout ThrowingTaskGroup<Message, any Error>) throws {
    let now = project.clock.elapsed()
    guard !isTelling, toldPeopleAt.map({ now - $0 >= Self.interval }) ?? true else { return }
    let desk = NoticeDesk(project: project)
    toldPeopleAt = now
    for problem in desk.problems where told.insert(problem).inserted { project.observer(.diagnostic(problem)) }
    try desk.collect()
    isTelling = true
    group.addTask {
      do { return .peopleTold(try await desk.deliver()) } catch { return .peopleTold(["\(error)"]) }
    }
  }

  func notePeopleTold(_ problems: [String]) {
    isTelling = false
    for problem in problems {
      let text = "a notice did not arrive and is tried again: \(problem)"
      if told.insert(text).inserted { project.observer(.diagnostic(text)) }
    }
  }

  /// At the end of a run nobody else may be there for a while.
  func tellPeopleAtEnd() async throws {
    let desk = NoticeDesk(project: project)
    try desk.collect()
    notePeopleTold(try await desk.deliver())
  }
}
