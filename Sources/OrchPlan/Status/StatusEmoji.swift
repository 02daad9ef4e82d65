import OrchDomain

/// The three circles in bytes.
enum StatusEmoji {
  /// A circle at a place of a file.
  struct Found: Hashable {
    var offset: Int
    var status: TaskStatus
    /// Whether the cell has nothing else.
    var isAlone: Bool
    /// Whether the cell begins with it.
    var isFirst: Bool
  }

  private static let circles: [(bytes: [UInt8], status: TaskStatus)] = TaskStatus.allCases.map {
    (Array(String($0.emoji).utf8), $0)
  }
  /// Asks for the coloured form of the character before it; belongs to the circle and is kept.
  private static let variation: [UInt8] = [0xEF, 0xB8, 0x8F]

  static func bytes(_ status: TaskStatus) -> [UInt8] { Array(String(status.emoji).utf8) }

  /// The circle in `bytes[range]`; nil when there is none, or more than one, as in a legend.
  static func only(in range: Range<Int>, of bytes: [UInt8]) -> Found? {
    var found: Found?
    var i = range.lowerBound
    while i < range.upperBound {
      guard bytes[i] == 0xF0, let circle = circles.first(where: { bytes[i..<range.upperBound].starts(with: $0.bytes) })
      else {
        i += 1
        continue
      }
      guard found == nil else { return nil }
      let end = i + circle.bytes.count
      let rest = bytes[end..<range.upperBound]
      found = Found(
        offset: i, status: circle.status,
        isAlone: i == range.lowerBound && (rest.isEmpty || rest.elementsEqual(variation)),
        isFirst: i == range.lowerBound)
      i = end
    }
    return found
  }
}
