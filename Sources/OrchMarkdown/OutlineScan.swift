/// Finds headings and check boxes without a parser where that is certain, and has cmark read only the rest.
///
/// Some lines close everything that is open before them: a heading, a bullet or a fence in the first column, and any
/// line that begins there behind a blank one. They part a document into pieces that mean alone what they mean together.
/// Most pieces are running text, or one line that can be read here; of any other piece, cmark gets the whole.
@safe
struct OutlineScan {
  /// A stretch of the document from a line that closes everything before it.
  private struct Piece {
    var start: Int
    var line: Int
    /// Whether cmark has to read it.
    var isOpaque = false
    var heading: MarkdownOutline.Heading?
    /// The check box that it begins with.
    var item: MarkdownOutline.TaskItem?
    /// Whether the first paragraph of the item, which is its text, goes on.
    var isItemOpen = false
  }

  private let text: PlainLines
  private let bytes: UnsafeRawBufferPointer
  private let options: MarkdownOutline.Options
  private var outline = MarkdownOutline()
  private var line: Int
  private var piece: Piece
  /// Whether no paragraph goes on in the next line.
  private var isFresh = true

  /// - Parameter options: Headings and task items; code blocks and tables always need the parser.
  /// - Returns: Nil when something in the document may matter far from where it is.
  static func outline(
    of bytes: UnsafeRawBufferPointer, firstLine: Int, _ options: MarkdownOutline.Options
  ) -> MarkdownOutline? {
    guard unsafe !hasFarReach(bytes) else { return nil }
    var scan = unsafe OutlineScan(bytes, firstLine, options)
    return scan.run() ? scan.outline : nil
  }

  private init(_ bytes: UnsafeRawBufferPointer, _ firstLine: Int, _ options: MarkdownOutline.Options) {
    unsafe self.bytes = bytes
    unsafe text = PlainLines(bytes)
    self.options = options
    line = firstLine
    piece = Piece(start: 0, line: firstLine)
  }

  /// - Returns: False when the whole document has to be parsed.
  private mutating func run() -> Bool {
    var start = 0
    while unsafe start < bytes.count {
      let range = text.line(from: start)
      // cmark drops a byte order mark at the beginning of what it is given, which must not become one of a piece.
      if unsafe bytes[start] == 0xEF, range.next > start + 2, unsafe bytes[start + 1] == 0xBB { return false }
      let first = text.skipBlanks(range)
      if first == range.text.upperBound {
        isFresh = true
        piece.isItemOpen = false
      } else if first > start {
        takeIndented(range, first)
      } else if let level = text.headingLevel(range) {
        begin(at: range)
        addHeading(range, level)
        isFresh = true
      } else if let fence = text.openingFence(range) {
        begin(at: range)
        line += 1
        let end = text.end(of: fence, from: range.next, lines: &line)
        piece = Piece(start: end, line: line)
        isFresh = true
        start = end
        continue
      } else {
        takeFlush(range)
      }
      if piece.isOpaque, text.mayOpenVerbatim(range) {
        // Where code or HTML inside of a list or quote ends is not for us to say.
        break
      }
      line += 1
      start = range.next
    }
    close(through: unsafe bytes.count, nextLine: .max)
    return true
  }

  /// Whether there may be a definition such as `[name]: target`, or a carriage return that ends a line by itself.
  private static func hasFarReach(_ bytes: UnsafeRawBufferPointer) -> Bool {
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

  /// A line that begins in the first column with something else than a heading or a fence.
  private mutating func takeFlush(_ range: PlainLines.Line) {
    let isBullet = text.isBullet(at: range.text.lowerBound, range)
    if isBullet || isFresh { begin(at: range) }
    let wasFresh = isFresh
    isFresh = false
    guard !piece.isOpaque else { return }
    if isBullet {
      addItem(range, from: range.text.lowerBound + 2)
    } else if text.isText(at: range.text.lowerBound, range) {
      continueItem(range.text)
    } else if wasFresh, text.isRule(range) {
      isFresh = true
    } else if piece.isItemOpen || !text.isNumber(at: range.text.lowerBound, range) {
      piece.isOpaque = true
    }
  }

  private mutating func takeIndented(_ range: PlainLines.Line, _ first: Int) {
    defer { isFresh = false }
    guard !piece.isOpaque else { return }
    if text.isText(at: first, range) {
      // Behind a blank line it is a paragraph of its own, or code.
      if !isFresh { continueItem(first..<range.text.upperBound) }
    } else if piece.isItemOpen || !text.isListed(at: first, range) {
      piece.isOpaque = true
    }
  }

  private mutating func begin(at range: PlainLines.Line) {
    close(through: range.next, nextLine: line)
    piece = Piece(start: range.text.lowerBound, line: line)
  }

  /// Adds what the piece has to the outline.
  ///
  /// - Parameters:
  ///   - end: Behind the line after the piece: how cmark tells the end of an underlined heading depends on that line.
  ///   - nextLine: The number of that line.
  private mutating func close(through end: Int, nextLine: Int) {
    guard piece.isOpaque else {
      if let heading = piece.heading { outline.headings.append(heading) }
      if let item = piece.item { outline.taskItems.append(item) }
      return
    }
    let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[piece.start..<end])
    let found = unsafe MarkdownOutline(whole: part, piece.line, options)
    outline.headings += found.headings.prefix { $0.line < nextLine }
    outline.taskItems += found.taskItems.prefix { $0.line < nextLine }
  }

  private mutating func addHeading(_ range: PlainLines.Line, _ level: Int) {
    guard options.contains(.headings) else { return }
    let content = (range.text.lowerBound + level)..<range.text.upperBound
    // A heading may be closed by the marks that it began with.
    guard unsafe bytes[text.trimmed(content).upperBound - 1] != UInt8(ascii: "#"), let words = text.words(content)
    else {
      piece.isOpaque = true
      return
    }
    piece.heading = MarkdownOutline.Heading(level: level, text: words, line: line, column: 1, endLine: line)
  }

  /// - Parameter start: What follows the bullet and its blank.
  private mutating func addItem(_ range: PlainLines.Line, from start: Int) {
    guard options.contains(.taskItems), let mark = text.boxMark(at: start, range) else { return }
    guard let words = text.words((start + 3)..<range.text.upperBound) else {
      piece.isOpaque = true
      return
    }
    piece.item = MarkdownOutline.TaskItem(text: words, checked: mark != UInt8(ascii: " "), line: line, column: 3)
    piece.isItemOpen = true
  }

  /// Running text, which belongs to the check box above it when there is no blank line between them.
  private mutating func continueItem(_ range: Range<Int>) {
    guard piece.isItemOpen else { return }
    guard let words = text.words(range) else {
      piece.isOpaque = true
      return
    }
    piece.item?.text += " " + words
  }
}
