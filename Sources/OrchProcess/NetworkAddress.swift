/// An address of the internet protocol, of version 4 or 6.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
  /// 4 or 16, in the order of the network.
  package let bytes: [UInt8]

  package init?(bytes: [UInt8]) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// Reads `127.0.0.1` or `fe80::1`; nothing shorter, and no number in another base.
  package init?(_ text: String) {
    guard let bytes = text.contains(":") ? Self.six(text) : Self.four(text) else { return nil }
    self.bytes = bytes
  }

  private static func four(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) } && (part == "0" || !part.hasPrefix("0")) ? UInt8(part) : nil
    }
    return numbers.count == 4 ? numbers : nil
  }

  private static func six(_ text: String) -> [UInt8]? {
    guard text.ranges(of: "::").count <= 1, !text.contains(":::") else { return nil }
    var head: [UInt8] = []
    var tail: [UInt8]?
    for part in text.split(separator: ":", omittingEmptySubsequences: false).map(String.init) {
      var bytes: [UInt8]
      if part.isEmpty {
        bytes = []
      } else if part.contains(".") {
        guard let four = four(part) else { return nil }
        bytes = four
      } else {
        guard part.utf8.count <= 4, let number = UInt16(part, radix: 16) else { return nil }
        bytes = [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
      }
      if bytes.isEmpty, !head.isEmpty || tail != nil || text.hasPrefix("::") {
        tail = tail ?? []
      } else if tail != nil {
        tail?.append(contentsOf: bytes)
      } else {
        head += bytes
      }
    }
    guard let tail else { return head.count == 16 ? head : nil }
    guard head.count + tail.count <= 14 else { return nil }
    return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
  }

  /// Whether it can be anything but this machine, its neighbours or nobody (RFC 6890).
  package var isPublic: Bool { bytes.count == 4 ? Self.isPublic(four: bytes[...]) : isPublicSix }

  private static func isPublic(four: ArraySlice<UInt8>) -> Bool {
    let b = Array(four)
    switch (b[0], b[1], b[2]) {
    case (0, _, _), (10, _, _), (127, _, _), (100, 64...127, _), (169, 254, _), (172, 16...31, _), (192, 168, _),
      (192, 0, 0), (192, 0, 2), (198, 18...19, _), (198, 51, 100), (203, 0, 113), (224..., _, _):
      return false
    default: return true
    }
  }

  private var isPublicSix: Bool {
    if bytes[..<10].allSatisfy({ $0 == 0 }) {
      // ::, ::1 and version 4 in disguise.
      let mapped = bytes[10] == 0xFF && bytes[11] == 0xFF
      return mapped && Self.isPublic(four: bytes[12...])
    }
    if bytes[..<12] == [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0] { return Self.isPublic(four: bytes[12...]) }
    if bytes[..<2] == [0x20, 0x02] { return Self.isPublic(four: bytes[2..<6]) }
    if bytes[..<4] == [0x20, 0x01, 0x0D, 0xB8] || bytes[..<4] == [0x20, 0x01, 0, 0] { return false }
    // Global addresses are 2000::/3; private, local and group addresses are elsewhere.
    return bytes[0] & 0xE0 == 0x20
  }

  package var description: String {
    if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
    let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    return groups.map { String($0, radix: 16) }.joined(separator: ":")
  }
}
