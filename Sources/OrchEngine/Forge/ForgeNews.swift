import OrchAgents
import OrchConfig
import OrchDomain
import OrchGitHub
import OrchStore

/// Carries out what the observer has decided about one change.
struct ForgeNews: Sendable {
  let project: OpenProject
  let connection: GitHubConnection
  private static let logLimit = 8192
  private static let checkLimit = 20
  private static let textLimit = 4000

  /// What came of it, for whoever keeps the frontier.
  enum Outcome: Hashable, Sendable {
    case nothing
    case wait
    case changed
  }

  func carryOut(_ facts: PullFacts, _ change: Change) async throws -> Outcome {
    let policy = ChangeObserver.Policy(project.settings.forge)
    let told = try project.toldFacts(of: change)
    try project.noteIgnored(ChangeObserver.ignored(facts, told: told, policy: policy), of: change)
    if facts.pull.isOpen, facts.pull.head != change.headCommit {
      return try await takeOver(facts, change, told: told)
    }
    let decision = ChangeObserver.decide(
      facts, head: change.headCommit, isOpen: change.state == .open, told: told, policy: policy)
    switch decision {
    case .nothing: return .nothing
    case .wait:
      let age = project.clock.now().since(change.updatedAt)
      return age < project.settings.forge.checksTimeout ? .wait : .nothing
    case .approve(let person):
      guard try project.task(change.task).state == .inReview else { return .nothing }
      try Controls(project: project).approve(change.task, by: "\(SafeText.line(person, limit: 60)) on GitHub")
      return .changed
    case .closed:
      try await Controls(project: project).cancel(
        change.task, reason: "\(change.name) was closed on GitHub by a person")
      return .changed
    case .merged:
      return try await takeMerged(change)
    case .sendBack(let news): return try await sendBack(news, change)
    }
  }

  /// Lets a change land that a person has merged: landing finds it merged, and proves the tree.
  private func takeMerged(_ change: Change) async throws -> Outcome {
    var task = try project.task(change.task)
    if task.state == .stuck || task.state == .parked, let held = task.heldState,
      [.inReview, .approved, .landing].contains(held)
    {
      try await Resumption(project: project).resume(task.id)
      task = try project.task(task.id)
    }
    guard [.inReview, .approved, .landing].contains(task.state) else { return .nothing }
    if task.state == .inReview { try Controls(project: project).approve(task.id, by: "a merge on GitHub") }
    return .changed
  }

  /// Follows to a head that somebody has only brought up to date. Other commits on GitHub are named, once.
  private func takeOver(_ facts: PullFacts, _ change: Change, told: Set<String>) async throws -> Outcome {
    let state = try project.task(change.task).state
    guard state == .inReview || state == .approved else { return .nothing }
    let forge = GitHubForge(project: project, connection: connection)
    do {
      if try await forge.translated({ try await forge.takeOver(facts.pull.head, change) }) { return .changed }
    } catch is ForgeTrouble {
      return .nothing  // The next look tries again.
    }
    let key = "head \(facts.pull.head)"
    // One of ours was seen before the last push arrived there.
    if try await !forge.wasPushed(facts.pull.head, to: change.branch), !told.contains(key) {
      try project.noteIgnored([ChangeObserver.Ignored(author: "", url: facts.pull.url, key: key)], of: change)
    }
    return .nothing
  }

  private func sendBack(_ news: ChangeObserver.News, _ change: Change) async throws -> Outcome {
    let task = try project.task(change.task)
    guard task.state == .inReview || task.state == .approved, let attempt = try project.attempt(change.task) else {
      return .nothing
    }
    let summary = Self.summary(news)
    let turns = attempt.turns.count { [TurnReason.checks, .review].map(\.rawValue).contains($0.purpose) }
    guard turns < project.settings.forge.maxTurns else {
      try project.setStuck(
        task.id, reason: "\(summary); sent back \(turns) times already", failure: .implementation)
      return .changed
    }
    var logs: [Int: String] = [:]
    for check in news.failed.prefix(Self.checkLimit) where check.hasLog {
      // Without its log a check is told all the same, and the run waits for no server that does not answer.
      do throws(GitHubError) {
        logs[check.id] = try await connection.client.logTail(of: check, bytes: Self.logLimit)
      } catch {
        if error.isTransient { break }
      }
    }
    let facts = Self.text(news, logs)
    let prompt = try Prompts(project: project).feedback(
      .forge(change: change.name, facts: facts), task, attempt)
    try project.beginTurn(
      attempt, reason: news.failed.isEmpty ? .review : .checks, prompt: prompt, state: .fixing, summary: summary,
      told: (change, news.keys))
    return .changed
  }

  private static func summary(_ news: ChangeObserver.News) -> String {
    var parts: [String] = []
    if let first = news.failed.first {
      parts.append("check '\(SafeText.line(first.name, limit: 60))' is red on GitHub" + more(news.failed.count))
    }
    if let first = news.reviews.first {
      parts.append("\(SafeText.line(first.author, limit: 40)) \(verb(first))" + more(news.reviews.count))
    }
    if let first = news.comments.first {
      let place = SafeText.line("\(first.path):\(first.line ?? 0)", limit: 80)
      parts.append("\(SafeText.line(first.author, limit: 40)) comments on \(place)" + more(news.comments.count))
    }
    if let first = news.conversation.first {
      parts.append("\(SafeText.line(first.author, limit: 40)) writes on GitHub" + more(news.conversation.count))
    }
    return parts.joined(separator: "; ")
  }

  private static func verb(_ review: PullReview) -> String {
    review.state == "COMMENTED" ? "comments" : "requests changes"
  }

  private static func more(_ count: Int) -> String { count > 1 ? " and \(count - 1) more" : "" }

  /// The facts as an agent reads them, inside of a fence. Every text in it is a stranger's.
  static func text(_ news: ChangeObserver.News, _ logs: [Int: String]) -> String {
    var parts: [String] = []
    for check in news.failed {
      var lines = [
        "Failed check: \(SafeText.line(check.name, limit: 200)) (\(SafeText.line(check.conclusion, limit: 40)))"
      ]
      if !check.title.isEmpty { lines.append("Title: \(SafeText.line(check.title, limit: 300))") }
      if !check.summary.isEmpty { lines.append(shown(check.summary)) }
      if let log = logs[check.id], !log.isEmpty { lines.append("End of its log:\n\(shown(log, end: true))") }
      parts.append(lines.joined(separator: "\n"))
    }
    for review in news.reviews {
      parts.append(
        "\(SafeText.line(review.author, limit: 60)) \(verb(review))\(link(review.url)):\n\(shown(review.body))")
    }
    for comment in news.comments {
      let line = comment.line.map { ", line \($0)" } ?? ""
      parts.append(
        "Comment \(comment.id) by \(SafeText.line(comment.author, limit: 60)) on "
          + "\(SafeText.line(comment.path, limit: 300))\(line) (thread \(comment.thread)):\n\(shown(comment.body))")
    }
    for comment in news.conversation {
      parts.append(
        "Comment by \(SafeText.line(comment.author, limit: 60))\(link(comment.url)):\n\(shown(comment.body))")
    }
    return parts.joined(separator: "\n\n")
  }

  private static func link(_ url: String) -> String { url.isEmpty ? "" : " (\(SafeText.line(url, limit: 200)))" }

  private static func shown(_ text: String, end: Bool = false) -> String {
    let safe = SafeText.visible(text.replacing("\r\n", with: "\n"), keepingNewlines: true)
    guard safe.count > textLimit else { return safe }
    return end ? "…" + safe.suffix(textLimit) : safe.prefix(textLimit) + "…"
  }
}
