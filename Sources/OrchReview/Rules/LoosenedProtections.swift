import OrchDomain

/// Protections that become weaker: what is added that opens, what is taken away that guarded, and numbers that shrink.
enum LoosenedProtections {
  private static let opening = PatternTable(
    [
      "httponly:false", "httponly=false", "secure:false", "cookie_secure=false", "cookie_httponly=false",
      "samesite:'none'", "samesite:\"none\"",
      "samesite=none", "samesite:none", "samesite='none'", "samesite=\"none\"", "access-control-allow-origin:*",
      "access-control-allow-origin\",\"*",
      "access-control-allow-origin','*", "access-control-allow-origin':'*", "access-control-allow-origin\":\"*",
      "allow_origins=[\"*",
      "allow_origins=['*", "alloworigins:[]string{\"*", "origin:'*'", "origin:\"*\"", "origin:true", "allowanyorigin",
      "allowedorigins(\"*\"",
      "allow-credentials:true", "allowcredentials:true", "supports_credentials=true", "cors_origin_allow_all=true",
      "cors_allow_all_origins=true",
      "permitall()", "anonymous().", ".csrf().disable", "csrf(abstracthttpconfigurer::disable", "csrf->disable",
      "csrf_exempt", "csrf:false",
      "wtf_csrf_enabled=false", "skip_before_action", "protect_from_forgery except", "allowanonymous", "[allowany]",
      "allowany,",
      "withoutmiddleware(", "debug=true", "app_debug=true", "allowed_hosts=['*", "allowed_hosts=[\"*", "nohttponly",
      "ignoressl", "trustall",
      "x-frame-options:allowall", "unsafe-inline", "unsafe-eval", "contentsecuritypolicy:false", "frameguard:false",
      "hsts:false",
      "autoescape=false", "autoescape off", "autoescape:false", "|safe", "html_safe", "mark_safe(", "raw(params",
      "header('location", "header(\"location", "set('location", "set(\"location",
      "@html.raw(", "{!!", "{@html", "v-html",
      "template.html(", "bypasssecuritytrust", "insertadjacenthtml", "nodeintegration:true", "contextisolation:false",
      "websecurity:false",
      "websecurityenabled:false", "allowfileaccess", "setjavascriptenabled(true", "android:exported=\"true",
      "android:debuggable=\"true",
      "allowbackup=\"true", "algorithms:['none", "algorithms=[\"none", "alg:'none", "algorithm=\"none",
      "verify_aud\":false", "verify_exp\":false",
      "ignoreexpiration:true", "requirehttps=false", "requirehttpsmetadata=false", "validateissuer=false",
      "validateaudience=false",
      "validatelifetime=false", "validateissuersigningkey=false", "minversion:tls.versiontls10",
      "minversion:tls.versiontls11", "tlsv1_method",
      "protocol_tlsv1)", "protocol_sslv", "sslv3", "starttls_auto=>false", "starttls:false", "starttls=false",
      "use_tls=false", "tls10", "tls1_0", "privileged:true", "hostnetwork:true",
      "hostpid:true", "hostipc:true",
      "runasnonroot:false", "runasuser:0", "allowprivilegeescalation:true", "readonlyrootfilesystem:false", "cap_add",
      "network_mode:host",
      "docker.sock", "seccomp:unconfined", "apparmor:unconfined", "cap_sys_admin", "user root", "user=root", "nopasswd",
      "permitrootlogin yes",
      "\"action\":\"*\"", "\"resource\":\"*\"", "\"principal\":\"*\"", "actions=[\"*\"]", "resources=[\"*\"]",
      "0.0.0.0/0", "public-read",
      "password_min_length=", "mass_assignment", "permit!", "guarded=[]", "guarded=false", "fillable=['*",
    ].map { Pattern($0, .loosened) })

