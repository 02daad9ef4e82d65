/// Secrets that are recognisable by their own form.
enum SecretLiterals {
  /// A fixed beginning and at least so many characters of a kind behind it.
  private static let forms: [(prefix: [UInt8], atLeast: Int)] = [
    ("AKIA", 16), ("ASIA", 16), ("ghp_", 30), ("gho_", 30), ("ghu_", 30), ("ghs_", 30), ("ghr_", 30),
    ("github_pat_", 22), ("sk-ant-", 20), ("sk-proj-", 20), ("sk_live_", 16), ("rk_live_", 16), ("xoxb-", 10),
    ("xoxp-", 10), ("xoxa-", 10), ("xoxs-", 10), ("xapp-", 10), ("AIza", 35), ("glpat-", 20), ("npm_", 36),
    ("pypi-AgE", 20), ("eyJhbGciOi", 20), ("hooks.slack.com/services/T", 16),
  ].map { (Array($0.0.utf8), $0.1) }

  private static let byFirst: [UInt8: [(prefix: [UInt8], atLeast: Int)]] = Dictionary(grouping: forms) { $0.prefix[0] }
  private static let keyBegin = Array("-----BEGIN ".utf8)
  private static let keyWord = Array("PRIVATE KEY".utf8)

  /// Where secrets are, in ascending order and without overlap.
  static func ranges(in bytes: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var index = 0
    while index < bytes.count {
      if let range = secret(at: index, in: bytes) {
        ranges.append(range)
        index = max(range.upperBound, index + 1)
      } else {
        index += 1
      }
    }
    return ranges
  }

  private static func secret(at index: Int, in bytes: [UInt8]) -> Range<Int>? {
    let byte = bytes[index]
    if byte == 0x2D, bytes[index...].starts(with: keyBegin) {
      let head = bytes[index...].prefix(60)
      return Bytes.contains(head, keyWord) ? index..<head.endIndex : nil
    }
    if byte == 0x3A, let range = password(behindColonAt: index, in: bytes) { return range }
    guard let candidates = byFirst[byte], index == 0 || !CodeLine.isWord(bytes[index - 1]) else { return nil }
    for form in candidates where bytes[index...].starts(with: form.prefix) {
      let rest = bytes[(index + form.prefix.count)...].prefix { isSecretByte($0) }
      if rest.count >= form.atLeast { return index..<rest.endIndex }
    }
    return nil
  }

  /// The `user:password@` of an address whose `://` starts at `index`.
  private static func password(behindColonAt index: Int, in bytes: [UInt8]) -> Range<Int>? {
    guard bytes[index...].starts(with: Array("://".utf8)) else { return nil }
    let login = bytes[(index + 3)...].prefix(200).prefix { byte in
      byte > 0x20 && byte < 0x7F && !"/@\"'`<>${}()".utf8.contains(byte)
    }
    guard login.endIndex < bytes.count, bytes[login.endIndex] == UInt8(ascii: "@"),
      let colon = login.firstIndex(of: UInt8(ascii: ":")), colon > login.startIndex,
      login.endIndex - colon > 3
    else { return nil }
    return index..<login.endIndex
  }

  private static func isSecretByte(_ byte: UInt8) -> Bool {
    byte < 0x80 && (CodeLine.isWord(byte) || byte == 0x2D || byte == 0x2E || byte == 0x2F)
  }
}

/// Searching in bytes.
enum Bytes {
  static func contains(_ text: ArraySlice<UInt8>, _ part: [UInt8]) -> Bool { index(of: part, in: text) != nil }

  static func index(of part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
    guard let first = part.first, text.count >= part.count else { return nil }
    var rest = text
    while let start = rest.firstIndex(of: first), text.endIndex - start >= part.count {
      if text[start...].starts(with: part) { return start }
      rest = text[(start + 1)...]
    }
    return nil
  }
}
