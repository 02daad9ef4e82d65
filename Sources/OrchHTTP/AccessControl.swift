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
  /// `scheme://host:port` of our own pages.
  private let origins: Set<String>
  package let sessions: BrowserSessions

  /// - Parameters:
  ///   - names: Beside the address itself, names by which the server may be called.
  ///   - port: The one that is bound.
  ///   - publicURL: Where it is reached from elsewhere, perhaps through another server that has the certificate.
  package init(
    token: String, address: String, names: [String], port: Int, usesTLS: Bool, publicURL: String? = nil,
    sessions: BrowserSessions
  ) {
    self.token = token
    self.sessions = sessions
    let scheme = usesTLS ? "https" : "http"
    var all = names + [address]
    if Self.isLoopback(address) || ["0.0.0.0", "::"].contains(address) { all += ["127.0.0.1", "localhost", "::1"] }
    let written = all.map { ($0.contains(":") ? "[\($0)]" : $0).lowercased() }
    let isUsual = port == (usesTLS ? 443 : 80)
    let own = Set(written.map { "\($0):\(port)" } + (isUsual ? written : []))
    let outside = publicURL.flatMap(Self.place)
    hosts = own.union(outside.map { [$0.host] } ?? [])
    origins = Set(own.map { "\(scheme)://\($0)" }).union(outside.map { ["\($0.scheme)://\($0.host)"] } ?? [])
  }

  /// Scheme and host of an address, as browsers write them: without a port that goes without saying.
  private static func place(_ url: String) -> (scheme: String, host: String)? {
    let url = url.lowercased()
    for (scheme, usual) in [("https", ":443"), ("http", ":80")] where url.hasPrefix("\(scheme)://") {
      let host = url.dropFirst(scheme.count + 3).prefix { !"/?#".contains($0) }
      return host.isEmpty ? nil : (scheme, String(host.hasSuffix(usual) ? host.dropLast(usual.count) : host))
    }
    return nil
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
    if let origin = request.origin?.lowercased(), !origins.contains(origin) {
      throw HTTPProblem(403, "origin_refused", "pages of other sites may not ask here")
    }
    if request.isOpen { return try checkOrigin(request) }
    if let given = request.authorization {
      guard given.lowercased().hasPrefix("bearer "), Self.isSame(String(given.dropFirst(7)), token) else {
        throw Self.unauthorized
      }
      return
    }
    guard let cookie = request.cookie, sessions.isOpen(BrowserSessions.value(in: cookie), now: now) else {
      throw Self.unauthorized
    }
    try checkOrigin(request)
  }

  /// A browser sends what other sites make it send; it always names the origin of what changes things.
  private func checkOrigin(_ request: Request) throws(HTTPProblem) {
    if !["GET", "HEAD"].contains(request.method), request.origin == nil {
      throw HTTPProblem(403, "origin_missing", "a browser may change things only from a page of this server")
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
