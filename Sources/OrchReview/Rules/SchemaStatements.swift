/// SQL statements that change a schema.
enum SchemaStatements {
  private static let verbs: Set<String> = ["create", "alter", "drop", "rename", "truncate", "add"]
  private static let fillers: Set<String> = [
    "temp", "temporary", "unlogged", "global", "local", "or", "replace", "unique", "virtual", "external",
    "materialized", "concurrently", "if", "exists", "not",
  ]
  /// In any file; the rest only where SQL is expected, because `create view` is also plain English.
  private static let objects: Set<String> = ["table", "index", "column", "schema", "sequence", "database"]
  private static let moreObjects: Set<String> = [
    "view", "trigger", "type", "function", "procedure", "extension", "constraint", "policy", "role", "user",
  ]

  /// The words of the line before that a statement may have begun with.
  struct Beginning {
    var isOpen = false
  }

  /// The place of a schema statement.
  ///
  /// - Parameter beginning: Carried from line to line, since a statement may break anywhere.
  static func find(in line: CodeLine, isSQL: Bool, beginning: inout Beginning) -> Int? {
    var verbPlace: Int? = beginning.isOpen ? 0 : nil
    var last = 0
    for word in line.words {
      let isApart = isSeparated(line.bytes, last..<word.start)
      if verbPlace != nil, isApart || last == 0 {
        let isObject = objects.contains(word.text) || (isSQL && moreObjects.contains(word.text))
        if isObject, endsCleanly(line.bytes, word) { return verbPlace }
        if !fillers.contains(word.text) { verbPlace = nil }
      } else if verbPlace != nil {
        verbPlace = nil
      }
      if verbs.contains(word.text), endsCleanly(line.bytes, word) { verbPlace = word.start }
      last = word.start + word.text.utf8.count
    }
    beginning.isOpen = verbPlace != nil && isSeparated(line.bytes, last..<line.bytes.count)
    return nil
  }

  /// White space or an empty comment, which SQL takes for white space.
  private static func isSeparated(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    guard range.lowerBound <= range.upperBound else { return false }
    return bytes[range].allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) || $0 == 0x2F || $0 == 0x2A }
  }

  private static func endsCleanly(_ bytes: [UInt8], _ word: CodeLine.Word) -> Bool {
    let end = word.start + word.text.utf8.count
    let startsClean = word.start == 0 || !CodeLine.isWord(bytes[word.start - 1])
    return startsClean && (end >= bytes.count || !CodeLine.isWord(bytes[end]))
  }
}
