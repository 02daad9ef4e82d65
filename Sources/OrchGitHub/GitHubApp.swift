import CryptoExtras
package import OrchDomain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A GitHub App that acts for us: its identity, and how it proves it.
package struct GitHubApp: Hashable, Sendable {
  package var id: String
  /// Its private key as PEM.
  package var key: String
  /// The installation; nil to ask which one the repository has.
  package var installation: Int?

  package init(id: String, key: String, installation: Int? = nil) {
    self.id = id
    self.key = key
    self.installation = installation
  }

  /// A JSON Web Token that proves the app's identity for nine minutes, as GitHub wants it: RS256, begun a minute ago
  /// because clocks differ.
  ///
  /// - Throws: ``GitHubError/unusable(_:)`` for a key that is none.
  package func assertion(now: Timestamp) throws(GitHubError) -> String {
    let seconds = now.milliseconds / 1000
    let head = JSONValue.object([.init("alg", "RS256"), .init("typ", "JWT")])
    let claims = JSONValue.object([
      .init("iat", .int(seconds - 60)), .init("exp", .int(seconds + 540)), .init("iss", .string(id)),
    ])
    let signed = [head, claims].map { Self.base64URL(Data($0.text().utf8)) }.joined(separator: ".")
    do {
      let key = try _RSA.Signing.PrivateKey(pemRepresentation: key)
      let signature = try key.signature(for: Data(signed.utf8), padding: .insecurePKCS1v1_5)
      return "\(signed).\(Self.base64URL(signature.rawRepresentation))"
    } catch {
      throw .unusable("the key of the GitHub App in [forge] app_key_file is not an RSA key in PEM")
    }
  }

  private static func base64URL(_ data: Data) -> String {
    String(
      data.base64EncodedString().compactMap { character -> Character? in
        switch character {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: character
        }
      })
  }
}
