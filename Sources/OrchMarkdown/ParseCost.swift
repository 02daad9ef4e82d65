/// Finds documents on which cmark-gfm takes quadratic time, before it is started on them.
///
/// Measured with 0.29.0.gfm.6: 50 KB of `- - - …` with blank lines below take 3.5 s, 400 KB of `![[]()` 8 s, and a wide
/// table header makes a cell for every column of every short row. The estimates are upper bounds of the work.
enum ParseCost {
  /// Below this length the worst case stays under half a second, and almost every plan is shorter.
  private static let alwaysCheap = 16 * 1024
  /// Bytes of container markers times lines.
  private static let nestingBudget = 100_000_000
  /// Opening times closing brackets of one paragraph.
  private static let bracketBudget = 400_000_000
  private static let cellBudget = 1_000_000
  /// Lines that may be the delimiter row of a table times the bytes of their paragraph.
  private static let delimiterBudget = 400_000_000

  static func refusal(of bytes: UnsafeRawBufferPointer, firstLine: Int, tables: Bool) -> MarkdownRefusal? {
    guard bytes.count > alwaysCheap else { return nil }
    guard bytes.count <= 1 << 30 else { return .tooLarge }
    var scan = Scan(line: firstLine)
    // By index: swift-format 6.3 destroys `for unsafe byte in`.
    for i in bytes.indices {
      scan.take(unsafe bytes[i])
      if scan.openBrackets > 0, scan.closeBrackets > bracketBudget / scan.openBrackets {
        return .tooManyBrackets(line: scan.line)
      }
      if tables, scan.cells > cellBudget || scan.delimiters > delimiterBudget / max(1, scan.length) {
        return .tableTooLarge(line: scan.line)
      }
    }
    scan.endLine()
    if scan.longestPrefix > nestingBudget / max(1, scan.line - firstLine) { return .tooDeep(line: scan.deepestLine) }
    return nil
  }

  /// The counters of one pass over the bytes.
  private struct Scan {
    var line: Int
    var openBrackets = 0
    var closeBrackets = 0
    var longestPrefix = 0
    var deepestLine = 0
    /// Cells of all tables so far, if every run of lines without a blank one were a table.
    var cells = 0
    /// Lines of the paragraph so far that consist of nothing but what a delimiter row has.
    var delimiters = 0
    /// Bytes of the paragraph so far.
    var length = 0
    private var mayDelimit = true
    private var prefix = 0
    private var inPrefix = true
    private var isBlank = true
    private var pipes = 0
    private var widest = 0
    private var lastWasCR = false

    init(line: Int) { self.line = line }

    mutating func take(_ byte: UInt8) {
      switch byte {
      case UInt8(ascii: "\n"):
        if !lastWasCR { endLine() }
        lastWasCR = false
        return
      case UInt8(ascii: "\r"):
        endLine()
        lastWasCR = true
        return
      case UInt8(ascii: " "), UInt8(ascii: "\t"): break
      case UInt8(ascii: ">"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "."),
        UInt8(ascii: ")"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        isBlank = false
      default:
        isBlank = false
        inPrefix = false
        if byte == UInt8(ascii: "[") { openBrackets += 1 }
        if byte == UInt8(ascii: "]") { closeBrackets += 1 }
        if byte == UInt8(ascii: "|") { pipes += 1 } else if byte != UInt8(ascii: ":") { mayDelimit = false }
      }
      length += 1
      lastWasCR = false
      if inPrefix { prefix += 1 }
    }

    mutating func endLine() {
      if prefix > longestPrefix {
        longestPrefix = prefix
        deepestLine = line
      }
      if isBlank {
        openBrackets = 0
        closeBrackets = 0
        widest = 0
        delimiters = 0
        length = 0
      } else {
        if mayDelimit { delimiters += 1 }
        widest = max(widest, pipes)
        cells += widest
      }
      prefix = 0
      inPrefix = true
      isBlank = true
      pipes = 0
      mayDelimit = true
      line += 1
    }
  }
}
