package import OrchDomain

extension StoreTransaction {
  /// Keeps work away from an agent; replaces what was known about the same agent and model.
  package func setCooldown(_ cooldown: Cooldown, at: Timestamp) throws(StoreError) {
    let known = try cooldowns().first { $0.agent == cooldown.agent && $0.model == cooldown.model }
    guard known != cooldown else { return }
    try run(
      """
      INSERT INTO cooldowns (project_id, agent, model, failure_class, reason, since, until, named, guesses)
      VALUES (\(Self.placeholders(9)))
      ON CONFLICT (project_id, agent, model) DO UPDATE SET failure_class = excluded.failure_class,
        reason = excluded.reason, since = excluded.since, until = excluded.until, named = excluded.named,
        guesses = excluded.guesses
      """,
      [
        project.number, cooldown.agent, cooldown.model ?? "", cooldown.failure.rawValue, cooldown.reason,
        cooldown.since.milliseconds, cooldown.until.milliseconds, cooldown.isNamed, cooldown.guesses,
      ])
    try appendEvent(
      .cooldownSet,
      data: [
        "agent": .string(cooldown.agent), "model": EventValue(cooldown.model),
        "failure_class": .string(cooldown.failure.rawValue), "until": .int(cooldown.until.milliseconds),
        "reason": .string(cooldown.reason),
      ], at: at)
  }

  /// Forgets every cool-down that `isOver` says is over.
  package func clearCooldowns(at: Timestamp, where isOver: (Cooldown) -> Bool) throws(StoreError) {
    for cooldown in try cooldowns() where isOver(cooldown) {
      try run(
        "DELETE FROM cooldowns WHERE project_id = ? AND agent = ? AND model = ?",
        [project.number, cooldown.agent, cooldown.model ?? ""])
      try appendEvent(
        .cooldownCleared, data: ["agent": .string(cooldown.agent), "model": EventValue(cooldown.model)], at: at)
    }
  }

  /// Every one that is known, also those that are over, in the order of agents and models.
  package func cooldowns() throws(StoreError) -> [Cooldown] {
    try all(
      """
      SELECT agent, model, failure_class, reason, since, until, named, guesses FROM cooldowns
      WHERE project_id = ? ORDER BY agent, model
      """, [project.number]
    ) { row in
      let agent = try row.text()
      let model = try row.text()
      return Cooldown(
        agent: agent, model: model.isEmpty ? nil : model, failure: try row.value(), reason: try row.text(),
        since: try row.time(), until: try row.time(), isNamed: try row.bool(), guesses: try row.int())
    }
  }
}
