import OrchDiagnostics
import OrchYAML

/// Says what is wrong with unreadable frontmatter in words that help to repair it.
enum FrontMatterProblem {
  static func report(_ yaml: FrontMatterYAML, to findings: inout PlanFindings) {
    if yaml.part.closing == nil {
      findings.add(
        "P002", at: PlanRange(line: 1, column: 1, endColumn: 4),
        "the frontmatter has no end: no line after the first is exactly '---'",
        notes: unterminatedNotes(yaml, findings),
        fix: Diagnostic.Fix("write '---' on a line of its own below the last key"))
      return
    }
    for problem in yaml.problems { report(problem, yaml, to: &findings) }
    if yaml.isNotMapping, let root = yaml.document?.root {
      findings.add(
        "P001", at: firstLine(of: yaml.range(root)), "the frontmatter is not a list of 'key: value' lines",
        fix: Diagnostic.Fix("write every setting as 'key: value'"))
    }
  }

  private static func report(_ problem: YAMLError, _ yaml: FrontMatterYAML, to findings: inout PlanFindings) {
    let range = yaml.range(problem.range)
    switch problem.reason {
    case .syntax(let text, let context, let start):
      var notes: [Diagnostic.Note] = []
      if let context {
        let place = yaml.range((start ?? problem.range.lowerBound)..<(start ?? problem.range.lowerBound))
        // On the same line the place would only repeat the caret.
        notes.append(Diagnostic.Note(context, at: place.line == range.line ? nil : place.location(in: findings.path)))
      }
      findings.add(
        "P001", at: PlanRange(line: Int(range.line), column: Int(range.column), endColumn: Int(range.column) + 1),
        "malformed frontmatter: \(text)", notes: notes, fix: hint(text, at: problem.range.lowerBound, yaml))
    case .duplicateKey(let key, let first):
      findings.add(
        "P001", at: range, "the key \(PlanFindings.quoted(key)) is written twice",
        notes: [Diagnostic.Note("it is first written here", at: yaml.range(first).location(in: findings.path))],
        fix: Diagnostic.Fix("keep one of them"))
    case .alias:
      findings.add(
        "P001", at: range, problem.description,
        fix: Diagnostic.Fix("put text that begins with '*' in quotes, such as a glob"))
    default:
      findings.add("P001", at: firstLine(of: range), "malformed frontmatter: \(problem)")
    }
  }

  /// What a person most likely did; nil when nothing is known.
  private static func hint(_ problem: String, at offset: Int, _ yaml: FrontMatterYAML) -> Diagnostic.Fix? {
    let byte = yaml.part.content.contains(offset) ? yaml.bytes[offset] : 0
    if byte == 0x09 { return Diagnostic.Fix("indent with spaces: YAML does not allow tabs there") }
    let line = yaml.lines.place(of: offset).line
    let text = yaml.lines.range(ofLine: line, in: yaml.bytes).map { yaml.bytes[$0] } ?? []
    if problem.contains("alphabetic or numeric"), text.contains(UInt8(ascii: "*")) || text.contains(UInt8(ascii: "&")) {
      return Diagnostic.Fix("put text that begins with '*' or '&' in quotes, such as a glob")
    }
    if problem.contains("mapping values are not allowed") {
      return Diagnostic.Fix("put text that contains ': ' in quotes")
    }
    if problem.contains("cannot start any token") {
      return Diagnostic.Fix("put text that begins with '@', '`' or '%' in quotes")
    }
    return nil
  }

  /// Points at a line that looks like the end.
  private static func unterminatedNotes(_ yaml: FrontMatterYAML, _ findings: PlanFindings) -> [Diagnostic.Note] {
    var line = 2
    // Only near the top: further below, a line of dashes is a table or a rule.
    while line <= 60, let range = yaml.lines.range(ofLine: line, in: yaml.bytes) {
      let text = yaml.bytes[range].drop { $0 == 0x20 || $0 == 0x09 }
      if text.starts(with: Array("--".utf8)) || yaml.bytes[range].elementsEqual("...".utf8) {
        let place = PlanRange(line: line, column: 1, endColumn: range.count + 1).location(in: findings.path)
        return [Diagnostic.Note("this line is not exactly '---'", at: place)]
      }
      line += 1
    }
    return []
  }

  private static func firstLine(of range: PlanRange) -> PlanRange {
    range.endLine == range.line
      ? range : PlanRange(line: Int(range.line), column: Int(range.column), endColumn: Int(range.column) + 1)
  }
}
