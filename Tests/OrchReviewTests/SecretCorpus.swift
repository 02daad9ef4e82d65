import OrchRandom

/// Made-up secrets and what looks like them. Put together from parts when the tests run, so that no scanner, ours
/// included, finds a key in this file.
enum SecretCorpus {
  static let upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
  static let alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
  static let hex = "0123456789abcdef"
  static let word = alnum + "_-"
  static let base64 = alnum + "+/"

  /// Name of the format, beginning in parts, length and alphabet of the rest.
  private static let keys: [(String, [String], Int, String)] = [
    ("aws-access-key", ["AK", "IA"], 16, upper), ("aws-access-key", ["AS", "IA"], 16, upper),
    ("google-api-key", ["AI", "za"], 35, word), ("google-client-secret", ["GOC", "SPX-"], 28, word),
    ("google-access-token", ["ya", "29."], 120, word), ("digitalocean-token", ["dop_", "v1_"], 64, hex),
    ("vault-token", ["hv", "s."], 90, word), ("pulumi-token", ["pu", "l-"], 40, hex),
    ("databricks-token", ["da", "pi"], 32, hex), ("doppler-token", ["dp.", "pt."], 43, alnum),
    ("github-token", ["gh", "p_"], 36, alnum), ("github-token", ["gh", "o_"], 36, alnum),
    ("github-token", ["gh", "s_"], 36, alnum), ("github-token", ["gh", "u_"], 36, alnum),
    ("github-token", ["gh", "r_"], 76, alnum), ("github-fine-token", ["github", "_pat_"], 82, alnum),
    ("gitlab-token", ["gl", "pat-"], 20, word), ("gitlab-deploy-token", ["gl", "dt-"], 20, word),
    ("gitlab-runner-token", ["gl", "rt-"], 20, word), ("atlassian-token", ["ATA", "TT3"], 180, word),
    ("circleci-token", ["CCI", "PAT_"], 64, alnum), ("anthropic-key", ["sk-", "ant-api03-"], 95, word),
    ("openai-key", ["sk-", "proj-"], 150, word), ("openai-key", ["sk-", "svcacct-"], 120, word),
    ("openrouter-key", ["sk-", "or-v1-"], 64, hex), ("huggingface-token", ["h", "f_"], 34, alnum),
    ("groq-key", ["gs", "k_"], 52, alnum), ("replicate-token", ["r", "8_"], 37, alnum),
    ("stripe-key", ["sk_", "live_"], 99, alnum), ("stripe-key", ["rk_", "live_"], 24, alnum),
    ("stripe-key", ["sk_", "test_"], 24, alnum), ("stripe-webhook-secret", ["wh", "sec_"], 32, alnum),
    ("square-token", ["sq0", "atp-"], 22, word), ("shopify-token", ["shp", "at_"], 32, hex),
    ("slack-token", ["xox", "b-"], 54, word), ("slack-token", ["xox", "p-"], 72, word),
    ("slack-app-token", ["xa", "pp-1-"], 96, word), ("slack-webhook", ["hooks.slack.com/", "services/T"], 44, base64),
    ("twilio-key", ["S", "K"], 32, hex), ("npm-token", ["np", "m_"], 36, alnum),
    ("pypi-token", ["pypi-", "AgEI"], 160, word), ("rubygems-key", ["ruby", "gems_"], 48, hex),
    ("docker-token", ["dckr", "_pat_"], 27, word), ("linear-key", ["lin_", "api_"], 40, alnum),
    ("notion-token", ["nt", "n_"], 46, alnum), ("figma-token", ["fig", "d_"], 43, word),
    ("postman-key", ["PM", "AK-"], 59, alnum), ("newrelic-key", ["NR", "AK-"], 27, alnum),
    ("grafana-token", ["gl", "sa_"], 41, alnum), ("supabase-token", ["sb", "p_"], 40, hex),
    ("sentry-user-token", ["snt", "ryu_"], 64, hex), ("planetscale-token", ["pscale", "_tkn_"], 43, word),
    ("age-key", ["AGE-SECRET-", "KEY-1"], 58, upper), ("dynatrace-token", ["dt0", "c01."], 88, alnum),
  ]

  /// A file, a line of it, and the kind of secret in it.
  struct Sample: Sendable {
    var file: String
    var lines: [String]
    var kind: String?
  }

