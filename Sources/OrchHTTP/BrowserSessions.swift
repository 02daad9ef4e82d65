package import OrchDomain
import Synchronization

/// The sessions of browsers: each begins with a link that works once, and lives in memory only.
package final class BrowserSessions: Sendable {
  package static let cookieName = "claude_orch_session"
  /// How long a link can be used.
  package static let linkLife = Duration.seconds(120)
  private static let sessionLife = Duration.seconds(12 * 3600)

  private struct State {
    var open: [String: Timestamp] = [:]
    var used: [String: Timestamp] = [:]
  }

  private let token: String
  private let makeSecret: @Sendable () -> String
  private let state = Mutex(State())

  /// - Parameter token: Whoever has it can make links.
  package init(token: String, makeSecret: @escaping @Sendable () -> String) {
    self.token = token
    self.makeSecret = makeSecret
  }

  /// A key for one session. Whoever can read the token makes it without asking the server.
  package static func key(token: String, nonce: String, now: Timestamp) -> String {
    let until = String(now.advanced(by: linkLife).milliseconds)
    return "\(nonce).\(until).\(seal(token, nonce, until))"
  }

  private static func seal(_ token: String, _ nonce: String, _ until: String) -> String {
    // Twice, from the outside in, so that nobody can lengthen what is sealed.
    let inner = SHA256.hex("claude-orch link \(token) \(nonce) \(until)".utf8)
    return SHA256.hex("claude-orch link \(token) \(inner)".utf8)
  }

  /// Begins a session.
  ///
  /// - Returns: The cookie's value; nil for a key that is not ours, too old, or was used before.
  package func open(key: String, now: Timestamp) -> String? {
    let parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let until = Int64(parts[1]).map({ Timestamp(milliseconds: $0) }),
      AccessControl.isSame(parts[2], Self.seal(token, parts[0], parts[1])), now < until,
      until.since(now) <= Self.linkLife
    else { return nil }
    return state.withLock { state in
      state.used = state.used.filter { $0.value > now }
      state.open = state.open.filter { $0.value > now }
      guard state.used.updateValue(until, forKey: parts[0]) == nil else { return nil }
      let secret = makeSecret()
      state.open[SHA256.hex(secret.utf8)] = now.advanced(by: Self.sessionLife)
      return secret
    }
  }

  package func isOpen(_ value: String?, now: Timestamp) -> Bool {
    guard let value else { return false }
    let name = SHA256.hex(value.utf8)
    return state.withLock { $0.open[name].map { $0 > now } ?? false }
  }

  /// The `Set-Cookie` of a session.
  package static func cookie(_ value: String, usesTLS: Bool) -> String {
    "\(cookieName)=\(value); Path=/; HttpOnly; SameSite=Strict; Max-Age=43200" + (usesTLS ? "; Secure" : "")
  }

  /// Our cookie in a `Cookie` header.
  package static func value(in header: String) -> String? {
    for pair in header.split(separator: ";") {
      let sides = pair.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, sides[0].drop(while: { $0 == " " }) == cookieName else { continue }
      return String(sides[1])
    }
    return nil
  }
}
