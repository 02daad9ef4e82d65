/// What a foreign program may know of our environment.
package enum AgentEnvironment {
  private static let kept: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "SHELL", "TZ",
    // Where certificates are: names of files, no secrets.
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS",
  ]

  /// The variables that any program needs, those that `allow` names, and `TERM=dumb`; nothing else.
  ///
  /// Tokens, keys and `GIT_*` (which would point git at another repository) go only to those who are allowed them by
  /// name.
  package static func base(from environment: [String: String], allow: [String]) -> [String: String] {
    let allowed = Set(allow)
    var result = environment.filter { name, _ in
      kept.contains(name) || name.hasPrefix("LC_") || allowed.contains(name)
    }
    if !allowed.contains("TERM") { result["TERM"] = "dumb" }
    return result
  }
}
