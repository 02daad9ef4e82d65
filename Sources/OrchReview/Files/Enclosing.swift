import OrchDomain

/// The lines that open the blocks around a line of a hunk, found by indentation.
enum Enclosing {
  /// The innermost first: those that the hunk shows, then those further up.
  static func headings(of index: Int, in hunk: FileDiff.Hunk) -> [String] {
    guard hunk.lines.indices.contains(index), var limit = indent(hunk.lines[index].text) else { return [] }
    let side = hunk.lines[index].origin
    var found: [String] = []
    func take(_ text: String) {
      guard let own = indent(text), own < limit else { return }
      let rest = text.dropFirst(own)
      if rest.hasPrefix("#") || rest.hasPrefix("//") || rest.hasPrefix("*") || rest.hasPrefix("/*") { return }
      // What ends a block that a line further up with the same indentation began.
      guard let first = rest.first, !"{})]".contains(first) else {
        limit = own + 1
        return
      }
      limit = own
      found.append(text)
    }
    for line in hunk.lines[..<index].reversed() where line.origin == .context || line.origin == side { take(line.text) }
    for line in hunk.enclosing.reversed() { take(line) }
    return found
  }

  /// How many blanks a line begins with; nil for one that has nothing else.
  private static func indent(_ text: String) -> Int? {
    let count = text.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
    return count < text.utf8.count ? count : nil
  }
}
