package import OrchDomain

/// Who may ask: the token, the sessions of browsers, the names that the server answers to.
package struct AccessControl: Sendable {
  /// What is told of a request before anything of it is read.
  package struct Request: Sendable {
    package var method: String
    package var host: String?
    package var origin: String?
    package var authorization: String?
    package var cookie: String?
    package var peer: String
    package var isOpen: Bool

    package init(
      method: String, host: String?, origin: String? = nil, authorization: String? = nil, cookie: String? = nil,
      peer: String = "", isOpen: Bool = false
    ) {
      self.method = method
      self.host = host
      self.origin = origin
      self.authorization = authorization
      self.cookie = cookie
      self.peer = peer
      self.isOpen = isOpen
    }
  }

  private let token: String
  /// `host:port` as browsers write them.
  private let hosts: Set<String>
  private let scheme: String
  package let sessions: BrowserSessions

  /// - Parameters:
  ///   - names: Beside the address itself, names by which the server may be called.
  ///   - port: The one that is bound.
  package init(token: String, address: String, names: [String], port: Int, usesTLS: Bool, sessions: BrowserSessions) {
    self.token = token
    self.sessions = sessions
    scheme = usesTLS ? "https" : "http"
    var all = names + [address]
    if Self.isLoopback(address) || ["0.0.0.0", "::"].contains(address) { all += ["127.0.0.1", "localhost", "::1"] }
    let written = all.map { ($0.contains(":") ? "[\($0)]" : $0).lowercased() }
    let isUsual = port == (usesTLS ? 443 : 80)
    hosts = Set(written.map { "\($0):\(port)" } + (isUsual ? written : []))
  }

  package static func isLoopback(_ address: String) -> Bool {
    if address == "localhost" || address == "::1" { return true }
    let parts = address.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// - Throws: ``HTTPProblem`` for a request that is refused.
  package func check(_ request: Request, now: Timestamp) throws(HTTPProblem) {
    guard let host = request.host?.lowercased(), hosts.contains(host) else {
      // Another name that leads here is how a page elsewhere gets past the browser (DNS rebinding).
      throw HTTPProblem(421, "host_unknown", "this server does not answer to that name; use the address it prints")
    }
    if let origin = request.origin?.lowercased(), !hosts.contains(where: { origin == "\(scheme)://\($0)" }) {
      throw HTTPProblem(403, "origin_refused", "pages of other sites may not ask here")
    }
    if request.isOpen { return }
    if let given = request.authorization {
      guard given.lowercased().hasPrefix("bearer "), Self.isSame(String(given.dropFirst(7)), token) else {
        throw Self.unauthorized
      }
      return
    }
    guard let cookie = request.cookie, sessions.isOpen(BrowserSessions.value(in: cookie), now: now) else {
      throw Self.unauthorized
    }
    // A browser sends cookies with what other sites make it send; it always names the origin of what changes things.
    if !["GET", "HEAD"].contains(request.method), request.origin == nil {
      throw HTTPProblem(403, "origin_missing", "a session of a browser may change things only from its own page")
    }
  }

  private static let unauthorized = HTTPProblem(
    401, "unauthorized",
    "a token is needed: `Authorization: Bearer` with the token of daemon.json, or a link of `claude-orch daemon link`")

  /// Compares in a time that tells nothing of where the texts differ.
  static func isSame(_ a: String, _ b: String) -> Bool {
    let (a, b) = (SHA256.hex(a.utf8), SHA256.hex(b.utf8))
    return zip(a.utf8, b.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
