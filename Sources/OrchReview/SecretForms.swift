/// The keys that say by their own form what they are.
enum SecretForms {
  /// Which bytes the part behind the beginning is made of.
  enum Alphabet: Sendable {
    case digits, lowerHex, upper, alphanumeric, word, base64, dotted
  }

  /// A fixed beginning and so many bytes of an alphabet behind it.
  struct Form: Sendable {
    let name: String
    let prefix: [UInt8]
    let length: ClosedRange<Int>
    let alphabet: Alphabet

    init(_ name: String, _ prefix: String, _ length: ClosedRange<Int>, _ alphabet: Alphabet = .alphanumeric) {
      self.name = name
      self.prefix = Array(prefix.utf8)
      self.length = length
      self.alphabet = alphabet
    }
  }

  /// Written in parts where the whole would look like a key to other scanners.
  static let all: [Form] = cloud + forges + models + payments + chat + registries + services

  private static let cloud: [Form] =
    ["AKIA", "ASIA", "ABIA", "ACCA"].map { Form("aws-access-key", $0, 16...16, .upper) } + [
      Form("google-api-key", "AIza", 35...35, .word), Form("google-client-secret", "GOCSPX-", 28...28, .word),
      Form("google-access-token", "ya29.", 40...2000, .word),
      Form("azure-storage-key", "AccountKey=", 86...88, .base64),
      Form("azure-shared-key", "SharedAccessKey=", 43...44, .base64),
      Form("digitalocean-token", "dop_v1_", 64...64, .lowerHex),
      Form("digitalocean-token", "doo_v1_", 64...64, .lowerHex),
      Form("digitalocean-token", "dor_v1_", 64...64, .lowerHex), Form("vault-token", "hvs.", 24...200, .word),
      Form("vault-token", "hvb.", 24...300, .word), Form("terraform-token", "atlasv1.", 60...80, .word),
      Form("pulumi-token", "pul-", 40...40, .lowerHex), Form("databricks-token", "dapi", 32...34, .lowerHex),
      Form("doppler-token", "dp.pt.", 40...44), Form("doppler-token", "dp.st.", 40...80, .dotted),
      Form("fly-token", "fo1_", 43...80, .word), Form("alibaba-access-key", "LTAI", 16...24),
    ]

