import OrchDiagnostics
package import OrchDomain
import OrchYAML

/// The smallest edits that make Markdown say a status, as values; nobody's file is touched here.
package enum StatusEdit {
  /// Edits that make the frontmatter of a plan say `status`; empty when it says so already, with whatever synonym.
  ///
  /// Only the word changes: quotes, comments, blanks and line endings stay. A missing key becomes the last line of the
  /// frontmatter, and a file without frontmatter gets one of three lines.
  package static func plan(_ bytes: [UInt8], to status: TaskStatus) throws(StatusEditError) -> [TextEdit] {
    let edits = try proposal(bytes, status)
    guard !edits.isEmpty else { return [] }
    // libyaml has the last word on whether the edit does what it should.
    let result: TaskStatus?
    do {
      result = try bytes.applying(edits).flatMap { bytes throws(StatusEditError) in try PlanStatus(bytes).status }
    } catch {
      throw .ineffective
    }
    guard result == status else { throw .ineffective }
    return edits
  }

  /// What the frontmatter of a plan says; nil when it has no `status`, or one that means nothing.
  package static func readPlan(_ bytes: [UInt8]) throws(StatusEditError) -> TaskStatus? {
    try PlanStatus(bytes).status
  }

  private static func proposal(_ bytes: [UInt8], _ status: TaskStatus) throws(StatusEditError) -> [TextEdit] {
    let found = try PlanStatus(bytes)
    let word = Array(status.rawValue.utf8)
    switch found.place {
    case .noFrontMatter(let start, let newline):
      let block = Array("---".utf8) + newline + Array("status: ".utf8) + word + newline + Array("---".utf8) + newline
      return [TextEdit(offset: start, length: 0, replacement: block)]
    case .missing(let offset, let before, let after):
      return [TextEdit(offset: offset, length: 0, replacement: before + Array("status: ".utf8) + word + after)]
    case .empty(let offset):
      return [TextEdit(offset: offset, length: 0, replacement: [UInt8(ascii: " ")] + word)]
    case .value(let range):
      guard found.status != status else { return [] }
      return [TextEdit(offset: range.lowerBound, length: range.count, replacement: word)]
    }
  }
}

/// Where a plan has its status, or where it would go.
private struct PlanStatus {
  enum Place {
    /// The file needs frontmatter at this offset.
    case noFrontMatter(Int, newline: [UInt8])
    /// The key can be inserted at this offset, between these bytes.
    case missing(Int, before: [UInt8], after: [UInt8])
    /// The key is there, and the value is missing behind the colon at this offset.
    case empty(Int)
    /// The word, without quotes.
    case value(Range<Int>)
  }

  let place: Place
  let status: TaskStatus?

  init(_ bytes: [UInt8]) throws(StatusEditError) {
    let newline = PlanStatus.newline(of: bytes)
    guard let part = FrontMatter(bytes) else {
      place = .noFrontMatter(FrontMatter.textStart(bytes), newline: newline)
      status = nil
      return
    }
    guard let closing = part.closing else { throw .unterminatedFrontMatter }
    let lines = LineIndex(bytes, in: 0..<part.bodyStart)
    let document: YAMLDocument
    do { document = try YAMLDocument(reading: bytes, in: part.content) } catch {
      throw .malformedFrontMatter(error, line: lines.place(of: error.range.lowerBound).line)
    }
    guard let root = document.root else {
      place = .missing(closing, before: [], after: newline)
      status = nil
      return
    }
    guard root.kind == .mapping else { throw .notAMapping(line: lines.place(of: root.start).line) }
    let entries = document.entries(of: root)
    let key = Array("status".utf8)
    // A repeated key is an error that the compiler reports; it reads the first one, and so do we.
    if let entry = entries.first(where: { $0.key.kind == .scalar && document.bytes($0.key).elementsEqual(key) }) {
      let line = lines.place(of: entry.key.start).line
      (place, status) = try PlanStatus.read(entry.value, of: document, in: bytes, line: line)
    } else {
      place = PlanStatus.insertion(into: root, last: entries.last?.value, first: entries.first?.key, bytes, closing)
      status = nil
    }
  }

  private static func read(
    _ value: YAMLNode, of document: YAMLDocument, in bytes: [UInt8], line: Int
  ) throws(StatusEditError) -> (Place, TaskStatus?) {
    switch value.kind {
    case .sequence: throw .unsupportedValue("a list", line: line)
    case .mapping: throw .unsupportedValue("a mapping", line: line)
    case .alias: throw .unsupportedValue("an alias", line: line)
    case .scalar: break
    }
    let status = TaskStatus(markdown: document.text(value).prefix(64))
    var range = value.range.clamped(to: 0..<bytes.count)
    switch value.style {
    case .singleQuoted, .doubleQuoted:
      let quote = value.style == .singleQuoted ? UInt8(ascii: "'") : UInt8(ascii: "\"")
      guard range.count >= 2, bytes[range.lowerBound] == quote, bytes[range.upperBound - 1] == quote else {
        throw .unsupportedValue("quoted and has a tag or an anchor", line: line)
      }
      range = (range.lowerBound + 1)..<(range.upperBound - 1)
    case .literal, .folded: throw .unsupportedValue("a block of text", line: line)
    case .plain, .block, .flow:
      if let first = range.first.map({ bytes[$0] }), first == UInt8(ascii: "&") || first == UInt8(ascii: "!") {
        throw .unsupportedValue("a word with a tag or an anchor", line: line)
      }
      if range.isEmpty {
        guard let colon = colon(before: range.lowerBound, in: bytes) else {
          throw .unsupportedValue("missing, and so is its colon", line: line)
        }
        return (.empty(colon + 1), nil)
      }
    }
    return (.value(range), status)
  }

  /// The colon that ends the key, when nothing but blanks stands behind it.
  private static func colon(before offset: Int, in bytes: [UInt8]) -> Int? {
    var i = min(offset, bytes.count)
    while i > 0, bytes[i - 1] == UInt8(ascii: " ") || bytes[i - 1] == UInt8(ascii: "\t") { i -= 1 }
    return i > 0 && bytes[i - 1] == UInt8(ascii: ":") ? i - 1 : nil
  }

  private static func insertion(
    into root: YAMLNode, last: YAMLNode?, first: YAMLNode?, _ bytes: [UInt8], _ closing: Int
  ) -> Place {
    if root.style == .flow {
      guard let last else { return .missing(root.start + 1, before: [], after: []) }
      return .missing(last.range.upperBound, before: Array(", ".utf8), after: [])
    }
    // The keys of the mapping may be indented; a new one must be as much.
    var start = first?.start ?? 0
    while start > 0, bytes[start - 1] == UInt8(ascii: " ") { start -= 1 }
    let indentation = [UInt8](repeating: UInt8(ascii: " "), count: (first?.start ?? 0) - start)
    return .missing(closing, before: indentation, after: newline(of: bytes))
  }

  /// The first line ending of the file; LF when it has none.
  private static func newline(of bytes: [UInt8]) -> [UInt8] {
    guard let end = bytes.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else { return [0x0A] }
    guard bytes[end] == 0x0D else { return [0x0A] }
    return end + 1 < bytes.count && bytes[end + 1] == 0x0A ? [0x0D, 0x0A] : [0x0D]
  }
}
