import CLibCMark

/// Collects an outline from a parsed document in one walk over its blocks, without recursion.
@safe
struct OutlineWalk {
  private(set) var outline = MarkdownOutline()
  private let document: OpaquePointer?
  private let bytes: UnsafeRawBufferPointer
  private let options: MarkdownOutline.Options
  /// Added to a line of cmark.
  private let lineOffset: Int
  private let tableType: UInt32
  /// Made when the first table or check box needs it.
  private var lines: LineIndex?

  init(document: OpaquePointer?, bytes: UnsafeRawBufferPointer, firstLine: Int, options: MarkdownOutline.Options) {
    unsafe self.document = unsafe document
    unsafe self.bytes = unsafe bytes
    self.options = options
    lineOffset = firstLine - 1
    tableType = options.contains(.tables) ? CMarkLibrary.tableType : UInt32.max
  }

  mutating func run() {
    guard let root = unsafe document else { return }
    var node = unsafe cmark_node_first_child(root)
    while let current = unsafe node {
      let entersChildren = unsafe visit(current)
      unsafe node =
        unsafe entersChildren
        ? InlineText.successor(of: current, within: root)
        : InlineText.successorSkippingChildren(of: current, within: root)
    }
  }

  /// Whether the children of the block have to be visited.
  private mutating func visit(_ node: OpaquePointer) -> Bool {
    switch unsafe cmark_node_get_type(node) {
    case CMARK_NODE_HEADING:
      if options.contains(.headings) { unsafe addHeading(node) }
      return false
    case CMARK_NODE_CODE_BLOCK:
      if options.contains(.codeBlocks) { unsafe addCodeBlock(node) }
      return false
    case CMARK_NODE_ITEM:
      if options.contains(.taskItems) { unsafe addTaskItem(node) }
      return true
    case CMARK_NODE_LIST, CMARK_NODE_BLOCK_QUOTE: return true
    case let type where type.rawValue == tableType:
      unsafe addTable(node)
      return false
    default: return false
    }
  }

  private mutating func addHeading(_ node: OpaquePointer) {
    let line = unsafe Int(cmark_node_get_start_line(node))
    var endLine = unsafe Int(cmark_node_get_end_line(node))
    // An underlined heading is closed by the line after it, which cmark then takes for its end.
    if unsafe cmark_node_get_end_column(node) == 0, endLine > line { endLine -= 1 }
    unsafe outline.headings.append(
      MarkdownOutline.Heading(
        level: Int(cmark_node_get_heading_level(node)), text: InlineText(of: node).string, line: line + lineOffset,
        column: Int(cmark_node_get_start_column(node)), endLine: endLine + lineOffset))
  }

  private mutating func addCodeBlock(_ node: OpaquePointer) {
    let content = unsafe InlineText.string(cmark_node_get_literal(node))
    let line = unsafe Int(cmark_node_get_start_line(node))
    var endLine = unsafe Int(cmark_node_get_end_line(node))
    let contentLines = content.utf8.count { $0 == UInt8(ascii: "\n") }
    var length: CInt = 0
    var offset: CInt = 0
    var character: CChar = 0
    if unsafe cmark_node_get_fenced(node, &length, &offset, &character) == 0 {
      // cmark counts the blank lines that follow, which are not part of the content.
      endLine = line + max(0, contentLines - 1)
    } else if unsafe cmark_node_get_end_column(node) == 0 {
      // A fence that the end of its list or quote closed: cmark names the line behind it.
      endLine = line + contentLines
    }
    let info = unsafe InlineText.string(cmark_node_get_fence_info(node))
    outline.codeBlocks.append(
      MarkdownOutline.CodeBlock(info: info, content: content, line: line + lineOffset, endLine: endLine + lineOffset))
  }

