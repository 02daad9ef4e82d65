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

  /// Settings that keep an agent's git from what only a person can give: a login on the way to a forge, a key to sign
  /// with, a text in an editor. No helper, no prompt, and no push to an address of a network. They only stop what is
  /// not meant to harm; the sandbox takes the logins away.
  package static var unattendedGit: [String: String] {
    let refused = "claude-orch-pushes-for-you://"
    let settings =
      [("credential.helper", ""), ("credential.interactive", "false"), ("core.askPass", "false")]
      + [("commit.gpgSign", "false"), ("tag.gpgSign", "false")]
      + ["https://", "http://", "ssh://", "git://", "git@"].map { ("url.\(refused).pushInsteadOf", $0) }
    var result = [
      "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "false", "SSH_ASKPASS": "false", "GCM_INTERACTIVE": "never",
      // The text that git proposes is taken: `code --wait` would wait for ever.
      "GIT_EDITOR": "true",
      "GIT_SSH_COMMAND":
        "ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityFile=/dev/null -o IdentityAgent=none",
      "GIT_CONFIG_COUNT": String(settings.count),
    ]
    for (index, setting) in settings.enumerated() {
      result["GIT_CONFIG_KEY_\(index)"] = setting.0
      result["GIT_CONFIG_VALUE_\(index)"] = setting.1
    }
    return result
  }
}
