/// A 64-bit name of a plan's content that a change of its status does not change.
///
/// Left out are the byte order mark, the lines of dashes and the `status` line, so that adding or writing a status,
/// even where there was no frontmatter, gives the same hash. Not for security: collisions can be made on purpose.
enum ContentHash {
  /// - Parameters:
  ///   - frontMatter: The YAML; an empty range when there is none.
  ///   - status: The bytes from the key `status` to the end of its value; nil without such a key.
  ///   - body: Everything behind the frontmatter.
  static func value(_ bytes: [UInt8], frontMatter: Range<Int>, status: Range<Int>?, body: Range<Int>) -> UInt64 {
    var settings = Array(bytes[frontMatter])
    if let status, status.lowerBound >= frontMatter.lowerBound, status.upperBound <= frontMatter.upperBound {
      let cut = wholeLine(bytes, status, within: frontMatter)
      settings.removeSubrange((cut.lowerBound - frontMatter.lowerBound)..<(cut.upperBound - frontMatter.lowerBound))
    }
    let head = settings.withUnsafeBytes { hash($0, seed: 0x9E37_79B9_7F4A_7C15) }
    return bytes.withUnsafeBytes { hash(UnsafeRawBufferPointer(rebasing: $0[body]), seed: head) }
  }

  /// The hash of any bytes, the same on every machine.
  static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    var state = seed ^ (UInt64(bytes.count) &* 0xA076_1D64_78BD_642F)
    var i = 0
    if let start = bytes.baseAddress {
      while i + 8 <= bytes.count {
        state = mix(state ^ UInt64(littleEndian: start.loadUnaligned(fromByteOffset: i, as: UInt64.self)))
        i += 8
      }
    }
    var tail: UInt64 = 0
    var shift: UInt64 = 0
    while i < bytes.count {
      tail |= UInt64(bytes[i]) << shift
      shift += 8
      i += 1
    }
    return mix(mix(state ^ tail))
  }

  /// Multiplies to 128 bits and folds, as wyhash does (Wang Yi, public domain).
  private static func mix(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xE703_7ED1_A0B4_28DB).multipliedFullWidth(by: 0x8EBC_6AF0_9C88_C6E3)
    return product.high ^ product.low ^ value.byteSwapped
  }

  /// `range` with the line end behind it, when nothing else is on its lines.
  private static func wholeLine(_ bytes: [UInt8], _ range: Range<Int>, within limits: Range<Int>) -> Range<Int> {
    var end = range.upperBound
    while end < limits.upperBound, bytes[end] == 0x20 || bytes[end] == 0x09 { end += 1 }
    let startsLine =
      range.lowerBound == limits.lowerBound || bytes[range.lowerBound - 1] == 0x0A
      || bytes[range.lowerBound - 1] == 0x0D
    guard startsLine else { return range }
    if end < limits.upperBound, bytes[end] == 0x0D { end += 1 }
    if end < limits.upperBound, bytes[end] == 0x0A { end += 1 }
    let endsLine = end == limits.upperBound || bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D
    return endsLine ? range.lowerBound..<end : range
  }
}