  private static let forges: [Form] =
    ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].map { Form("github-token", $0, 36...255) } + [
      Form("github-fine-token", "github_pat_", 60...255, .word), Form("gitlab-token", "glpat-", 20...300, .word),
      Form("gitlab-deploy-token", "gldt-", 20...60, .word), Form("gitlab-runner-token", "glrt-", 20...60, .word),
      Form("gitlab-trigger-token", "glptt-", 40...60, .word), Form("gitlab-job-token", "glcbt-", 20...80, .word),
      Form("atlassian-token", "ATATT3", 60...300, .word), Form("atlassian-token", "ATCTT3", 60...300, .word),
      Form("buildkite-token", "bkua_", 40...40), Form("circleci-token", "CCIPAT_", 40...100, .word),
    ]

  private static let models: [Form] = [
    Form("anthropic-key", "sk-ant-", 40...200, .word), Form("openai-key", "sk-proj-", 40...250, .word),
    Form("openai-key", "sk-svcacct-", 40...250, .word), Form("openrouter-key", "sk-or-v1-", 64...64, .lowerHex),
    Form("huggingface-token", "hf_", 34...40), Form("groq-key", "gsk_", 48...56), Form("xai-key", "xai-", 70...90),
    Form("replicate-token", "r8_", 37...40), Form("perplexity-key", "pplx-", 48...56),
  ]

  private static let payments: [Form] =
    ["sk_live_", "rk_live_", "sk_test_", "rk_test_"].map { Form("stripe-key", $0, 24...247) } + [
      Form("stripe-webhook-secret", "whsec_", 32...64, .base64), Form("square-token", "sq0atp-", 22...22, .word),
      Form("square-secret", "sq0csp-", 43...43, .word),
    ] + ["shpat_", "shpca_", "shppa_", "shpss_"].map { Form("shopify-token", $0, 32...32, .alphanumeric) }

  private static let chat: [Form] =
    ["xoxb-", "xoxp-", "xoxa-", "xoxs-", "xoxr-"].map { Form("slack-token", $0, 40...250, .word) } + [
      Form("slack-app-token", "xapp-", 60...250, .word),
      Form("slack-webhook", "hooks.slack.com/services/T", 40...80, .base64),
      Form("discord-webhook", "discord.com/api/webhooks/", 80...110, .base64),
      Form("sendgrid-key", "SG.", 66...66, .dotted), Form("twilio-key", "SK", 32...32, .lowerHex),
      Form("mailgun-key", "key-", 32...32, .lowerHex), Form("mailchimp-key", "md-", 22...22, .word),
    ]

  private static let registries: [Form] = [
    Form("npm-token", "npm_", 36...36), Form("pypi-token", "pypi-AgEI", 50...250, .word),
    Form("rubygems-key", "rubygems_", 48...48, .lowerHex), Form("docker-token", "dckr_pat_", 27...36, .word),
    Form("docker-token", "dckr_oat_", 27...40, .word), Form("crates-token", "cio", 32...32),
    Form("artifactory-key", "AKCp", 69...80),
  ]

  private static let services: [Form] = [
    Form("linear-key", "lin_api_", 40...40), Form("notion-token", "ntn_", 43...50),
    Form("figma-token", "figd_", 40...50, .word),
    Form("postman-key", "PMAK-", 59...59, .word), Form("newrelic-key", "NRAK-", 27...27),
    Form("grafana-token", "glsa_", 41...41, .word), Form("grafana-cloud-token", "glc_", 60...400, .base64),
    Form("supabase-token", "sbp_", 40...40, .lowerHex), Form("netlify-token", "nfp_", 36...40),
    Form("sentry-token", "sntrys_", 60...300, .base64), Form("sentry-user-token", "sntryu_", 64...64, .lowerHex),
    Form("planetscale-token", "pscale_tkn_", 32...64, .word),
    Form("planetscale-password", "pscale_pw_", 32...64, .word),
    Form("contentful-token", "CFPAT-", 43...43, .word), Form("prefect-key", "pnu_", 36...36),
    Form("dynatrace-token", "dt0c01.", 80...100, .dotted), Form("age-key", "AGE-SECRET-KEY-1", 58...58, .upper),
    Form("onepassword-token", "ops_eyJ", 100...1200, .word), Form("typeform-token", "tfp_", 44...60, .word),
  ]
}

/// A secret in a text.
package struct SecretMatch: Hashable, Sendable {
  /// Offsets into the bytes.
  package var range: Range<Int>
  /// What it is: `github-token`.
  package var name: String
}

extension SecretForms {
  /// Where secrets are, in ascending order and without overlap. Examples, which repeat themselves or say what they are,
  /// are none.
  static func matches(in bytes: [UInt8]) -> [SecretMatch] {
    var found: [SecretMatch] = []
    let hyphen = UInt8(ascii: "-")
    bytes.withUnsafeBufferPointer { text in
      isStart.withUnsafeBufferPointer { isStart in
        var index = 0
        while index < text.count {
          let byte = text[index]
          guard isStart[Int(byte)],
            byte == hyphen ? index + 1 < text.count && text[index + 1] == hyphen : isBoundary(index, text),
            let match = match(at: index, in: text, table[Int(byte)])
          else {
            index += 1
            continue
          }
          found.append(match)
          index = max(match.range.upperBound, index + 1)
        }
      }
    }
    return found
  }

  private enum Start: Sendable {
    case form(Form)
    case webToken, privateKey, botToken
  }

  /// By first byte. All but a private key begin where a word does.
  private static let table: [[Start]] = {
    var result = [[Start]](repeating: [], count: 256)
    for form in all { result[Int(form.prefix[0])].append(.form(form)) }
    result[Int(UInt8(ascii: "e"))].append(.webToken)
    result[Int(UInt8(ascii: "-"))].append(.privateKey)
    for digit in UInt8(ascii: "0")...UInt8(ascii: "9") { result[Int(digit)].append(.botToken) }
    return result
  }()

