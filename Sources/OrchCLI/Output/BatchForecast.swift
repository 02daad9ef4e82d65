import OrchConfig
import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

/// What a run of a batch is expected to take, as its event tells: the report compares with it what it took.
enum BatchForecast {
  /// - Returns: Nothing for a job, and nothing when no task is known that would start.
  static func read(_ spec: BatchSpec, _ project: OpenProject) throws -> [String: EventValue] {
    guard spec.kind == .tasks else { return [:] }
    var frontier = try project.frontier()
    frontier.select(try project.selection(RunOptions(spec)))
    let view = try ForecastView.read(
      project.view, frontier, slots: project.settings.general.maxParallelAgents, count: spec.maxTasks,
      now: project.clock.now())
    let forecast = view.forecast
    guard !forecast.entries.isEmpty else { return [:] }
    return [
      "forecast_tasks": EventValue(forecast.entries.count),
      "forecast_seconds": .int(forecast.total.wholeMilliseconds / 1000),
      "forecast_cost_micro_usd": .int(forecast.cost.likely.amount),
      "forecast_high_cost_micro_usd": .int(forecast.cost.high.amount),
    ]
  }
}
