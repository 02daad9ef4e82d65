import OrchDomain

/// An added or removed line of code, with what is no code taken out.
///
/// Offsets into every form are those of the line itself.
struct ScannedLine {
  let origin: FileDiff.Line.Origin
  /// In the new file; for a removed line where it was.
  let line: Int
  let raw: String
  /// The line as it looks, with lookalike letters resolved.
  let whole: CodeLine
  /// Comments blanked out.
  let code: CodeLine
  /// Comments and strings of prose blanked out.
  let identifiers: CodeLine
  /// ``code`` without its blanks, as most rules read it.
  let squeezed: SqueezedLine
  /// The text without blanks at both ends and in between, for finding the same code elsewhere.
  let bare: [UInt8]
  /// Whether it is nothing but comment or blanks.
  let isComment: Bool

  /// Whether it stands among tests inside of a file of the program.
  var isTest = false

  init(_ line: FileDiff.Line, at number: Int, whole: CodeLine, code: CodeLine, identifiers: CodeLine) {
    origin = line.origin
    self.line = number
    raw = line.text
    self.whole = whole
    self.code = code
    self.identifiers = identifiers
    squeezed = SqueezedLine(code.bytes)
    bare = squeezed.bytes.filter { $0 != 0x20 }
    isComment = bare.isEmpty
  }

  var isAdded: Bool { origin == .added }

  /// An element or an attribute of a page without anything that is computed.
  var isMarkup: Bool {
    let text = raw.drop { $0.isWhitespace }
    guard text.first == "<" || Self.plainAttributes.contains(where: text.hasPrefix) else { return false }
    return !text.contains { "{(".contains($0) } && !text.contains("v-") && !text.contains("<%") && !text.contains(" :")
  }

  /// Names that another file gives; what is done with them stands elsewhere.
  func isImport(_ language: Language?) -> Bool {
    let text = raw.drop { $0.isWhitespace }
    // The name that is taken over is that of its last part; a wildcard names nothing that would be seen again.
    guard !text.contains("*") else { return false }
    switch language {
    case .script: return text.hasPrefix("import ") && text.contains(" from ") && text.contains("{")
    case .java, .kotlin, .scala: return text.hasPrefix("import ") && !text.contains("(")
    case .php: return text.hasPrefix("use ") && text.contains("\\") && !text.contains("(")
    default: return false
    }
  }

  private static let plainAttributes = [
    "type=", "autocomplete=", "name=", "placeholder=", "class=", "for=", "id=", "title=", "label=", "aria-",
  ]

  /// Whether a line of a template holds code rather than text.
  var runsInTemplate: Bool { ["<%", "{%", "{{", "@if", "@can", "@auth"].contains { raw.contains($0) } }

  func excerpt(_ position: Int) -> String {
    // A folded line has other offsets than the text; then its beginning has to do.
    let bytes = Array(raw.utf8)
    let text = Excerpt.around(bytes.count == whole.bytes.count ? position : 0, of: bytes)
    return isAdded ? text : "removed: " + text
  }
}

/// Takes the lines of a file's hunks apart.
enum LineScanner {
  /// The changed lines of one hunk in their order.
  static func lines(of hunk: FileDiff.Hunk, _ language: Language?) -> [ScannedLine] {
    let filter = CommentFilter(language)
    let comments = filter.comments(in: hunk.lines, .added).union(filter.comments(in: hunk.lines, .removed))
    var result: [ScannedLine] = []
    var number = max(1, hunk.newStart)
    var isTest = false
    for (index, line) in hunk.lines.enumerated() {
      if let own = line.newLine { number = own }
      if line.origin != .context {
        var scanned = scan(line, at: number, language, isComment: comments.contains(index))
        scanned.isTest = isTest
        result.append(scanned)
      } else if language == .rust, ["#[test]", "mod tests {", "#[cfg(test)]"].contains(where: line.text.contains) {
        // Rust keeps its tests at the end of the file that they test.
        isTest = true
      }
      if line.origin != .removed { number += 1 }
    }
    return result
  }

  /// A line by itself.
  static func line(_ line: FileDiff.Line, _ language: Language?) -> ScannedLine {
    let isComment = !CommentFilter(language).comments(in: [line], line.origin).isEmpty
    return scan(line, at: line.newLine ?? 0, language, isComment: isComment)
  }

  private static func scan(_ line: FileDiff.Line, at number: Int, _ language: Language?, isComment: Bool) -> ScannedLine
  {
    let whole = CodeLine(line.text)
    guard !isComment else {
      let nothing = CodeLine(bytes: [UInt8](repeating: 0x20, count: whole.bytes.count), deceives: whole.deceives)
      return ScannedLine(line, at: number, whole: whole, code: nothing, identifiers: nothing)
    }
    var code = whole.bytes
    var identifiers = whole.bytes
    blank(&code, &identifiers, language)
    if language?.isWordy == false, hasSentence(code) {
      // A line of a text that began further up.
      identifiers = [UInt8](repeating: 0x20, count: code.count)
    }
    let codeLine = code == whole.bytes ? whole : CodeLine(bytes: code, deceives: whole.deceives)
    return ScannedLine(
      line, at: number, whole: whole, code: codeLine,
      identifiers: identifiers == code ? codeLine : CodeLine(bytes: identifiers, deceives: whole.deceives))
  }

