/// Something that a manifest or a lock file asks for.
struct Dependency: Hashable {
  /// As the package manager knows it, without the number of a major version that some write into it.
  let name: String
  /// The version or the range as written; empty when none is.
  let version: String
  /// A repository, a directory or an address, where it does not come from the usual registry.
  let source: String
  /// In the file, from 1.
  let line: Int

  init(_ name: String, _ version: String, source: String, line: Int) {
    self.name = name
    self.version = version
    self.source = source
    self.line = line
  }
}

/// The numbers of a version or a range of versions.
struct VersionText: Hashable {
  /// The numbers of every version that is named: `>=1.2,<3` has two.
  let versions: [[Int]]
  /// Whether it asks for one version, or for anything.
  let isOpen: Bool

  init(_ text: String) {
    var found: [[Int]] = []
    var current: [Int] = []
    var digits = ""
    var skipsRest = false
    func endNumber() {
      if let number = Int(digits) { current.append(number) }
      digits = ""
    }
    func endVersion() {
      endNumber()
      if !current.isEmpty { found.append(current) }
      current = []
      skipsRest = false
    }
    for character in text {
      switch character {
      case "0"..."9" where !skipsRest: digits.append(character)
      case "." where !skipsRest: endNumber()
      case " ", ",", "|", "<", ">", "=", "~", "^", "[", "]", "(", ")", "!": endVersion()
      // What follows are names of pre-releases and hashes.
      case "-", "+": skipsRest = true
      case "v" where digits.isEmpty && current.isEmpty: break
      default: if !digits.isEmpty || !current.isEmpty { skipsRest = true }
      }
    }
    endVersion()
    versions = found.map { Array($0.prefix(3)) }
    isOpen = found.isEmpty
  }

  /// The part of a version that promises compatibility: the first number, and the second one as long as that is 0.
  static func promise(_ version: [Int], _ kind: ManifestKind) -> [Int] {
    // Modules of Go stay below 1 for years and promise no less for it.
    version.first == 0 && kind != .goMod ? Array(version.prefix(2)) : Array(version.prefix(1))
  }

  /// What changes between two of them, for people; nil for a step that promises to break nothing.
  static func jump(from old: String, to new: String, _ kind: ManifestKind) -> String? {
    if old == new { return nil }
    let (before, after) = (VersionText(old), VersionText(new))
    if after.isOpen { return before.isOpen ? nil : "any version instead of \(old)" }
    if before.isOpen { return "only \(new) instead of any version" }
    guard let a = before.versions.max(by: precedes), let b = after.versions.max(by: precedes) else { return nil }
    if precedes(b, a) { return "goes back from \(old) to \(new)" }
    return promise(a, kind) == promise(b, kind) ? nil : "from \(old) to \(new)"
  }

  private static func precedes(_ a: [Int], _ b: [Int]) -> Bool {
    for (x, y) in zip(a, b) where x != y { return x < y }
    return a.count < b.count && b.dropFirst(a.count).contains { $0 != 0 }
  }
}

/// Taking lines of manifests apart.
enum Quoted {
  /// The texts in single or double quotes on a line.
  static func strings(_ line: some StringProtocol) -> [String] {
    var result: [String] = []
    var current = ""
    var quote: Character?
    var escaped = false
    for character in line {
      if let open = quote {
        if escaped {
          current.append(character)
          escaped = false
        } else if character == "\\" {
          escaped = true
        } else if character == open {
          result.append(current)
          (current, quote) = ("", nil)
        } else {
          current.append(character)
        }
      } else if character == "\"" || character == "'" {
        quote = character
      }
    }
    return result
  }

  static func trimmed(_ line: some StringProtocol) -> Substring {
    var text = Substring(line).drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// The text between `<name>` and `</name>` on one line.
  static func element(_ name: String, in line: some StringProtocol) -> Substring? {
    let text = Substring(line)
    let parts = text.split(separator: "<\(name)>", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let end = parts[1].split(separator: "</\(name)>", omittingEmptySubsequences: false).first,
      parts[1].contains("</\(name)>")
    else { return nil }
    return end
  }

  /// The value of `name="…"`.
  static func attribute(_ name: String, in line: some StringProtocol) -> String? {
    let parts = Substring(line).split(separator: " \(name)=", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count == 2 ? strings(parts[1]).first : nil
  }
}
