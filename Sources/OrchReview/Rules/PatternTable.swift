/// A fixed text to look for.
struct Pattern {
  /// What may stand before it.
  enum Left {
    case anything
    /// Not a letter, digit or underscore.
    case boundary
    /// Not one of these, and no full stop either: a function, not a method.
    case function
  }

  let text: [UInt8]
  let rule: ReviewRule
  let left: Left
  /// Whether a letter, digit or underscore may follow.
  let endsWord: Bool
  let isCaseSensitive: Bool

  init(
    _ text: String, _ rule: ReviewRule, left: Left = .anything, endsWord: Bool = false, isCaseSensitive: Bool = false
  ) {
    self.text = Array(text.utf8)
    self.rule = rule
    self.left = left
    self.endsWord = endsWord
    self.isCaseSensitive = isCaseSensitive
  }
}

/// Many fixed texts, looked for in one pass.
struct PatternTable {
  private let byFirst: [[Pattern]]
  /// Whether a text begins with two bytes, at `first * 128 + second`: most places of a line need no closer look.
  private let beginnings: [Bool]

  /// - Parameter patterns: Each of at least two bytes, the first two ASCII.
  init(_ patterns: [Pattern]) {
    var table = [[Pattern]](repeating: [], count: 128)
    var beginnings = [Bool](repeating: false, count: 128 * 128)
    for pattern in patterns {
      guard pattern.text.count > 1, pattern.text[0] < 0x80, pattern.text[1] < 0x80 else { continue }
      let first = Int(CodeLine.lower(pattern.text[0]))
      table[first].append(pattern)
      beginnings[first * 128 + Int(CodeLine.lower(pattern.text[1]))] = true
    }
    byFirst = table
    self.beginnings = beginnings
  }

  /// The first match of every rule.
  func matches(in bytes: [UInt8]) -> [(rule: ReviewRule, position: Int)] {
    var found: [(rule: ReviewRule, position: Int)] = []
    each(in: bytes) { pattern, index in
      if !found.contains(where: { $0.rule == pattern.rule }) { found.append((pattern.rule, index)) }
    }
    return found
  }

  /// The first match of every pattern.
  func allMatches(in bytes: [UInt8]) -> [(text: String, position: Int)] {
    var found: [(text: String, position: Int)] = []
    each(in: bytes) { pattern, index in
      let text = String(decoding: pattern.text, as: UTF8.self)
      if !found.contains(where: { $0.text == text }) { found.append((text, index)) }
    }
    return found
  }

  private func each(in bytes: [UInt8], _ body: (Pattern, Int) -> Void) {
    guard var first = bytes.first.map(CodeLine.lower) else { return }
    for index in 1..<max(1, bytes.count) {
      let second = CodeLine.lower(bytes[index])
      defer { first = second }
      guard first < 0x80, second < 0x80, beginnings[Int(first) * 128 + Int(second)] else { continue }
      for pattern in byFirst[Int(first)] where matches(pattern, at: index - 1, in: bytes) { body(pattern, index - 1) }
    }
  }

  private func matches(_ pattern: Pattern, at index: Int, in bytes: [UInt8]) -> Bool {
    let end = index + pattern.text.count
    guard end <= bytes.count else { return false }
    for offset in 0..<pattern.text.count {
      let byte = bytes[index + offset]
      guard (pattern.isCaseSensitive ? byte : CodeLine.lower(byte)) == pattern.text[offset] else { return false }
    }
    if pattern.endsWord, end < bytes.count, CodeLine.isWord(bytes[end]) { return false }
    guard index > 0 else { return true }
    let before = bytes[index - 1]
    switch pattern.left {
    case .anything: return true
    case .boundary: return !CodeLine.isWord(before)
    case .function: return !CodeLine.isWord(before) && before != UInt8(ascii: ".")
    }
  }
}
