import OrchDomain
import Testing

@testable import OrchHTTP

/// Who is let in, by what the head of a request says.
@Suite("Who may ask")
struct AccessControlTests {
  private static let now = Timestamp(milliseconds: 1_780_000_000_000)

  private static func access(_ publicURL: String?, usesTLS: Bool = false) -> AccessControl {
    AccessControl(
      token: "secret", address: "127.0.0.1", names: ["box.local"], port: 8080, usesTLS: usesTLS, publicURL: publicURL,
      sessions: BrowserSessions(token: "secret") { "session" })
  }

  /// The status of the refusal; nil when it is let in.
  private static func status(_ access: AccessControl, _ request: AccessControl.Request) -> Int? {
    do throws(HTTPProblem) {
      try access.check(request, now: now)
      return nil
    } catch { return error.status }
  }

  private static func request(
    _ method: String = "GET", host: String?, origin: String? = nil, authorization: String? = "Bearer secret",
    isOpen: Bool = false
  ) -> AccessControl.Request {
    AccessControl.Request(
      method: method, host: host, origin: origin, authorization: authorization, isOpen: isOpen)
  }

  @Test(
    "It answers to its own names and to that of the public address, however that is written",
    arguments: [
      ("https://Orch.Example", "orch.example", "https://orch.example"),
      ("https://orch.example:443/x/", "orch.example", "https://orch.example"),
      ("https://orch.example:8443", "orch.example:8443", "https://orch.example:8443"),
      ("http://127.0.0.1:9000", "127.0.0.1:9000", "http://127.0.0.1:9000"),
      ("http://localhost:80?x", "localhost", "http://localhost"),
      ("http://[::1]:9000/x", "[::1]:9000", "http://[::1]:9000"),
    ])
  func names(url: String, host: String, origin: String) {
    let access = Self.access(url)
    for own in [host, host.uppercased(), "127.0.0.1:8080", "localhost:8080", "[::1]:8080", "box.local:8080"] {
      #expect(Self.status(access, Self.request(host: own)) == nil, "\(own)")
    }
    #expect(Self.status(access, Self.request("POST", host: host, origin: origin)) == nil)
    #expect(Self.status(access, Self.request("POST", host: host, origin: "http://box.local:8080")) == nil)
    let strangers = [
      nil, "", "evil.example", "orch.example.evil.example", "evil.example:8080", "127.0.0.1", "127.0.0.1:80",
      "x@orch.example", "orch.example.", "orch.example:1",
    ]
    for stranger in strangers { #expect(Self.status(access, Self.request(host: stranger)) == 421, "\(stranger ?? "")") }
    // The address that leads here from elsewhere is no reason to trust its name over another scheme.
    for evil in ["http://evil.example", "null", "https://evil.example", "ftp://orch.example", "\(origin).evil.example"]
    {
      #expect(Self.status(access, Self.request(host: host, origin: evil)) == 403, "\(evil)")
    }
    #expect(Self.status(access, Self.request(host: host, authorization: nil)) == 401)
    #expect(Self.status(access, Self.request(host: host, authorization: "Bearer guess")) == 401)
  }

  @Test(
    "Without a public address, or with one that is none, only its own names count",
    arguments: [nil, "", "https://", "orch.example", "ftp://orch.example"])
  func none(url: String?) {
    let access = Self.access(url)
    #expect(Self.status(access, Self.request(host: "orch.example")) == 421)
    #expect(Self.status(access, Self.request(host: "")) == 421)
    #expect(Self.status(access, Self.request(host: "127.0.0.1:8080")) == nil)
    #expect(Self.status(access, Self.request(host: "127.0.0.1:8080", origin: "https://127.0.0.1:8080")) == 403)
    let tls = Self.access(url, usesTLS: true)
    #expect(Self.status(tls, Self.request(host: "127.0.0.1:8080", origin: "https://127.0.0.1:8080")) == nil)
  }

  @Test("Where the address itself is the key no token is asked for, but whatever changes things names our own page")
  func open() {
    let access = Self.access("https://orch.example")
    func ask(_ method: String, origin: String?) -> Int? {
      Self.status(
        access, Self.request(method, host: "orch.example", origin: origin, authorization: nil, isOpen: true))
    }
    #expect(ask("GET", origin: nil) == nil && ask("HEAD", origin: nil) == nil)
    #expect(ask("POST", origin: "https://orch.example") == nil)
    for method in ["POST", "PUT", "DELETE", "PATCH", "get"] { #expect(ask(method, origin: nil) == 403, "\(method)") }
    for origin in ["null", "", "http://orch.example", "https://orch.example:8443", "https://evil.example"] {
      #expect(ask("POST", origin: origin) == 403, "\(origin)")
    }
    let strange = Self.request("POST", host: "evil.example", origin: "https://orch.example", isOpen: true)
    #expect(Self.status(access, strange) == 421)
  }
}
