package import OrchDomain

/// A secret that a change would publish. Says where it is and of what kind, never what it is.
package struct SecretFinding: Hashable, Sendable {
  /// `github-token`, `high-entropy-value`.
  package var kind: String
  package var file: String
  /// In the file as the commit leaves it.
  package var line: Int?

  package init(kind: String, file: String, line: Int?) {
    self.kind = kind
    self.file = file
    self.line = line
  }

  package var place: String { line.map { "\(file):\($0)" } ?? file }
}

/// Finds secrets in what a commit adds. Only what is certain enough to stop a change for; what is merely suspicious is
/// the verdict's.
package enum SecretScanner {
  /// - Parameter allowed: Files whose secrets are made up, such as fixtures of tests.
  package static func scan(_ files: [FileDiff], allowed: [Glob] = []) -> [SecretFinding] {
    var found: [SecretFinding] = []
    for file in files where file.kind != .deleted && !allowed.contains(where: { $0.matches(file.path) }) {
      found += scan(file)
    }
    return found
  }

  /// Secrets in a text that belongs to no file, such as the message of a commit.
  package static func scan(text: String, named name: String) -> [SecretFinding] {
    SecretForms.matches(in: Array(text.utf8)).map { SecretFinding(kind: $0.name, file: name, line: nil) }
  }

  private static func scan(_ file: FileDiff) -> [SecretFinding] {
    var found: [SecretFinding] = []
    let entropy = ConfigurationValues(path: file.path)
    for hunk in file.hunks {
      // Together, because a private key is made of many lines.
      var text: [UInt8] = []
      var starts: [(offset: Int, line: Int?)] = []
      for line in hunk.lines where line.origin == .added {
        starts.append((text.count, line.newLine))
        text += line.text.utf8
        text.append(0x0A)
      }
      let matches = SecretForms.matches(in: text)
      var lines: Set<Int> = []
      for match in matches {
        let index = (starts.lastIndex { $0.offset <= match.range.lowerBound }) ?? 0
        lines.insert(index)
        found.append(SecretFinding(kind: match.name, file: file.path, line: starts[index].line))
      }
      guard let entropy else { continue }
      for (index, start) in starts.enumerated() where !lines.contains(index) {
        let end = index + 1 < starts.count ? starts[index + 1].offset : text.count
        guard entropy.holdsSecret(text[start.offset..<(end - 1)]) else { continue }
        found.append(SecretFinding(kind: "high-entropy-value", file: file.path, line: start.line))
      }
    }
    return found
  }
}

/// The lines of a configuration file, in which a value without a form of its own is judged by its name and its chaos.
struct ConfigurationValues {
  private static let suffixes: Set<String> = [
    "env", "yml", "yaml", "toml", "json", "ini", "cfg", "conf", "config", "properties", "tfvars", "xml", "plist",
  ]
  private static let generated: Set<String> = [
    "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "composer.lock", "package.resolved", "flake.lock",
  ]
  private static let secretWords: Set<String> = [
    "password", "passwd", "pwd", "secret", "token", "apikey", "credential", "credentials", "passphrase", "pass",
  ]
  /// Words that make a key one when it follows them.
  private static let keyWords: Set<String> = [
    "api", "access", "private", "secret", "auth", "encryption", "signing", "master", "account", "service", "storage",
  ]
  private static let harmless = [
    "example", "placeholder", "changeme", "change-me", "redacted", "your-", "your_", "dummy", "${", "{{", "<", "$(",
    "xxxx",
    "sha256", "sha512", "sha384", "localhost", "://", "secretref", "vault:", "arn:", "/run/secrets",
  ]

  /// nil when the file is no configuration.
  init?(path: String) {
    let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    let suffix = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
    let isEnvironment = name == ".env" || name.hasPrefix(".env.") || name == ".npmrc" || name == ".netrc"
    guard isEnvironment || Self.suffixes.contains(suffix), !Self.generated.contains(name) else { return nil }
  }

  func holdsSecret(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.count < 4096, let split = line.firstIndex(where: { $0 == 0x3D || $0 == 0x3A }) else { return false }
    let words = CodeLine(String(decoding: line[..<split], as: UTF8.self)).words.map(\.text)
    let isNamed =
      words.contains { Self.secretWords.contains($0) }
      || zip(words, words.dropFirst()).contains { Self.keyWords.contains($0) && $1 == "key" }
    guard isNamed else { return false }
    let value = Self.value(line[(split + 1)...])
    guard (16...512).contains(value.count), !value.contains(0x20), !value.contains(0x2F) || value.count >= 30 else {
      return false
    }
    let lower = String(decoding: value, as: UTF8.self).lowercased()
    guard !Self.harmless.contains(where: { lower.contains($0) }) else { return false }
    return Self.kinds(value) >= 2 && Self.entropy(value) >= 3.5 && !Self.isWords(value)
  }

  /// Without spaces, quotes and what closes an element.
  private static func value(_ rest: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let outer = Set(" \t\r\"',;".utf8)
    var value = rest.drop { outer.contains($0) }
    if let end = value.firstIndex(where: { "\"' \t,;<".utf8.contains($0) }) { value = value[..<end] }
    return value
  }

  /// How many of lower case, upper case and digits occur.
  private static func kinds(_ value: ArraySlice<UInt8>) -> Int {
    (value.contains { (0x61...0x7A).contains($0) } ? 1 : 0) + (value.contains { (0x41...0x5A).contains($0) } ? 1 : 0)
      + (value.contains { (0x30...0x39).contains($0) } ? 1 : 0)
  }

  /// Bits a byte, by Shannon.
  static func entropy(_ value: ArraySlice<UInt8>) -> Double {
    var counts = [Int](repeating: 0, count: 256)
    for byte in value { counts[Int(byte)] += 1 }
    let total = Double(value.count)
    return counts.reduce(0) { sum, count in
      count == 0 ? sum : sum - Double(count) / total * Self.logarithm(Double(count) / total)
    }
  }

  /// To base 2, without the C library: the exponent and a series for the rest.
  private static func logarithm(_ x: Double) -> Double {
    let y = (x.significand - 1) / (x.significand + 1)
    var sum = 0.0
    var power = y
    for n in stride(from: 1, through: 15, by: 2) {
      sum += power / Double(n)
      power *= y * y
    }
    return Double(x.exponent) + 2 * sum * 1.4426950408889634
  }

  /// Whether it is an identifier such as `kubernetes-service-account-token`: few digits, and parts that can be spoken.
  private static func isWords(_ value: ArraySlice<UInt8>) -> Bool {
    let parts = value.split { "-_./:".utf8.contains($0) }
    let digits = value.count { (0x30...0x39).contains($0) }
    let changes = zip(value, value.dropFirst()).count { a, b in
      (0x41...0x5A).contains(b) != (0x41...0x5A).contains(a)
    }
    return digits * 6 < value.count && (parts.count > 1 || changes * 4 < value.count)
      && parts.allSatisfy { $0.count < 20 }
  }
}
