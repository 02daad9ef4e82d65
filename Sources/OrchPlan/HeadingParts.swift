import OrchDomain

/// A heading taken apart, such as `Epic 05: Validators`.
struct HeadingParts {
  /// Upper-case letters, empty for the plain sequence; nil when the heading gives only digits.
  private(set) var prefix: String?
  /// Nil when the heading does not begin with a task's number.
  private(set) var number: Int?
  /// The beginning of the heading up to the number.
  private(set) var label = ""
  /// What follows the number.
  private(set) var rest: String

  /// Understands `Epic 05: x`, `Epic 1.5 - x`, `Epic CLI02: x`, `E05: x`; anything else is all title.
  ///
  /// A number counts only behind the word "Epic", and a code such as `E05` also with a colon or dash behind it, because
  /// a title may begin with anything.
  init(_ heading: String) {
    rest = heading
    let text = Array(heading.utf8)
    var start = 0
    let saysEpic =
      text.count > 5 && text[4] == 0x20
      && zip(text, "epic".utf8).allSatisfy { $0 | 0x20 == $1 }
    if saysEpic {
      start = 5
      while start < text.count, text[start] == 0x20 { start += 1 }
    }
    var end = start
    while end < text.count, HeadingParts.isCode(text[end]) { end += 1 }
    guard end > start else { return }
    let after = text[end...].drop { $0 == 0x20 }
    let hasMark = after.isEmpty || HeadingParts.markLength(after) > 0
    // `Epic 05b` is not a number, `Epic 05 Validators` is.
    guard hasMark || (saysEpic && text[end] == 0x20) else { return }

    let code = String(decoding: text[start..<end], as: UTF8.self)
    if (48...57).contains(text[start]) {
      let digits = code.split(separator: ".", omittingEmptySubsequences: false)
      guard saysEpic, digits.count <= 2,
        digits.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
        let last = digits.last, last.utf8.count <= 9, let value = Int(last)
      else { return }
      number = value
    } else if let found = TaskCode(code), saysEpic || !after.isEmpty {
      (prefix, number) = (found.prefix, found.number)
    } else {
      return
    }
    label = String(decoding: text[..<end], as: UTF8.self)
    var title = after
    while let byte = title.first {
      let mark = HeadingParts.markLength(title)
      guard byte == 0x20 || mark > 0 else { break }
      title = title.dropFirst(max(1, mark))
    }
    rest = String(decoding: title, as: UTF8.self)
  }

  /// Whether a `title` says the same as the heading, with or without the number.
  func agrees(with title: String) -> Bool {
    let other = HeadingParts(title)
    return rest == other.rest || PlainText.words(rest.prefix(400)) == PlainText.words(other.rest.prefix(400))
  }

  private static func isCode(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 0x2E
  }

  /// The bytes of a colon, hyphen, en dash or em dash at the beginning; 0 for anything else.
  private static func markLength(_ text: ArraySlice<UInt8>) -> Int {
    if text.first == 0x3A || text.first == 0x2D { return 1 }
    return text.starts(with: [0xE2, 0x80, 0x93]) || text.starts(with: [0xE2, 0x80, 0x94]) ? 3 : 0
  }
}
