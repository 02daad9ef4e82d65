import OrchDomain

/// Declarations that code outside of a module can see.
enum PublicDeclarations {
  struct Declaration: Hashable {
    let name: String
    /// As written, without its body and without blanks that mean nothing.
    var signature: String
    let line: Int
  }

  /// Those that one side of a hunk shows whole.
  static func read(_ hunk: FileDiff.Hunk, _ origin: FileDiff.Line.Origin, _ language: Language, isHeader: Bool)
    -> [Declaration]
  {
    var result: [Declaration] = []
    var open = 0
    var isHidden = false
    var number = max(1, hunk.newStart)
    let comments = CommentFilter(language).comments(in: hunk.lines, origin)
    for (index, line) in hunk.lines.enumerated() {
      if let own = line.newLine { number = own }
      defer { if line.origin != .removed { number += 1 } }
      guard line.origin == origin || line.origin == .context, !comments.contains(index) else { continue }
      let text = withoutComment(line.text, language)
      if open > 0, let last = result.indices.last {
        // The parameters of a declaration may have lines of their own.
        result[last].signature += " " + text
        open += balance(text)
        continue
      }
      if let hides = hidesMembers(text, language) { isHidden = hides }
      guard !isHidden, let name = name(of: text, language, isHeader: isHeader) else { continue }
      result.append(Declaration(name: name, signature: text, line: number))
      open = max(0, balance(text))
    }
    return result.map { declaration in
      var declaration = declaration
      declaration.signature = normal(declaration.signature, language)
      return declaration
    }
  }

  /// Whether a line begins a type that others cannot see, or one that they can; nil when it begins none. What such a
  /// type calls public is so within the package only.
  private static func hidesMembers(_ text: String, _ language: Language) -> Bool? {
    guard language == .java || language == .csharp else { return nil }
    let words = text.prefix(200).split { $0 == " " || $0 == "\t" }
    guard let kind = words.firstIndex(where: { ["class", "interface", "enum", "struct", "record"].contains($0) }),
      kind + 1 < words.count, words[..<kind].allSatisfy({ modifiers.contains($0) })
    else { return nil }
    // One within another type is seen through that.
    guard text.count - text.drop(while: { $0.isWhitespace }).count <= 4 else { return nil }
    return !words[..<kind].contains("public") && !words[..<kind].contains("protected")
  }

  private static let modifiers: Set<Substring> = [
    "public", "protected", "private", "internal", "final", "static", "abstract", "sealed", "partial", "readonly",
  ]

  private static func balance(_ text: String) -> Int {
    text.utf8.reduce(0) { sum, byte in sum + (byte == 0x28 ? 1 : byte == 0x29 ? -1 : 0) }
  }

  private static func withoutComment(_ text: String, _ language: Language) -> String {
    for mark in language.lineComments {
      if let range = Bytes.index(of: Array((" " + mark).utf8), in: Array(text.utf8)[...]) {
        return String(decoding: text.utf8.prefix(range), as: UTF8.self)
      }
    }
    return text
  }

  /// Without the body, and with one blank between words.
  private static func normal(_ text: String, _ language: Language) -> String {
    var result = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    var depth = 0
    var end = result.endIndex
    search: for index in result.indices {
      switch result[index] {
      case "(", "[", "<": depth += 1
      case ")", "]", ">": depth -= 1
      // Who may read and who may write is a part of a property.
      case "{" where depth <= 0 && !(language == .csharp && isAccessors(result[index...])): end = index; break search
      case "=" where depth <= 0 && language != .script: end = index; break search
      case ":" where depth <= 0 && language == .python: end = index; break search
      default: break
      }
    }
    result = String(result[..<end])
    while let last = result.last, last == " " || last == ";" || last == "," { result.removeLast() }
    return result
  }

  private static func isAccessors(_ body: Substring) -> Bool {
    let first = body.dropFirst().drop { $0 == " " }
    return ["get", "set", "init", "private ", "protected ", "internal "].contains(where: first.hasPrefix)
  }

