/// Where a GitHub is: github.com or an Enterprise server.
package struct GitHubAddress: Hashable, Sendable {
  /// Without a slash at its end: `https://api.github.com`, `https://ghe.example.com/api/v3`.
  package let api: String
  /// `OWNER/NAME`
  package let repository: String
  /// Without a port.
  package let host: String

  /// - Throws: ``GitHubError/unusable(_:)`` for an address that would send the token in the clear, or is none.
  package init(api: String, repository: String) throws(GitHubError) {
    var url = api[...]
    while url.last == "/" { url.removeLast() }
    guard let scheme = url.firstRange(of: "://") else { throw .unusable("[forge] api_url '\(api)' is not an address") }
    let rest = url[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" }
    var host = authority.prefix { $0 != ":" }
    if authority.first == "[", let end = authority.firstIndex(of: "]") { host = authority[...end] }
    let isLoopback = ["127.0.0.1", "[::1]", "localhost"].contains(String(host))
    switch url[..<scheme.lowerBound] {
    case "https" where !host.isEmpty && !authority.contains("@"): break
    case "http" where isLoopback: break
    default: throw .unusable("[forge] api_url must begin with https://, because a token is sent there")
    }
    let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ Self.isName($0) }) else {
      throw .unusable("[forge] repo must be OWNER/NAME")
    }
    let name = host.lowercased()
    guard name != "github.com" && name != "www.github.com" else {
      throw .unusable("[forge] api_url of github.com is https://api.github.com")
    }
    self.api = "\(url[..<scheme.upperBound])\(authority.lowercased())\(rest[authority.endIndex...])"
    // github.com, and Enterprise in GitHub's own data centres, have the API on a host of its own.
    let isHosted = name == "api.github.com" || name.hasPrefix("api.") && name.hasSuffix(".ghe.com")
    self.host = isHosted ? String(name.dropFirst(4)) : name
    self.repository = repository
  }

  package var isPublic: Bool { host == "github.com" }
  package var owner: String { String(repository.prefix { $0 != "/" }) }

  /// What people and git use, without the API's own path.
  package var web: String {
    if isPublic || host.hasSuffix(".ghe.com") { return "https://\(host)" }
    for suffix in ["/api/v3", "/api"] where api.hasSuffix(suffix) { return String(api.dropLast(suffix.count)) }
    return api
  }

  /// GraphQL, beside the API or below it.
  var graph: String { (api.hasSuffix("/api/v3") ? "\(api.dropLast(2))" : "\(api)/") + "graphql" }

  package var git: String { "\(web)/\(repository).git" }

  private static func isName(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text != "." && text != ".."
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }
}
