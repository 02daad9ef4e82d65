import OrchDomain

/// Keeps the first pieces of evidence of every rule in the order of their places, whatever the order of finding.
struct EvidenceCollector {
  /// More of the same tells a reader nothing.
  static let limitPerRule = 20

  private let policy: ReviewPolicy
  private var found: [String: [Evidence]] = [:]

  init(_ policy: ReviewPolicy) { self.policy = policy }

  /// - Parameter excerpt: Made only when the evidence is kept.
  mutating func add(_ rule: ReviewRule, _ file: String, _ line: Int?, _ excerpt: @autoclosure () -> String) {
    add(rule: rule.name, rule.category, file, line, excerpt())
  }

  mutating func add(
    rule: String, _ category: Verdict.Category, _ file: String, _ line: Int?, _ excerpt: @autoclosure () -> String
  ) {
    guard !policy.isDisabled(rule) else { return }
    var list = found[rule] ?? []
    if list.count == Self.limitPerRule, let last = list.last, (last.file, last.line ?? 0) < (file, line ?? 0) {
      return
    }
    let evidence = Evidence(rule: rule, category: category, file: file, line: line, excerpt: excerpt())
    guard !list.contains(evidence) else { return }
    let index = list.firstIndex { Self.precedes(evidence, $0) } ?? list.endIndex
    list.insert(evidence, at: index)
    if list.count > Self.limitPerRule { list.removeLast() }
    found[rule] = list
  }

  /// All evidence: by category as `ranking` orders them, then by rule and place.
  func evidence(ranking: [Verdict.Category]) -> [Evidence] {
    let rank = { (category: Verdict.Category) in ranking.firstIndex(of: category) ?? ranking.count }
    return found.values.flatMap { $0 }.sorted { a, b in
      let (x, y) = (rank(a.category), rank(b.category))
      if x != y { return x < y }
      if a.rule != b.rule { return a.rule < b.rule }
      return Self.precedes(a, b)
    }
  }

  private static func precedes(_ a: Evidence, _ b: Evidence) -> Bool {
    (a.file, a.line ?? 0, a.excerpt) < (b.file, b.line ?? 0, b.excerpt)
  }
}

/// Makes the excerpt of a line.
enum Excerpt {
  private static let limit = 200

  /// The text around `position` (a byte offset), with secrets blotted out.
  static func around(_ position: Int, of line: [UInt8]) -> String {
    let start = max(0, min(position, line.count) - 80)
    let end = min(line.count, start + 4 * limit)
    var bytes = Array(line[start..<end])
    for secret in SecretLiterals.ranges(in: line).reversed() {
      let range = max(secret.lowerBound + 4, start)..<min(secret.upperBound, end)
      guard !range.isEmpty else { continue }
      bytes.replaceSubrange((range.lowerBound - start)..<(range.upperBound - start), with: Array("…".utf8))
    }
    return text(String(decoding: bytes, as: UTF8.self))
  }

  static func text(_ text: String) -> String {
    let trimmed = text.drop { $0 == " " || $0 == "\t" }
    return SafeText.line(trimmed, limit: limit)
  }
}