  /// Whether anything begins with that byte: what most bytes of a text are asked, and no more.
  private static let isStart: [Bool] = table.map { !$0.isEmpty }

  private static func match(
    at index: Int, in text: UnsafeBufferPointer<UInt8>, _ starts: [Start]
  ) -> SecretMatch? {
    for start in starts {
      let found: (end: Int, name: String)? =
        switch start {
        case .form(let form): end(of: form, at: index, in: text).map { ($0, form.name) }
        case .webToken: webTokenEnd(at: index, in: text).map { ($0, "json-web-token") }
        case .privateKey: privateKeyEnd(at: index, in: text).map { ($0, "private-key") }
        case .botToken: botTokenEnd(at: index, in: text).map { ($0, "telegram-token") }
        }
      if let found { return SecretMatch(range: index..<found.end, name: found.name) }
    }
    return nil
  }

  private static func end(of form: Form, at index: Int, in text: UnsafeBufferPointer<UInt8>) -> Int? {
    guard index + form.prefix.count + form.length.lowerBound <= text.count,
      starts(text, at: index, with: form.prefix)
    else { return nil }
    let start = index + form.prefix.count
    let end = run(from: start, in: text, limit: form.length.upperBound + 1) { form.alphabet.holds($0) }
    guard form.length.contains(end - start), end == text.count || !isWordByte(text[end]),
      !isExample(text[start..<end])
    else { return nil }
    return end
  }

  private static func isBoundary(_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard index > 0 else { return true }
    // `\n` in front of it, as JSON and source code write it, ends a word as well.
    return !isWordByte(text[index - 1])
      || (index > 1 && text[index - 2] == 0x5C && "nrt".utf8.contains(text[index - 1]))
  }

  private static func starts(_ text: UnsafeBufferPointer<UInt8>, at index: Int, with prefix: [UInt8]) -> Bool {
    guard index + prefix.count <= text.count else { return false }
    for (offset, byte) in prefix.enumerated() where text[index + offset] != byte { return false }
    return true
  }

  private static func run(
    from start: Int, in text: UnsafeBufferPointer<UInt8>, limit: Int, while holds: (UInt8) -> Bool
  ) -> Int {
    var end = start
    while end < text.count, end - start < limit, holds(text[end]) { end += 1 }
    return end
  }

  /// `header.payload.signature`, the first two beginning with the encoding of `{"`.
  private static func webTokenEnd(at index: Int, in text: UnsafeBufferPointer<UInt8>) -> Int? {
    let begin = Array("eyJ".utf8)
    guard starts(text, at: index, with: begin) else { return nil }
    var position = index
    for part in 0..<3 {
      if part == 1, !starts(text, at: position, with: begin) { return nil }
      let end = run(from: position, in: text, limit: 4096) { Alphabet.word.holds($0) }
      guard end - position >= (part == 2 ? 20 : 10) else { return nil }
      if part == 2 { return isExample(text[position..<end]) ? nil : end }
      guard end < text.count, text[end] == UInt8(ascii: ".") else { return nil }
      position = end + 1
    }
    return nil
  }

  /// A bot's number, a colon and 35 bytes that begin with `AA`.
  private static func botTokenEnd(at index: Int, in text: UnsafeBufferPointer<UInt8>) -> Int? {
    let colon = run(from: index, in: text, limit: 11) { Alphabet.digits.holds($0) }
    guard (8...10).contains(colon - index), starts(text, at: colon, with: Array(":AA".utf8)) else { return nil }
    let end = run(from: colon + 1, in: text, limit: 36) { Alphabet.word.holds($0) }
    return end - colon == 36 && !isExample(text[(colon + 3)..<end]) ? end : nil
  }

  private static let keyBegin = Array("-----BEGIN ".utf8)
  static let keyEnd = Array("-----END ".utf8)

