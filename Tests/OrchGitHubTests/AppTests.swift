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

  @Test(
    "An app on a machine whose clock is wrong proves itself by GitHub's, and keeps its token as long as GitHub does")
  func otherClock() async throws {
    let world = ManualWorld { call, number in
      let date = ["date": "Fri, 15 Jan 2027 08:00:0\(number) GMT"]
      let login = call.headers["authorization"]?.dropFirst(7) ?? ""
      let claims = login.split(separator: ".").dropFirst().first.flatMap { Self.decoded(String($0)) }
      if let claims {
        let isFresh = String(decoding: claims, as: UTF8.self).contains("\"iat\":17999999")
        guard isFresh else { return HTTPAnswer(401, #"{"message":"'iat' is in the future"}"#, date) }
        return HTTPAnswer(201, #"{"token":"ghs_1","expires_at":"2027-01-15T09:00:00Z"}"#, date)
      }
      return HTTPAnswer(200, "{}", date)
    }
    world.advance(by: .seconds(7200))
    let source = TokenSource(environment: [:], app: GitHubApp(id: "42", key: Self.key, installation: 7))
    let client = try world.client(tokens: source)
    for _ in 0..<3 { #expect(try await client.get("/x").status == 200) }
    #expect(world.calls.count == 5, "refused once, drawn once, asked three times")
  }

  private static func decoded(_ text: String) -> Data? {
    let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
  }
}
