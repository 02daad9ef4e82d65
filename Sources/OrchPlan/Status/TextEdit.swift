/// A replacement of some bytes of a file.
package struct TextEdit: Hashable, Sendable {
  /// Where the replaced bytes start, from the beginning of the file.
  package var offset: Int
  /// Number of bytes to replace; 0 inserts.
  package var length: Int
  package var replacement: [UInt8]

  package init(offset: Int, length: Int, replacement: [UInt8]) {
    self.offset = offset
    self.length = length
    self.replacement = replacement
  }
}

extension [UInt8] {
  /// The bytes with all edits made; nil when an edit lies outside or two edits overlap, because then none may be made.
  ///
  /// Offsets are those of the original, so the order of `edits` does not matter.
  package func applying(_ edits: [TextEdit]) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    var done = 0
    for edit in edits.sorted(by: { ($0.offset, $0.length) < ($1.offset, $1.length) }) {
      guard edit.offset >= done, edit.length >= 0, edit.offset <= count, edit.length <= count - edit.offset else {
        return nil
      }
      result += self[done..<edit.offset]
      result += edit.replacement
      done = edit.offset + edit.length
    }
    return result + self[done...]
  }
}
