import OrchDomain

/// Where a token for GitHub may come from, in the order in which it is looked for.
package struct TokenSource: Sendable {
  package var environment: [String: String]
  /// Of `[forge] token`.
  package var configured: String?
  package var app: GitHubApp?
  /// What `gh auth token` says for a host; nil without `gh` or a login.
  package var gh: @Sendable (_ host: String) async -> String?

  package init(
    environment: [String: String], configured: String? = nil, app: GitHubApp? = nil,
    gh: @escaping @Sendable (_ host: String) async -> String? = { _ in nil }
  ) {
    self.environment = environment
    self.configured = configured
    self.app = app
    self.gh = gh
  }

  /// The variables that count for a host. Those for github.com go to no other server, because a configuration file that
  /// names one would otherwise be enough to be sent the token.
  package static func variables(for address: GitHubAddress) -> [String] {
    address.isPublic ? ["GH_TOKEN", "GITHUB_TOKEN"] : ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
  }

  /// A token that does not change, or nil when an app's has to be drawn.
  func fixed(for address: GitHubAddress) async -> String? {
    for name in Self.variables(for: address) {
      if let token = Self.clean(environment[name]) { return token }
    }
    if let token = Self.clean(configured) { return token }
    if app != nil { return nil }
    return Self.clean(await gh(address.host))
  }

  func places(for address: GitHubAddress) -> [String] {
    Self.variables(for: address).map { "$\($0)" } + ["[forge] token", "[forge] app_id", "gh auth token"]
  }

  /// nil for what cannot be a token; a line feed in a header would be one of ours.
  private static func clean(_ token: String?) -> String? {
    guard let token else { return nil }
    var text = token[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    while text.first?.isWhitespace == true { text.removeFirst() }
    return text.isEmpty || !text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) ? nil : String(text)
  }
}
