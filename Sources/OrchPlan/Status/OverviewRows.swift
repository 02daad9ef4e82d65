import OrchDiagnostics
import OrchDomain
import OrchMarkdown

/// Finds the rows of the status tables of a README, and the circle of each.
///
/// **Which task a row is about.** The first link, from the left, that leads to a known plan. A row without a link to
/// any Markdown file is about the task whose code, such as `E05` or `billing/E05`, is the whole text of a cell (a
/// colon and more may follow); a code without module counts only under a heading that names a module
/// (``ModuleHeadings``), the innermost one that does. Columns about dependencies never tell what a row is about.
///
/// **Which cell has the status.** The cell in the column whose header says status, state or progress, when it has
/// exactly one circle. Otherwise the only cell that is nothing but a circle; otherwise the only one that begins with
/// a circle and has no other. A cell with several circles is a legend and is left alone.
struct OverviewRows {
  struct Row: Hashable {
    var task: TaskID
    var circle: StatusEmoji.Found
  }

  private let bytes: [UInt8]
  private let outline: MarkdownOutline
  private let lines: LineIndex
  private let readme: String
  private let tasks: Set<TaskID>
  private let byPath: [String: TaskID]
  private let headings: ModuleHeadings
  /// By the last two components of the path; nil when several plans have the same.
  private let byEnding: [String: TaskID?]

  init(_ bytes: [UInt8], readmePath: String, plans: [(id: TaskID, path: String)]) throws(StatusEditError) {
    self.bytes = bytes
    outline = MarkdownOutline(bytes, [.headings, .tables])
    if let refusal = outline.refusal { throw .unreadableMarkdown(refusal) }
    lines = LineIndex(bytes)
    readme = readmePath
    tasks = Set(plans.map(\.id))
    byPath = Dictionary(plans.map { ($0.path, $0.id) }) { first, _ in first }
    headings = ModuleHeadings(modules: Set(plans.map(\.id.module)))
    var endings: [String: TaskID?] = [:]
    for (id, path) in plans {
      guard let ending = OverviewRows.ending(of: path) else { continue }
      endings.updateValue(endings[ending] == nil ? id : nil, forKey: ending)
    }
    byEnding = endings
  }

  /// The rows in the order of the text.
  func rows() -> [Row] {
    var result: [Row] = []
    var remaining = outline.headings[...]
    var sections = Sections()
    for table in outline.tables {
      while let heading = remaining.first, heading.line < table.line {
        sections.enter(heading, module: headings.module(named: heading.text))
        remaining.removeFirst()
      }
      let columns = Columns(table.header)
      for row in table.rows {
        guard let task = task(of: row, columns, module: sections.module), let circle = circle(of: row, columns) else {
          continue
        }
        result.append(Row(task: task, circle: circle))
      }
    }
    return result
  }

  private func task(of row: MarkdownOutline.Row, _ columns: Columns, module: String?) -> TaskID? {
    let cells = row.cells.enumerated().filter { !columns.dependencies.contains($0.offset) }.map(\.element)
    let links = cells.flatMap(\.links).map(LinkTarget.init)
    for link in links {
      if let task = resolve(link) { return task }
    }
    // A link to a plan that isn't known is about that plan, whatever its text says.
    guard !links.contains(where: \.isMarkdown) else { return nil }
    for cell in cells {
      let text = cell.text.prefix { $0 != ":" }.trimmingBlanks()
      if let id = TaskID(text) { return tasks.contains(id) ? id : nil }
      guard let code = TaskCode(text), let module else { continue }
      let id = TaskID(module: module, prefix: code.prefix, number: code.number)
      return tasks.contains(id) ? id : nil
    }
    return nil
  }

  private func resolve(_ link: LinkTarget) -> TaskID? {
    for path in link.candidates(from: readme) {
      if let task = byPath[path] { return task }
    }
    // Links that were right before the README or the plans moved still end with module and file.
    guard link.isMarkdown, let path = link.path, let ending = OverviewRows.ending(of: path) else { return nil }
    return byEnding[ending] ?? nil
  }

  /// The last two components; nil when there are fewer.
  private static func ending(of path: String) -> String? {
    let parts = path.split(separator: "/")
    guard parts.count >= 2, parts[parts.count - 2] != "..", parts[parts.count - 2] != "." else { return nil }
    return parts.suffix(2).joined(separator: "/")
  }

  private func circle(of row: MarkdownOutline.Row, _ columns: Columns) -> StatusEmoji.Found? {
    guard let line = lines.range(ofLine: row.line, in: bytes) else { return nil }
    let circles = row.cells.map { cell -> StatusEmoji.Found? in
      let range = (line.lowerBound + cell.column - 1)..<(line.lowerBound + cell.endColumn - 1)
      return StatusEmoji.only(in: range.clamped(to: line), of: bytes)
    }
    for column in columns.status where circles.indices.contains(column) {
      if let circle = circles[column] { return circle }
    }
    let alone = circles.compactMap { $0 }.filter(\.isAlone)
    if !alone.isEmpty { return alone.count == 1 ? alone[0] : nil }
    let first = circles.compactMap { $0 }.filter(\.isFirst)
    return first.count == 1 ? first[0] : nil
  }
}

/// What the header of a table says about its columns.
private struct Columns {
  var status: [Int] = []
  var dependencies: Set<Int> = []

  init(_ header: [MarkdownOutline.Cell]) {
    for (column, cell) in header.enumerated() {
      let words = cell.text.lowercased().split { !$0.isLetter && !$0.isNumber }
      if words.contains(where: { $0 == "status" || $0 == "state" || $0 == "progress" }) { status.append(column) }
      if words.contains(where: { word in Columns.relations.contains { word.hasPrefix($0) } }) {
        dependencies.insert(column)
      }
    }
  }

  private static let relations = ["depend", "require", "block", "need", "after", "prerequisite"]
}

/// The headings that a place in a document is under.
private struct Sections {
  private var open: [(level: Int, module: String?)] = []

  /// The module of the innermost heading that names one.
  var module: String? { open.last { $0.module != nil }?.module }

  mutating func enter(_ heading: MarkdownOutline.Heading, module: String?) {
    while let last = open.last, last.level >= heading.level { open.removeLast() }
    open.append((heading.level, module))
  }
}

extension Substring {
  fileprivate func trimmingBlanks() -> Substring {
    var text = drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
