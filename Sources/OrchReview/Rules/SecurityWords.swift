/// Words of identifiers that say that code guards something.
enum SecurityWords {
  private static let lists: [(ReviewRule, String)] = [
    (
      .password,
      "password passwords passwd passphrase passcode credential credentials bcrypt scrypt argon pbkdf htpasswd keychain"
    ),
    (
      .auth,
      """
      auth authn authz authenticate authenticated authenticates authentication authenticator authorize authorized
      authorise authorised authorization authorisation authorizer unauthorized unauthenticated oauth openid oidc saml
      jwt jwts jwks login logins logout signin signup sso mfa totp otp csrf xsrf cors bearer ldap kerberos webauthn
      passkey passkeys cookie cookies samesite
      """
    ),
    (
      .injection,
      """
      sanitize sanitizes sanitized sanitizer sanitizers sanitizing sanitise sanitises sanitised sanitiser sanitisers
      unsanitized htmlspecialchars htmlentities dompurify autoescape
      """
    ),
    (.token, "secret secrets apikey apikeys keystore"),
    (
      .permissions,
      """
      permission permissions acl acls rbac sudo sudoers setuid setgid seteuid setegid chmod fchmod chown fchown lchown
      allowlist allowlisted denylist blocklist whitelist whitelisted blacklist blacklisted moderator moderators
      umask setcap capset privilege privileges privileged seccomp apparmor selinux superuser impersonate setfacl
      """
    ),
    (
      .crypto,
      """
      crypto cryptography encrypt encrypts encrypted encryption encryptor decrypt decrypts decrypted decryption cipher
      ciphers aes rsa ecdsa ecdh hmac x509 tls ssl cert certs certificate certificates openssl libsodium nacl webcrypto
      keypair starttls
      """
    ),
  ]

  /// Words in a row, within one identifier or one space apart.
  private static let phraseLists: [(ReviewRule, [String])] = [
    (
      .password,
      [
        "sensitive post", "sensitive variables", "sensitive parameters", "filter parameters", "user pwd", "db pwd",
        "pwd hash", "pass phrase",
      ]
    ),
    (
      .auth,
      [
        "session id", "session ids", "drop session", "session hijacking", "remote token", "session token",
        "session cookie", "session pool", "session store", "session middleware", "session key", "session secret",
        "user session", "login session", "sign in", "two factor", "set cookie", "reset session", "session reset",
        "destroy session", "session destroy", "clear session", "expire session", "session expired", "session expires",
        "session timeout", "session lifetime", "session end", "sessions end", "end session", "invalidate session",
        "revoke session", "revoke sessions", "remember me", "remember token", "redirect uri", "redirect url",
        "same site", "login attempts", "failed attempts", "max attempts", "maximum attempts",
        "account locked", "locked out", "rate limit", "rate limits", "rate limiter", "trusted proxies", "trusted hosts",
        "x forwarded",
        "trust proxy", "allowed hosts", "allowed origins", "claim types", "claims principal",
      ]
    ),
    (
      .token,
      [
        "api key", "api keys", "secret key", "access key", "signing key", "access token", "access tokens",
        "refresh token", "refresh tokens", "api token", "api tokens", "auth tokens", "id token", "bearer token",
        "github token", "slack token", "user token", "device token", "reset token", "csrf token", "personal token",
      ]
    ),
    (
      .permissions,
      [
        "access control", "seen by", "visible to", "viewable by", "editable by", "allowed to", "can view", "can edit",
        "can see", "can delete", "can access",
        "can manage", "can read", "can write", "is owner", "is allowed", "is admin", "is superuser", "admin only",
        "require admin",
        "membership type", "member type", "access all", "security stamp", "user role", "user roles", "has role",
        "require role", "require roles", "grant all", "grant select",
        "grant role",
        "set uid", "set gid", "run as", "is moderator", "is banned", "is private", "is visible", "visible for user",
        "visible for users",
        "allowed tags", "allowed attributes", "allowed schemes", "allowed protocols", "allowed extensions",
      ]
    ),
    (
      .injection,
      [
        "html escape", "escape html", "escape shell", "shell escape", "auto escape", "url escape", "mark safe",
        "html safe", "encode uri", "safe html", "safe mode", "raw html", "inner html", "trusted html",
      ]
    ),
    (.crypto, ["private key", "private keys", "public key", "encryption key", "key pair", "key store"]),
  ]

  /// Beginnings that need no boundary, because written without one they still mean nothing else.
  static let stems = PatternTable(
    [
      (.password, ["password", "passwd", "passphrase", "credential", "bcrypt"]),
      (.auth, ["authentic", "authoriz", "authtoken", "sessionid"]),
      (.token, ["apikey", "secretkey", "clientsecret", "accesstoken", "refreshtoken"]),
      (.permissions, ["permission", "setuid", "setgid"]),
      (.crypto, ["encrypt", "decrypt", "privatekey"]),
    ].flatMap { rule, texts in texts.map { Pattern($0, rule) } })

