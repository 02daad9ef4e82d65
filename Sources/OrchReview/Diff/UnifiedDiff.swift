package import OrchDomain

/// Reads a unified diff as git, `git show`, `git format-patch` or `diff -u` print it.
///
/// Never fails: what it cannot make sense of it says, and a caller takes that for "a human has to look".
package struct UnifiedDiff: Sendable {
  package private(set) var files: [FileDiff] = []
  /// Why not everything was read; empty when it was.
  package private(set) var problems: [String] = []

  package var isComplete: Bool { problems.isEmpty && !files.isEmpty }

  private var current: FileDiff?
  private var oldName: String?
  /// Lines that the header of the hunk under way still announces.
  private var oldLeft = 0
  private var newLeft = 0
  private var newLine = 0

  package init(_ text: String) { self.init(bytes: Array(text.utf8)) }

  package init(bytes: [UInt8]) {
    if bytes.contains(0) { problems.append("it holds bytes that are no text") }
    // The line feed at the end ends a line and begins none.
    let text = bytes.last == 0x0A ? bytes.dropLast() : bytes[...]
    for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
      var line = line
      // Mail and other systems add carriage returns; inside a hunk one belongs to the line.
      if oldLeft == 0, newLeft == 0, line.last == 0x0D { line.removeLast() }
      read(String(decoding: line, as: UTF8.self))
    }
    finish()
    if files.isEmpty { problems.append("it holds no file") }
  }

  private mutating func read(_ line: String) {
    if oldLeft > 0 || newLeft > 0 {
      if readHunkLine(line) { return }
      problem("a hunk of \(current?.path ?? "?") ends before its header says")
      (oldLeft, newLeft) = (0, 0)
    }
    if line.hasPrefix("\\ ") { return }
    if line.hasPrefix("diff --git ") {
      finish()
      begin(line.dropFirst("diff --git ".count))
    } else if line.hasPrefix("diff --cc ") || line.hasPrefix("diff --combined ") || line.hasPrefix("@@@ ") {
      finish()
      problem("a combined diff of a merge shows only a part")
    } else if line.hasPrefix("@@ ") {
      beginHunk(line)
    } else if line.hasPrefix("--- ") {
      readOldName(line)
    } else if line.hasPrefix("+++ ") {
      readNewName(line)
    } else if line.hasPrefix("[claude-orch: not shown") {
      problem("a part was left out")
    } else if current != nil {
      readHeader(line)
    }
  }

  private mutating func problem(_ text: String) {
    if problems.count < 20 { problems.append(text) }
  }

  /// - Returns: Whether `line` is one of the hunk.
  private mutating func readHunkLine(_ line: String) -> Bool {
    let text = String(String.UnicodeScalarView(line.unicodeScalars.dropFirst()))
    switch line.unicodeScalars.first {
    case "+" where newLeft > 0: append(.added, text)
    case "-" where oldLeft > 0: append(.removed, text)
    case " " where newLeft > 0 && oldLeft > 0: append(.context, text)
    // Editors strip the blank that an empty line of context has.
    case nil where newLeft > 0 && oldLeft > 0: append(.context, "")
    case "\\": break
    default: return false
    }
    return true
  }

  private mutating func append(_ origin: FileDiff.Line.Origin, _ text: String) {
    guard let last = current?.hunks.indices.last else { return }
    // In place: a copy of the hunk for every line of it would make long hunks quadratic.
    current?.hunks[last].lines.append(FileDiff.Line(origin, newLine: origin == .removed ? nil : newLine, text))
    if origin != .added { oldLeft -= 1 }
    if origin != .removed {
      newLeft -= 1
      newLine += 1
    }
  }

  private mutating func beginHunk(_ line: String) {
    let parts = line.split(separator: " ", maxSplits: 4)
    guard current != nil, parts.count >= 4, parts[3].hasPrefix("@@"), let old = Self.range(parts[1], "-"),
      let new = Self.range(parts[2], "+")
    else { return problem("a hunk has no readable header") }
    (oldLeft, newLeft, newLine) = (old.count, new.count, new.start)
    // What git found behind the second mark: the beginning of the function.
    let heading = parts.count > 4 ? [String(parts[4])] : []
    current?.hunks.append(FileDiff.Hunk(oldStart: old.start, newStart: new.start, lines: [], enclosing: heading))
  }

  private static func range(_ text: Substring, _ sign: Character) -> (start: Int, count: Int)? {
    guard text.first == sign else { return nil }
    let numbers = text.dropFirst().split(separator: ",", omittingEmptySubsequences: false)
    guard numbers.count <= 2, let start = Int(numbers[0]), start >= 0 else { return nil }
    guard numbers.count == 2 else { return (start, 1) }
    guard let count = Int(numbers[1]), count >= 0, count < 10_000_000 else { return nil }
    return (start, count)
  }

  private mutating func begin(_ names: Substring) {
    oldName = nil
    let name = Self.sameName(names) ?? Self.unquoted(names.split(separator: " ").last ?? "")
    current = FileDiff(kind: .modified, path: Self.withoutPrefix(name))
  }

  /// The name when both sides have the same one, with blanks in it, too.
  private static func sameName(_ names: Substring) -> String? {
    if names.hasPrefix("\"") { return nil }
    let middle = names.utf8.count / 2
    let first = String(decoding: names.utf8.prefix(middle), as: UTF8.self)
    let second = String(decoding: names.utf8.dropFirst(middle + 1), as: UTF8.self)
    return withoutPrefix(first) == withoutPrefix(second) ? first : nil
  }

  private mutating func readHeader(_ line: String) {
    func rest(_ prefix: String) -> Substring? { line.hasPrefix(prefix) ? line.dropFirst(prefix.count) : nil }
    func mode(_ text: Substring) -> UInt32 { UInt32(text.prefix { $0.isNumber }, radix: 8) ?? 0 }
    if let text = rest("new file mode ") {
      current?.kind = .added
      current?.newMode = mode(text)
    } else if let text = rest("deleted file mode ") {
      current?.kind = .deleted
      current?.newMode = 0
      current?.oldMode = mode(text)
    } else if let text = rest("old mode ") {
      current?.oldMode = mode(text)
    } else if let text = rest("new mode ") {
      current?.newMode = mode(text)
    } else if let text = rest("rename from ") ?? rest("copy from ") {
      current?.kind = line.hasPrefix("copy") ? .copied : .renamed
      current?.oldPath = Self.unquoted(text)
    } else if let text = rest("rename to ") ?? rest("copy to ") {
      current?.path = Self.unquoted(text)
    } else if let text = rest("index ") {
      guard let blank = text.lastIndex(of: " ") else { return }
      current?.newMode = mode(text[text.index(after: blank)...])
      let same = current?.newMode
      current?.oldMode = same
    } else if line.hasPrefix("Binary files ") || line == "GIT binary patch" {
      current?.isBinary = true
    }
  }

  private mutating func readOldName(_ line: String) {
    // Two files of a plain `diff -u` follow each other without a header of git's.
    if let file = current, !file.hunks.isEmpty { finish() }
    oldName = Self.name(line.dropFirst(4))
  }

  private mutating func readNewName(_ line: String) {
    guard let old = oldName else { return problem("a file has a new name without an old one") }
    let new = Self.name(line.dropFirst(4))
    if current == nil { current = FileDiff(kind: .modified, path: "") }
    if old == "/dev/null" {
      current?.kind = .added
      current?.path = Self.withoutPrefix(new)
    } else if new == "/dev/null" {
      current?.kind = .deleted
      current?.newMode = 0
      current?.path = Self.withoutPrefix(old)
    } else {
      let (from, to) = (Self.withoutPrefix(old), Self.withoutPrefix(new))
      current?.path = to
      if from != to, current?.kind == .modified {
        current?.kind = .renamed
        current?.oldPath = from
      }
    }
    oldName = nil
  }

  /// What stands behind `---`: without the time that `diff` prints behind a tabulator.
  private static func name(_ text: Substring) -> String {
    unquoted(text.hasPrefix("\"") ? text : text.prefix { $0 != "\t" })
  }

  private static func withoutPrefix(_ name: String) -> String {
    for prefix in ["a/", "b/", "i/", "w/", "c/", "o/"] where name.hasPrefix(prefix) { return String(name.dropFirst(2)) }
    return name
  }

  /// A name that git has put into quotes, with its octal escapes.
  private static func unquoted(_ text: Substring) -> String {
    guard text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.count >= 2 else { return String(text) }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8.dropFirst().dropLast())[...]
    while let byte = rest.popFirst() {
      guard byte == 0x5C, let next = rest.popFirst() else {
        bytes.append(byte)
        continue
      }
      if let value = UInt8(String(decoding: [next] + rest.prefix(2), as: UTF8.self), radix: 8), rest.count >= 2 {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append([UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09][next] ?? next)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func finish() {
    guard var file = current else { return }
    if oldLeft > 0 || newLeft > 0 { problem("a hunk of \(file.path) ends before its header says") }
    (oldLeft, newLeft, current) = (0, 0, nil)
    if file.path.isEmpty { return problem("a file has no name") }
    if file.kind == .modified, let old = file.oldMode, old & 0o170000 != file.newMode & 0o170000 {
      file.kind = .typeChanged
    }
    files.append(file)
  }
}
