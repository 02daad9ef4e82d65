import OrchDomain
import OrchEngine
import OrchGit
import OrchStore

/// What a task changes, as a patch.
struct TaskDiff {
  /// Where the patch comes from.
  enum Source: Hashable {
    case change(number: Int, state: Change.State)
    /// What the agent has committed so far.
    case attempt(number: Int)
    /// An attempt that ended without a change.
    case preserved(attempt: Int, ref: String)
  }

  let task: TaskID
  let source: Source
  let base: String
  let head: String
  /// Edits in the worktree that are not committed, and so not in the patch.
  var uncommitted: [String] = []
  var patch = ""

  /// A larger patch is cut; what is left out is said at its end.
  private static let limit = 16 << 20

  /// - Throws: ``EngineError`` when there is nothing to compare.
  static func read(_ id: TaskID, in project: OpenProject) async throws -> TaskDiff {
    let task = try project.task(id)
    let changes = try project.view.look { tx in try tx.changes(of: id) }
    let attempts = try project.view.look { tx in try tx.attempts(of: id) }
    var diff: TaskDiff
    if let open = changes.last, !open.state.isFinished, open.state != .rejected {
      diff = TaskDiff(open)
    } else if let running = attempts.last, running.endedAt == nil,
      let found = try await atWork(running, in: project.repository)
    {
      diff = found
    } else if let last = changes.last, last.attempt >= attempts.last?.number ?? 0 {
      diff = TaskDiff(last)
    } else if let found = try await preserved(attempts, in: project.repository) {
      diff = found
    } else if let last = changes.last {
      diff = TaskDiff(last)
    } else {
      throw EngineError.invalid(
        "\(id) is \(task.state.rawValue), and nothing was committed for it yet; `claude-orch why \(id)`")
    }
    diff.patch = try await project.repository.patch(from: diff.base, to: diff.head, limit: limit)
    return diff
  }

  private init(_ change: Change) {
    self.init(
      task: change.task, source: .change(number: change.number, state: change.state), base: change.baseCommit,
      head: change.headCommit)
  }

  init(task: TaskID, source: Source, base: String, head: String) {
    self.task = task
    self.source = source
    self.base = base
    self.head = head
  }

  private static func atWork(_ attempt: Attempt, in repository: GitRepository) async throws -> TaskDiff? {
    guard let base = attempt.baseCommit,
      let tip = try await repository.commitID(ofRef: "refs/heads/\(attempt.branch ?? attempt.task.branch)")
    else { return nil }
    let fork = try await repository.mergeBase(base, tip) ?? base
    var diff = TaskDiff(task: attempt.task, source: .attempt(number: attempt.number), base: fork, head: tip)
    let worktrees = try await repository.worktrees()
    if let path = attempt.worktree, worktrees.contains(where: { $0.path == path && !$0.isPrunable }) {
      diff.uncommitted = try await repository.worktreeState(at: path).changed
    }
    return diff
  }

  private static func preserved(_ attempts: [Attempt], in repository: GitRepository) async throws -> TaskDiff? {
    for attempt in attempts.reversed() {
      guard let ref = attempt.preservedRef, let base = attempt.baseCommit,
        let tip = try await repository.commitID(ofRef: ref)
      else { continue }
      let fork = try await repository.mergeBase(base, tip) ?? base
      return TaskDiff(
        task: attempt.task, source: .preserved(attempt: attempt.number, ref: ref), base: fork, head: tip)
    }
    return nil
  }

  /// What is shown above the patch.
  var heading: String {
    var text = "\(task): "
    switch source {
    case .change(let number, let state): text += "change #\(number), \(state.rawValue)"
    case .attempt(let number): text += "attempt \(number) at work"
    case .preserved(let attempt, let ref): text += "attempt \(attempt), kept as \(SafeText.visible(ref))"
    }
    text += ", \(base.prefix(12))..\(head.prefix(12))\n"
    if !uncommitted.isEmpty {
      let names = uncommitted.prefix(10).joined(separator: ", ")
      let more = uncommitted.count > 10 ? " and \(uncommitted.count - 10) more" : ""
      text += "Not committed, so not shown: \(SafeText.visible(names))\(more)\n"
    }
    return text + (patch.isEmpty ? "No differences.\n" : "\n")
  }

  /// The patch made safe, with the colours that git gives it.
  static func shown(_ patch: String, colour: Bool) -> String {
    let safe = SafeText.visible(patch, keepingNewlines: true)
    guard colour else { return safe }
    let lines = safe.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { line in
      switch line.first {
      case "+" where !line.hasPrefix("+++ "): "\u{1B}[32m\(line)\u{1B}[0m"
      case "-" where !line.hasPrefix("--- "): "\u{1B}[31m\(line)\u{1B}[0m"
      case "@": "\u{1B}[36m\(line)\u{1B}[0m"
      case "d" where line.hasPrefix("diff "): "\u{1B}[1m\(line)\u{1B}[0m"
      default: String(line)
      }
    }.joined(separator: "\n")
  }

  var json: JSONValue {
    let name: String
    var change: Int?
    var attempt: Int?
    switch source {
    case .change(let number, _): (name, change) = ("change", number)
    case .attempt(let number): (name, attempt) = ("attempt", number)
    case .preserved(let number, _): (name, attempt) = ("preserved", number)
    }
    return .object([
      .init("task", .string(task.description)), .init("source", .string(name)), .init("change", JSONValue(change)),
      .init("attempt", JSONValue(attempt)), .init("base", .string(base)), .init("head", .string(head)),
      .init("uncommitted", JSONValue(uncommitted)), .init("patch", .string(patch)),
    ])
  }
}
