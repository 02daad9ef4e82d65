import OrchConfig
import OrchDomain
import OrchGitHub
import OrchStore

/// What follows from what GitHub tells about one change. A pure decision: it sees facts, and which of them its agent
/// was told already.
enum ChangeObserver {
  struct Policy: Hashable, Sendable {
    /// Who is listened to besides owners, members and collaborators, in lower case.
    var reviewers: Set<String> = []

    init(reviewers: Set<String> = []) { self.reviewers = reviewers }

    init(_ settings: ForgeSettings) { reviewers = Set(settings.reviewers.map { $0.lowercased() }) }
  }

  enum Decision: Hashable, Sendable {
    case nothing
    /// Checks are under way.
    case wait
    /// The agent gets facts that it was not told yet.
    case sendBack(News)
    case approve(by: String)
    case closed
    /// A person has merged it.
    case merged
  }

  /// What an agent is told, and the keys by which it is remembered that it was.
  struct News: Hashable, Sendable {
    var failed: [CommitCheck] = []
    var reviews: [PullReview] = []
    var comments: [ReviewComment] = []
    var conversation: [PlainComment] = []
    var keys: [String] = []
  }

  /// Something that was written by somebody who is not listened to.
  struct Ignored: Hashable, Sendable {
    var author: String
    var url: String
    var key: String
  }

  /// - Parameter told: Keys of the facts that were passed on for this change.
  static func decide(
    _ facts: PullFacts, head: String, isOpen: Bool, told: Set<String>, policy: Policy = Policy()
  ) -> Decision {
    if facts.pull.isMerged { return .merged }
    guard facts.pull.isOpen else { return .closed }
    // Anything said about an older or a foreign head is not about the work that is here.
    guard facts.pull.head == head else { return .nothing }
    var news = News()
    let checks = facts.checks ?? []
    let isUnderWay = checks.contains { $0.result == .pending }
    // All failures are told together, when the last check has ended.
    if !isUnderWay {
      for check in checks where check.result == .failed {
        let key = "check \(head) \(check.name)"
        if told.contains(key) { continue }
        news.failed.append(check)
        news.keys.append(key)
      }
    }
    for review in facts.reviews ?? [] where says(review) && isHeard(review.author, review.association, policy) {
      add(key(review), told, &news) { $0.reviews.append(review) }
    }
    for comment in facts.comments where isHeard(comment.author, comment.association, policy) {
      add(key(comment), told, &news) { $0.comments.append(comment) }
    }
    for comment in facts.conversation where isHeard(comment.author, comment.association, policy) {
      add(key(comment), told, &news) { $0.conversation.append(comment) }
    }
    if !news.keys.isEmpty { return .sendBack(news) }
    if isUnderWay { return .wait }
    if isOpen, let person = approver(facts, policy) { return .approve(by: person) }
    return .nothing
  }

  /// What strangers have written since the last look, for people to read.
  static func ignored(_ facts: PullFacts, told: Set<String>, policy: Policy = Policy()) -> [Ignored] {
    var found: [Ignored] = []
    func look(_ author: String, _ association: String, _ url: String, _ key: String) {
      guard !isHeard(author, association, policy), !told.contains(key) else { return }
      found.append(Ignored(author: author, url: url, key: key))
    }
    for review in facts.reviews ?? [] where says(review) || review.state == "APPROVED" {
      look(review.author, review.association, review.url, key(review))
    }
    for comment in facts.comments { look(comment.author, comment.association, comment.url, key(comment)) }
    for comment in facts.conversation { look(comment.author, comment.association, comment.url, key(comment)) }
    return found
  }

  private static func key(_ review: PullReview) -> String { "review \(review.id)" }
  private static func key(_ comment: ReviewComment) -> String { "comment \(comment.id)" }
  private static func key(_ comment: PlainComment) -> String { "conversation \(comment.id)" }

  /// Whether a review wants something. One that only comments may have its words on lines alone.
  private static func says(_ review: PullReview) -> Bool {
    review.state == "CHANGES_REQUESTED" || review.state == "COMMENTED" && !review.body.allSatisfy(\.isWhitespace)
  }

  private static func add(_ key: String, _ told: Set<String>, _ news: inout News, _ change: (inout News) -> Void) {
    guard !told.contains(key) else { return }
    change(&news)
    news.keys.append(key)
  }

  /// Who has approved the present head, when nobody's last word is that it needs changes.
  private static func approver(_ facts: PullFacts, _ policy: Policy) -> String? {
    let reviews = facts.reviews ?? []
    guard objector(reviews, policy) == nil else { return nil }
    return lastWords(reviews, policy).filter { $0.state == "APPROVED" && $0.commit == facts.pull.head }
      .map(\.author).min()
  }

  /// Whose last word is that the change needs other changes, on whatever head they have said so.
  static func objector(_ reviews: [PullReview], _ policy: Policy) -> String? {
    lastWords(reviews, policy).filter { $0.state == "CHANGES_REQUESTED" }.map(\.author).min()
  }

  private static func lastWords(_ reviews: [PullReview], _ policy: Policy) -> [PullReview] {
    var last: [String: PullReview] = [:]
    for review in reviews where isHeard(review.author, review.association, policy) {
      if ["APPROVED", "CHANGES_REQUESTED", "DISMISSED"].contains(review.state) { last[review.author] = review }
    }
    return Array(last.values)
  }

  /// Anybody may write on a public pull request; only people with a say in the repository steer an agent.
  private static func isHeard(_ author: String, _ association: String, _ policy: Policy) -> Bool {
    ["OWNER", "MEMBER", "COLLABORATOR"].contains(association) || policy.reviewers.contains(author.lowercased())
  }
}
