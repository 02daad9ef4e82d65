/// One line of code with its identifiers split into words.
struct CodeLine {
  /// A part of an identifier: `password` and `hash` of `passwordHash`, `PASSWORD_HASH` or `password-hash`.
  struct Word {
    /// Lower case, without digits at its end.
    let text: String
    /// Offset into ``bytes``.
    let start: Int
    /// Whether only one `_`, `-`, space or nothing is between it and the word before.
    let isJoined: Bool
  }

  /// UTF-8, with letters that merely look like Latin ones replaced by those, and without invisible characters.
  let bytes: [UInt8]
  /// Whether the line holds characters that deceive a reader.
  let deceives: Bool
  let words: [Word]

  init(_ text: String) {
    let raw = Array(text.utf8)
    if raw.allSatisfy({ $0 < 0x80 }) {
      bytes = raw
      deceives = Confusables.hasEscapedLetter(raw)
    } else {
      let folded = Confusables.fold(text)
      bytes = folded.bytes
      deceives = folded.deceives || Confusables.hasEscapedLetter(folded.bytes)
    }
    words = CodeLine.split(bytes)
  }

  /// A form of a line in which something has been blanked out.
  init(bytes: [UInt8], deceives: Bool) {
    self.bytes = bytes
    self.deceives = deceives
    words = CodeLine.split(bytes)
  }

  private static func split(_ bytes: [UInt8]) -> [Word] {
    var words: [Word] = []
    var start = 0
    var lastEnd = -2
    var index = 0
    func close(at end: Int) {
      defer { start = end }
      var last = end
      while last > start, isDigit(bytes[last - 1]) { last -= 1 }
      guard last > start else {
        // Digits alone are a word of their own.
        guard end > start else { return }
        append(start..<end)
        return
      }
      append(start..<last)
      lastEnd = end
    }
    func append(_ range: Range<Int>) {
      let gap = range.lowerBound - lastEnd
      let isJoined =
        gap == 0 || (gap == 1 && [0x5F, 0x2D, 0x20].contains(bytes[range.lowerBound - 1]))
        || (gap == 2 && lastEnd >= 0 && bytes[range.lowerBound - 1] == 0x3A && bytes[range.lowerBound - 2] == 0x3A)
      words.append(
        Word(
          text: String(decoding: bytes[range].map(lower), as: UTF8.self), start: range.lowerBound, isJoined: isJoined))
      lastEnd = range.upperBound
    }
    while index < bytes.count {
      let byte = bytes[index]
      guard isLetter(byte) || isDigit(byte) else {
        if index > start { close(at: index) }
        index += 1
        start = index
        continue
      }
      if index > start, isUpper(byte) {
        let before = bytes[index - 1]
        let endsRun = isUpper(before) && index + 1 < bytes.count && isLower(bytes[index + 1])
        if isLower(before) || isDigit(before) || endsRun { close(at: index) }
      } else if index > start, isLetter(byte), isDigit(bytes[index - 1]), !isLower(byte) {
        close(at: index)
      }
      index += 1
    }
    if index > start { close(at: index) }
    return words
  }

  static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }
  static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
  static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || byte >= 0x80 }
  static func isLetter(_ byte: UInt8) -> Bool { isUpper(byte) || isLower(byte) }
  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
  static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == 0x5F }
}

/// Characters that make a text look like another one.
enum Confusables {
  private static let latin: [Unicode.Scalar: Character] = {
    let pairs = [
      ("аеорсухіјѕԁһӏԛԝ", "aeopcyxijsdhlqw"), ("АВЕКМНОРСТХІЈЅУ", "ABEKMHOPCTXIJSY"), ("ονικ", "ovik"),
      ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"), ("ıɡ", "ig"),
    ]
    var table: [Unicode.Scalar: Character] = [:]
    for (from, to) in pairs {
      for (scalar, letter) in zip(from.unicodeScalars, to) { table[scalar] = letter }
    }
    return table
  }()

  /// The Latin letter or digit that `scalar` looks like.
  private static func lookalike(_ scalar: Unicode.Scalar) -> UInt8? {
    switch scalar.value {
    case 0xFF10...0xFF19, 0xFF21...0xFF3A, 0xFF41...0xFF5A: return UInt8(scalar.value - 0xFEE0)
    case 0x1D400...0x1D6A3:
      let letter = (scalar.value - 0x1D400) % 52
      return UInt8(letter < 26 ? 0x41 + letter : 0x61 + letter - 26)
    default: return latin[scalar].flatMap(\.asciiValue)
    }
  }

  /// `text` as it looks, and whether it looks like something else than it is.
  static func fold(_ text: String) -> (bytes: [UInt8], deceives: Bool) {
    var bytes: [UInt8] = []
    var deceives = false
    // A word that mixes real Latin letters with lookalikes; a word wholly in another script is just that.
    var hasLatin = false
    var hasLookalike = false
    func endWord() {
      if hasLatin && hasLookalike { deceives = true }
      hasLatin = false
      hasLookalike = false
    }
    for (index, scalar) in text.unicodeScalars.enumerated() {
      switch scalar.value {
      case 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0xE0000...0xE007F: deceives = true
      case 0x200B...0x200D, 0x2060, 0x00AD, 0xFEFF:
        // Between letters it hides a word from every search; an emoji or the mark at a file's start may have it.
        if index > 0, let last = bytes.last, last < 0x80, CodeLine.isWord(last) { deceives = true }
      default:
        if let ascii = lookalike(scalar) {
          hasLookalike = true
          bytes.append(ascii)
        } else {
          if scalar.isASCII, CodeLine.isLetter(UInt8(scalar.value)) { hasLatin = true }
          if scalar.isASCII, !CodeLine.isWord(UInt8(scalar.value)) { endWord() }
          bytes.append(contentsOf: String(scalar).utf8)
        }
      }
    }
    endWord()
    return (bytes, deceives)
  }

  /// Whether an ASCII letter is written as `\u0065`, which several languages accept inside identifiers.
  static func hasEscapedLetter(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while let slash = rest.firstIndex(of: 0x5C) {
      rest = rest[(slash + 1)...]
      guard rest.count >= 5, rest.first == 0x75 else { continue }
      let digits = rest.dropFirst().first == 0x7B ? rest.dropFirst(2).prefix { $0 != 0x7D } : rest.dropFirst().prefix(4)
      if let value = UInt32(String(decoding: digits.prefix(8), as: UTF8.self), radix: 16),
        (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value)
      {
        return true
      }
    }
    return false
  }
}