  static let secrets: [Sample] = {
    var dice = SplitMix64(seed: 7)
    let frames: [(String, String, String)] = [
      ("src/a.swift", "let key = \"", "\""), ("deploy.sh", "export KEY=", ""), ("README.md", "Use `", "` to log in."),
      ("data.json", "{\"text\":\"a\\n", "\"}"), ("main.py", "client(token='", "')"),
    ]
    var samples = keys.enumerated().map { index, key in
      let frame = frames[index % frames.count]
      return Sample(
        file: frame.0, lines: [frame.1 + key.1.joined() + dice.draw(key.2, key.3) + frame.2], kind: key.0)
    }
    for kind in ["RSA ", "OPENSSH ", "EC ", ""] {
      let body = (0..<4).map { _ in dice.draw(64, base64) }
      let name = "\(kind)PRIVATE" + " KEY"
      samples.append(
        Sample(
          file: "key.pem", lines: ["-----BEGIN \(name)-----"] + body + ["-----END \(name)-----"], kind: "private-key"))
      samples.append(
        Sample(
          file: "a.json", lines: ["{\"key\": \"-----BEGIN \(name)-----\\n\(body.joined(separator: "\\n"))\\n\"}"],
          kind: "private-key"))
    }
    let web = ["ey", "J"].joined()
    samples.append(
      Sample(
        file: "a.ts",
        lines: ["const t = '\(web)\(dice.draw(33, alnum)).\(web)\(dice.draw(60, alnum)).\(dice.draw(43, word))'"],
        kind: "json-web-token"))
    samples.append(
      Sample(file: "bot.py", lines: ["T = '7182736455" + ":AA" + dice.draw(33, word) + "'"], kind: "telegram-token"))
    for (file, name) in [
      (".env", "DB_PASSWORD="), ("app.yml", "  client_secret: "), ("a.toml", "api_key = \""),
      ("b.json", "  \"apiKey\": \""),
      ("c.properties", "spring.datasource.password="), ("d.ini", "auth_token = "), ("prod.tfvars", "master_key = \""),
      (".env.production", "ENCRYPTION_KEY='"), ("e.xml", "<password>"), ("f.yaml", "passphrase: \""),
    ] {
      let line = name == "<password>" ? "password=\"\(dice.draw(28, alnum))\"" : name + dice.draw(28, alnum)
      samples.append(Sample(file: file, lines: [line], kind: "high-entropy-value"))
    }
    return samples
  }()

  static let harmless: [Sample] = {
    var dice = SplitMix64(seed: 11)
    var samples: [Sample] = []
    func add(_ file: String, _ line: String) { samples.append(Sample(file: file, lines: [line], kind: nil)) }
    // The picture of every key, cut short, in another word, and repeated.
    for key in keys {
      let begin = key.1.joined()
      add("src/a.swift", "let example = \"\(begin)\(String(repeating: "x", count: key.2))\"")
      add("docs/b.md", "The key begins with `\(begin)` and has \(key.2) characters.")
      add("src/c.py", "pattern = r'\(begin)[A-Za-z0-9]{\(key.2)}'")
    }
    for _ in 0..<20 {
      add("a.lock", "checksum = \"\(dice.draw(64, hex))\"")
      add("package-lock.json", "\"integrity\": \"sha512-\(dice.draw(86, base64))==\"")
      add("go.sum", "example.com/x v1.0.0 h1:\(dice.draw(43, base64))=")
      add("src/d.swift", "let commit = \"\(dice.draw(40, hex))\"")
      add("e.yaml", "image: registry/app@sha256:\(dice.draw(64, hex))")
    }
    for line in [
      "password: ${DB_PASSWORD}", "password = \"changeme\"", "api_key: <your-api-key>", "token: {{ .Values.token }}",
      "secret: kubernetes-service-account-token", "client_secret = os.environ", "password_file: /run/secrets/db",
      "token_url: https://login.example.com/oauth2/v2.0/token", "secretName: application-tls-certificate",
      "passwordPolicy: minimum-length-twelve-characters", "token_ttl: 3600", "api_key = \"\"",
      "apiKeyHeader: X-Api-Key-Header",
      "secret_key_base: <%= ENV['SECRET_KEY_BASE'] %>", "auth_token = $(vault read token)",
      "keyboard: QwertyLayout2024Edition",
      "monkey: bananaBANANA1234567890", "password: correct horse battery staple", "max_tokens: 16000",
      "tokenizer: cl100k_base_encoding", "passwd_hash_algorithm: argon2id-version-nineteen",
    ] { add("config.yml", line) }
    for line in [
      "if line == \"-----BEGIN " + "PRIVATE KEY-----\" { return }", "-----BEGIN PUBLIC KEY-----",
      "-----BEGIN CERTIFICATE-----",
      "let uuid = \"0f8fad5b-d9cb-469f-a165-70867728950e\"", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUA",
      "let s = \"AKIAIOSFODNN7" + "EXAMPLE\"", "ghp_short", "SKIPPED_TESTS_IN_THIS_SUITE",
      "key-value-store-implementation",
      "daping_the_water_with_a_stone", "npm_config_registry=https://registry.npmjs.org/", "hf_transfer is installed",
    ] { add("src/f.txt", line) }
    return samples
  }()
}

extension SplitMix64 {
  mutating func draw(_ count: Int, _ alphabet: String) -> String {
    let all = Array(alphabet)
    return String((0..<count).map { _ in pick(all) })
  }
}
