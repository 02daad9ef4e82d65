// What a plain scalar means, as YAML 1.1 has it with the exceptions named below. A quoted scalar is always text.
extension YAMLDocument {
  /// Whether the node is a left-out value, `~` or `null`.
  package func isNull(_ node: YAMLNode) -> Bool {
    guard node.kind == .scalar, node.style == .plain else { return false }
    return node.content.isEmpty || bytes(node).elementsEqual("~".utf8) || isWord(node, "null")
  }

  /// `true`, `yes`, `on` and their opposites, in lower case, upper case or capitalised; nil for anything else.
  ///
  /// `y` and `n` are text, as libyaml's users expect.
  package func bool(_ node: YAMLNode) -> Bool? {
    guard node.kind == .scalar, node.style == .plain, (2...5).contains(node.content.count) else { return nil }
    if isWord(node, "true") || isWord(node, "yes") || isWord(node, "on") { return true }
    if isWord(node, "false") || isWord(node, "no") || isWord(node, "off") { return false }
    return nil
  }

  /// A whole number in decimal, hexadecimal `0x1F`, binary `0b11`, or octal as `010` (YAML 1.1) and `0o10` (1.2).
  ///
  /// `_` may separate digits. Sexagesimal numbers such as `1:30` are text. Nil for what does not fit into 64 bits.
  package func int(_ node: YAMLNode) -> Int? {
    guard node.kind == .scalar, node.style == .plain else { return nil }
    var digits = bytes(node)
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    var radix = 10
    if digits.first == UInt8(ascii: "0"), digits.count > 1 {
      switch digits[digits.startIndex + 1] {
      case UInt8(ascii: "x"): (radix, digits) = (16, digits.dropFirst(2))
      case UInt8(ascii: "b"): (radix, digits) = (2, digits.dropFirst(2))
      case UInt8(ascii: "o"): (radix, digits) = (8, digits.dropFirst(2))
      default: (radix, digits) = (8, digits.dropFirst())
      }
    }
    return YAMLDocument.value(digits, radix: radix, isNegative: isNegative)
  }

  /// Only ASCII digits, read in decimal whatever zeros they begin with: `010` is 10. Quotes do not matter.
  ///
  /// For numbers that people pad, such as those in file names.
  package func decimal(_ node: YAMLNode) -> Int? {
    guard node.kind == .scalar, bytes(node).allSatisfy({ (48...57).contains($0) }) else { return nil }
    return YAMLDocument.value(bytes(node), radix: 10, isNegative: false)
  }

  /// A decimal number with or without fraction and exponent, or any ``int(_:)``; never infinite.
  package func number(_ node: YAMLNode) -> Double? {
    guard node.kind == .scalar, node.style == .plain, node.content.count <= 64 else { return nil }
    if let value = int(node) { return Double(value) }
    let text = bytes(node)
    guard text.contains(where: { (48...57).contains($0) }), text.allSatisfy(YAMLDocument.isDecimalByte),
      let value = Double(String(decoding: text.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)), value.isFinite
    else { return nil }
    return value
  }

  /// Whether a scalar's text is `word`, without making a string.
  package func matches(_ node: YAMLNode, _ word: StaticString) -> Bool {
    guard node.kind == .scalar, node.content.count == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { unsafe bytes(node).elementsEqual($0) }
  }

  private static func value(_ digits: ArraySlice<UInt8>, radix: Int, isNegative: Bool) -> Int? {
    guard let first = digits.first, first != UInt8(ascii: "_") else { return nil }
    var result = 0
    for byte in digits {
      if byte == UInt8(ascii: "_") { continue }
      let digit: Int
      switch byte {
      case 48...57: digit = Int(byte) - 48
      case 65...70: digit = Int(byte) - 55
      case 97...102: digit = Int(byte) - 87
      default: return nil
      }
      guard digit < radix else { return nil }
      let (product, overflow) = result.multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.subtractingReportingOverflow(digit)
      guard !overflow, !carry else { return nil }
      result = sum
    }
    // Summed up as a negative number, because the least one has no positive counterpart.
    if isNegative { return result }
    return result == .min ? nil : -result
  }

  private static func isDecimalByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// Whether the text is `word` as `word`, `Word` or `WORD`.
  private func isWord(_ node: YAMLNode, _ word: StaticString) -> Bool {
    guard node.content.count == word.utf8CodeUnitCount else { return false }
    return unsafe pool.withUnsafeBufferPointer { pool in
      word.withUTF8Buffer { word in
        var upper = 0
        for i in 0..<word.count {
          let byte = unsafe pool[node.content.lowerBound + i]
          if unsafe byte == word[i] { continue }
          guard unsafe byte == word[i] & ~0x20, upper == i else { return false }
          upper += 1
        }
        return upper <= 1 || upper == word.count
      }
    }
  }
}
