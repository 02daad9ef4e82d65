import OrchConfig
import OrchDomain
import OrchStore

// What is known about agents: who works on what, and who gets no work for a while.
extension OpenProject {
  /// Who may work on what now, as this run was told.
  func agentPicker() throws -> AgentPicker { try view.agentPicker(options, now: clock.now()) }

  /// The rules for what follows a turn.
  var turnLimits: TurnLimits {
    let rules = FailureClass.allCases.map { ($0, settings.retry[$0]) }
    return TurnLimits(
      turns: max(1, settings.verify.maxAttempts), attempts: max(1, settings.retry.maxAttempts),
      backoff: settings.retry.backoff, rules: Dictionary(uniqueKeysWithValues: rules))
  }

  /// What is known about a turn that has ended, but for what its worktree shows.
  func facts(
    _ task: StoredTask, _ attempt: LiveAttempt, _ turn: Turn, claim: TurnFacts.Claim
  ) throws -> TurnFacts {
    var facts = TurnFacts(
      task: task.id, agent: attempt.record.agent, model: attempt.record.model, claim: claim,
      turn: attempt.countedTurns, attempt: attempt.number)
    let picker = try agentPicker()
    facts.nextAgent = picker.next(for: task.plan, after: attempt.agents)?.agent
    facts.seed = attempt.seed(turn)
    guard case .failed(let failure, _, _) = claim else { return facts }
    facts.inARow = attempt.endsInARow(with: failure, before: turn) + 1
    let model = failure.isLimit ? attempt.record.model : nil
    facts.cooldown = picker.cooldowns.first { $0.agent == attempt.record.agent && $0.model == model }
    return facts
  }

  /// How often the latest attempt has had to wait because its worktree could not be made ready.
  func endsWhilePreparing(_ id: TaskID) throws -> Int {
    let states = try store.read(row) { tx throws(StoreError) in try tx.events(.taskState, of: id) }.map(\.data)
    return states.reversed().prefix { !$0.contains(#""from":"queued""#) }.count { data in
      data.contains(#""from":"preparing""#) && data.contains(#""to":"parked""#)
        && data.contains(#""failure_class":"environment""#)
    }
  }

  /// Takes over what an ended turn tells about its agent. Doing it again changes nothing.
  func learn(from facts: TurnFacts, _ turn: Turn) throws {
    let now = clock.now()
    if case .done = facts.claim {
      try clearCooldowns { $0.covers(facts.agent, facts.model) && $0.isOver(afterTurnFrom: turn.startedAt) }
    } else if let cooldown = TurnPolicy.cooldown(after: facts, limits: turnLimits, now: now) {
      try write { tx throws(StoreError) in try tx.setCooldown(cooldown, at: now) }
    }
  }

  func clearCooldowns(where isOver: (Cooldown) -> Bool) throws {
    let now = clock.now()
    try write { tx throws(StoreError) in try tx.clearCooldowns(at: now, where: isOver) }
  }
}

extension LiveAttempt {
  /// Agents that have had a turn in this attempt.
  var agents: Set<String> { Set(turns.compactMap(\.agent) + [record.agent]) }

  /// Turns that ended with this failure one after the other, up to the one before `turn`.
  func endsInARow(with failure: FailureClass, before turn: Turn) -> Int {
    turns.filter { $0.number < turn.number }.reversed().prefix { $0.outcome == failure.rawValue }.count
  }

  /// The turns of the session that `turn` belongs to, up to the one before it.
  func turnsOfSession(before turn: Turn) -> [Turn] {
    // A reviewer's session has one turn and is nobody else's.
    if turn.isAcceptance { return [] }
    let earlier = turns.filter { $0.number <= turn.number && !$0.isAcceptance }
    let start = earlier.lastIndex { $0.purpose == TurnReason.newSession.rawValue } ?? 0
    return earlier[start...].filter { $0.number < turn.number }
  }

  /// A number that differs from turn to turn and stays the same over restarts.
  func seed(_ turn: Turn?) -> UInt64 {
    runID.utf8.reduce(UInt64(turn?.number ?? 0)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
