/// What we need to know of a Markdown document, with places: headings, code blocks, check boxes and tables.
///
/// Lines count from 1 in the whole file, columns from 1 in UTF-8 bytes. Structure comes from cmark-gfm; where its
/// places or its task list extension are wrong (docs of ``Table`` and ``TaskItem``), they are computed here.
package struct MarkdownOutline: Hashable, Sendable {
  /// What to collect; what is not asked for costs nothing.
  package struct Options: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let headings = Options(rawValue: 1)
    package static let codeBlocks = Options(rawValue: 2)
    package static let taskItems = Options(rawValue: 4)
    package static let tables = Options(rawValue: 8)
    package static let all: Options = [.headings, .codeBlocks, .taskItems, .tables]
  }

  /// A heading of either style, also inside a list or block quote.
  package struct Heading: Hashable, Sendable {
    /// 1 to 6.
    package var level: Int
    /// Without markup: code spans and link texts stay, tags and link targets go, line breaks become spaces.
    package var text: String
    package var line: Int
    package var column: Int
    package var endLine: Int
  }

  /// A fenced or indented code block.
  package struct CodeBlock: Hashable, Sendable {
    /// The text behind the opening fence, such as `bash run`; empty for an indented block.
    package var info: String
    /// Without the fences and the indentation of the enclosing list or quote.
    package var content: String
    /// The line of the opening fence, or the first line of an indented block.
    package var line: Int
    /// The line of the closing fence, or the last line of the content.
    package var endLine: Int
  }

  /// A list item that starts with `[ ]`, `[x]` or `[X]` and has more text, as the GFM specification defines it.
  ///
  /// The extension of cmark-gfm isn't used: it takes `- [ ] see [x]` for checked and misses items below a quote.
  package struct TaskItem: Hashable, Sendable {
    /// The first paragraph behind the box, without markup.
    package var text: String
    package var checked: Bool
    package var line: Int
    /// The column of the `[`.
    package var column: Int
  }

  /// A pipe table. Rows may be shorter than the header: cells that the source doesn't have are not invented.
  ///
  /// The places are our own: those of cmark-gfm ignore the row's own indentation and a paragraph above the header.
  package struct Table: Hashable, Sendable {
    package var header: [Cell]
    package var rows: [Row]
    /// The line of the header.
    package var line: Int
    package var endLine: Int
  }

  /// A row below the header.
  package struct Row: Hashable, Sendable {
    package var line: Int
    package var cells: [Cell]
  }

  /// One cell of a table.
  package struct Cell: Hashable, Sendable {
    /// Without markup.
    package var text: String
    /// The targets of its links in order, entities and escapes decoded, percent-encoding kept.
    package var links: [String]
    /// The column of the first byte that is not white space; for an empty cell, where its text would start.
    package var column: Int
    /// The column behind the last byte that is not white space.
    package var endColumn: Int
  }

  package var headings: [Heading] = []
  package var codeBlocks: [CodeBlock] = []
  package var taskItems: [TaskItem] = []
  package var tables: [Table] = []
  /// Why the document was not parsed at all; everything else is then empty.
  package var refusal: MarkdownRefusal?

  /// - Parameters:
  ///   - bytes: The document, starting at the start of a line. Invalid UTF-8 and NUL read as U+FFFD.
  ///   - firstLine: The number of its first line in the file.
  package init(_ bytes: [UInt8], firstLine: Int = 1, _ options: Options = .all) {
    self = unsafe bytes.withUnsafeBytes { unsafe MarkdownOutline($0, firstLine: firstLine, options) }
  }

  /// The outline of a part of a file, without a copy.
  package init(_ bytes: ArraySlice<UInt8>, firstLine: Int = 1, _ options: Options = .all) {
    self = unsafe bytes.withUnsafeBytes { unsafe MarkdownOutline($0, firstLine: firstLine, options) }
  }

  /// The outline of mapped memory; nothing of `bytes` is kept.
  package init(_ bytes: UnsafeRawBufferPointer, firstLine: Int = 1, _ options: Options = .all) {
    if let refusal = unsafe ParseCost.refusal(of: bytes, firstLine: firstLine, tables: options.contains(.tables)) {
      self.refusal = refusal
      return
    }
    if let repaired = unsafe TextRepair.repaired(bytes, encoding: options.contains(.tables)) {
      self = unsafe repaired.withUnsafeBytes { unsafe MarkdownOutline(clean: $0, firstLine, options) }
    } else {
      self = unsafe MarkdownOutline(clean: bytes, firstLine, options)
    }
  }

  private init(clean bytes: UnsafeRawBufferPointer, _ firstLine: Int, _ options: Options) {
    guard unsafe !bytes.isEmpty, !options.isEmpty else { return }
    if options.isDisjoint(with: [.codeBlocks, .tables]),
      let found = unsafe OutlineScan.outline(of: bytes, firstLine: firstLine, options)
    {
      self = found
    } else {
      self = unsafe MarkdownOutline(whole: bytes, firstLine, options)
    }
  }

  /// Reads every byte; for tests as well, as the measure of what ``OutlineScan`` finds.
  init(whole bytes: UnsafeRawBufferPointer, _ firstLine: Int, _ options: Options) {
    let document = unsafe CMarkDocument(bytes, tables: options.contains(.tables))
    self = unsafe document.withRoot { root in
      var walk = unsafe OutlineWalk(document: root, bytes: bytes, firstLine: firstLine, options: options)
      walk.run()
      return walk.outline
    }
  }

  init() {}
}
