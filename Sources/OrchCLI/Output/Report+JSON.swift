import OrchDomain
import OrchEngine
import OrchSchedule

extension Report {
  /// - Parameter now: The end of a report that has none.
  func json(now: Timestamp) -> JSONValue {
    .object(
      [
        .init("project", .string(project)), .init("since", JSONValue(log.since?.rfc3339)),
        .init("until", JSONValue(log.until?.rfc3339)), .init("landed", .array(log.landed.map(json))),
        .init("needs_you", .array(needsYou.map(json))),
        .init("questions", .array(log.questions.map(json))), .init("parked", .array(parked.map(json))),
        .init("failed", .array(failed.map(json))), .init("landed_per_hour", JSONValue(throughput(until: now))),
      ] + troubles + [
        .init("total", json(total)), .init("tasks", .array(tasks.map(json))), .init("agents", .array(agents.map(json))),
        .init("models", .array(models.map(json))), .init("days", .array(days.map(json))),
        .init("limits", .array(levels.map(json))), .init("unsent", .array(unsent.map(\.json))),
      ])
  }

  private var troubles: [JSONValue.Member] {
    let attempts = log.attempts.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, JSONValue($0.value)) }
    return [
      .init("attempts", .object(attempts)), .init("batches", .array(log.runs.map(json))),
      .init(
        "missed",
        .array(
          log.missed.map { missed in
            .object([
              .init("name", .string(missed.name)), .init("due_at", .string(missed.due.rfc3339)),
              .init("until", .string(missed.until.rfc3339)), .init("count", JSONValue(missed.count)),
              .init("reason", .string(missed.reason)),
            ])
          })),
      .init(
        "cooldowns",
        .array(
          log.walls.map { wall in
            .object([
              .init("agent", .string(wall.agent)), .init("model", JSONValue(wall.model)),
              .init("failure_class", .string(wall.failure)), .init("reason", .string(wall.reason)),
              .init("since", .string(wall.at.rfc3339)), .init("until", .string(wall.until.rfc3339)),
            ])
          })),
      .init(
        "limits_reached",
        .array(
          log.limits.map { limit in
            .object([
              .init("at", .string(limit.at.rfc3339)), .init("percent", JSONValue(limit.percent)),
              .init("text", .string(limit.text)),
            ])
          })),
      .init(
        "heartbeat_gaps",
        .array(
          log.gaps.map { gap in
            .object([
              .init("who", .string(gap.who)), .init("from", .string(gap.from.rfc3339)),
              .init("to", .string(gap.to.rfc3339)), .init("died", .bool(gap.hasDied)),
            ])
          })),
    ]
  }

  private func json(_ work: NightLog.Landed) -> JSONValue {
    .object([
      .init("task", .string(work.task.description)), .init("at", .string(work.at.rfc3339)),
      .init("commit", JSONValue(work.commit)), .init("landed_tree", JSONValue(work.tree)),
      .init("tested_tree", JSONValue(tested[work.change])),
      .init("proven", .bool(work.tree != nil && tested[work.change] == work.tree)),
      .init("approved_by", JSONValue(work.approvedBy)),
    ])
  }

  private func json(_ task: NightLog.Standing) -> JSONValue {
    .object([
      .init("id", .string(task.task.description)), .init("state", .string(task.state.rawValue)),
      .init("reason", JSONValue(task.reason)), .init("failure_class", JSONValue(task.failure?.rawValue)),
      .init("since", .string(task.since.rfc3339)), .init("until", JSONValue(task.until?.rfc3339)),
      .init("unblocks", JSONValue(unblocks[task.task] ?? 0)),
    ])
  }

  private func json(_ question: NightLog.Question) -> JSONValue {
    .object([
      .init("task", .string(question.task.description)), .init("text", .string(question.text)),
      .init("asked_at", .string(question.at.rfc3339)),
    ])
  }

  private func json(_ run: NightLog.Run) -> JSONValue {
    .object([
      .init("id", .int(run.id)), .init("name", .string(run.name)), .init("due_at", JSONValue(run.due?.rfc3339)),
      .init("started_at", JSONValue(run.startedAt?.rfc3339)), .init("ended_at", JSONValue(run.endedAt?.rfc3339)),
      .init("outcome", JSONValue(run.outcome)), .init("cost_usd", .double(run.cost.usd)),
      .init("forecast_tasks", JSONValue(run.forecastTasks)),
      .init("forecast_seconds", JSONValue(run.forecastTime?.inSeconds)),
      .init("forecast_cost_usd", JSONValue(run.forecastCost?.usd)),
    ])
  }

  private func json(_ row: Row) -> JSONValue {
    .object([
      .init("name", .string(row.name)), .init("turns", JSONValue(row.turns)),
      .init("cost_usd", .double(row.usage.cost.usd)), .init("tokens", row.usage.tokens.json),
      .init("seconds", JSONValue(row.usage.seconds)),
    ])
  }

  private func json(_ level: BudgetLevel) -> JSONValue {
    let scale = { (value: Int64) -> JSONValue in
      level.measure == .cost ? .double(MicroUSD(value).usd) : .int(value)
    }
    return .object([
      .init("scope", .string(level.account.scope.rawValue)), .init("key", .string(level.account.key)),
      .init("measure", .string(level.measure.rawValue)), .init("used", scale(level.spent)),
      .init("limit", scale(level.limit)), .init("left", scale(max(0, level.limit.subtractingSaturated(level.spent)))),
    ])
  }
}
