import OrchDomain

/// Finds the lines of a hunk that are nothing but comment.
///
/// Errs on the side of code: a comment behind code counts as code, and so does one that a string might contain and
/// run (`// ${f()}` in a template literal). A reader is asked once too often rather than deceived.
struct CommentFilter {
  private enum Style {
    case slashes, hashes, dashes, semicolons, markup, docstrings
  }

  private let styles: Set<Style>

  init(_ language: Language?) {
    var styles: Set<Style> = language == .python ? [.docstrings] : []
    let marks: [String: Style] = ["//": .slashes, "#": .hashes, "--": .dashes, ";": .semicolons]
    for mark in language?.lineComments ?? [] { if let style = marks[mark] { styles.insert(style) } }
    if let block = language?.blockComment { styles.insert(block.open == "/*" ? .slashes : .markup) }
    self.styles = styles
  }

  /// Indices into `lines`, of the old side or of the new one.
  ///
  /// - Parameter side: `added` for the new side, `removed` for the old one.
  func comments(in lines: [FileDiff.Line], _ side: FileDiff.Line.Origin) -> Set<Int> {
    guard !styles.isEmpty else { return [] }
    let present = lines.indices.filter { lines[$0].origin == .context || lines[$0].origin == side }
    let lead = blockEnd(present.map { lines[$0].text })
    var result = Set(present.prefix(lead))
    var index = lead
    while index < present.count {
      let text = Self.trimmed(lines[present[index]].text)
      if isLineComment(text) {
        result.insert(present[index])
        index += 1
      } else if let length = blockLength(present[index...].lazy.map { lines[$0].text }, first: text)
        ?? docLength(present.lazy.map { lines[$0].text }, index, first: text)
      {
        result.formUnion(present[index..<index + length])
        index += length
      } else {
        index += 1
      }
    }
    return result
  }

  /// How many lines at the beginning of a hunk are the rest of a block comment that began above it: each starts with
  /// the star that people put there, and the last one ends the comment.
  private func blockEnd(_ lines: [String]) -> Int {
    guard styles.contains(.slashes) else { return 0 }
    for (index, line) in lines.enumerated() {
      let text = Self.trimmed(line)
      guard text.hasPrefix("*"), !Self.mayRun(Array(text.utf8)[...]) else { return 0 }
      if text.hasPrefix("*/") { return text.dropFirst(2).allSatisfy(\.isWhitespace) ? index + 1 : 0 }
      if text.utf8.count > 1, let second = text.dropFirst().first, second != " ", second != "\t" { return 0 }
    }
    return 0
  }

  /// How many lines a text in triple quotes has that stands directly below the head of a function or class.
  private func docLength(_ lines: some RandomAccessCollection<String>, _ index: Int, first: Substring) -> Int? {
    guard styles.contains(.docstrings), index > 0 else { return nil }
    let texts = Array(lines)
    let head = texts[index - 1]
    let opens = ["\"\"\"", "'''"].first { first.hasPrefix($0) }
    guard let mark = opens, head.last == ":",
      ["def ", "class ", "async "].contains(where: Self.trimmed(head).hasPrefix)
    else { return nil }
    for (offset, line) in texts[index...].enumerated() {
      let text = offset == 0 ? first.dropFirst(3) : Self.trimmed(line)
      guard let end = Bytes.index(of: Array(mark.utf8), in: Array(text.utf8)[...]) else { continue }
      let rest = text.utf8.dropFirst(end + 3)
      return rest.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } ? offset + 1 : nil
    }
    return nil
  }

  private static func trimmed(_ text: String) -> Substring { text[...].drop { $0.isWhitespace } }

  private func isLineComment(_ text: Substring) -> Bool {
    guard !Self.mayRun(Array(text.utf8)[...]) else { return false }
    if styles.contains(.slashes), text.hasPrefix("//") { return true }
    if styles.contains(.hashes), text.hasPrefix("#"), !text.hasPrefix("#["), !text.hasPrefix("#!") { return true }
    if styles.contains(.dashes), text.hasPrefix("--") { return true }
    return styles.contains(.semicolons) && text.hasPrefix(";")
  }

  /// Whether a string that held this text would run a part of it.
  static func mayRun(_ bytes: ArraySlice<UInt8>) -> Bool {
    if Bytes.contains(bytes, Array("${".utf8)) || Bytes.contains(bytes, Array("#{".utf8))
      || Bytes.contains(bytes, Array("\\(".utf8))
    {
      return true
    }
    guard let brace = bytes.firstIndex(of: UInt8(ascii: "{")),
      let call = bytes[brace...].firstIndex(of: UInt8(ascii: "("))
    else { return false }
    return bytes[call...].contains(UInt8(ascii: "}"))
  }

  /// Whether the line holds a quote that may belong to a string around it. A single word in backticks, as documentation
  /// has them, would be no code in any language.
  private static func mayEndString(_ bytes: [UInt8]) -> Bool {
    if ["\"\"\"", "'''"].contains(where: { Bytes.contains(bytes[...], Array($0.utf8)) }) { return true }
    let parts = bytes.split(separator: UInt8(ascii: "`"), omittingEmptySubsequences: false)
    guard parts.count % 2 == 1 else { return true }
    return parts.indices.contains { index in
      index % 2 == 1 && !parts[index].allSatisfy { CodeLine.isWord($0) || $0 == UInt8(ascii: ".") }
    }
  }

  /// How many lines the block comment that begins with the first has, when nothing but comment is on them.
  private func blockLength(_ lines: some Collection<String>, first: Substring) -> Int? {
    let marks: (open: String, close: String)
    if styles.contains(.slashes), first.hasPrefix("/*") {
      marks = ("/*", "*/")
    } else if styles.contains(.markup), first.hasPrefix("<!--") {
      marks = ("<!--", "-->")
    } else {
      return nil
    }
    let close = Array(marks.close.utf8)
    for (index, line) in lines.enumerated() {
      let text = index == 0 ? first.dropFirst(marks.open.count) : Self.trimmed(line)
      // A quote that spans lines means that this may be a string, and the end of the comment the end of nothing.
      let bytes = Array(text.utf8)
      guard !Self.mayEndString(bytes), !Self.mayRun(bytes[...]) else { return nil }
      guard let end = Bytes.index(of: close, in: bytes[...]) else { continue }
      let rest = bytes[(end + close.count)...]
      return rest.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } ? index + 1 : nil
    }
    return nil
  }
}
