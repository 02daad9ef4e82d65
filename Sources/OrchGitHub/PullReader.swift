package import OrchDomain

/// What is known of one pull request.
package struct PullFacts: Hashable, Sendable {
  package var pull: PullRequest
  /// Of its present head; nil before they were read.
  package var checks: [CommitCheck]?
  /// nil before they were read.
  package var reviews: [PullReview]?
  package var comments: [ReviewComment]
  /// Without our own.
  package var conversation: [PlainComment]

  package init(
    pull: PullRequest, checks: [CommitCheck]? = nil, reviews: [PullReview]? = nil, comments: [ReviewComment] = [],
    conversation: [PlainComment] = []
  ) {
    self.pull = pull
    self.checks = checks
    self.reviews = reviews
    self.comments = comments
    self.conversation = conversation
  }
}

/// What a look has found.
package struct PullLook: Hashable, Sendable {
  package var facts: [PullFacts] = []
  /// Why something could not be read that concerns one pull request only, such as that it is gone.
  package var troubles: [Int: GitHubError] = [:]
}

/// The one reader of all open pull requests: one list a look, and details only where something may have changed, as far
/// as the budget goes.
package actor PullReader {
  private let client: GitHubClient
  private let now: @Sendable () -> Timestamp
  private var known: [Int: Known] = [:]

  struct Known: Sendable {
    var facts: PullFacts
    var checksReadAt: Timestamp?
    var reviewsReadAt: Timestamp?
    /// `updatedAt` of the pull request when its reviews were read.
    var reviewedState: String?
    /// When this head was seen first.
    var headSeenAt: Timestamp
  }

  package init(client: GitHubClient, now: @escaping @Sendable () -> Timestamp) {
    self.client = client
    self.now = now
  }

  /// Looks once.
  ///
  /// - Parameters:
  ///   - numbers: The pull requests that matter.
  ///   - urgent: Those whose checks somebody waits for.
  /// - Throws: When not even the list could be read, or the login is not enough. Details that could not be read come
  ///   with a later look.
  package func look(at numbers: Set<Int>, urgent: Set<Int>) async throws(GitHubError) -> PullLook {
    var troubles: [Int: GitHubError] = [:]
    let open = try await client.openPulls()
    let listed = Set(open.map(\.number))
    for pull in open where numbers.contains(pull.number) { take(pull) }
    // What is no longer listed was merged or closed.
    for number in numbers.subtracting(listed).sorted() where known[number]?.facts.pull.isOpen != false {
      do throws(GitHubError) {
        take(try await client.pull(number, for: .look))
      } catch {
        guard error.concernsOne else { throw error }
        troubles[number] = error
      }
    }
    known = known.filter { numbers.contains($0.key) }
    for reading in ReadingOrder.next(known, urgent: urgent, now: now()) {
      do throws(GitHubError) {
        try await read(reading)
      } catch {
        if error.isTransient { break }
        guard error.concernsOne else { throw error }
        troubles[reading.number] = error
      }
    }
    return PullLook(facts: known.values.map(\.facts).sorted { $0.pull.number < $1.pull.number }, troubles: troubles)
  }

  private func take(_ pull: PullRequest) {
    guard var item = known[pull.number] else {
      known[pull.number] = Known(facts: PullFacts(pull: pull), headSeenAt: now())
      return
    }
    if item.facts.pull.head != pull.head {
      item.facts.checks = nil
      item.checksReadAt = nil
      item.headSeenAt = now()
    }
    item.facts.pull = pull
    known[pull.number] = item
  }

  private func read(_ reading: ReadingOrder.Reading) async throws(GitHubError) {
    guard let pull = known[reading.number]?.facts.pull else { return }
    switch reading.part {
    case .checks:
      let checks = try await client.checks(of: pull.head)
      known[reading.number]?.facts.checks = checks
      known[reading.number]?.checksReadAt = now()
    case .reviews:
      let reviews = try await client.reviews(of: reading.number)
      // A comment on a line belongs to a review, so without a review there is none.
      var comments: [ReviewComment] = []
      if !reviews.isEmpty { comments = try await client.reviewComments(of: reading.number) }
      let conversation = try await client.conversation(of: reading.number)
      known[reading.number]?.facts.reviews = reviews
      known[reading.number]?.facts.comments = comments
      known[reading.number]?.facts.conversation = conversation
      known[reading.number]?.reviewsReadAt = now()
      known[reading.number]?.reviewedState = pull.updatedAt
    }
  }
}

/// What of the pull requests is read next. A pure decision.
enum ReadingOrder {
  struct Reading: Hashable, Sendable {
    enum Part: Hashable, Sendable { case checks, reviews }
    var number: Int
    var part: Part
  }

  /// Something may have changed that nothing tells of, such as a check that was run again.
  static let settledFor = Duration.seconds(1800)
  /// Checks usually begin within that time.
  static let freshFor = Duration.seconds(600)

  /// Most urgent first: what somebody waits for, what has changed, checks under way, and then what was not looked at
  /// for the longest time.
  static func next(_ known: [Int: PullReader.Known], urgent: Set<Int>, now: Timestamp) -> [Reading] {
    var ranked: [(rank: Int, since: Timestamp, reading: Reading)] = []
    for (number, item) in known where item.facts.pull.isOpen {
      if let rank = rankOfChecks(item, isUrgent: urgent.contains(number), now: now) {
        ranked.append((rank, item.checksReadAt ?? .distant, Reading(number: number, part: .checks)))
      }
      if let rank = rankOfReviews(item, now: now) {
        ranked.append((rank, item.reviewsReadAt ?? .distant, Reading(number: number, part: .reviews)))
      }
    }
    return ranked.sorted { ($0.rank, $0.since, $0.reading.number) < ($1.rank, $1.since, $1.reading.number) }
      .map(\.reading)
  }

  private static func rankOfChecks(_ item: PullReader.Known, isUrgent: Bool, now: Timestamp) -> Int? {
    guard let readAt = item.checksReadAt, let checks = item.facts.checks else { return isUrgent ? 0 : 1 }
    let age = now.since(item.headSeenAt)
    let isOpen = checks.contains { $0.result == .pending } || (checks.isEmpty && age < freshFor)
    guard isOpen else { return now.since(readAt) >= settledFor ? 3 : nil }
    if isUrgent { return 0 }
    // Long runs are looked at less and less often.
    return now.since(readAt) >= min(.seconds(300), age / 4) ? 2 : nil
  }

  private static func rankOfReviews(_ item: PullReader.Known, now: Timestamp) -> Int? {
    guard let readAt = item.reviewsReadAt, item.reviewedState == item.facts.pull.updatedAt else { return 1 }
    return now.since(readAt) >= settledFor ? 3 : nil
  }
}

extension Timestamp {
  fileprivate static let distant = Timestamp(milliseconds: .min)
}