  /// Where these go without coming back, something has lost its guard.
  private static let guarding = PatternTable(
    [
      "httponly:true", "httponly=true", "secure:true", "cookie_secure=true", "cookie_httponly=true", "samesite",
      "helmet(", "ratelimit", "rate_limit",
      "throttle", "sanitiz", "sanitis", "htmlspecialchars", "escape_html", "escapehtml", "html.escape(", "bleach.clean",
      "dompurify", "encodeuricomponent(",
      "timingsafeequal", "compare_digest", "constanttimecompare", "secure_compare", "hash_equals(", "hmac.equal",
      "constanttimeeq", "verify_signature",
      "verifysignature", "csrf", "preauthorize", "rolesallowed", "@secured", "[authorize", "login_required",
      "permission_required", "user_passes_test",
      "permission_classes", "before_action", "before_filter", "authorize!", "authorize(", "requireauth", "requirelogin",
      "ensureauth", "isauthenticated",
      "middleware('auth", "middleware(\"auth", "[validateantiforgerytoken", "x-frame-options",
      "content-security-policy", "strict-transport-security",
      "x-content-type-options", "default-src", "script-src", "style-src", "img-src", "connect-src", "object-src",
      "form-action", "frame-ancestors", "base-uri", "runasnonroot:true", "readonlyrootfilesystem:true",
      "allowprivilegeescalation:false",
      "cap_drop", "nonewprivileges",
      "protectsystem", "privatetmp", "no-new-privileges", "safeloader", "safe_load", "parameterized",
      "preparestatement", "bindparam", "realpath(",
      "securefilename", "secure_filename", "path.normalize(", "filepath.clean(", "is_relative_to(", "strong_params",
      ".permit(", "maxbytesreader", "limitreader",
      "crypto.randombytes", "secrets.token", "secrets.choice", "securerandom", "random_bytes(", "getrandomvalues",
      "systemrandom", "osrng", "crypto/rand",
      "randomnumbergenerator.", "secrandomcopybytes",
    ].map { Pattern($0, .guardRemoved) })

  private static let weakRandom = PatternTable(
    [
      "math.random(", "random.choice(", "random.randint(", "random.random(", "random.sample(", "rand.intn(",
      "rand.int(", "rand.int63", "math/rand",
      "mt_rand(", "rand(", "new random(", "java.util.random", "arc4random", "srand(", "uniqid(", "random.nextint(",
      "random.next(",
    ].map { Pattern($0, .loosened, left: .boundary) })

  private static let secretWords: Set<String> = [
    "token", "tokens", "secret", "password", "passcode", "otp", "nonce", "salt", "key", "session", "csrf", "code",
    "reset", "invite", "iv", "pin",
  ]
  private static let costWords: Set<String> = [
    "bcrypt", "rounds", "cost", "iterations", "pbkdf", "argon", "scrypt", "saltrounds", "strength", "factor", "keylen",
    "keysize", "bits",
  ]

  static func judge(_ lines: [ScannedLine], _ path: String, _ context: [String], _ evidence: inout EvidenceCollector) {
    for line in lines where line.isAdded {
      let (bytes, origins) = (line.squeezed.bytes, line.squeezed.origins)
      if let match = opening.matches(in: bytes).first {
        evidence.add(.loosened, path, line.line, line.excerpt(origins[match.position]))
      } else if let match = weakRandom.matches(in: bytes).first, speaksOfSecrets(lines, context) {
        evidence.add(.loosened, path, line.line, line.excerpt(origins[match.position]))
      }
    }
    judgeNumbers(lines, path, &evidence)
    judgeLimits(lines, path, &evidence)
    judgeOwnership(lines, path, context, &evidence)
  }

  private static func speaksOfSecrets(_ lines: [ScannedLine], _ context: [String]) -> Bool {
    lines.contains { $0.code.words.contains { secretWords.contains($0.text) } }
      || context.contains { CodeLine($0).words.contains { secretWords.contains($0.text) } }
  }

  /// Guards that the change takes away and does not put anywhere else.
  static func judgeGuards(_ all: [(file: FileDiff, lines: [ScannedLine])], _ evidence: inout EvidenceCollector) {
    var balance: [String: Int] = [:]
    var removed: [(name: String, path: String, line: ScannedLine, position: Int, isRewritten: Bool)] = []
    for (file, lines) in all {
      let role = FileRole(file.path)
      guard !role.isTest, !role.isGenerated, !role.isDependencies else { continue }
      let speaks = role.language?.isCode == true
      let added = Set(lines.filter(\.isAdded).map(\.bare))
      for line in lines where !line.isImport(role.language) {
        for (name, position) in names(of: line, speaks: speaks) {
          balance[name, default: 0] += line.isAdded ? 1 : -1
          guard !line.isAdded else { continue }
          // What is written otherwise now may be a weaker one; what only moves is not.
          let isRewritten = !name.hasPrefix("security.") && !added.contains(line.bare)
          removed.append((name, file.path, line, position, isRewritten))
        }
      }
    }
    for item in removed where balance[item.name, default: 0] < 0 || item.isRewritten {
      evidence.add(.guardRemoved, item.path, item.line.line, item.line.excerpt(item.position))
    }
  }

  /// The guards that a line speaks of, by a name that is the same wherever they stand.
  private static func names(of line: ScannedLine, speaks: Bool) -> [(String, Int)] {
    let (bytes, origins) = (line.squeezed.bytes, line.squeezed.origins)
    var found: [(String, Int)] = guarding.allMatches(in: bytes).map { ($0.text, origins[$0.position]) }
    guard speaks, !line.isMarkup, !line.isTest else { return found }
    for match in SecurityWords.find(in: line.identifiers, isAboutLanguages: true)
    where [.auth, .password, .permissions, .crypto, .injection].contains(match.rule) {
      found.append((match.rule.name, match.position))
    }
    return found
  }

