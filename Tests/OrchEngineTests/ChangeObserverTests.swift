import OrchDomain
import OrchRandom
import Testing

@testable import OrchEngine
@testable import OrchGitHub

@Suite struct ChangeObserverTests {
  private let head = String(repeating: "a", count: 40)

  private func facts(
    checks: [CommitCheck] = [], reviews: [PullReview] = [], comments: [ReviewComment] = [],
    conversation: [PlainComment] = [], _ edit: (inout PullRequest) -> Void = { _ in }
  ) -> PullFacts {
    var pull = PullRequest(
      number: 1, url: "", title: "", body: "", isOpen: true, isMerged: false, isDraft: false, head: head,
      headBranch: "b", baseBranch: "main", labels: [], updatedAt: "", mergeCommit: nil, mergeableState: nil)
    edit(&pull)
    return PullFacts(pull: pull, checks: checks, reviews: reviews, comments: comments, conversation: conversation)
  }

  private func review(_ id: Int, _ state: String, by author: String = "ann", _ association: String = "OWNER")
    -> PullReview
  {
    PullReview(id: id, state: state, author: author, association: association, body: "", commit: head)
  }

  private func decide(
    _ facts: PullFacts, told: Set<String> = [], isOpen: Bool = true, reviewers: Set<String> = []
  ) -> ChangeObserver.Decision {
    ChangeObserver.decide(facts, head: head, isOpen: isOpen, told: told, policy: .init(reviewers: reviewers))
  }

  private let red = CommitCheck(id: 1, name: "build", result: .failed)
  private let green = CommitCheck(id: 2, name: "lint", result: .passed)
  private let open = CommitCheck(id: 3, name: "slow", result: .pending)

  @Test func aMergeOrAnEndOnTheForgeComesFirst() {
    #expect(decide(facts(checks: [red]) { $0.isMerged = true }) == .merged)
    #expect(decide(facts(checks: [red]) { $0.isOpen = false }) == .closed)
    #expect(decide(facts(checks: [red]) { $0.head = "other" }) == .nothing)
  }

  @Test("All red checks are told together when the last has ended, and once for each head")
  func checks() {
    let second = CommitCheck(id: 4, name: "test", result: .failed)
    #expect(decide(facts(checks: [red, open])) == .wait)
    guard case .sendBack(let news) = decide(facts(checks: [red, green, second])) else { return #expect(Bool(false)) }
    #expect(news.failed.map(\.name) == ["build", "test"])
    #expect(decide(facts(checks: [red, green, second]), told: Set(news.keys)) == .nothing)
    #expect(decide(facts(checks: [green])) == .nothing)
  }

  @Test("Only people with a say are heard")
  func association() {
    let stranger = review(1, "CHANGES_REQUESTED", by: "Eve", "CONTRIBUTOR")
    #expect(decide(facts(reviews: [stranger])) == .nothing)
    #expect(decide(facts(reviews: [review(2, "APPROVED", by: "eve", "NONE")])) == .nothing)
    guard case .sendBack = decide(facts(reviews: [stranger]), reviewers: ["eve"]) else { return #expect(Bool(false)) }
  }

  @Test("An approval counts for the head that was looked at, unless somebody's last word is another")
  func approval() {
    #expect(decide(facts(checks: [green], reviews: [review(1, "APPROVED")])) == .approve(by: "ann"))
    #expect(decide(facts(reviews: [review(1, "APPROVED")]), isOpen: false) == .nothing)
    var old = review(1, "APPROVED")
    old.commit = "older"
    #expect(decide(facts(reviews: [old])) == .nothing)
    let refusal = review(2, "CHANGES_REQUESTED", by: "bob")
    #expect(decide(facts(reviews: [review(1, "APPROVED"), refusal]), told: ["review 2"]) == .nothing)
    let changed = [review(2, "CHANGES_REQUESTED"), review(3, "APPROVED")]
    #expect(decide(facts(reviews: changed), told: ["review 2"]) == .approve(by: "ann"))
    #expect(decide(facts(checks: [open], reviews: [review(1, "APPROVED")])) == .wait)
  }

  private func plain(_ id: Int, by author: String = "ann", _ association: String = "OWNER") -> PlainComment {
    PlainComment(id: id, author: author, association: association, body: "", url: "https://x/\(id)")
  }

  @Test("A plain comment of somebody with a say is told once; what strangers write is listed once and not told")
  func conversation() {
    let all = facts(
      reviews: [review(1, "APPROVED", by: "eve", "NONE")], conversation: [plain(1), plain(2, by: "eve", "NONE")])
    guard case .sendBack(let news) = decide(all) else { return #expect(Bool(false)) }
    #expect(news.conversation.map(\.id) == [1] && news.keys == ["conversation 1"])
    #expect(decide(all, told: ["conversation 1"]) == .nothing)
    let ignored = ChangeObserver.ignored(all, told: [])
    #expect(ignored.map(\.key) == ["review 1", "conversation 2"] && ignored.map(\.author) == ["eve", "eve"])
    #expect(ignored[1].url == "https://x/2")
    #expect(ChangeObserver.ignored(all, told: Set(ignored.map(\.key))) == [])
    #expect(ChangeObserver.ignored(all, told: [], policy: .init(reviewers: ["eve"])) == [])
  }

  @Test("A review that only comments is told when it says something itself")
  func commentingReview() {
    var said = review(1, "COMMENTED")
    #expect(decide(facts(reviews: [said])) == .nothing)
    said.body = "Why?"
    guard case .sendBack(let news) = decide(facts(reviews: [said])) else { return #expect(Bool(false)) }
    #expect(news.keys == ["review 1"])
  }

  @Test("However facts come and go, none is told twice", arguments: 1...100)
  func neverTwice(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var told: Set<String> = []
    for _ in 0..<60 {
      let checks = [red, green, open, CommitCheck(id: 9, name: "e2e", result: .failed)]
        .filter { _ in Bool.random(using: &random) }
      let reviews = (1...4).filter { _ in Bool.random(using: &random) }.map { id in
        review(id, ["APPROVED", "CHANGES_REQUESTED", "COMMENTED"].randomElement(using: &random) ?? "")
      }
      let comments = (11...13).filter { _ in Bool.random(using: &random) }.map { id in
        ReviewComment(
          id: id, author: "ann", association: "MEMBER", body: "", path: "f", line: nil, thread: id)
      }
      let conversation = (11...13).filter { _ in Bool.random(using: &random) }.map { plain($0) }
      let all = facts(checks: checks, reviews: reviews, comments: comments, conversation: conversation)
      if case .sendBack(let news) = decide(all, told: told) {
        #expect(told.isDisjoint(with: news.keys))
        let count = news.failed.count + news.reviews.count + news.comments.count + news.conversation.count
        #expect(Set(news.keys).count == count)
        told.formUnion(news.keys)
      }
    }
  }
}
