import OrchAgents
import OrchConfig
import OrchDomain
import OrchGit
import OrchProcess
import OrchReview
import OrchStore

/// The acceptance check: a reviewer, which is an agent in a session and a throw-away checkout of its own, looks at work
/// that has passed the gate and reports on each criterion of the plan.
///
/// A look is a turn of the attempt, so that its cost is counted and an orchestrator that was killed finds it again: a
/// look that has ended is read once more, and not paid for once more. It counts for one tree and one list of criteria.
struct Acceptance: Sendable {
  let project: OpenProject
  let task: StoredTask
  let attempt: LiveAttempt
  /// The commit that has passed the gate.
  let head: String

  /// What the reviewer says.
  struct Opinion: Hashable, Sendable {
    /// One for each criterion, in the order of the plan.
    var checks: [CriterionCheck]
    /// Why there is no report; nil when there is one, or when none was asked for.
    var silence: String?
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

  private var mode: AcceptanceMode { project.settings.verify.acceptance }

  /// Has the work looked at, unless that was done before or nobody wants it.
  func examine() async throws -> Result {
    let plan = try plan()
    let criteria = criteria(of: plan)
    guard mode != .off, !criteria.isEmpty else {
      return .opinion(Opinion(checks: AcceptanceReport.unchecked(criteria)))
    }
    let subject = try await subject(criteria)
    if let last = attempt.latestTurn, last.isAcceptance, try isAbout(subject, last) {
      if last.endedAt == nil { return try await follow(last, attempt, criteria) }
      if let opinion = try await recorded(last, criteria) { return .opinion(opinion) }
    }
    let prompt = try Prompts(project: project).acceptance(
      task, attempt, head: head, directory: project.paths.reviewWorktree(task.id), plan: plan, criteria: criteria,
      results: try await gateResults())
    // The gate's own programs may have edited files that git tracks, such as the lock of a package manager.
    let edited = try await project.repository.worktreeState(at: attempt.worktree).changedTracked
    try project.beginTurn(
      attempt, reason: .acceptance, prompt: prompt, state: .verifying, reviewer: project.makeUUID(),
      inputs: [
        Self.subjectFile: Array(subject.utf8), Self.editedFile: Array(edited.joined(separator: "\u{0}").utf8),
      ])
    guard let current = try project.attempt(task.id), let turn = current.latestTurn else { return .notYet }
    return try await follow(turn, current, criteria)
  }

  /// What is known about the criteria without asking anybody.
  func known() async throws -> Opinion {
    let criteria = criteria(of: try plan())
    let none = Opinion(checks: AcceptanceReport.unchecked(criteria))
    guard mode != .off, !criteria.isEmpty else { return none }
    if let last = attempt.latestTurn, last.isAcceptance, last.endedAt != nil,
      try isAbout(try await subject(criteria), last), let opinion = try await recorded(last, criteria)
    {
      return opinion
    }
    return Opinion(checks: none.checks, silence: "nobody has looked at this commit")
  }

  // MARK: One look

  private func follow(_ turn: Turn, _ attempt: LiveAttempt, _ criteria: [String]) async throws -> Result {
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
        ending = try await self.ending(of: outcome, end, checkout, criteria)
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
    case .reported, .discarded, .noReport: break
    case nil: if mode == .required, let wait = wait(for: outcome) { return wait }
    }
    guard let last = try project.attempt(task.id)?.latestTurn else { return .notYet }
    let opinion = try await recorded(last, criteria)
    return .opinion(opinion ?? Opinion(checks: AcceptanceReport.unchecked(criteria), silence: Self.silence(outcome)))
  }

  private func ending(
    of outcome: AgentOutcome, _ end: TurnEnd, _ checkout: String, _ criteria: [String]
  ) async throws -> Ending? {
    if end.exit.cause == .cancelled { return .stopped }
    let state = try await project.repository.worktreeState(at: checkout)
    if state.head != head || !state.isClean { return .discarded }
    switch outcome.result {
    // A reviewer that was refused a tool may still have something to say.
    case .claimsDone, .failed(.permission, _, _):
      return AcceptanceReport.read(outcome.answer, criteria: criteria) == nil ? .noReport : .reported
    case .failed: return nil
    }
  }

