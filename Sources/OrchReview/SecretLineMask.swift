/// Blots secrets out of a stream that is read line by line, also a private key that goes on over many lines.
package struct SecretLineMask: Sendable {
  private let mask: SecretMask
  /// A private key from its head on, while its end has not come.
  private var key: [UInt8]?

  package init(_ mask: SecretMask) { self.mask = mask }

  /// - Parameter line: Without its line end.
  /// - Returns: As many bytes.
  package mutating func masked(_ line: [UInt8]) -> [UInt8] {
    var result = mask.masked(line)
    guard let known = key else {
      key = SecretForms.openPrivateKey(in: line).map { Array(line[$0...]) }
      return result
    }
    let text = known + [0x0A] + line
    guard let secret = SecretForms.matches(in: text).first(where: { $0.range.lowerBound == 0 })?.range else {
      // The headers of a key are short; behind a head that is only spoken of, no key comes any more.
      key = text.count < 1_000 ? text : nil
      return result
    }
    let begin = known.count + 1
    for index in begin..<max(begin, secret.upperBound) { result[index - begin] = UInt8(ascii: "*") }
    key = secret.upperBound == text.count && !line.starts(with: SecretForms.keyEnd) ? text : nil
    return result
  }
}