  /// Where a private key begins that a line holds only the first part of; nil when it holds none, or all of it.
  static func openPrivateKey(in line: [UInt8]) -> Int? {
    line.withUnsafeBufferPointer { text in
      for index in text.indices {
        guard let head = privateKeyHead(at: index, in: text) else { continue }
        let rest = head + 5
        return text[rest...].allSatisfy(isArmor) ? index : nil
      }
      return nil
    }
  }

  /// - Returns: Where the five dashes behind the name are.
  private static func privateKeyHead(at index: Int, in text: UnsafeBufferPointer<UInt8>) -> Int? {
    guard starts(text, at: index, with: keyBegin) else { return nil }
    let head = run(from: index + keyBegin.count, in: text, limit: 50) {
      Alphabet.upper.holds($0) || $0 == 0x20
    }
    let name = Array(text[(index + keyBegin.count)..<head])
    guard Bytes.contains(name[...], Array("PRIVATE KEY".utf8)), starts(text, at: head, with: Array("-----".utf8))
    else { return nil }
    return head
  }

  /// A head that names a private key with content behind it, up to the line that ends it. The head alone is what a
  /// program says that reads keys.
  private static func privateKeyEnd(at index: Int, in text: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let head = privateKeyHead(at: index, in: text) else { return nil }
    var end = head + 5
    var longest = 0
    var line = 0
    while end < text.count, end - head < 20_000, isArmor(text[end]), !starts(text, at: end, with: keyEnd) {
      line = Alphabet.base64.holds(text[end]) ? line + 1 : 0
      longest = max(longest, line)
      // Far behind the head there is no key any more.
      if longest < 40, end - head > 400 { return nil }
      end += 1
    }
    guard longest >= 40 else { return nil }
    guard starts(text, at: end, with: keyEnd) else { return end }
    return run(from: min(end + keyEnd.count, text.count), in: text, limit: 60) {
      $0 != 0x0A && $0 != 0x5C && $0 != 0x22
    }
  }

  /// What a private key is made of between its head and its end: base64, lines, and headers such as `Proc-Type: 4,X`.
  private static func isArmor(_ byte: UInt8) -> Bool {
    Alphabet.base64.holds(byte) || byte == 0x0A || byte == 0x0D || byte == 0x20 || byte == 0x5C || byte == 0x3A
      || byte == 0x2C
  }

  /// Whether it is only the picture of a secret.
  static func isExample(_ tail: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    var seen: Set<UInt8> = []
    var previous: UInt8 = 0
    var run = 1
    var steps = 0
    var longestSteps = 0
    for byte in tail {
      seen.insert(byte)
      run = byte == previous ? run + 1 : 1
      steps = byte == previous &+ 1 ? steps + 1 : 0
      longestSteps = max(longestSteps, steps)
      if run >= 6 { return true }
      previous = byte
    }
    // `abcdefghij…` and `0123456789…` are typed, not drawn.
    if seen.count < 6 || longestSteps >= 8 { return true }
    let text = String(decoding: tail, as: UTF8.self).lowercased()
    return ["example", "placeholder", "changeme", "redacted", "your-", "your_", "yourkey", "dummy", "notreal", "xxxx"]
      .contains { text.contains($0) }
  }

  static func isWordByte(_ byte: UInt8) -> Bool { Alphabet.alphanumeric.holds(byte) || byte == 0x5F }
}

extension SecretForms.Alphabet {
  func holds(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39: true
    case 0x61...0x66: self != .digits && self != .upper
    case 0x67...0x7A: self != .digits && self != .upper && self != .lowerHex
    case 0x41...0x5A: self != .digits && self != .lowerHex
    case 0x5F: self == .word || self == .base64 || self == .dotted  // _
    case 0x2D: self == .word || self == .base64 || self == .dotted  // -
    case 0x2E: self == .dotted  // .
    case 0x2B, 0x2F, 0x3D: self == .base64  // + / =
    default: false
    }
  }
}
