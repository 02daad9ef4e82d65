import OrchDiagnostics
import OrchMarkdown

/// What the Markdown below the frontmatter says.
struct PlanBody {
  private(set) var title: String?
  private(set) var titleRange = PlanRange.fileStart
  /// Bytes of the file.
  private(set) var description: Range<Int>
  /// Empty when nobody wants them.
  private(set) var criteria: [AcceptanceCriterion] = []

  init(_ bytes: [UInt8], from start: Int, firstLine: Int, keepsCriteria: Bool, findings: inout PlanFindings) {
    description = start..<start
    let outline = MarkdownOutline(bytes[start...], firstLine: firstLine, [.headings, .taskItems])
    if let refusal = outline.refusal {
      findings.add("P018", at: PlanRange(line: refusal.line ?? 1, column: 1, endColumn: 2), "\(refusal)")
      return
    }
    let place = outline.headings.firstIndex { $0.level == 1 && !PlainText.isBlank($0.text) }
    let next = place.map { $0 + 1 } ?? 0
    // Nearly always nothing below the description has to be found again.
    let needed = outline.headings.indices.contains(next) ? outline.headings[next].endLine : .max
    let lines = LineIndex(bytes, in: start..<bytes.count, firstLine: firstLine, lastLine: needed)
    if let place {
      let heading = outline.headings[place]
      title = PlainText.line(heading.text, limit: 300)
      let end = lines.range(ofLine: heading.line, in: bytes).map { $0.count + 1 } ?? heading.column
      titleRange = PlanRange(line: heading.line, column: heading.column, endColumn: max(heading.column, end))
    }
    description = PlanBody.description(bytes, start, outline, after: place, lines)
    var source = Source(bytes: bytes, start: start, firstLine: firstLine)
    readCriteria(outline, keeping: keepsCriteria, &source, &findings)
  }

  /// From behind the title, or from the beginning without one, to the next heading.
  private static func description(
    _ bytes: [UInt8], _ start: Int, _ outline: MarkdownOutline, after title: Int?, _ lines: LineIndex
  ) -> Range<Int> {
    let next = title.map { $0 + 1 } ?? 0
    let first =
      title.map { lastLine(of: outline.headings[$0], bytes, lines) }
      .map { lines.range(ofLine: $0, in: bytes)?.upperBound ?? start } ?? start
    let last =
      outline.headings.indices.contains(next)
      ? lines.range(ofLine: outline.headings[next].line, in: bytes)?.lowerBound ?? bytes.count : bytes.count
    var range = min(first, last)..<last
    let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    while let byte = bytes[range].last, isBlank(byte) { range = range.lowerBound..<(range.upperBound - 1) }
    // Only whole blank lines are dropped at the front: indentation may be code.
    var start = range.lowerBound
    for i in range {
      guard isBlank(bytes[i]) else { break }
      if bytes[i] == 0x0A || bytes[i] == 0x0D { start = i + 1 }
    }
    return start..<range.upperBound
  }

  /// The line of the heading itself, or of the first underline below it.
  ///
  /// cmark's own end of an underlined heading is one line too far when text follows without a blank line.
  private static func lastLine(of heading: MarkdownOutline.Heading, _ bytes: [UInt8], _ lines: LineIndex) -> Int {
    guard heading.endLine > heading.line else { return heading.line }
    for line in (heading.line + 1)...heading.endLine {
      guard let range = lines.range(ofLine: line, in: bytes) else { continue }
      let marks = bytes[range].filter { $0 != 0x20 && $0 != 0x09 }
      if let mark = marks.first, mark == 0x3D || mark == 0x2D, marks.allSatisfy({ $0 == mark }) { return line }
    }
    return heading.endLine
  }

  /// The text that a finding points into.
  private struct Source {
    let bytes: [UInt8]
    let start: Int
    let firstLine: Int
    private lazy var lines = LineIndex(bytes, in: start..<bytes.count, firstLine: firstLine)

    init(bytes: [UInt8], start: Int, firstLine: Int) {
      self.bytes = bytes
      self.start = start
      self.firstLine = firstLine
    }

    /// From a column to the end of its line.
    mutating func place(line: Int, column: Int) -> PlanRange {
      let end = lines.range(ofLine: line, in: bytes).map { $0.count + 1 } ?? column
      return PlanRange(line: line, column: column, endColumn: max(column, end))
    }
  }

  private mutating func readCriteria(
    _ outline: MarkdownOutline, keeping keepsThem: Bool, _ source: inout Source, _ findings: inout PlanFindings
  ) {
    for (i, heading) in outline.headings.enumerated() where PlanBody.isCriteria(heading.text) {
      let next = outline.headings[(i + 1)...].first { $0.level <= heading.level }
      let section = heading.line..<max(heading.line + 1, next?.line ?? .max)
      if !outline.taskItems.contains(where: { section.contains($0.line) }) {
        findings.add(
          "P015", at: source.place(line: heading.line, column: heading.column),
          "empty acceptance criteria: there is no check box below this heading",
          fix: Diagnostic.Fix("write every criterion as '- [ ] what can be checked', or remove the heading"))
      }
      for item in outline.taskItems where section.contains(item.line) {
        if keepsThem {
          let text = PlainText.line(item.text, limit: 500)
          criteria.append(AcceptanceCriterion(text: text, isChecked: item.checked, line: item.line))
        }
        guard AcceptanceCriterion.isVacuous(item.text) else { continue }
        findings.add(
          "P015", at: source.place(line: item.line, column: item.column),
          "vacuous acceptance criterion \(PlanFindings.quoted(item.text.trimmed))",
          fix: Diagnostic.Fix("say what can be checked: an input and the result that it must have"))
      }
    }
  }

  private static func isCriteria(_ heading: String) -> Bool {
    (19...40).contains(heading.utf8.count) && PlainText.words(heading) == "acceptance criteria"
  }
}
