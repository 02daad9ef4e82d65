/// Makes damaged bytes harmless to cmark without moving a column.
///
/// cmark would write three bytes for a NUL, and its table scanner stops at invalid UTF-8. Both are replaced by one
/// byte, which the texts of the outline show as U+FFFD.
enum TextRepair {
  /// The ASCII control character that was made for this, SUBSTITUTE.
  static let placeholder: UInt8 = 0x1A

  /// A copy without damage; nil when there is none.
  ///
  /// - Parameter encoding: Whether invalid UTF-8 matters, too.
  static func repaired(_ bytes: UnsafeRawBufferPointer, encoding: Bool) -> [UInt8]? {
    guard let first = unsafe firstDamage(in: bytes, from: 0, encoding: encoding) else { return nil }
    var copy = unsafe Array(bytes)
    var next: Int? = first
    while let damage = next {
      copy[damage] = placeholder
      next = unsafe firstDamage(in: bytes, from: damage + 1, encoding: encoding)
    }
    return copy
  }

  private static func firstDamage(in bytes: UnsafeRawBufferPointer, from start: Int, encoding: Bool) -> Int? {
    guard encoding else { return unsafe ByteSearch.first(0, in: bytes, from: start) }
    var i = start
    while i < bytes.count {
      let lead = unsafe bytes[i]
      if lead != 0, lead < 0x80 {
        i += 1
      } else {
        let length = unsafe sequenceLength(in: bytes, at: i)
        guard length > 0 else { return i }
        i += length
      }
    }
    return nil
  }

  /// The length of the well-formed sequence of two to four bytes at `i`; 0 for anything else.
  ///
  /// Source: table 3-7 of the Unicode Standard, "Well-Formed UTF-8 Byte Sequences".
  private static func sequenceLength(in bytes: UnsafeRawBufferPointer, at i: Int) -> Int {
    let lead = unsafe bytes[i]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: length = 4
    default: return 0
    }
    guard i + length <= bytes.count, unsafe second.contains(bytes[i + 1]) else { return 0 }
    for k in 2..<max(2, length) where unsafe bytes[i + k] & 0xC0 != 0x80 { return 0 }
    return length
  }
}
