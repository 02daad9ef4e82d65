import OrchDomain

/// `[limits]`
extension KeyTable {
  private static let month: Duration = .seconds(30 * 86_400)
  private static let mostTokens = 1_000_000_000_000

  static let limits = Section(
    name: "limits", summary: "What work may use. At a limit work is paused and kept.",
    keys: [
      .duration(
        "attempt_timeout", \.limits.attemptTimeout, .seconds(1) ... .seconds(7 * 86_400),
        "Longest time of one turn of an agent; one that takes longer has failed"),
      .optionalDuration(
        "stall_timeout", \.limits.stallTimeout, upTo: .seconds(7 * 86_400),
        "Longest time without progress; then an agent is stopped and resumed, then given up; `0s`: none"
      ),
      .optionalDuration(
        "remind_after", \.limits.remindAfter, upTo: month,
        "How long a task waits for a person before a run reminds of it, and again; `0s` means never"),
      .optionalMoney("attempt_cost_usd", \.limits.attemptCost, "Largest spend of one attempt; 0 means no limit"),
      .optionalInteger(
        "attempt_tokens", \.limits.attemptTokens, upTo: mostTokens,
        "Most tokens of one attempt, all four classes together; 0 means no limit"),
      .optionalDuration(
        "attempt_time", \.limits.attemptTime, upTo: month,
        "Longest time that agents may work in one attempt; waiting does not count; `0s` means no limit"),
      .optionalMoney("task_cost_usd", \.limits.taskCost, "Largest spend of all attempts at one task"),
      .optionalInteger("task_tokens", \.limits.taskTokens, upTo: mostTokens, "Most tokens of all attempts at one task"),
      .optionalDuration(
        "task_time", \.limits.taskTime, upTo: month, "Longest time that agents may work at one task"),
      .optionalMoney(
        "max_cost_usd", \.limits.maxCost, "Largest spend of one run of `start` or of a batch; 0 means no limit"),
      .optionalInteger(
        "max_tokens", \.limits.maxTokens, upTo: mostTokens, "Most tokens of one run of `start` or of a batch"),
      .optionalDuration(
        "max_duration", \.limits.maxDuration, upTo: month,
        "Nothing new starts in a run of `start` after this time on the clock; `0s` means no limit"),
      .optionalMoney("day_cost_usd", \.limits.dayCost, "Largest spend of one day in local time; 0 means no limit"),
      .optionalInteger("day_tokens", \.limits.dayTokens, upTo: mostTokens, "Most tokens of one day"),
      .optionalDuration(
        "day_time", \.limits.dayTime, upTo: month, "Longest time that all agents together may work in one day"),
      .optionalMoney(
        "cost_without_progress_usd", \.limits.costWithoutProgress,
        "Largest spend of an attempt since its last commit or green gate; 0 means no limit"),
      .money(
        "reserve_cost_usd", \.limits.reserveCost,
        "Set aside for a turn of an agent that has no history here, so that turns that begin together fit a limit"),
      .integer(
        "reserve_tokens", \.limits.reserveTokens, 0...1_000_000_000, "As `reserve_cost_usd`, for limits on tokens"),
      .duration("reserve_time", \.limits.reserveTime, .zero...month, "As `reserve_cost_usd`, for limits on time"),
    ])
}
