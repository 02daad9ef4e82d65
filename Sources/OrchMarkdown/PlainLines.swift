/// What can be said of a line of Markdown by its first bytes alone. Every "no" means only that cmark has to be asked.
@safe
struct PlainLines {
  /// A line without its ending, and where the next one begins.
  struct Line {
    var text: Range<Int>
    var next: Int
  }

  /// The opening line of a code block.
  struct Fence {
    var mark: UInt8
    var length: Int
  }

  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  func line(from start: Int) -> Line {
    guard let feed = unsafe ByteSearch.first(UInt8(ascii: "\n"), in: bytes, from: start) else {
      return Line(text: start..<(unsafe bytes.count), next: unsafe bytes.count)
    }
    let end = unsafe feed > start && bytes[feed - 1] == UInt8(ascii: "\r") ? feed - 1 : feed
    return Line(text: start..<end, next: feed + 1)
  }

  func skipBlanks(_ line: Line) -> Int { skipBlanks(from: line.text.lowerBound, to: line.text.upperBound) }

  /// The level of a heading in the first column; nil for any other line.
  func headingLevel(_ line: Line) -> Int? {
    let level = run(of: UInt8(ascii: "#"), from: line.text.lowerBound, to: line.text.upperBound)
    guard (1...6).contains(level) else { return nil }
    let end = line.text.lowerBound + level
    return end == line.text.upperBound || isBlank(end) ? level : nil
  }

  /// A fence in the first column that opens a code block.
  func openingFence(_ line: Line) -> Fence? {
    let start = line.text.lowerBound
    let mark = unsafe bytes[start]
    guard mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return nil }
    let length = run(of: mark, from: start, to: line.text.upperBound)
    guard length >= 3 else { return nil }
    // With a backtick behind it, it is code in running text.
    if mark == UInt8(ascii: "`"), contains(mark, in: (start + length)..<line.text.upperBound) { return nil }
    return Fence(mark: mark, length: length)
  }

  /// Where the first line behind a code block begins.
  ///
  /// - Parameter lines: Raised by the number of lines of the block from `start` on.
  func end(of fence: Fence, from start: Int, lines: inout Int) -> Int {
    var start = start
    while unsafe start < bytes.count {
      let line = line(from: start)
      lines += 1
      start = line.next
      if closes(fence, line) { return start }
    }
    return start
  }

  private func closes(_ fence: Fence, _ line: Line) -> Bool {
    let first = line.text.lowerBound + run(of: UInt8(ascii: " "), from: line.text.lowerBound, to: line.text.upperBound)
    guard first - line.text.lowerBound <= 3 else { return false }
    let length = run(of: fence.mark, from: first, to: line.text.upperBound)
    return length >= fence.length && skipBlanks(from: first + length, to: line.text.upperBound) == line.text.upperBound
  }

  /// Whether a line with this beginning can only be running text, or the text of the item whose marker it follows.
  func isText(at start: Int, _ line: Line) -> Bool {
    guard start < line.text.upperBound else { return false }
    let byte = unsafe bytes[start]
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...0xFF: return true
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "|"), UInt8(ascii: "\""), UInt8(ascii: "'"),
      UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "$"), UInt8(ascii: "@"), UInt8(ascii: "{"):
      return true
    case UInt8(ascii: "`"): return run(of: byte, from: start, to: line.text.upperBound) < 3
    case UInt8(ascii: "*"), UInt8(ascii: "_"):
      // Emphasis; a word behind it tells it from a rule or a bullet.
      let end = start + run(of: byte, from: start, to: line.text.upperBound)
      return end < line.text.upperBound && isLetter(end)
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      let end = endOfDigits(from: start, line)
      return end < line.text.upperBound && !isNumberMark(end)
    default: return false
    }
  }

  /// Whether an item of a list begins here: a bullet, one blank, and running text.
  func isBullet(at start: Int, _ line: Line) -> Bool {
    guard start < line.text.upperBound else { return false }
    switch unsafe bytes[start] {
    case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"): return beginsText(behind: start, line)
    default: return false
    }
  }

  /// Whether this is an item of a numbered list without a check box, or the text of a paragraph that looks like one.
  func isNumber(at start: Int, _ line: Line) -> Bool {
    let end = endOfDigits(from: start, line)
    return end > start && end < line.text.upperBound && isNumberMark(end) && beginsText(behind: end, line)
      && !isBracket(end + 2)
  }

  /// Whether this is an item of any list without a check box, or the text of a paragraph that looks like one.
  func isListed(at start: Int, _ line: Line) -> Bool {
    isNumber(at: start, line) || (isBullet(at: start, line) && !isBracket(start + 2))
  }

  /// Whether the line is a rule of dashes, should it not underline a heading.
  func isRule(_ line: Line) -> Bool {
    let length = run(of: UInt8(ascii: "-"), from: line.text.lowerBound, to: line.text.upperBound)
    return length >= 3
      && skipBlanks(from: line.text.lowerBound + length, to: line.text.upperBound) == line.text.upperBound
  }

  /// Whether a fence or HTML may begin here, alone or in lists and quotes.
  func mayOpenVerbatim(_ line: Line) -> Bool {
    var i = line.text.lowerBound
    while i < line.text.upperBound, isContainerMark(i) { i += 1 }
    guard i < line.text.upperBound else { return false }
    let byte = unsafe bytes[i]
    switch byte {
    case UInt8(ascii: "<"): return true
    case UInt8(ascii: "`"), UInt8(ascii: "~"): return run(of: byte, from: i, to: line.text.upperBound) >= 3
    default: return false
    }
  }

  /// The mark between the brackets of a check box; nil for anything else.
  func boxMark(at start: Int, _ line: Line) -> UInt8? {
    let end = start + 3
    guard end <= line.text.upperBound, isBracket(start), unsafe bytes[start + 2] == UInt8(ascii: "]"),
      unsafe end == line.text.upperBound || isBlank(end) || bytes[end] < 0x20
    else { return nil }
    let mark = unsafe bytes[start + 1]
    return mark == UInt8(ascii: " ") || mark == UInt8(ascii: "x") || mark == UInt8(ascii: "X") ? mark : nil
  }

  /// The text without markup; nil when it is empty or has anything but words and simple code spans.
  func words(_ range: Range<Int>) -> String? {
    let range = trimmed(range)
    guard !range.isEmpty else { return nil }
    var marks = 0
    var i = range.lowerBound
    while i < range.upperBound {
      let byte = unsafe bytes[i]
      if byte == UInt8(ascii: "`") {
        guard let span = codeSpan(at: i, to: range.upperBound) else { return nil }
        marks += 2
        i = span.upperBound + 1
      } else {
        guard isPlain(byte) else { return nil }
        i += 1
      }
    }
    let source = unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
    guard marks > 0 else { return unsafe String(decoding: source, as: UTF8.self) }
    return unsafe String(unsafeUninitializedCapacity: source.count - marks) { target in
      var count = 0
      var start = 0
      while start < source.count {
        let mark = unsafe ByteSearch.first(UInt8(ascii: "`"), in: source, from: start) ?? source.count
        let part = unsafe UnsafeRawBufferPointer(rebasing: source[start..<mark])
        unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[count...]).copyMemory(
          from: part)
        count += part.count
        start = mark + 1
      }
      return count
    }
  }

  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var end = range.upperBound
    while end > range.lowerBound, isBlank(end - 1) { end -= 1 }
    return skipBlanks(from: range.lowerBound, to: end)..<end
  }
}

