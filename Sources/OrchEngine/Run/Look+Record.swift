import OrchAgents
import OrchConfig
import OrchDomain
import OrchGit
import OrchReview
import OrchStore

/// What is wanted to be known of work, and what looks at it have left.
extension Look {
  /// What a look could be asked.
  struct Wanted {
    var subject: LookSubject
    /// Of the plan; also when nobody asks about them.
    var criteria: [String]
    /// The change whose risk is asked about; nil when nobody asks.
    var change: Change?
    /// Whether the rules would let it land, so that it is worth the price of a look.
    var isWorthIt = false
  }

  /// What a reviewer is shown of a change.
  struct Change {
    /// Where it began.
    var fork: String
    /// nil when it is longer than anybody is shown: a reviewer would have to judge the rest by its name.
    var patch: String?
  }

  private static let patchLimit = 256 << 10

  /// What the rules say; nil when that does not matter, as nobody wants a second look.
  func rules() async throws -> RuleReview? {
    let mode = try await ReviewPolicySource(project: project).secondLook(at: project.baseCommit())
    return mode == .off ? nil : try await RuleReview.judge(task, attempt, head: head, in: project)
  }

  func wanted(_ rules: RuleReview?) async throws -> Wanted {
    let repository = project.repository
    let criteria = criteria(of: try plan())
    var wanted = Wanted(
      subject: LookSubject(tree: try await repository.treeID(ofCommit: head)), criteria: criteria)
    if project.settings.verify.acceptance != .off, !criteria.isEmpty {
      wanted.subject.criteria = SHA256.hex(criteria.joined(separator: "\u{0}").utf8)
    }
    guard let rules, rules.secondLook != .off else { return wanted }
    let patch = try await repository.patch(from: rules.fork, to: head, limit: Self.patchLimit)
    // In bytes: a carriage return before the line feed is no part of it, and no line of a diff begins like the marker.
    let isCut = patch.utf8.split(separator: UInt8(ascii: "\n")).last?.starts(with: DiffLimits.marker.utf8) ?? false
    wanted.subject.start = try await repository.treeID(ofCommit: rules.fork)
    wanted.change = Change(fork: rules.fork, patch: isCut ? nil : patch)
    wanted.isWorthIt = rules.wantsSecondLook
    return wanted
  }

  /// What of it a look has to be begun for.
  func open(_ wanted: Wanted) async throws -> LookSubject {
    var subject = wanted.subject
    if try await checks(wanted) != nil { subject.criteria = "" }
    let isAnswered = try await risk(wanted) != nil
    if isAnswered || !wanted.isWorthIt || wanted.change?.patch == nil { subject.start = "" }
    return subject
  }

  func opinion(_ wanted: Wanted) async throws -> Opinion {
    var opinion = Opinion(checks: AcceptanceReport.unchecked(wanted.criteria))
    if let (checks, silence) = try await checks(wanted) {
      (opinion.checks, opinion.silence) = (checks, silence)
    } else if !wanted.subject.criteria.isEmpty {
      opinion.silence = Self.nobody
    }
    opinion.risk = try await risk(wanted)
    if opinion.risk == nil, wanted.isWorthIt {
      opinion.risk = .silence(
        wanted.change?.patch == nil ? "its diff is longer than a reviewer is shown" : Self.nobody)
    }
    return opinion
  }

  private static let nobody = "nobody has looked at this commit"

  // MARK: What looks have left

  /// What looks have found of the criteria; nil when none has, or when the look has to be repeated.
  private func checks(_ wanted: Wanted) async throws -> ([CriterionCheck], silence: String?)? {
    guard !wanted.subject.criteria.isEmpty else { return nil }
    let none = AcceptanceReport.unchecked(wanted.criteria)
    let left = try await left { $0.tree == wanted.subject.tree && $0.criteria == wanted.subject.criteria }
    switch left {
    case nil: return nil
    case .silence(let why): return (none, why)
    case .answer(let answer):
      guard let checks = AcceptanceReport.read(answer, criteria: wanted.criteria) else {
        return (none, "the reviewer said nothing about the criteria")
      }
      return (try await checks.asyncMap(backed), nil)
    }
  }

