package import OrchDomain
import OrchGraph

extension GraphView {
  /// By level for people: each task with what it waits for. Ends with a line feed unless empty.
  package func text() -> String {
    var lines: [String] = []
    let width = tasks.map { $0.id.description.utf8.count }.max() ?? 0
    for (number, wave) in graph.ordering.waves.enumerated() {
      if number > 0 { lines.append("") }
      lines.append("Level \(number + 1)")
      for node in wave { lines.append(line(tasks[Int(node)], width)) }
    }
    let unordered = tasks.indices.filter { level($0) < 0 }
    if !unordered.isEmpty {
      if !lines.isEmpty { lines.append("") }
      lines.append("On a cycle, or behind one")
      for node in unordered { lines.append(line(tasks[node], width)) }
      for cycle in graph.cycles() {
        lines.append("  cycle: " + (cycle.path + cycle.path.prefix(1)).map(\.description).joined(separator: " -> "))
      }
    }
    return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
  }

  private func line(_ task: Task, _ width: Int) -> String {
    let id = task.id.description
    let space = String(repeating: " ", count: max(0, width - id.utf8.count))
    let waits = task.dependencies.sorted { $0.id < $1.id }
      .map { graph.index(of: $0.id) == nil ? "\($0.id)?" : $0.id.description }.joined(separator: ", ")
    return "  \(task.status.emoji) \(id)\(space)  \(SafeText.line(task.title, limit: 60))"
      + (waits.isEmpty ? "" : "  (after \(waits))")
  }

  /// For Graphviz. Edges run from a task to what waits for it; implicit ones are dashed, unknown tasks dotted.
  package func dot() -> String {
    var lines = ["digraph plan {", "  rankdir=LR;", "  node [shape=box, style=filled, fontname=\"sans-serif\"];"]
    for task in tasks {
      let label = GraphView.dotEscape(task.id.description) + "\\n" + GraphView.dotEscape(task.title)
      lines.append(
        "  \(GraphView.dotName(task.id)) [label=\"\(label)\", fillcolor=\"\(GraphView.colour(task.status))\"];")
    }
    for id in unknown { lines.append("  \(GraphView.dotName(id)) [style=dotted];") }
    for edge in shownEdges {
      let style = edge.kind == .implicit ? " [style=dashed]" : ""
      lines.append("  \(GraphView.dotName(edge.from)) -> \(GraphView.dotName(edge.to))\(style);")
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  /// For Mermaid, as code hosts render it. Edges as in ``dot()``.
  package func mermaid() -> String {
    var lines = ["flowchart LR"]
    var names: [TaskID: String] = [:]
    for (number, task) in tasks.enumerated() {
      names[task.id] = "n\(number)"
      let label = GraphView.mermaidEscape(task.id.description) + "<br/>" + GraphView.mermaidEscape(task.title)
      lines.append("  n\(number)[\"\(label)\"]:::\(task.status.rawValue)")
    }
    for (number, id) in unknown.enumerated() {
      names[id] = "u\(number)"
      lines.append("  u\(number)[\"\(GraphView.mermaidEscape(id.description))\"]:::unknown")
    }
    for edge in shownEdges {
      guard let from = names[edge.from], let to = names[edge.to] else { continue }
      lines.append("  \(from) \(edge.kind == .implicit ? "-.->" : "-->") \(to)")
    }
    for status in TaskStatus.allCases {
      lines.append("  classDef \(status.rawValue) fill:\(GraphView.colour(status)),stroke:#555,color:#000")
    }
    lines.append("  classDef unknown stroke-dasharray:3")
    return lines.joined(separator: "\n") + "\n"
  }

  /// `tasks` with their level (from 1, null behind a cycle) and edges, `cycles` as paths, `unknown` dependencies.
  package var json: JSONValue {
    let shown = tasks.enumerated().map { node, task in
      JSONValue.object([
        .init("id", .string(task.id.description)), .init("title", .string(task.title)),
        .init("status", .string(task.status.rawValue)),
        .init("level", level(node) < 0 ? .null : .int(Int64(level(node)) + 1)),
        .init(
          "depends_on",
          .array(
            task.dependencies.sorted { $0.id < $1.id }.map {
              .object([.init("id", .string($0.id.description)), .init("kind", .string($0.kind.rawValue))])
            })),
      ])
    }
    return .object([
      .init("tasks", .array(shown)),
      .init("cycles", .array(graph.cycles().map { .array($0.path.map { .string($0.description) }) })),
      .init("unknown", .array(unknown.map { .string($0.description) })),
    ])
  }

  // MARK: Parts

  private var unknown: [TaskID] { Set(graph.unknown.map(\.dependency)).sorted() }

  private var shownEdges: [(from: TaskID, to: TaskID, kind: Dependency.Kind)] {
    tasks.flatMap { task in
      task.dependencies.sorted { $0.id < $1.id }.map { (from: $0.id, to: task.id, kind: $0.kind) }
    }
  }

  private static func colour(_ status: TaskStatus) -> String {
    switch status {
    case .notStarted: "#f4c7c3"
    case .inProgress: "#fce8b2"
    case .complete: "#b7e1cd"
    }
  }

  private static func dotName(_ id: TaskID) -> String { "\"\(dotEscape(id.description))\"" }

  private static func dotEscape(_ text: String) -> String {
    var result = ""
    for character in oneLine(text) {
      if character == "\"" || character == "\\" { result.append("\\") }
      result.append(character)
    }
    return result
  }

  /// Everything that Mermaid, Markdown or HTML might read as syntax becomes a character code.
  private static func mermaidEscape(_ text: String) -> String {
    var result = ""
    for scalar in oneLine(text).unicodeScalars {
      let isPlain = !scalar.isASCII || scalar.properties.isAlphabetic || (48...57).contains(scalar.value)
      if isPlain || " -/.,:".unicodeScalars.contains(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "#\(scalar.value);"
      }
    }
    return result
  }

  private static func oneLine(_ text: String) -> String { SafeText.line(text, limit: 80) }
}