extension PlainLines {
  /// What is between two single backticks.
  private func codeSpan(at start: Int, to end: Int) -> Range<Int>? {
    guard let close = unsafe ByteSearch.first(UInt8(ascii: "`"), in: bytes, from: start + 1), close < end,
      close > start + 1, !isBlank(start + 1), unsafe close + 1 == end || bytes[close + 1] != UInt8(ascii: "`")
    else { return nil }
    for i in (start + 1)..<close where unsafe bytes[i] < 0x20 { return nil }
    return (start + 1)..<close
  }

  /// Whether a byte means itself wherever it stands in a text.
  private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "!"), UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "<"), UInt8(ascii: "["),
      UInt8(ascii: "\\"), UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "~"), 0x7F, 0..<0x20:
      false
    default: true
    }
  }

  /// Whether one blank and running text follow the mark of an item.
  private func beginsText(behind mark: Int, _ line: Line) -> Bool {
    unsafe mark + 1 < line.text.upperBound && bytes[mark + 1] == UInt8(ascii: " ") && isText(at: mark + 2, line)
  }

  private func isBracket(_ i: Int) -> Bool { unsafe bytes[i] == UInt8(ascii: "[") }
  private func isBlank(_ i: Int) -> Bool { unsafe bytes[i] == UInt8(ascii: " ") || bytes[i] == UInt8(ascii: "\t") }
  private func isLetter(_ i: Int) -> Bool { unsafe (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[i] | 0x20) }
  private func isDigit(_ i: Int) -> Bool { unsafe (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[i]) }
  private func isNumberMark(_ i: Int) -> Bool { unsafe bytes[i] == UInt8(ascii: ".") || bytes[i] == UInt8(ascii: ")") }

  private func isContainerMark(_ i: Int) -> Bool {
    switch unsafe bytes[i] {
    case UInt8(ascii: ">"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"): true
    default: isBlank(i) || isDigit(i) || isNumberMark(i)
    }
  }

  private func endOfDigits(from start: Int, _ line: Line) -> Int {
    var i = start
    while i < line.text.upperBound, isDigit(i) { i += 1 }
    return i
  }

  private func contains(_ byte: UInt8, in range: Range<Int>) -> Bool {
    unsafe ByteSearch.first(byte, in: bytes, from: range.lowerBound).map { $0 < range.upperBound } ?? false
  }

  private func run(of byte: UInt8, from start: Int, to end: Int) -> Int {
    var i = start
    while i < end, unsafe bytes[i] == byte { i += 1 }
    return i - start
  }

  private func skipBlanks(from start: Int, to end: Int) -> Int {
    var i = start
    while i < end, isBlank(i) { i += 1 }
    return i
  }
}