  /// What a reviewer has changed outside of its checkout; nil when all is as it was.
  private func damage(since turn: Turn) async throws -> String? {
    let tip = try await project.repository.commitID(ofRef: "refs/heads/\(attempt.branch)")
    if tip != head { return "moved the branch '\(attempt.branch)'" }
    let work = try await project.repository.worktreeState(at: attempt.worktree)
    let before = Set(
      try FileTree.read(inputs(turn) + Self.editedFile).split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    return work.changedTracked.first { !before.contains($0) }.map {
      "edited '\(SafeText.line($0, limit: 200))' in the worktree of the work"
    }
  }

  /// When the check is required, a limit that passes is waited for, and a login that does not work is a person's to
  /// repair; without it the work is judged by the gate alone.
  private func wait(for outcome: AgentOutcome) -> Result? {
    guard case .failed(let failure, let evidence, let retryAt) = outcome.result else { return nil }
    let reason = "acceptance check: \(evidence)"
    switch failure {
    case .rateLimit, .overloaded:
      let now = project.clock.now()
      return .park(failure, reason: reason, until: max(retryAt ?? now.advanced(by: Self.unknownReset), now))
    case .auth, .billing: return .stuck(failure, reason: reason)
    default: return nil
    }
  }

  // MARK: What a look has left

  private static let subjectFile = "subject"
  private static let editedFile = "edited-before"

  private func inputs(_ turn: Turn) -> String {
    "\(project.paths.run(task.id, attempt: turn.attempt))/input-\(turn.number)/"
  }

  /// What a look counts for: exactly these files and criteria.
  private func subject(_ criteria: [String]) async throws -> String {
    let tree = try await project.repository.treeID(ofCommit: head)
    return "\(tree)\n\(SHA256.hex(criteria.joined(separator: "\u{0}").utf8))\n"
  }

  private func isAbout(_ subject: String, _ turn: Turn) throws -> Bool {
    let file = inputs(turn) + Self.subjectFile
    return FileTree.exists(file) ? try FileTree.read(file) == Array(subject.utf8) : false
  }

  /// The opinion that a look has left; nil when the look has to be repeated.
  private func recorded(_ turn: Turn, _ criteria: [String]) async throws -> Opinion? {
    let silent = { Opinion(checks: AcceptanceReport.unchecked(criteria), silence: $0) }
    switch turn.outcome.flatMap(Ending.init(rawValue:)) {
    case .stopped: return nil
    case .discarded: return silent("the reviewer edited files, so its report was thrown away")
    case .noReport: return silent("the reviewer gave no report that can be read")
    case .reported:
      guard let (outcome, _) = try AgentTurn(project: project, task: task).outcome(of: turn, attempt),
        let checks = AcceptanceReport.read(outcome.answer, criteria: criteria)
      else { return silent("the reviewer's report is gone") }
      return Opinion(checks: try await checks.asyncMap(backed))
    case nil:
      let failure = turn.outcome.flatMap(FailureClass.init(rawValue:))
      let isTemporary = failure == .rateLimit || failure == .overloaded || failure == .auth || failure == .billing
      if mode == .required && isTemporary { return nil }
      return silent("the reviewer failed (\(failure?.rawValue ?? "unknown"))")
    }
  }

  private static func silence(_ outcome: AgentOutcome) -> String {
    guard case .failed(let failure, let evidence, _) = outcome.result else { return "the reviewer gave no report" }
    return "the reviewer failed (\(failure.rawValue)): \(evidence)"
  }

  /// The check without the places that do not exist; what is met by nothing else is unknown.
  private func backed(_ check: CriterionCheck) async throws -> CriterionCheck {
    var check = check
    var proofs: [CriterionCheck.Proof] = []
    for proof in check.evidence where try await exists(proof) { proofs.append(proof) }
    check.evidence = proofs
    if check.finding == .met, proofs.isEmpty { check.finding = .unknown }
    return check
  }

  private func exists(_ proof: CriterionCheck.Proof) async throws -> Bool {
    guard let file = proof.file else { return true }
    guard !file.hasPrefix("/"), !file.split(separator: "/").contains(".."),
      let bytes = try await project.repository.file(at: file, in: head)
    else { return false }
    guard let line = proof.line else { return true }
    return line <= bytes.count { $0 == UInt8(ascii: "\n") } + 1
  }

  // MARK: What the reviewer is shown

  private func plan() throws -> [UInt8] {
    try FileTree.read("\(project.paths.run(task.id, attempt: attempt.number))/plan.md")
  }

  private func criteria(of plan: [UInt8]) -> [String] {
    PlanText.outline(plan, path: task.plan.path, root: project.settings.plans.dir).criteria
  }

  private static let shownOutput = 2000

  /// What each stage said about the tree, with the end of what its last command printed.
  private func gateResults() async throws -> String {
    let tree = try await project.repository.treeID(ofCommit: head)
    return try project.gate(task).compactMap { stage in
      guard let result = try project.result(of: stage, on: tree) else { return nil }
      let run = result.logPath.map { "\($0)/\(stage.commands.count)/stdout" }
      let output = try run.map { try FileTree.tail($0, limit: Self.shownOutput) } ?? ""
      return "\(stage.name): \(result.passed ? "passed" : "failed") in \(result.duration.text)\n\(output)"
    }.joined(separator: "\n")
  }
}

extension Array {
  /// The elements through an asynchronous function, one after the other.
  fileprivate func asyncMap<T>(_ body: (Element) async throws -> T) async rethrows -> [T] {
    var result: [T] = []
    for element in self { result.append(try await body(element)) }
    return result
  }
}
