import OrchDomain
import OrchEngine
import OrchStore

/// Lists of changes.
enum ChangeList {
  static func show(_ changes: [Change], json: Bool, empty: String) throws {
    if json {
      let rows = changes.map { TaskView.json($0) }
      Terminal.standardOutput.write(JSONValue.object([.init("changes", .array(rows))]).text() + "\n")
      return
    }
    guard !changes.isEmpty else {
      Terminal.standardOutput.write(empty + "\n")
      return
    }
    var table = TextTable(header: ["#", "TASK", "STATE", "VERDICT", "TITLE"])
    for change in changes {
      table.add([
        String(change.number), change.task.description, change.state.rawValue, change.verdict?.summary ?? "-",
        change.title,
      ])
    }
    let terminal = Terminal.standardOutput
    terminal.write(table.text(width: terminal.isInteractive ? terminal.width : nil))
  }

  /// One change with why it needs a human.
  static func evidence(_ change: Change) -> String {
    var text = "#\(change.number) \(change.task): \(SafeText.line(change.title, limit: 200))\n"
    guard let verdict = change.verdict else { return text }
    text += "  verdict: \(verdict.summary)\n"
    if verdict.evidence.isEmpty { text += "  no rule matched; the plan or [review] auto_merge asks for a human\n" }
    for item in verdict.evidence {
      text +=
        "  \(item.place): \(item.rule)"
        + (item.excerpt.isEmpty ? "" : ": \(SafeText.line(item.excerpt, limit: 160))")
      text += "\n"
    }
    return text
  }
}
