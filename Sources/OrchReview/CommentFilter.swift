import OrchDomain

/// Finds the lines of a hunk that are nothing but comment.
///
/// Errs on the side of code: a comment behind code counts as code, and so does one that a string might contain and
/// run (`// ${f()}` in a template literal). A reader is asked once too often rather than deceived.
struct CommentFilter {
  private enum Style {
    case slashes, hashes, dashes, semicolons, markup
  }

  private let styles: Set<Style>

  init(_ file: FileRole) {
    switch file.suffix {
    case "swift", "c", "h", "cc", "cpp", "hpp", "m", "mm", "go", "rs", "java", "kt", "kts", "scala", "cs", "js", "jsx",
      "ts", "tsx", "mjs", "cjs", "dart", "zig", "css", "scss", "less", "proto", "groovy", "gradle":
      styles = [.slashes]
    case "php": styles = [.slashes, .hashes]
    case "py", "pyi", "rb", "sh", "bash", "zsh", "fish", "pl", "pm", "r", "ex", "exs", "jl", "tcl", "yaml", "yml",
      "toml", "cfg", "conf", "mk", "cmake", "nix", "dockerfile", "tf", "properties":
      styles = [.hashes]
    case "sql": styles = [.dashes, .slashes]
    case "lua", "hs", "elm", "adb", "ads": styles = [.dashes]
    case "el", "clj", "cljs", "lisp", "scm", "asm", "s", "ini": styles = [.semicolons]
    case "html", "htm", "xml", "vue", "svelte": styles = [.markup]
    default: styles = file.isShell || file.name.hasPrefix("makefile") ? [.hashes] : []
    }
  }

  /// Indices into `lines` (removed ones are never among them).
  func comments(in lines: [FileDiff.Line]) -> Set<Int> {
    guard !styles.isEmpty else { return [] }
    var result: Set<Int> = []
    var index = 0
    let present = lines.indices.filter { lines[$0].origin != .removed }
    while index < present.count {
      let text = Self.trimmed(lines[present[index]].text)
      if isLineComment(text) {
        result.insert(present[index])
        index += 1
      } else if let length = blockLength(present[index...].map { lines[$0].text }, first: text) {
        result.formUnion(present[index..<index + length])
        index += length
      } else {
        index += 1
      }
    }
    return result
  }

  private static func trimmed(_ text: String) -> Substring { text[...].drop { $0.isWhitespace } }

  private func isLineComment(_ text: Substring) -> Bool {
    guard !Self.mayRun(text) else { return false }
    if styles.contains(.slashes), text.hasPrefix("//") { return true }
    if styles.contains(.hashes), text.hasPrefix("#"), !text.hasPrefix("#["), !text.hasPrefix("#!") { return true }
    if styles.contains(.dashes), text.hasPrefix("--") { return true }
    return styles.contains(.semicolons) && text.hasPrefix(";")
  }

  /// Whether a string that held this text would run a part of it.
  private static func mayRun(_ text: Substring) -> Bool {
    let bytes = Array(text.utf8)
    if Bytes.contains(bytes[...], Array("${".utf8)) || Bytes.contains(bytes[...], Array("#{".utf8))
      || Bytes.contains(bytes[...], Array("\\(".utf8))
    {
      return true
    }
    guard let brace = bytes.firstIndex(of: UInt8(ascii: "{")),
      let call = bytes[brace...].firstIndex(of: UInt8(ascii: "("))
    else { return false }
    return bytes[call...].contains(UInt8(ascii: "}"))
  }

  /// How many lines the block comment that begins with the first has, when nothing but comment is on them.
  private func blockLength(_ lines: [String], first: Substring) -> Int? {
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
      let quotes = ["`", "\"\"\"", "'''"].contains { Bytes.contains(bytes[...], Array($0.utf8)) }
      guard !quotes, !Self.mayRun(text) else { return nil }
      guard let end = Bytes.index(of: close, in: bytes[...]) else { continue }
      let rest = bytes[(end + close.count)...]
      return rest.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } ? index + 1 : nil
    }
    return nil
  }
}