  private mutating func addTaskItem(_ item: OpaquePointer) {
    guard let paragraph = unsafe cmark_node_first_child(item),
      unsafe cmark_node_get_type(paragraph) == CMARK_NODE_PARAGRAPH
    else { return }
    let line = unsafe Int(cmark_node_get_start_line(paragraph))
    let column = unsafe Int(cmark_node_get_start_column(paragraph))
    let source = range(ofLine: line)
    let start = source.lowerBound + column - 1
    guard column >= 1, start + 3 <= source.upperBound, unsafe bytes[start] == UInt8(ascii: "["),
      unsafe bytes[start + 2] == UInt8(ascii: "]"),
      unsafe start + 3 == source.upperBound || isSpace(bytes[start + 3])
    else { return }
    let mark = unsafe bytes[start + 1]
    guard mark == UInt8(ascii: " ") || mark == UInt8(ascii: "x") || mark == UInt8(ascii: "X") else { return }
    var text = unsafe InlineText(of: paragraph).utf8[...]
    // The box reads as itself, unless `[x]` happens to be a link reference: then as its text.
    text = text.first == UInt8(ascii: "[") ? text.dropFirst(3) : text.dropFirst(1)
    text = text.drop { isSpace($0) }
    guard !text.isEmpty else { return }
    outline.taskItems.append(
      MarkdownOutline.TaskItem(
        text: InlineText.string(text), checked: mark != UInt8(ascii: " "), line: line + lineOffset,
        column: column))
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte) }

  /// The bytes of a line as cmark counts lines.
  private mutating func range(ofLine line: Int) -> Range<Int> {
    if let lines { return lines.range(ofLine: line) }
    let index = unsafe LineIndex(bytes)
    lines = index
    return index.range(ofLine: line)
  }
}

extension OutlineWalk {
  private mutating func addTable(_ table: OpaquePointer) {
    var quotes = 0
    var parent = unsafe cmark_node_parent(table)
    while let current = unsafe parent {
      if unsafe cmark_node_get_type(current) == CMARK_NODE_BLOCK_QUOTE { quotes += 1 }
      unsafe parent = unsafe cmark_node_parent(current)
    }
    guard let header = unsafe cmark_node_first_child(table) else { return }
    let firstRow = unsafe cmark_node_next(header)
    let endLine = unsafe Int(cmark_node_get_end_line(table))
    // The delimiter row stands between header and rows; cmark gives the line of a paragraph above as the header's.
    let headerLine = unsafe firstRow.map { unsafe Int(cmark_node_get_start_line($0)) - 2 } ?? endLine - 1
    let tableLine = unsafe Int(cmark_node_get_start_line(table))
    let headerColumn = unsafe headerLine == tableLine ? Int(cmark_node_get_start_column(table)) : nil
    var result = unsafe MarkdownOutline.Table(
      header: cells(of: header, line: headerLine, column: headerColumn, quotes: quotes), rows: [],
      line: headerLine + lineOffset, endLine: endLine + lineOffset)
    var next = unsafe firstRow
    while let row = unsafe next {
      let line = unsafe Int(cmark_node_get_start_line(row))
      let cells = unsafe cells(of: row, line: line, column: nil, quotes: quotes)
      result.rows.append(MarkdownOutline.Row(line: line + lineOffset, cells: cells))
      unsafe next = unsafe cmark_node_next(row)
    }
    outline.tables.append(result)
  }

  /// - Parameter column: Where the row starts, when it may stand behind a list marker.
  private mutating func cells(
    of row: OpaquePointer, line: Int, column: Int?, quotes: Int
  ) -> [MarkdownOutline.Cell] {
    let source = range(ofLine: line)
    let scanner = unsafe TableRowScanner(bytes)
    let start = column.map { source.lowerBound + $0 - 1 } ?? scanner.skipContainers(quotes: quotes, in: source)
    guard (source.lowerBound...source.upperBound).contains(start) else { return [] }
    var cells: [MarkdownOutline.Cell] = []
    var node = unsafe cmark_node_first_child(row)
    for range in scanner.cells(in: start..<source.upperBound) {
      guard let cell = unsafe node else { break }
      let content = unsafe InlineText(of: cell, links: true)
      cells.append(
        MarkdownOutline.Cell(
          text: content.string, links: content.links, column: range.lowerBound - source.lowerBound + 1,
          endColumn: range.upperBound - source.lowerBound + 1))
      unsafe node = unsafe cmark_node_next(cell)
    }
    return cells
  }
}
