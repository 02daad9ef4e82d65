package import OrchDomain
package import OrchWeb

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Talks to one GitHub for one repository: adds the login, obeys the limits, asks conditionally, counts.
///
/// What only reads is repeated when GitHub stumbles. What changes something is repeated only after a refusal which
/// says that nothing was done; whoever asked for the change finds out whether a lost answer had come to something.
package actor GitHubClient {
  package nonisolated let address: GitHubAddress
  /// The name under which our own proof is told; what carries it is no news to us.
  let ownCheck: String?
  private let transport: HTTPTransport
  private let tokens: TokenSource
  private let now: @Sendable () -> Timestamp
  private let sleep: @Sendable (Duration) async throws -> Void
  package private(set) var limits = RateLimits()
  private var counts = RequestCounts()
  private var budget: RequestBudget?
  private var known: [String: Remembered] = [:]
  /// With its end by our clock.
  private var installation: (token: String, endsAt: Timestamp)?
  private var fixed: String?
  /// What has to be added to our clock to get GitHub's.
  private var skew = Duration.zero

  private struct Remembered {
    var tag: String
    var answer: HTTPAnswer
  }

  /// Longest wait for a limit within a request; a longer one is the caller's.
  private static let patience = Duration.seconds(20)
  private static let tries = 3
  private static let rememberedLimit = 2000

  /// - Parameter budget: For requests that only look around; nil for no limit of our own.
  package init(
    address: GitHubAddress, tokens: TokenSource, transport: HTTPTransport = .live, budget: RequestBudget? = nil,
    ownCheck: String? = nil, now: @escaping @Sendable () -> Timestamp,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.address = address
    self.tokens = tokens
    self.transport = transport
    self.budget = budget
    self.ownCheck = ownCheck
    self.now = now
    self.sleep = sleep
  }

  /// What a request is for.
  package enum Purpose: Sendable {
    /// Looks around; stays within the budget and leaves the reserve alone.
    case look
    /// Changes something, or has to know something before it does.
    case act
  }

  /// Reads one page, again only if it has changed.
  ///
  /// - Parameter path: Below the address of the API, with its query, or a whole address of the same server.
  package func get(_ path: String, for purpose: Purpose = .act) async throws(GitHubError) -> HTTPAnswer {
    if purpose == .look, budget?.take(now: now()) == false {
      throw .limited(until: now().advanced(by: .seconds(60)), "this hour's requests for looking around are used")
    }
    let url = try whole(path)
    let remembered = known[url]
    let answer = try await perform(
      "GET", url, headers: remembered.map { ["if-none-match": $0.tag] } ?? [:], isLook: purpose == .look, repeats: true)
    if answer.status == 304, let remembered { return remembered.answer }
    if let tag = answer.headers["etag"] {
      if known.count >= Self.rememberedLimit { known.removeAll() }
      known[url] = Remembered(tag: tag, answer: answer)
    }
    return answer
  }

  /// Asks for a change. Performed once at most, unless `isRepeatable` says that a second time does no harm.
  package func send(
    _ method: String, _ path: String, _ body: JSONValue? = nil, isRepeatable: Bool = false
  ) async throws(GitHubError) -> HTTPAnswer {
    try await perform(
      method, try whole(path), body: body.map { Array($0.text().utf8) }, isLook: false, repeats: isRepeatable)
  }

  /// The end of a long text, such as a log.
  package func tail(_ path: String, bytes: Int) async throws(GitHubError) -> String {
    let answer = try await perform("GET", try whole(path), isLook: true, repeats: true, tail: bytes)
    return answer.text
  }

  /// The token for git, which talks to the same server.
  package func token() async throws(GitHubError) -> String {
    if let fixed { return fixed }
    if let installation, installation.endsAt > now().advanced(by: .seconds(300)) { return installation.token }
    if let found = await tokens.fixed(for: address) {
      fixed = found
      return found
    }
    guard let app = tokens.app else { throw .noToken(looked: tokens.places(for: address)) }
    return try await drawToken(app)
  }

  /// Whether an app acts here, and no person.
  func isApp() async throws(GitHubError) -> Bool {
    _ = try await token()
    return installation != nil
  }

  /// What was counted since the last call.
  package func takeCounts() -> RequestCounts {
    defer { counts = RequestCounts() }
    return counts
  }

  private func drawToken(_ app: GitHubApp) async throws(GitHubError) -> String {
    let believed = skew
    do throws(GitHubError) {
      return try await drawToken(app, proof: try app.assertion(now: now().advanced(by: skew)))
    } catch .unauthorized(let text) {
      // Made by a clock that is wrong; the refusal tells the right time.
      guard skew != believed else { throw .unauthorized(text) }
      return try await drawToken(app, proof: try app.assertion(now: now().advanced(by: skew)))
    }
  }

  private func drawToken(_ app: GitHubApp, proof: String) async throws(GitHubError) -> String {
    var id = app.installation
    if id == nil {
      let answer = try await perform(
        "GET", try whole("/repos/\(address.repository)/installation"), isLook: false, repeats: true, login: proof)
      id = try answer.decode(Identified.self).id
    }
    let answer = try await perform(
      "POST", try whole("/app/installations/\(id ?? 0)/access_tokens"), body: Array("{}".utf8), isLook: false,
      repeats: true, login: proof)
    let drawn = try answer.decode(DrawnToken.self)
    guard let ends = Timestamp(rfc3339: drawn.expires_at) else { throw .unreadable("expires_at \(drawn.expires_at)") }
    installation = (drawn.token, ends.advanced(by: .zero - skew))
    return drawn.token
  }

  private struct Identified: Decodable { var id: Int }
  private struct DrawnToken: Decodable {
    var token: String
    var expires_at: String
  }

  private func whole(_ path: String) throws(GitHubError) -> String {
    if path.hasPrefix("/") { return address.api + path }
    // An address that GitHub named, such as the next page; the login goes to no other server.
    guard path.hasPrefix(address.api + "/") || path == address.graph else {
      throw .unreadable("it leads to another server")
    }
    return path
  }

  private func perform(
    _ method: String, _ url: String, body: [UInt8]? = nil, headers: [String: String] = [:], isLook: Bool,
    repeats: Bool, login: String? = nil, tail: Int? = nil
  ) async throws(GitHubError) -> HTTPAnswer {
    var attempt = 1
    var hasNewToken = false
    while true {
      try await waitForLimits(isLook: isLook)
      let bearer: String
      if let login { bearer = login } else { bearer = try await token() }
      var call = HTTPCall(
        method: method, url: url,
        headers: headers.merging([
          "authorization": "Bearer \(bearer)", "accept": "application/vnd.github+json", "user-agent": "claude-orch",
          "x-github-api-version": "2022-11-28",
        ]) { $1 }, body: body)
      if body != nil { call.headers["content-type"] = "application/json" }
      if let tail {
        call.limit = tail
        call.keepsEnd = true
      }
      let answer: HTTPAnswer
      do {
        counts.requests += 1
        answer = try await transport.send(call)
      } catch let failure {
        counts.failures += 1
        let error = GitHubError(failure)
        guard repeats, error.isTransient, attempt < Self.tries else { throw error }
        try await pause(.seconds(1 << attempt))
        attempt += 1
        continue
      }
      if let date = answer.date { skew = date.since(now()) }
      if answer.status == 304 { counts.unchanged += 1 }
      if let until = limits.note(answer, now: now()) {
        counts.refusals += 1
        // Nothing was done, so it may be asked again, whatever it was.
        let wait = until.since(now())
        guard wait <= Self.patience, attempt < Self.tries else { throw .limited(until: until, answer.message) }
        try await pause(wait)
        attempt += 1
        continue
      }
      switch answer.status {
      case 200..<300, 304: return answer
      case 401 where login == nil && installation != nil && !hasNewToken:
        // Withdrawn before its time.
        installation = nil
        hasNewToken = true
      case 401: throw .unauthorized(answer.message)
      case 403: throw .forbidden(answer.message)
      case 404: throw .notFound("\(method) \(shown(url))")
      case 500...:
        counts.failures += 1
        guard repeats, attempt < Self.tries else { throw .server(status: answer.status, answer.message) }
        try await pause(.seconds(1 << attempt))
        attempt += 1
      default: throw .refused(status: answer.status, answer.message)
      }
    }
  }

  private func shown(_ url: String) -> String { SafeText.line(url.dropFirst(address.api.count), limit: 200) }

  private func waitForLimits(isLook: Bool) async throws(GitHubError) {
    guard let until = limits.hold(isLook: isLook, now: now()) else { return }
    let wait = until.since(now())
    guard wait <= Self.patience else {
      throw .limited(until: until, isLook ? "the rest of this hour's requests is kept for publishing" : "its limit")
    }
    try await pause(wait)
  }

  private func pause(_ wait: Duration) async throws(GitHubError) {
    do { try await sleep(wait) } catch { throw .unreachable("the command was stopped") }
  }
}

