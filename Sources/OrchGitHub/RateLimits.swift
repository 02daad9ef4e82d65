package import OrchDomain
package import OrchWeb

/// What GitHub has told about its limits, and what follows from it. A value: the clock is handed in.
package struct RateLimits: Hashable, Sendable {
  /// Requests an hour, as named by the last answer; nil before the first.
  package private(set) var limit: Int?
  package private(set) var remaining: Int?
  package private(set) var resetsAt: Timestamp?
  /// Nothing is asked before: a secondary limit, or an exhausted primary one.
  package private(set) var heldUntil: Timestamp?
  /// Refusals for asking too much in a row, without a wait being named.
  private var refusals = 0

  /// The part of the hour's requests that looking around leaves to publishing and landing.
  package static let reserve = 5
  /// The first wait when none is named; doubles up to ``longestWait``.
  static let firstWait = Duration.seconds(60)
  static let longestWait = Duration.seconds(900)

  package init() {}

  /// Takes note of an answer.
  ///
  /// - Returns: Until when nothing is asked, if this answer was a refusal for asking too much.
  @discardableResult
  package mutating func note(_ answer: HTTPAnswer, now: Timestamp) -> Timestamp? {
    let isCore = answer.headers["x-ratelimit-resource"].map { $0 == "core" } ?? true
    if isCore, let limit = number(answer, "x-ratelimit-limit"), let left = number(answer, "x-ratelimit-remaining") {
      self.limit = limit
      remaining = left
      // Told by GitHub's clock, which may differ from ours.
      let skew = answer.date.map { now.since($0) } ?? .zero
      resetsAt = number(answer, "x-ratelimit-reset").map {
        Timestamp(milliseconds: Int64($0) * 1000).advanced(by: skew)
      }
    }
    guard isRefusal(answer) else {
      if answer.status < 400 { refusals = 0 }
      return nil
    }
    var until = now.advanced(by: min(Self.firstWait * (1 << min(refusals, 4)), Self.longestWait))
    if let wait = number(answer, "retry-after") {
      until = now.advanced(by: .seconds(max(1, min(wait, 86_400))))
    } else if remaining == 0, let reset = resetsAt {
      // A clock of ours that goes wrong must not hold us for ever.
      until = min(max(reset, now.advanced(by: .seconds(1))), now.advanced(by: .seconds(3700)))
    } else {
      refusals += 1
    }
    heldUntil = max(heldUntil ?? until, until)
    return until
  }

  /// Until when a request has to wait; nil when it may go.
  ///
  /// - Parameter isLook: Whether it only looks around. Such a request leaves a fifth of the hour to those that act.
  package func hold(isLook: Bool, now: Timestamp) -> Timestamp? {
    if let heldUntil, heldUntil > now { return heldUntil }
    guard let remaining, let limit, let resetsAt, resetsAt > now else { return nil }
    return remaining <= (isLook ? limit / Self.reserve : 0) ? resetsAt : nil
  }

  private func isRefusal(_ answer: HTTPAnswer) -> Bool {
    if answer.status == 429 { return true }
    guard answer.status == 403 else { return false }
    if answer.headers["retry-after"] != nil || answer.headers["x-ratelimit-remaining"] == "0" { return true }
    let text = answer.text.lowercased()
    return ["rate limit", "abuse", "secondary"].contains(where: text.contains)
  }

  private func number(_ answer: HTTPAnswer, _ name: String) -> Int? { answer.headers[name].flatMap { Int($0) } }
}