  /// What looks have found of the risk; nil when none has, or when the look has to be repeated.
  private func risk(_ wanted: Wanted) async throws -> RiskAnswer? {
    guard let change = wanted.change else { return nil }
    let left = try await left { $0.tree == wanted.subject.tree && $0.start == wanted.subject.start }
    switch left {
    case nil: return nil
    case .silence(let why): return .silence(why)
    case .answer(let answer):
      guard let findings = RiskReport.read(answer) else { return .silence("the reviewer said nothing about it") }
      return .findings(try await findings.asyncMap { try await placed($0, in: change) })
    }
  }

  private enum Left {
    case answer(JSONValue?)
    case silence(String)
  }

  /// What the last look that was asked the same has left; nil when there is none that counts.
  private func left(asked isSame: (LookSubject) -> Bool) async throws -> Left? {
    for turn in attempt.turns.reversed() where turn.endedAt != nil {
      guard let subject = try LookSubject(of: turn, project.paths), isSame(subject) else { continue }
      if let left = try await left(by: turn) { return left }
    }
    return nil
  }

  private func left(by turn: Turn) async throws -> Left? {
    switch turn.outcome.flatMap(Ending.init(rawValue:)) {
    case .stopped: return nil
    case .discarded: return .silence("the reviewer edited files, so its report was thrown away")
    case .noReport: return .silence("the reviewer gave no report that can be read")
    case .reported:
      guard let (outcome, _) = try AgentTurn(project: project, task: task).outcome(of: turn, attempt) else {
        return .silence("the reviewer's report is gone")
      }
      return .answer(outcome.answer)
    case nil:
      let failure = turn.outcome.flatMap(FailureClass.init(rawValue:))
      if let failure, Self.isTemporary(failure), try await isRequired(turn) { return nil }
      return .silence("the reviewer failed (\(failure?.rawValue ?? "unknown"))")
    }
  }

  /// Whether a failure says nothing about the work, and passes or is repaired.
  static func isTemporary(_ failure: FailureClass) -> Bool {
    switch failure {
    case .rateLimit, .overloaded, .auth, .billing: true
    default: false
    }
  }

  /// Whether a change without what a look was asked needs a human.
  func isRequired(_ turn: Turn) async throws -> Bool {
    guard let subject = try LookSubject(of: turn, project.paths) else { return false }
    if !subject.criteria.isEmpty, project.settings.verify.acceptance == .required { return true }
    guard !subject.start.isEmpty else { return false }
    return try await ReviewPolicySource(project: project).secondLook(at: project.baseCommit()) == .required
  }

  // MARK: Places

  /// The check without the places that do not exist; what is met by nothing else is unknown.
  private func backed(_ check: CriterionCheck) async throws -> CriterionCheck {
    var check = check
    check.evidence = try await check.evidence.asyncFilter { proof in
      guard let file = proof.file else { return true }
      return try await lines(of: file, in: head).map { (proof.line ?? 1) <= $0 } ?? false
    }
    if check.finding == .met, check.evidence.isEmpty { check.finding = .unknown }
    return check
  }

  /// The finding without a place that does not exist. It counts all the same: a wrong place is no proof of good work.
  private func placed(_ finding: RiskFinding, in change: Change) async throws -> RiskFinding {
    guard let file = finding.file else { return finding }
    var finding = finding
    let now = try await lines(of: file, in: head)
    if now.map({ $0 < finding.line ?? 1 }) ?? true { finding.line = nil }
    // What is gone has a name, and no line in the new version.
    if now == nil, try await lines(of: file, in: change.fork) == nil { finding.file = nil }
    return finding
  }

  /// nil when there is no such file in a commit.
  private func lines(of file: String, in commit: String) async throws -> Int? {
    guard !file.hasPrefix("/"), !file.split(separator: "/").contains("..") else { return nil }
    return try await project.repository.file(at: file, in: commit).map { $0.count { $0 == UInt8(ascii: "\n") } + 1 }
  }

  // MARK: What the reviewer is shown

  func plan() throws -> [UInt8] {
    try FileTree.read("\(project.paths.run(task.id, attempt: attempt.number))/plan.md")
  }

  func criteria(of plan: [UInt8]) -> [String] {
    PlanText.outline(plan, path: task.plan.path, root: project.settings.plans.dir).criteria
  }

  private static var shownOutput: Int { 2000 }

  /// What each stage said about the tree, with the end of what its last command printed.
  func gateResults() async throws -> String {
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

  fileprivate func asyncFilter(_ isKept: (Element) async throws -> Bool) async rethrows -> [Element] {
    var result: [Element] = []
    for element in self where try await isKept(element) { result.append(element) }
    return result
  }
}
