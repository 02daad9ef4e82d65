import CryptoExtras
import Foundation
import OrchDomain
import OrchWeb
import Testing

@testable import OrchGitHub

@Suite struct AppTests {
  /// Made for this run; it opens nothing.
  static let key: String = {
    do {
      return try _RSA.Signing.PrivateKey(keySize: .bits2048).pemRepresentation
    } catch {
      return "\(error)"
    }
  }()

  @Test("An app proves who it is with a signature that its public key accepts")
  func assertion() throws {
    let app = GitHubApp(id: "42", key: Self.key)
    let token = try app.assertion(now: Timestamp(milliseconds: 1_800_000_000_000))
    let parts = token.split(separator: ".").map(String.init)
    #expect(parts.count == 3)
    #expect(Self.decoded(parts[0]) == Data(#"{"alg":"RS256","typ":"JWT"}"#.utf8))
    #expect(Self.decoded(parts[1]) == Data(#"{"iat":1799999940,"exp":1800000540,"iss":"42"}"#.utf8))
    let key = try _RSA.Signing.PrivateKey(pemRepresentation: Self.key).publicKey
    let signature = _RSA.Signing.RSASignature(rawRepresentation: try #require(Self.decoded(parts[2])))
    #expect(
      key.isValidSignature(signature, for: Data("\(parts[0]).\(parts[1])".utf8), padding: .insecurePKCS1v1_5))
    #expect(throws: GitHubError.self) {
      try GitHubApp(id: "1", key: "no key").assertion(now: Timestamp(milliseconds: 0))
    }
  }

  @Test("A drawn token is used until shortly before its end, and drawn again when it was withdrawn")
  func drawnTokens() async throws {
    let world = ManualWorld { call, number in
      if call.url.hasSuffix("/installation") { return HTTPAnswer(200, #"{"id":7}"#) }
      if call.url.hasSuffix("/app/installations/7/access_tokens") {
        return HTTPAnswer(201, #"{"token":"ghs_\#(number)","expires_at":"2027-01-15T09:00:00Z"}"#)
      }
      return call.headers["authorization"] == "Bearer ghs_2" && number > 4 ? HTTPAnswer(401) : HTTPAnswer(200)
    }
    let source = TokenSource(environment: [:], app: GitHubApp(id: "42", key: Self.key), gh: { _ in "never" })
    let client = try world.client(tokens: source)
    for _ in 0..<2 { _ = try await client.get("/x") }
    #expect(world.calls.count == 4, "installation, token, twice the question")
    #expect(world.calls[3].headers["authorization"] == "Bearer ghs_2")
    _ = try await client.get("/x")
    #expect(world.calls.last?.headers["authorization"] == "Bearer ghs_7", "withdrawn, so drawn again")
    world.advance(by: .seconds(3400))
    _ = try await client.get("/x")
    #expect(world.calls.last?.headers["authorization"] == "Bearer ghs_10", "five minutes before its end")
  }

  private static func decoded(_ text: String) -> Data? {
    let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
  }
}
