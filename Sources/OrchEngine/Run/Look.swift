import OrchAgents
import OrchConfig
import OrchDomain
import OrchGit
import OrchProcess
import OrchReview
import OrchStore

/// A look at work that has passed the gate: a reviewer, which is an agent in a session and a throw-away checkout of its
/// own, reports on each criterion of the plan, and on what the change touches where the rules would let it land.
///
/// A look is a turn of the attempt, so that its cost is counted and an orchestrator that was killed finds it again: a
/// look that has ended is read once more, and not paid for once more. It answers for one tree and what it was asked.
struct Look: Sendable {
  let project: OpenProject
  let task: StoredTask
  let attempt: LiveAttempt
  /// The commit that has passed the gate.
  let head: String

  /// What the reviewer says.
  struct Opinion: Hashable, Sendable {
    /// One for each criterion, in the order of the plan.
    var checks: [CriterionCheck]
    /// Why there is no report on them; nil when there is one, or when none was asked for.
    var silence: String?
    /// nil when nobody asks about the risk.
    var risk: RiskAnswer?
  }

  enum Result: Sendable {
    case opinion(Opinion)
    /// The look was stopped; whoever stopped it decides what follows.
    case notYet
    case park(FailureClass, reason: String, until: Timestamp)
    case stuck(FailureClass, reason: String)
  }

  /// How a look ended, in the record of its turn. A failure has the name of its class instead.
  enum Ending: String {
    case reported
    /// The reviewer edited something, so nothing that it says counts.
    case discarded
    case noReport = "no_report"
    case stopped
  }

  /// How long a limit is waited for when the vendor names no reset.
  private static let unknownReset = Duration.seconds(300)

  /// Has the work looked at, as far as that is wanted and was not done before.
  func examine() async throws -> Result {
    // Whatever is wanted by now: a look that is under way is paid for.
    guard let last = attempt.latestTurn, last.isAcceptance, last.endedAt == nil else { return try await ask() }
    if let interruption = try await follow(last, attempt) { return interruption }
    guard let renewed = try renewed() else { return .notYet }
    return try await renewed.ask()
  }

  /// What is known without asking anybody.
  func known(_ rules: RuleReview) async throws -> Opinion { try await opinion(try await wanted(rules)) }

  /// Asks what no look has answered yet, in one new look.
  private func ask() async throws -> Result {
    let wanted = try await wanted(try await rules())
    let subject = try await open(wanted)
    guard !subject.asksNothing else { return .opinion(try await opinion(wanted)) }
    let prompt = try Prompts(project: project).look(
      task, attempt, subject, at: project.paths.reviewWorktree(task.id), head: head, plan: try plan(),
      criteria: wanted.criteria, results: try await gateResults(), change: wanted.change)
    // The gate's own programs may have edited files that git tracks, such as the lock of a package manager.
    let edited = try await project.repository.worktreeState(at: attempt.worktree).changedTracked
    try project.beginTurn(
      attempt, reason: .acceptance, prompt: prompt, state: .verifying, reviewer: project.makeUUID(),
      inputs: [
        LookSubject.file: subject.bytes, Self.editedFile: Array(edited.joined(separator: "\u{0}").utf8),
      ])
    guard let begun = try renewed(), let turn = begun.attempt.latestTurn else { return .notYet }
    if let interruption = try await begun.follow(turn, begun.attempt) { return interruption }
    guard let ended = try renewed() else { return .notYet }
    return .opinion(try await ended.opinion(wanted))
  }

  /// The same look, with what the store knows by now.
  private func renewed() throws -> Look? {
    try project.attempt(task.id).map { Look(project: project, task: task, attempt: $0, head: head) }
  }

  // MARK: One look

  /// - Returns: What keeps the look from being read; nil when it has come to its end.
  private func follow(_ turn: Turn, _ attempt: LiveAttempt) async throws -> Result? {
    let checkout = project.paths.reviewWorktree(task.id)
    if case .notStarted = project.supervisor.state(in: turn.directory(project.paths)) {
      try await project.repository.checkOutDetached(at: checkout, commit: head)
    }
    // Its limits are those of every other turn: at one of them the task has been parked.
    if try await AgentTurn(project: project, task: task).waitForBudget(attempt, turn) != nil { return .notYet }
    var ending: Ending?
    let outcome: AgentOutcome
    do {
      (outcome, _) = try await AgentTurn(project: project, task: task).finish(attempt, turn) { outcome, end in
        ending = try await self.ending(of: outcome, end, checkout)
        return ending?.rawValue
      }
    } catch let error as AgentError {
      outcome = AgentOutcome(result: .failed(error.failureClass, evidence: error.description, retryAt: nil))
      try project.endTurn(attempt, turn, outcome: outcome, exit: AgentExit(.code(127)))
    } catch let error as ProcessError where error.isAboutTheStart {
      outcome = AgentOutcome(result: .failed(.environment, evidence: error.description, retryAt: nil))
      try project.endTurn(attempt, turn, outcome: outcome, exit: AgentExit(.code(127)))
    }
    if let reason = try await damage(since: turn) {
      return .stuck(.environment, reason: "the reviewer \(reason), which is not its to change; look at it first")
    }
    await Workspace(project: project).throwAway(checkout)
    switch ending {
    case .stopped: return .notYet
    case .reported, .discarded, .noReport: return nil
    case nil: return try await isRequired(turn) ? wait(for: outcome) : nil
    }
  }

  private func ending(of outcome: AgentOutcome, _ end: TurnEnd, _ checkout: String) async throws -> Ending? {
    if end.exit.cause == .cancelled { return .stopped }
    let state = try await project.repository.worktreeState(at: checkout)
    if state.head != head || !state.isClean { return .discarded }
    switch outcome.result {
    // A reviewer that was refused a tool may still have something to say.
    case .claimsDone, .failed(.permission, _, _):
      let criteria = try criteria(of: plan())
      let isReport =
        AcceptanceReport.read(outcome.answer, criteria: criteria) != nil || RiskReport.read(outcome.answer) != nil
      return isReport ? .reported : .noReport
    case .failed: return nil
    }
  }

  /// What a reviewer has changed outside of its checkout; nil when all is as it was.
  private func damage(since turn: Turn) async throws -> String? {
    let tip = try await project.repository.commitID(ofRef: "refs/heads/\(attempt.branch)")
    if tip != head { return "moved the branch '\(attempt.branch)'" }
    let work = try await project.repository.worktreeState(at: attempt.worktree)
    let inputs = project.paths.input(turn.task, attempt: turn.attempt, turn: turn.number)
    let before = Set(
      try FileTree.read("\(inputs)/\(Self.editedFile)").split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    return work.changedTracked.first { !before.contains($0) }.map {
      "edited '\(SafeText.line($0, limit: 200))' in the worktree of the work"
    }
  }

  private static let editedFile = "edited-before"

  /// When the look is required, a limit that passes is waited for, and a login that does not work is a person's to
  /// repair; without it the work is judged by the gate and the rules alone.
  private func wait(for outcome: AgentOutcome) -> Result? {
    guard case .failed(let failure, let evidence, let retryAt) = outcome.result, Self.isTemporary(failure) else {
      return nil
    }
    let reason = "the reviewer's look: \(evidence)"
    guard failure == .rateLimit || failure == .overloaded else { return .stuck(failure, reason: reason) }
    let now = project.clock.now()
    return .park(failure, reason: reason, until: max(retryAt ?? now.advanced(by: Self.unknownReset), now))
  }
}
