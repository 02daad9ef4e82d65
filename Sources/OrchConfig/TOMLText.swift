import OrchDomain

/// Values and keys as TOML writes them.
enum TOMLText {
  /// `text` as a basic string on one line.
  static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  static func strings(_ list: [String]) -> String {
    "[" + list.map(string).joined(separator: ", ") + "]"
  }

  /// A list with one element on each line.
  static func lines(_ list: [String]) -> String {
    "[\n" + list.map { "  \(string($0)),\n" }.joined() + "]"
  }

  /// `name` as a key, quoted only when it has to be.
  static func key(_ name: String) -> String {
    !name.isEmpty && name.utf8.allSatisfy(isBareKeyByte) ? name : string(name)
  }

  /// The duration with all its units, so that reading it gives the same duration.
  static func duration(_ duration: Duration) -> String {
    let milliseconds = duration.wholeMilliseconds
    let parts: [(Int64, String)] = [
      (milliseconds / 3_600_000, "h"), (milliseconds / 60_000 % 60, "m"), (milliseconds / 1000 % 60, "s"),
      (milliseconds % 1000, "ms"),
    ]
    let text = parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    return string(text.isEmpty ? "0s" : text)
  }

  static func isBareKeyByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// The content of a basic string without its quotes; an escape that TOML does not know stays as it is.
  static func unescaped(_ content: ArraySlice<UInt8>) -> String {
    guard content.contains(UInt8(ascii: "\\")) else { return String(decoding: content, as: UTF8.self) }
    let simple: [UInt8: UInt8] = [
      UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "f"): 12,
      UInt8(ascii: "r"): 13, UInt8(ascii: "\""): 34, UInt8(ascii: "\\"): 92,
    ]
    var result: [UInt8] = []
    var rest = content
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let letter = rest.first else {
        result.append(byte)
        continue
      }
      let digits = letter == UInt8(ascii: "u") ? 4 : letter == UInt8(ascii: "U") ? 8 : 0
      if let plain = simple[letter] {
        result.append(plain)
        rest = rest.dropFirst()
      } else if digits > 0, rest.count > digits, let scalar = scalar(rest.dropFirst().prefix(digits)) {
        result.append(contentsOf: String(scalar).utf8)
        rest = rest.dropFirst(digits + 1)
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func scalar(_ digits: ArraySlice<UInt8>) -> Unicode.Scalar? {
    UInt32(String(decoding: digits, as: UTF8.self), radix: 16).flatMap(Unicode.Scalar.init)
  }
}
