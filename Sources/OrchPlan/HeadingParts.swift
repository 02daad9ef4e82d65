import OrchDomain

/// A heading taken apart, such as `Epic 05: Validators`.
struct HeadingParts {
  /// Upper-case letters, empty for the plain sequence; nil when the heading gives only digits.
  private(set) var prefix: String?
  /// Nil when the heading does not begin with a task's number.
  private(set) var number: Int?
  /// The number as written.
  private(set) var label = ""
  /// What follows the number.
  private(set) var rest: String

  /// Understands `Epic 05: x`, `Epic 1.5 - x`, `Epic CLI02: x`, `E05: x`; anything else is all title.
  init(_ heading: String) {
    rest = heading
    let words = heading.split(maxSplits: 2, whereSeparator: \.isWhitespace)
    guard var first = words.first else { return }
    var used = 1
    let saysEpic = first.lowercased() == "epic"
    if saysEpic {
      guard words.count > 1 else { return }
      first = words[1]
      used = 2
    }
    let code = first.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }
    // `E05` alone counts only with a colon or dash behind it: a title may begin with any word.
    let after = heading[code.endIndex...].drop(while: \.isWhitespace)
    guard saysEpic || after.first.map({ ":-–—".contains($0) }) == true else { return }
    guard used <= words.count, code.endIndex == first.endIndex || ":-–—".contains(heading[code.endIndex]) else {
      return
    }
    let digits = code.split(separator: ".", omittingEmptySubsequences: false)
    if digits.count <= 2, let last = digits.last, digits.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }) {
      guard saysEpic, last.utf8.count <= 9, let value = Int(last) else { return }
      number = value
    } else if let found = TaskCode(code) {
      (prefix, number) = (found.prefix, found.number)
    } else {
      return
    }
    label = String(heading[..<code.endIndex])
    rest = String(after.drop { ":-–—".contains($0) || $0.isWhitespace })
  }

  /// Whether a `title` says the same as the heading, with or without the number.
  func agrees(with title: String) -> Bool {
    let other = HeadingParts(title)
    return HeadingParts.folded(rest) == HeadingParts.folded(other.rest)
  }

  private static func folded(_ text: String) -> [Substring] {
    text.prefix(400).lowercased().split(whereSeparator: \.isWhitespace)
  }
}
