import OrchDiagnostics
import OrchYAML

/// The frontmatter of one file as YAML nodes with places in the file.
struct FrontMatterYAML {
  let bytes: [UInt8]
  let part: FrontMatter
  let lines: LineIndex
  /// Empty when the YAML could not be read.
  private(set) var document: YAMLDocument?
  private(set) var problems: [YAMLError] = []
  /// The entries of the mapping at the top, in the order of the text.
  private(set) var entries: [(key: YAMLNode, known: PlanKey?, value: YAMLNode)] = []

  init(_ bytes: [UInt8], _ part: FrontMatter) {
    self.bytes = bytes
    self.part = part
    lines = LineIndex(bytes, in: 0..<part.bodyStart)
    // What is unterminated is not frontmatter, and reading all of the file as YAML would only add noise.
    guard part.closing != nil else { return }
    (document, problems) = YAMLDocument.reading(bytes, in: part.content)
    guard let document, let root = document.root else { return }
    entries = document.entries(of: root).map { key, value in
      (key, key.kind == .scalar ? PlanKey(name: document.bytes(key)) : nil, value)
    }
  }

  /// Whether the top is something else than a mapping, such as a list or a text.
  var isNotMapping: Bool { document?.root.map { $0.kind != .mapping && document?.isNull($0) != true } ?? false }

  /// The first value of a key.
  func value(_ key: PlanKey) -> YAMLNode? {
    entries.first { $0.known == key }?.value
  }

  func range(_ range: Range<Int>) -> PlanRange {
    let start = lines.place(of: range.lowerBound)
    let end = lines.place(of: range.upperBound)
    return PlanRange(line: start.line, column: start.column, endLine: end.line, endColumn: end.column)
  }

  func range(_ node: YAMLNode) -> PlanRange { range(node.range) }

  /// Whether a line of unreadable frontmatter begins with `epic:`, so that the file is meant to be a plan.
  var mentionsEpic: Bool {
    let key = Array("epic:".utf8)
    var line = lines.place(of: part.content.lowerBound).line
    while let range = lines.range(ofLine: line, in: bytes), range.lowerBound < part.content.upperBound {
      if bytes[range].starts(with: key) { return true }
      line += 1
    }
    return false
  }
}