  private static let kinds: [Language: Set<Substring>] = [
    .swift: [
      "func", "var", "let", "class", "struct", "enum", "protocol", "actor", "typealias", "init", "subscript", "macro",
      "case", "associatedtype",
    ],
    .rust: ["fn", "struct", "enum", "trait", "mod", "const", "static", "type", "use", "union", "macro"],
    .kotlin: ["fun", "class", "interface", "object", "val", "var", "typealias"],
    .java: ["class", "interface", "enum", "record", "@interface"],
    .csharp: ["class", "interface", "enum", "record", "struct", "delegate", "event"],
    .php: ["function", "class", "interface", "trait", "const", "enum"],
  ]

  /// The name that a line declares for others; nil when it declares none.
  static func name(of text: String, _ language: Language, isHeader: Bool) -> String? {
    let line = text.drop { $0.isWhitespace }
    let indent = text.count - line.count
    let words = line.prefix(400).split { $0 == " " || $0 == "\t" }
    guard let first = words.first else { return nil }
    switch language {
    case .swift:
      let head = words.prefix {
        !$0.contains("(") || $0.hasPrefix("@") || $0.hasPrefix("private(set)") || $0.hasPrefix("init")
      }
      guard head.contains("public") || head.contains("open") || first.hasPrefix("@inlinable") else { return nil }
      return named(words, language) ?? (first.hasPrefix("@inlinable") ? nil : identifier(words.last ?? ""))
    case .rust:
      return first == "pub" ? named(words.dropFirst(), language) ?? identifier(words.dropFirst().first ?? "") : nil
    case .go: return indent == 0 ? goName(line) : goConstant(text)
    case .script: return scriptName(line, words) ?? (indent == 0 ? scriptMethod(words) : nil)
    case .java, .csharp:
      guard first == "public" || first == "protected" else { return nil }
      return named(words, language) ?? memberName(line)
    case .kotlin:
      let isHidden = words.prefix(4).contains { ["private", "internal", "override", "protected"].contains($0) }
      return !isHidden && indent <= 4 && !line.hasPrefix("return") ? named(words.prefix(6), language) : nil
    case .php:
      // What is protected belongs to everybody who extends the class.
      let heads: Set<Substring> = [
        "public", "protected", "interface", "class", "trait", "function", "abstract", "final",
      ]
      return heads.contains(first) && !words.contains("private") ? named(words, language) : nil
    case .python:
      if line.hasPrefix("__all__") { return "__all__" }
      guard indent <= 4, first == "def" || first == "class" || first == "async" else { return nil }
      let name = identifier(words.dropFirst().first { $0 != "def" } ?? "")
      return name.hasPrefix("_") && name != "__init__" ? nil : name
    case .ruby:
      guard ["def", "class", "module"].contains(first) else { return nil }
      let name = String((words.dropFirst().first ?? "").prefix { $0 != "(" && $0 != ";" })
      return name.hasPrefix("_") ? nil : name
    case .c where isHeader:
      if line.hasPrefix("#define") { return identifier(words.dropFirst().first ?? "") }
      return indent == 0 && line.contains("(") && !line.hasPrefix("#") && !line.hasPrefix("static")
        ? memberName(line) : nil
    default: return nil
    }
  }

  private static func named(_ words: some Collection<Substring>, _ language: Language) -> String? {
    guard let kinds = kinds[language] else { return nil }
    var rest = Array(words)
    while let word = rest.first {
      rest.removeFirst()
      if word.hasPrefix("init") && language == .swift { return "init" }
      guard kinds.contains(word) else { continue }
      guard let next = rest.first, !kinds.contains(next) || language == .rust else { continue }
      let name = identifier(next == "fn" ? rest.dropFirst().first ?? "" : next)
      // `fun <T> List<T>.last()`
      return name.isEmpty ? identifier(rest.dropFirst().first ?? "") : name
    }
    return nil
  }

  private static func identifier(_ word: Substring) -> String {
    String(word.drop { "&$`".contains($0) }.prefix { $0.isLetter || $0.isNumber || "_.:!*".contains($0) })
  }

  /// The word before the first parenthesis, or the last one of a field.
  private static func memberName(_ line: Substring) -> String? {
    let head = line.prefix { $0 != "(" && $0 != "=" && $0 != ";" && $0 != "{" }
    let words = head.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    return words.count > 1 ? words.last.map(String.init) : nil
  }