  private static func judgeNumbers(_ lines: [ScannedLine], _ path: String, _ evidence: inout EvidenceCollector) {
    func costs(_ isAdded: Bool) -> [(line: ScannedLine, number: Int)] {
      lines.filter { $0.isAdded == isAdded && $0.code.words.contains { costWords.contains($0.text) } }.compactMap {
        line in
        line.code.words.last { $0.text.first?.isNumber == true }.flatMap { word in Int(word.text).map { (line, $0) } }
      }
    }
    for (old, new) in zip(costs(false), costs(true)) where new.number < old.number {
      evidence.add(.loosened, path, new.line.line, Excerpt.text("\(old.number) became \(new.number): \(new.line.raw)"))
    }
  }

  private static let limitWords: Set<String> = [
    "limit", "limits", "max", "maximum", "quota", "attempts", "ttl", "expiry", "expires", "expiration", "lifetime",
  ]

  /// A limit that lets more through than before: the same line with a larger number.
  private static func judgeLimits(_ lines: [ScannedLine], _ path: String, _ evidence: inout EvidenceCollector) {
    let removed = lines.filter { !$0.isAdded }
    for line in lines where line.isAdded && line.code.words.contains(where: { limitWords.contains($0.text) }) {
      let own = shape(line)
      guard let old = removed.first(where: { shape($0) == own }) else { continue }
      for (before, after) in zip(numbers(old), numbers(line)) where after > before {
        evidence.add(.loosened, path, line.line, Excerpt.text("\(before) became \(after): \(line.raw)"))
        break
      }
    }
  }

  private static func shape(_ line: ScannedLine) -> [UInt8] { line.bare.filter { !CodeLine.isDigit($0) } }

  private static func numbers(_ line: ScannedLine) -> [Int] {
    line.bare.split { !CodeLine.isDigit($0) }.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
  }

  private static let owners: [[String]] = [
    ["user", "id"], ["owner", "id"], ["owner"], ["tenant"], ["tenant", "id"], ["account", "id"], ["org", "id"],
    ["organization", "id"],
    ["organisation", "id"], ["team", "id"], ["workspace", "id"], ["project", "id"], ["current", "user"],
    ["created", "by"], ["request", "user"], ["author", "id"],
    ["customer", "id"], ["member", "id"],
  ]
  private static let queries: Set<String> = [
    "where", "filter", "find", "findone", "first", "get", "select", "query", "scope", "eq", "match", "and", "all",
    "exists", "fetch", "delete", "update", "queryset",
    "objects", "from", "join", "count", "exclude", "lookup", "load",
  ]
  private static let heads: Set<String> = [
    "def", "func", "function", "fn", "fun", "class", "struct", "interface", "public", "private", "export",
  ]

  private static func judgeOwnership(
    _ lines: [ScannedLine], _ path: String, _ context: [String], _ evidence: inout EvidenceCollector
  ) {
    let removed = lines.filter { !$0.isAdded }
    // A whole function that goes away asks nothing of anybody any more.
    guard !removed.isEmpty, removed.count <= 15,
      !removed.contains(where: { $0.code.words.first.map { heads.contains($0.text) } ?? false })
    else { return }
    func count(_ lines: [ScannedLine], _ owner: [String]) -> Int {
      lines.count { SecurityWords.place(of: owner, in: $0.code) != nil }
    }
    let asks =
      lines.contains { $0.code.words.contains { queries.contains($0.text) } }
      || context.contains { CodeLine($0).words.contains { queries.contains($0.text) } }
    guard asks else { return }
    let added = lines.filter(\.isAdded)
    for owner in owners where count(removed, owner) != count(added, owner) {
      let isLost = count(removed, owner) > count(added, owner)
      // A query that asks for once more may ask for the wrong one, where it asked for something else before.
      guard isLost || removed.contains(where: isCondition),
        let line = (isLost ? removed : added).first(where: { line in
          SecurityWords.place(of: owner, in: line.code) != nil && isCondition(line)
        })
      else { continue }
      evidence.add(.ownership, path, line.line, line.excerpt(SecurityWords.place(of: owner, in: line.code) ?? 0))
      return
    }
  }

  /// Whether a line compares, or names what a query is limited to, rather than stores something.
  private static func isCondition(_ line: ScannedLine) -> Bool {
    if line.code.words.contains(where: { queries.contains($0.text) }) { return true }
    let bytes = line.bare
    if ["==", "!=", "eq("].contains(where: { Bytes.contains(bytes[...], Array($0.utf8)) }) { return true }
    return Bytes.contains(bytes[...], [0x3A]) && !Bytes.contains(bytes[...], Array(":=".utf8))
  }
}
