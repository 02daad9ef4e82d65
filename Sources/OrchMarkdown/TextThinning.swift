/// Takes out the running text that nobody asked for, before cmark would look for markup in it.
///
/// Headings and check boxes are all that a plan is read for, and most of the time of cmark goes into the words between
/// them. What a line does to the structure of a document, its leading blanks, container markers and first character
/// tell alone; the exceptions below are left whole. Every line stays where it is, and so do all columns that count.
enum TextThinning {
  /// A line: its first byte, where its text may be cut, and its end without the line ending.
  private struct Line {
    var start: Int
    var cut: Int
    var end: Int
  }

  /// - Returns: A document with the same headings and task items; nil when it has something that forbids to cut it: the
  ///   definition of a link, a line that may begin HTML, or a line ending of old.
  static func thinned(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    guard unsafe !hasDefinition(bytes) else { return nil }
    var isWhole = false
    let result = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
      var paragraph: [Line] = []
      var start = 0
      while start < bytes.count {
        guard let (line, next) = unsafe line(in: bytes, from: start) else {
          isWhole = true
          return
        }
        if line.cut < 0 {
          unsafe copy(&paragraph, bytes, to: output, &count)
          unsafe copy(start..<next, bytes, to: output, &count)
        } else {
          paragraph.append(line)
        }
        start = next
      }
      unsafe copy(&paragraph, bytes, to: output, &count)
    }
    return isWhole ? nil : result
  }

  /// The line at `start` and where the next one begins; `cut` is negative for a blank line. Nil when it may be HTML.
  private static func line(in bytes: UnsafeRawBufferPointer, from start: Int) -> (Line, next: Int)? {
    let feed = unsafe ByteSearch.first(UInt8(ascii: "\n"), in: bytes, from: start)
    var end = feed ?? bytes.count
    if feed != nil, end > start, unsafe bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    var line = Line(start: start, cut: -1, end: end)
    var i = start
    while i < end {
      let byte = unsafe bytes[i]
      if byte != UInt8(ascii: " "), byte != UInt8(ascii: "\t") {
        line.cut = end
        guard isMarker(byte) else {
          if byte == UInt8(ascii: "<") { return nil }
          if isLetter(byte) { line.cut = i + 1 }
          break
        }
      }
      i += 1
    }
    // Nothing but markers, or what underlines a heading: the lines above it are then no running text.
    if unsafe line.cut == end && (i == end || bytes[i] == UInt8(ascii: "=")) { line.cut = Int.max }
    return (line, feed.map { $0 + 1 } ?? bytes.count)
  }

  /// Copies a run of lines without a blank one, cut where nothing in it forbids that.
  private static func copy(
    _ paragraph: inout [Line], _ bytes: UnsafeRawBufferPointer, to output: UnsafeMutableBufferPointer<UInt8>,
    _ count: inout Int
  ) {
    guard let first = paragraph.first, let last = paragraph.last else { return }
    defer { paragraph.removeAll(keepingCapacity: true) }
    // The line ending of the last line belongs to the run.
    let end = unsafe ByteSearch.first(UInt8(ascii: "\n"), in: bytes, from: last.end).map { $0 + 1 } ?? bytes.count
    let run = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<end])
    let isKept =
      unsafe paragraph.dropFirst().contains { $0.cut == Int.max }
      || ByteSearch.first(UInt8(ascii: "["), in: run, from: first.start) != nil
    guard !isKept else { return unsafe copy(first.start..<end, bytes, to: output, &count) }
    for (index, line) in paragraph.enumerated() {
      let next = index + 1 < paragraph.count ? paragraph[index + 1].start : end
      unsafe copy(line.start..<min(line.cut, line.end), bytes, to: output, &count)
      unsafe copy(line.end..<next, bytes, to: output, &count)
    }
  }

  private static func copy(
    _ range: Range<Int>, _ bytes: UnsafeRawBufferPointer, to output: UnsafeMutableBufferPointer<UInt8>,
    _ count: inout Int
  ) {
    guard let target = output.baseAddress, let source = bytes.baseAddress else { return }
    unsafe UnsafeMutableRawPointer(target + count).copyMemory(from: source + range.lowerBound, byteCount: range.count)
    count += range.count
  }

  /// Whether there may be a definition such as `[name]: target`, or a carriage return that ends a line by itself.
  private static func hasDefinition(_ bytes: UnsafeRawBufferPointer) -> Bool {
    unsafe hasPair(UInt8(ascii: "]"), in: bytes) { $0 == UInt8(ascii: ":") }
      || hasPair(UInt8(ascii: "\r"), in: bytes) { $0 != UInt8(ascii: "\n") }
  }

  private static func hasPair(
    _ byte: UInt8, in bytes: UnsafeRawBufferPointer, followedBy isNext: (UInt8) -> Bool
  ) -> Bool {
    var start = 0
    while let found = unsafe ByteSearch.first(byte, in: bytes, from: start) {
      start = found + 1
      // At the very end a carriage return ends the line by itself, and a bracket defines nothing.
      if unsafe isNext(start < bytes.count ? bytes[start] : 0) { return true }
    }
    return false
  }

  /// What may stand before the text of a line and decide what the line is.
  private static func isMarker(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ">"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "."),
      UInt8(ascii: ")"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