  /// `func Name(`, `func (r *Receiver) Name(`, `type Name`.
  private static func goName(_ line: Substring) -> String? {
    guard ["func ", "type ", "var ", "const "].contains(where: line.hasPrefix) else { return nil }
    var rest = line.drop { $0.isLetter }.drop { $0 == " " }
    var receiver = ""
    if line.hasPrefix("func"), rest.first == "(" {
      guard let close = rest.firstIndex(of: ")") else { return nil }
      receiver = rest[..<close].split { !($0.isLetter || $0.isNumber || $0 == "_") }.last.map { "\($0)." } ?? ""
      rest = rest[rest.index(after: close)...].drop { $0 == " " }
      guard receiver.first?.isUppercase == true else { return nil }
    }
    return rest.first?.isUppercase == true ? receiver + identifier(rest.prefix { $0 != "(" && $0 != "[" }) : nil
  }

  /// A line of `const (` or `var (`: one tabulator, a name, an equals sign that does not assign to what is there.
  private static func goConstant(_ text: String) -> String? {
    guard text.hasPrefix("\t"), let first = text.dropFirst().first, first.isUppercase else { return nil }
    let name = text.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    let rest = text[name.endIndex...].drop { $0 == " " }
    return rest.hasPrefix("= ") ? String(name) : nil
  }

  /// `Router.prototype.use = function`, `app.listen = async`: methods of what an older module gives away whole.
  private static func scriptMethod(_ words: [Substring]) -> String? {
    guard words.count > 2, words[1] == "=", words[2].hasPrefix("function") || words[2] == "async",
      words[0].contains("."), !words[0].contains("._"), !words[0].hasPrefix("this."), !words[0].hasPrefix("window.")
    else { return nil }
    return identifier(words[0])
  }

  private static func scriptName(_ line: Substring, _ words: [Substring]) -> String? {
    if line.hasPrefix("module.exports") { return "module.exports" }
    if line.hasPrefix("exports.") { return identifier(words[0]) }
    guard words[0] == "export" else { return nil }
    let skipped: Set<Substring> = [
      "export", "default", "async", "declare", "abstract", "type", "const", "let", "var", "function", "class",
      "interface", "enum", "namespace",
    ]
    guard let name = words.first(where: { !skipped.contains($0) }) else { return "default" }
    return name.hasPrefix("{") || name.hasPrefix("*") ? String(line) : identifier(name)
  }
}

/// What an interface gained, lost and changed.
enum InterfaceRules {
  static func judge(_ file: FileDiff, _ role: FileRole, _ context: ReviewContext, _ evidence: inout EvidenceCollector) {
    guard let language = role.language, context.publishes(role, path: file.path, isNew: false) else { return }
    let showsNew = context.publishes(role, path: file.path)
    // Where people load files by name, the file itself is an interface.
    if file.kind == .deleted, [.python, .ruby, .script].contains(language) {
      evidence.add(.publicAPI, file.path, nil, "removed")
    }
    let isHeader = ["h", "hpp", "hh", "hxx"].contains(role.suffix)
    OptionKeys.judge(file, language, &evidence)
    var before: [String: [String]] = [:]
    var after: [String: [PublicDeclarations.Declaration]] = [:]
    var gaps: [String: Int] = [:]
    for hunk in file.hunks {
      PublicMembers.judge(hunk, file.path, language, &evidence)
      for item in PublicDeclarations.read(hunk, .removed, language, isHeader: isHeader) {
        before[item.name, default: []].append(item.signature)
        gaps[item.name] = item.line
      }
      for item in PublicDeclarations.read(hunk, .added, language, isHeader: isHeader) {
        after[item.name, default: []].append(item)
      }
    }
    for (name, items) in after {
      let known = before[name] ?? []
      for item in items where !known.contains(item.signature) {
        let old = known.first { signature in !items.contains { $0.signature == signature } }
        guard old != nil || showsNew else { continue }
        let text = old.map { "changed: \($0) → \(item.signature)" } ?? "added: \(item.signature)"
        evidence.add(.publicAPI, file.path, item.line, Excerpt.text(text))
      }
    }
    for (name, signatures) in before {
      let kept = Set((after[name] ?? []).map(\.signature))
      let lost = signatures.filter { !kept.contains($0) }
      // A changed one has been shown with its new form.
      guard lost.count > (after[name] ?? []).count(where: { !signatures.contains($0.signature) }),
        let first = lost.first
      else { continue }
      evidence.add(.publicAPI, file.path, gaps[name], Excerpt.text("removed: \(first)"))
    }
  }
}
