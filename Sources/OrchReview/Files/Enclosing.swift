import OrchDomain

/// The lines that open the blocks around each changed line of a hunk, found by indentation in one pass.
struct Enclosing {
  private struct Block {
    let text: String
    let indent: Int
    /// The block around it, by its number.
    let parent: Int?
  }

  private var blocks: [Block] = []
  /// The innermost block of every changed line, in their order.
  private var innermost: [Int?] = []

  init(_ hunk: FileDiff.Hunk) {
    // What is removed stands within the old file, what is added within the new one.
    var (old, new): (Int?, Int?) = (nil, nil)
    for text in hunk.enclosing {
      old = open(text, in: old)
      new = old
    }
    for line in hunk.lines {
      switch line.origin {
      case .context:
        let isSame = old == new
        old = open(line.text, in: old)
        new = isSame ? old : open(line.text, in: new)
      case .removed:
        innermost.append(around(line.text, old))
        old = open(line.text, in: old)
      case .added:
        innermost.append(around(line.text, new))
        new = open(line.text, in: new)
      }
    }
  }

  private static let depth = 32

  /// The innermost block around a changed line whose heading `isTold` is true of, and whether no other is between them.
  ///
  /// - Parameters:
  ///   - change: Which of the changed lines, from 0.
  ///   - known: What was asked about blocks before; each is asked once.
  func block(
    around change: Int, _ known: inout [Int: Bool], where isTold: (String) -> Bool
  ) -> (heading: String, isDirect: Bool)? {
    var block = innermost[change]
    for depth in 0..<Self.depth {
      guard let number = block else { return nil }
      let answer = known[number] ?? isTold(blocks[number].text)
      known[number] = answer
      if answer { return (blocks[number].text, depth == 0) }
      block = blocks[number].parent
    }
    return nil
  }

  private func around(_ text: String, _ block: Int?) -> Int? {
    guard let own = Self.indent(text) else { return block }
    return inside(block, upTo: own)
  }

  /// The innermost block that is indented by less than `limit`.
  private func inside(_ block: Int?, upTo limit: Int) -> Int? {
    var block = block
    while let inner = block, blocks[inner].indent >= limit { block = blocks[inner].parent }
    return block
  }

  /// The innermost block behind a line.
  private mutating func open(_ text: String, in block: Int?) -> Int? {
    guard let own = Self.indent(text) else { return block }
    let rest = text.utf8.dropFirst(own)
    // Directives stand at the margin, wherever they are, and comments open nothing.
    if ["#", "//", "/*", "*"].contains(where: { rest.starts(with: $0.utf8) }) { return block }
    // `} else {` goes on with the block of the line that has the same indentation further up.
    if let first = rest.first, "{})]".utf8.contains(first) { return inside(block, upTo: own + 1) }
    blocks.append(Block(text: text, indent: own, parent: around(text, block)))
    return blocks.count - 1
  }

  /// How many blanks a line begins with; nil for one that has nothing else.
  private static func indent(_ text: String) -> Int? {
    let count = text.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
    return count < text.utf8.count ? count : nil
  }
}
