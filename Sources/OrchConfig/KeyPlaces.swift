import OrchDiagnostics

/// One step on the way from the root of a TOML document to a value.
enum KeyStep: Hashable, Sendable {
  case key(String)
  /// An element of an array or of an array of tables, from 0.
  case index(Int)
}

/// Where the keys and values of a TOML text stand, in bytes from its start.
struct KeyPlaces: Sendable {
  /// One key with its value, one table header, or one element of an array.
  struct Entry: Sendable {
    var path: [KeyStep]
    /// The written parts of the key; `depth` is the length of the path up to and including the part.
    var parts: [(depth: Int, range: Range<Int>)]
    /// Nil for a header.
    var value: Range<Int>?
  }

  /// In the order of the text.
  var entries: [Entry] = []
  /// Why the text is not TOML, with the offset; nil says nothing about the values themselves.
  var failure: (message: String, offset: Int)?
  /// The first string or key that holds an escaped NUL, which C strings cannot carry.
  var escapedNUL: Range<Int>?
  /// The entries with a written key, by path; the first when there are several.
  var headIndex: [[KeyStep]: Int] = [:]
  /// Where each line begins.
  var lineStarts: [Int] = [0]

  /// Adds an entry; its value is filled in later.
  ///
  /// - Returns: Its number.
  mutating func add(_ path: [KeyStep], parts: [(depth: Int, range: Range<Int>)]) -> Int {
    let number = entries.count
    entries.append(Entry(path: path, parts: parts, value: nil))
    if !parts.isEmpty, headIndex[path] == nil { headIndex[path] = number }
    return number
  }

  /// The place of the key at `path`, of its value, or of the nearest thing around it; the start of the text at worst.
  func range(of path: [KeyStep], value: Bool = false) -> Range<Int> {
    if let exact = headIndex[path].map({ entries[$0] }) ?? entries.first(where: { $0.path == path }) {
      if value, let range = exact.value { return range }
      if let range = exact.parts.last?.range ?? exact.value { return range }
    }
    for entry in entries where entry.path.count > path.count && entry.path.starts(with: path) {
      if let part = entry.parts.first(where: { $0.depth == path.count }) { return part.range }
    }
    return path.isEmpty ? 0..<1 : range(of: path.dropLast(), value: value)
  }

  /// A range of bytes as lines and columns.
  func location(_ range: Range<Int>, in file: String) -> SourceLocation {
    let start = position(range.lowerBound)
    let end = position(max(range.lowerBound, range.upperBound - 1))
    return SourceLocation(
      file: file, line: start.line, column: start.column, endLine: end.line, endColumn: end.column + 1)
  }

  private func position(_ offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return (low + 1, max(0, offset - lineStarts[low]) + 1)
  }
}