  /// Words that may stand beside others in code.
  private static let keywords: Set<String> = [
    "if", "else", "for", "in", "not", "is", "and", "or", "as", "from", "import", "return", "await", "async", "def",
    "class", "func", "fun", "fn",
    "function", "public", "private", "protected", "internal", "static", "final", "abstract", "override", "export",
    "default", "const", "let", "var",
    "val", "mut", "new", "throw", "throws", "try", "catch", "extends", "implements", "interface", "enum", "struct",
    "type", "package", "use", "mod",
    "pub", "impl", "where", "while", "do", "switch", "case", "guard", "defer", "go", "select", "chan", "map", "range",
    "yield", "lambda", "with",
    "raise", "except", "unsigned", "int", "void", "string", "bool", "long", "readonly", "virtual", "sealed", "partial",
    "lateinit", "suspend", "open",
    "data", "object", "companion", "inline", "extern", "unsafe", "move", "ref", "dyn", "echo", "print", "namespace",
    "typeof", "instanceof", "delete",
    "declare", "keyof", "infer", "out", "params", "some", "any", "each", "consuming", "borrowing", "indirect", "final",
    "weak", "unowned",
  ]

  /// Whether words follow each other as they do in no program: four in a row with blanks between them, none a keyword.
  private static func hasSentence(_ bytes: [UInt8]) -> Bool {
    guard !CommentFilter.mayRun(bytes[...]) else { return false }
    var run = 0
    for part in bytes.split(separator: 0x20, omittingEmptySubsequences: true) {
      let isWord = part.allSatisfy { CodeLine.isLetter($0) || $0 == 0x27 }
      let text = isWord ? String(decoding: part.map(CodeLine.lower), as: UTF8.self) : ""
      run = isWord && !keywords.contains(text) ? run + 1 : 0
      if run == 4 { return true }
    }
    return false
  }

  /// Blanks a comment at the end out of both forms, and prose within quotes out of `identifiers`.
  private static func blank(_ code: inout [UInt8], _ identifiers: inout [UInt8], _ language: Language?) {
    guard code.count < 20_000, let language else { return }
    let marks = language.lineComments.map { Array($0.utf8) }
    let quotes: Set<UInt8> = language == .rust || language == .lua ? [0x22] : [0x22, 0x27, 0x60]
    var index = 0
    while index < code.count {
      let byte = code[index]
      if quotes.contains(byte) {
        guard let end = stringEnd(code, from: index) else { return }
        if isProse(code[(index + 1)..<end]) { blankText(of: &identifiers, (index + 1)..<end) }
        index = end + 1
      } else if let mark = marks.first(where: { code[index...].starts(with: $0) }), startsComment(code, index, mark) {
        if CommentFilter.mayRun(code[index...]) { return }
        for place in index..<code.count { (code[place], identifiers[place]) = (0x20, 0x20) }
        return
      } else {
        index += 1
      }
    }
  }

  /// A mark directly behind a letter or a backslash may be a part of a string, an address or a pattern.
  private static func startsComment(_ bytes: [UInt8], _ index: Int, _ mark: [UInt8]) -> Bool {
    guard index > 0 else { return true }
    let before = bytes[index - 1]
    return before == 0x20 || before == 0x09 || (mark.count > 1 && [0x3B, 0x7B, 0x7D, 0x29, 0x2C].contains(before))
  }

  /// The closing quote on the same line.
  private static func stringEnd(_ bytes: [UInt8], from start: Int) -> Int? {
    var index = start + 1
    while index < bytes.count {
      if bytes[index] == 0x5C {
        index += 2
        continue
      }
      if bytes[index] == bytes[start] { return index }
      index += 1
    }
    return nil
  }

  private static let statementWords: Set<String> = [
    "select", "insert", "update", "delete", "grant", "revoke", "alter", "create", "drop", "where", "sudo", "chmod",
    "chown", "curl", "wget",
  ]

  /// Whether the text of a string speaks to people: several words, and nothing that a machine would take for more.
  private static func isProse(_ text: ArraySlice<UInt8>) -> Bool {
    let plain = withoutCode(text)
    guard plain.allSatisfy({ isProseByte($0) }) else { return false }
    let words = plain.split { !CodeLine.isLetter($0) && $0 != 0x27 }
    guard words.count >= 2, plain.contains(0x20) else { return false }
    return !words.contains { statementWords.contains(String(decoding: $0.map(CodeLine.lower), as: UTF8.self)) }
  }

  private static func isProseByte(_ byte: UInt8) -> Bool {
    CodeLine.isLetter(byte) || CodeLine.isDigit(byte) || " .,!?'’:;%()-\"\\/".utf8.contains(byte)
  }

  /// `text` without the parts that are code: `${…}`, `#{…}`, `{…}`, `\(…)`.
  private static func withoutCode(_ text: ArraySlice<UInt8>) -> [UInt8] {
    let codes = codeRanges(text)
    return text.indices.filter { index in !codes.contains { $0.contains(index) } }.map { text[$0] }
  }

  private static func codeRanges(_ text: ArraySlice<UInt8>) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var depth = 0
    var start = 0
    for index in text.indices {
      let byte = text[index]
      let isOpen = byte == 0x7B || (byte == 0x28 && index > text.startIndex && text[index - 1] == 0x5C)
      if isOpen || (depth > 0 && byte == 0x28) {
        if depth == 0 {
          start = index > text.startIndex && [0x24, 0x23, 0x5C].contains(text[index - 1]) ? index - 1 : index
        }
        depth += 1
      } else if depth > 0, byte == 0x7D || byte == 0x29 {
        depth -= 1
        if depth == 0 { ranges.append(start..<index + 1) }
      }
    }
    if depth > 0 { ranges.append(start..<text.endIndex) }
    return ranges
  }

  private static func blankText(of bytes: inout [UInt8], _ range: Range<Int>) {
    let codes = codeRanges(bytes[range])
    for index in range where !codes.contains(where: { $0.contains(index) }) { bytes[index] = 0x20 }
  }
}
