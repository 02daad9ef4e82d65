import OrchDiagnostics
import OrchYAML

extension FrontMatterReader {
  /// A scalar as text, whatever it looks like: a model may be called `4.5`.
  mutating func text(_ key: PlanKey, _ value: YAMLNode) -> String? {
    guard value.kind == .scalar else {
      wrongType(key, value, "text")
      return nil
    }
    let text = document.text(value)
    guard !PlainText.isBlank(text) else {
      wrongType(key, value, "text that is not empty")
      return nil
    }
    return text
  }

  /// The items of a list of texts, without those that were reported.
  mutating func list(_ key: PlanKey, _ value: YAMLNode, of what: String) -> [(text: String, range: PlanRange)] {
    guard value.kind == .sequence else {
      let range = yaml.range(value)
      var fix: Diagnostic.Fix?
      if value.kind == .scalar, range.line == range.endLine {
        let written = String(decoding: yaml.bytes[value.range], as: UTF8.self)
        fix = findings.replace(range, with: "[\(value.style == .plain ? FrontMatterReader.quote(written) : written)]")
      }
      wrongType(key, value, "a list of \(what)", fix: fix)
      return []
    }
    var items: [(text: String, range: PlanRange)] = []
    for node in document.items(of: value) where node.kind != .alias {
      let text = document.text(node)
      if node.kind == .scalar, !PlainText.isBlank(text) {
        items.append((text, yaml.range(node)))
      } else {
        wrongType(key, node, "text in every item of the list")
      }
    }
    return items
  }

  mutating func wrongType(_ key: PlanKey, _ value: YAMLNode, _ expected: String, fix: Diagnostic.Fix? = nil) {
    let found =
      switch value.kind {
      case .mapping: "a mapping"
      case .sequence: "a list"
      case .alias: "an alias"
      case .scalar:
        if document.isNull(value) {
          "nothing"
        } else {
          (value.style == .plain ? "" : "the text ") + PlanFindings.quoted(document.text(value))
        }
      }
    var range = yaml.range(value)
    if range.endLine != range.line {
      range = PlanRange(line: Int(range.line), column: Int(range.column), endColumn: Int(range.column) + 1)
    }
    findings.add(
      "P007", at: range, "wrong type: '\(key.rawValue)' expects \(expected), but is \(found)",
      fix: fix ?? unquoting(key, value))
  }

  mutating func wrongWord(_ key: PlanKey, _ value: YAMLNode, _ words: [String]) {
    let nearest = value.kind == .scalar ? NearestName.find(document.text(value), in: words) : nil
    let range = yaml.range(value)
    wrongType(
      key, value, words.dropLast().joined(separator: ", ") + " or " + (words.last ?? ""),
      fix: nearest.map { findings.replace(range, with: $0) })
  }

  /// The fix for a number or bool in quotes.
  private func unquoting(_ key: PlanKey, _ value: YAMLNode) -> Diagnostic.Fix? {
    guard value.style == .singleQuoted || value.style == .doubleQuoted else { return nil }
    let bytes = document.bytes(value)
    let isNumber = !bytes.isEmpty && bytes.allSatisfy { (48...57).contains($0) } && bytes.first != 48
    let isBool = ["true", "false", "yes", "no"].contains(document.text(value).prefix(8).lowercased())
    switch key {
    case .githubIssue, .epic, .maxCost: guard isNumber else { return nil }
    case .needsReview: guard isBool else { return nil }
    default: return nil
    }
    return Diagnostic.Fix(
      "remove the quotes", replacing: yaml.range(value).location(in: findings.path), with: document.text(value))
  }

  /// `text` as a YAML scalar that is text in every case.
  static func quote(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