  private static let words: [String: ReviewRule] = {
    var table: [String: ReviewRule] = [:]
    for (rule, list) in lists {
      for word in list.split(whereSeparator: \.isWhitespace) { table[String(word)] = rule }
    }
    return table
  }()

  private static let phrases: [String: [(rest: [String], rule: ReviewRule)]] = {
    var table: [String: [(rest: [String], rule: ReviewRule)]] = [:]
    for (rule, list) in phraseLists {
      for phrase in list {
        let parts = phrase.split(separator: " ").map(String.init)
        table[parts[0], default: []].append((Array(parts.dropFirst()), rule))
      }
    }
    return table
  }()

  /// Beside these words a `token` is one of a text, of a language model or of a task that can be cancelled.
  private static let harmlessBefore: Set<String> = [
    "max", "num", "cancellation", "cancel", "next", "prev", "previous", "peek", "input", "output", "start", "end",
    "eof",
    "first", "last", "current", "lex", "lexer", "word", "per", "json", "xml", "syntax",
  ]
  private static let harmlessAfter: Set<String> = [
    "type", "kind", "stream", "count", "counts", "limit", "budget", "usage", "index", "range", "text", "class",
    "literal", "list", "iterator", "position", "s",
  ]
  private static let languageWords: Set<String> = [
    "lexer", "lexers", "lex", "lexing", "parser", "parsers", "parse", "parsing", "tokenizer", "tokenizers", "tokenize",
    "tokenise", "tokeniser", "scanner", "syntax", "grammar", "ast", "sanitizer", "html", "markdown", "highlight",
  ]

  /// Whether a path belongs to code that takes texts apart, where a `token` guards nothing.
  static func isAboutLanguages(_ path: FileRole) -> Bool { path.words.contains { languageWords.contains($0) } }

  /// The first place of every rule that the words of a line speak of.
  static func find(in line: CodeLine, isAboutLanguages: Bool) -> [(rule: ReviewRule, position: Int)] {
    var found: [(rule: ReviewRule, position: Int)] = []
    func note(_ rule: ReviewRule, _ position: Int) {
      if !found.contains(where: { $0.rule == rule }) { found.append((rule, position)) }
    }
    for (index, word) in line.words.enumerated() {
      if let rule = words[word.text], !isCurrentUser(index, line.words) { note(rule, word.start) }
      if word.text == "token", !isAboutLanguages, !isHarmlessToken(index, line.words) { note(.token, word.start) }
      for phrase in phrases[word.text] ?? [] where follows(phrase.rest, index, line.words) {
        note(phrase.rule, word.start)
      }
    }
    for match in stems.matches(in: line.bytes) { note(match.rule, match.position) }
    return found
  }

  /// Whether `phrase` (words with spaces) occurs in the line; the place of its first word.
  static func place(of phrase: [String], in line: CodeLine) -> Int? {
    guard let first = phrase.first else { return nil }
    let rest = Array(phrase.dropFirst())
    let index = line.words.indices.first { line.words[$0].text == first && follows(rest, $0, line.words) }
    return index.map { line.words[$0].start }
  }

  private static func follows(_ rest: [String], _ index: Int, _ words: [CodeLine.Word]) -> Bool {
    guard index + rest.count < words.count else { return false }
    return rest.indices.allSatisfy { offset in
      let word = words[index + 1 + offset]
      return word.isJoined && word.text == rest[offset]
    }
  }

  /// `auth()->user()`: asks who is there, and decides nothing.
  private static func isCurrentUser(_ index: Int, _ words: [CodeLine.Word]) -> Bool {
    words[index].text == "auth" && index + 1 < words.count && ["user", "id"].contains(words[index + 1].text)
  }

  private static func isHarmlessToken(_ index: Int, _ words: [CodeLine.Word]) -> Bool {
    // `JToken` and `Tok` types of libraries that read texts.
    if index > 0, words[index].isJoined, words[index - 1].text == "j" { return true }
    if words.indices.contains(where: { $0 > 0 && words[$0].text == "token" && words[$0 - 1].text == "j" }) {
      return true
    }
    if words[index].isJoined, index > 0, harmlessBefore.contains(words[index - 1].text) { return true }
    if index + 1 < words.count, ["count", "index", "range", "length"].contains(words[index + 1].text) { return true }
    return index + 1 < words.count && words[index + 1].isJoined && harmlessAfter.contains(words[index + 1].text)
  }
}
