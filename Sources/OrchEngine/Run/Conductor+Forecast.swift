import OrchDomain

/// When a run looks which of its branches are going to conflict.
struct ForecastWatch: Sendable {
  var forecast: ConflictForecast
  var isLooking = false
  /// On the clock that never jumps.
  var next = Duration.zero

  init(project: OpenProject) { forecast = ConflictForecast(project: project) }
}

extension Conductor {
  private static let interval = Duration.seconds(3)

  /// Looks beside everything else, so that a person and the agent that began later hear of a conflict early.
  func foreseeConflicts(in group: inout ThrowingTaskGroup<Message, any Error>) {
    let now = project.clock.elapsed()
    guard !foresight.isLooking, foresight.next <= now else { return }
    foresight.isLooking = true
    foresight.next = now + Self.interval
    var forecast = foresight.forecast
    group.addTask {
      do {
        try await forecast.update()
        return .foreseen(forecast, nil)
      } catch {
        return .foreseen(forecast, "conflicts are not foreseen: \(error)")
      }
    }
  }

  func takeForecast(_ forecast: ConflictForecast, _ problem: String?) {
    foresight.isLooking = false
    foresight.forecast = forecast
    if let problem, told.insert(problem).inserted { project.observer(.diagnostic(problem)) }
  }
}
