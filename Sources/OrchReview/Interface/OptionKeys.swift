import OrchDomain

/// Names under which a published package looks for what its user has set: `options[:sync]`, `config.get('cache')`.
/// In languages without types they are as much of an interface as the names of parameters, and in all languages the
/// properties and variables that it reads from its surroundings are.
enum OptionKeys {
  private static let holders: Set<String> = ["options", "opts", "config", "kwargs"]
  private static let readers: Set<String> = ["get", "fetch", "pop", "has", "key"]

  static func judge(_ file: FileDiff, _ language: Language, _ evidence: inout EvidenceCollector) {
    let isTyped = ![.script, .python, .ruby, .php].contains(language)
    let lines = file.hunks.flatMap { LineScanner.lines(of: $0, language) }.filter { !$0.isComment }
    func keys(_ line: ScannedLine) -> [String] { (isTyped ? [] : options(in: line)) + settings(in: line) }
    func all(_ isAdded: Bool) -> Set<String> { Set(lines.filter { $0.isAdded == isAdded }.flatMap(keys)) }
    let (before, after) = (all(false), all(true))
    for line in lines {
      for key in keys(line) where before.contains(key) != after.contains(key) {
        evidence.add(
          .publicAPI, file.path, line.line,
          Excerpt.text("option \(key) \(line.isAdded ? "added" : "removed"): \(line.raw)"))
      }
    }
  }

  private static let surroundings = ["getproperty(\"", "getlong(\"", "getinteger(\"", "getboolean(\"", "getenv(\""].map
  {
    Array($0.utf8)
  }

  /// `Long.getLong("kit.floor", 250)`, `os.Getenv("KIT_HOME")`.
  private static func settings(in line: ScannedLine) -> [String] {
    let lower = line.code.bytes.map(CodeLine.lower)
    return surroundings.compactMap { call in
      guard let place = Bytes.index(of: call, in: lower[...]) else { return nil }
      let key = line.code.bytes[(place + call.count)...].prefix { $0 != UInt8(ascii: "\"") }
      return key.isEmpty ? nil : String(decoding: key, as: UTF8.self)
    }
  }

  private static func options(in line: ScannedLine) -> [String] {
    let (words, bytes) = (line.code.words, line.code.bytes)
    var found: [String] = []
    for (index, word) in words.enumerated() where holders.contains(word.text) {
      var place = word.start + word.text.utf8.count
      guard index + 1 < words.count, accessor(bytes, at: &place) else { continue }
      var isCall = false
      if readers.contains(words[index + 1].text), words[index + 1].start == place {
        place += words[index + 1].text.utf8.count
        guard place < bytes.count, bytes[place] == UInt8(ascii: "(") else { continue }
        place += 1
        isCall = true
      }
      while place < bytes.count, "\"':".utf8.contains(bytes[place]) { place += 1 }
      let key = bytes[place...].prefix(while: CodeLine.isWord)
      let end = place + key.count
      // `kwargs["x"] = y` gives it to somebody else.
      let rest = bytes[end...].drop { "\"']) ".utf8.contains($0) }
      if rest.first == UInt8(ascii: "="), rest.dropFirst().first != UInt8(ascii: "=") { continue }
      // `options.merge(…)` calls a method of what holds the options.
      guard key.count > 1, isCall || end >= bytes.count || bytes[end] != UInt8(ascii: "(") else { continue }
      found.append(String(decoding: key, as: UTF8.self))
    }
    return found
  }

  /// Steps over `.`, `?.`, `->` or `[` with what may follow them.
  private static func accessor(_ bytes: [UInt8], at place: inout Int) -> Bool {
    for text in ["?.", "->", ".", "["] where bytes[place...].starts(with: text.utf8) {
      place += text.utf8.count
      return true
    }
    return false
  }
}