/// How often GitHub was asked.
package struct RequestCounts: Hashable, Sendable {
  package var requests = 0
  /// Answered with "not changed", which is free of GitHub's limit.
  package var unchanged = 0
  /// Refused for asking too much.
  package var refusals = 0
  /// No answer, or GitHub's own trouble.
  package var failures = 0

  package init() {}
}

extension HTTPAnswer {
  /// When it was given, by the server's clock.
  var date: Timestamp? { headers["date"].flatMap { Timestamp(httpDate: $0) } }

  /// What GitHub says for people, fit for a line, with the reasons of a refused body.
  var message: String {
    struct Trouble: Decodable {
      struct Reason: Decodable {
        var message: String?
        var field: String?
        var code: String?
      }
      var message: String?
      var errors: [Reason]?
    }
    do {
      let trouble = try JSONDecoder().decode(Trouble.self, from: Data(body))
      let reasons = (trouble.errors ?? []).compactMap { reason in
        reason.message ?? reason.code.map { "\(reason.field ?? "") \($0)" }
      }
      return SafeText.line(([trouble.message ?? "status \(status)"] + reasons).joined(separator: ": "), limit: 300)
    } catch {
      return SafeText.line(text.isEmpty ? "status \(status)" : text, limit: 200)
    }
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws(GitHubError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(body))
    } catch {
      throw .unreadable(SafeText.line("\(error)", limit: 200))
    }
  }

  /// The address of the next page.
  var next: String? {
    for part in (headers["link"] ?? "").split(separator: ",") where part.contains("rel=\"next\"") {
      guard let start = part.firstIndex(of: "<"), let end = part.firstIndex(of: ">"), start < end else { continue }
      return String(part[part.index(after: start)..<end])
    }
    return nil
  }
}
