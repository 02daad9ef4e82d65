import OrchDomain

/// The keys of schedule.toml.
extension KeyTable {
  private static let longest: Duration = .seconds(7 * 86_400)

  static let batchKeys: [KeySpec<BatchEntry>] =
    timeKeys(of: "batch") + [
      .integer("max_tasks", \.maxTasks, 1...10_000, "Tasks that it starts at most"),
      .duration("max_duration", \.maxDuration, .seconds(60)...longest, "No new task starts after this time"),
      .duration(
        "grace", \.grace, .zero ... .seconds(86_400),
        "How long what runs then may go on; after that it is parked with its session, and the next run goes on"),
      .optionalMoney(
        "max_cost_usd", \.maxCost, "What one run may spend; 0 means `max_cost_usd` of `[limits]`"),
      .texts("modules", \.modules, "Only tasks of these modules; empty means all"),
      .optionalText("agent", \.agent, takes: "name", "Agent for all its tasks; empty means each task's own"),
      .choice("priority", \.priority, "Only tasks of at least this priority"),
    ]

  static let jobKeys: [KeySpec<JobEntry>] =
    timeKeys(of: "job") + [
      .texts(
        "command", \.command, takes: "array: program and arguments",
        "Program that it runs, without a shell, in the project's root; this or `maintenance` is required"),
      .optionalText(
        "maintenance", \.maintenance, takes: "name",
        "Template of `claude-orch maintenance list` that it makes a task of"),
      .text("scope", \.scope, takes: "all, module:NAME or path:GLOB", "What the maintenance is about"),
      .optionalText("prompt", \.prompt, "What you want of the maintenance, in your own words"),
      .optionalText("agent", \.agent, takes: "name", "Agent for the maintenance; empty means that of `[general]`"),
      .duration("max_duration", \.maxDuration, .seconds(1)...longest, "Longest time; then the program is ended"),
      .optionalMoney(
        "max_cost_usd", \.maxCost, "What the maintenance may spend; 0 means `max_cost_usd` of `[limits]`"),
    ]

  /// - Parameter noun: `batch` or `job`.
  private static func timeKeys<Root: ScheduledByTimes>(of noun: String) -> [KeySpec<Root>] {
    [
      .text(
        "name", \.times.name, "Name of the \(noun), as in `claude-orch batch run NAME`; required"),
      .text(
        "cron", \.times.cron, rule: .cron,
        "When it starts: minute, hour, day of month, month, day of week; or `@hourly`, `@daily`, `@nightly` (22:00), "
          + "`@weekly`, `@monthly`, `@yearly`; required"),
      .optionalText(
        "timezone", \.times.timezone, takes: "name such as Europe/Berlin",
        "Time zone of `cron`; empty means that of the machine"),
      .choice(
        "catchup", \.times.catchup,
        "Due times at which nothing was there to start it: they are missed, one run makes up for all, or each gets one"
      ),
      .choice(
        "overlap", \.times.overlap,
        "Due times that pass during a run: they are missed, or the newest one starts when it has ended"),
      .duration(
        "jitter", \.times.jitter, .zero ... .seconds(86_400),
        "Starts up to this much later, always the same for one due time"),
      .flag(
        "notify_on_complete", \.times.notifyOnComplete,
        "Send the report of the run when it ends, to the channels of `[notifications.routes] batch`"),
    ]
  }
}
