/// Finds the lines of a file that open the blocks around a place, by indentation: it knows no language.
struct EnclosingBlocks {
  private static let depth = 8
  private static let reach = 3000
  private static let longest = 300

  private let bytes: [UInt8]
  /// Where each line begins.
  private let starts: [Int]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var starts = [0]
    for (index, byte) in bytes.enumerated() where byte == 0x0A { starts.append(index + 1) }
    self.starts = starts
  }

  /// The headings of the blocks in which a line stands, with their indentation, the outermost first.
  ///
  /// - Parameter line: Counted from 1.
  func headings(at line: Int) -> [String] {
    guard line > 1, line <= starts.count else { return [] }
    // The line itself may be blank, or the end of a block.
    var index = line - 1
    while index < min(starts.count - 1, line + 3), indent(index) == nil { index += 1 }
    guard var limit = indent(index) else { return [] }
    var found: [String] = []
    index = line - 2
    while index >= max(0, line - Self.reach), limit > 0, found.count < Self.depth {
      defer { index -= 1 }
      guard let own = indent(index), own < limit else { continue }
      let first = bytes[starts[index] + own]
      // Directives and labels stand at the margin, wherever they are.
      if first == UInt8(ascii: "#") || isComment(index, own) { continue }
      // `{`, `) -> T {` and `} else {` belong to a line with the same indentation further up.
      guard !"{})]".utf8.contains(first) else {
        limit = own + 1
        continue
      }
      limit = own
      found.append(text(index))
    }
    return found.reversed()
  }

  private func isComment(_ index: Int, _ own: Int) -> Bool {
    let rest = bytes[(starts[index] + own)...].prefix(2)
    return rest.elementsEqual("//".utf8) || rest.elementsEqual("/*".utf8) || rest.first == UInt8(ascii: "*")
  }

  private func end(_ index: Int) -> Int { index + 1 < starts.count ? starts[index + 1] - 1 : bytes.count }

  /// How many blanks a line begins with; nil for one that has nothing else.
  private func indent(_ index: Int) -> Int? {
    let (start, end) = (starts[index], end(index))
    var place = start
    while place < end, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
    return place < end && bytes[place] != 0x0D ? place - start : nil
  }

  private func text(_ index: Int) -> String {
    String(decoding: bytes[starts[index]..<end(index)].prefix(Self.longest), as: UTF8.self)
  }
}
