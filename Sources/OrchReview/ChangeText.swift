package import OrchDomain

/// Title and description of a task's change, for people who were not there.
package struct ChangeText: Hashable, Sendable {
  /// One stage of the gate and how it went.
  package struct Check: Hashable, Sendable {
    package var stage: String
    package var commands: [String]
    package var passed: Bool
    /// nil when it was not timed on the tree of the change itself.
    package var duration: Duration?

    package init(stage: String, commands: [String], passed: Bool, duration: Duration? = nil) {
      self.stage = stage
      self.commands = commands
      self.passed = passed
      self.duration = duration
    }
  }

  package var task: TaskID
  package var taskTitle: String
  /// What the plan says before its first heading.
  package var summary: String
  package var planPath: String
  /// Where the plan can be read; nil when there is no address.
  package var planURL: String?
  package var criteria: [CriterionCheck]
  /// What came of a look at the risk; nil when none was wanted.
  package var secondLook: String?
  package var files: [FileDiff]
  package var checks: [Check]
  /// The tree that passed the gate, as hexadecimal digits.
  package var testedTree: String?
  package var issue: Int?
  /// `claude-code`, and what the attempt cost, for the last line.
  package var agent: String?
  package var cost: MicroUSD?

  package init(
    task: TaskID, taskTitle: String, summary: String = "", planPath: String, planURL: String? = nil,
    criteria: [CriterionCheck] = [], secondLook: String? = nil, files: [FileDiff] = [], checks: [Check] = [],
    testedTree: String? = nil,
    issue: Int? = nil, agent: String? = nil, cost: MicroUSD? = nil
  ) {
    self.task = task
    self.taskTitle = taskTitle
    self.summary = summary
    self.planPath = planPath
    self.planURL = planURL
    self.criteria = criteria
    self.secondLook = secondLook
    self.files = files
    self.checks = checks
    self.testedTree = testedTree
    self.issue = issue
    self.agent = agent
    self.cost = cost
  }

  private static let fileLimit = 50
  private static let listLimit = 100

  /// `feat(billing): implement E05 - Send invoices`: one line of at most 200 characters.
  package var title: String {
    SafeText.line("feat(\(task.module)): implement \(task.code) - \(trim(taskTitle))", limit: 200)
  }

  /// Markdown in which nothing from the plan can mention people, close issues or hide text.
  package var body: String {
    var parts = ["## Summary", "Implements \(inline(trim(taskTitle)))."]
    let text = paragraph(summary)
    if !text.isEmpty { parts.append(text) }
    parts += ["## Changes", changes]
    if !criteria.isEmpty {
      let items = criteria.prefix(Self.listLimit).map { check in
        let proof = check.evidence.first.map { ", \(inline($0.summary))" } ?? ""
        return "- \(inline(check.criterion)) (\(check.finding.text)\(proof))"
      }
      parts += ["## Acceptance criteria", items.joined(separator: "\n")]
    }
    if let secondLook { parts += ["## Second look", "What the change touches: \(inline(secondLook))."] }
    parts += ["## Evidence", proof]
    let plan = planURL.map { "[\(inline(planPath))](<\(address($0))>)" } ?? code(planPath)
    parts += ["## Plan", "\(plan) (\(task))" + (issue.map { ", for issue #\($0)" } ?? "")]
    var origin = "Made by claude-orch"
    if let agent { origin += " with \(inline(agent))" }
    if let cost { origin += " for \(money(cost)) USD" }
    parts.append("---\n\(origin).")
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var changes: String {
    guard !files.isEmpty else { return "No file changed." }
    let sorted = files.sorted { ($0.path, $0.oldPath ?? "") < ($1.path, $1.oldPath ?? "") }
    var lines = sorted.prefix(Self.fileLimit).map { file in
      let counts = file.hunks.lazy.flatMap(\.lines).reduce(into: (added: 0, removed: 0)) { counts, line in
        if line.origin == .added { counts.added += 1 }
        if line.origin == .removed { counts.removed += 1 }
      }
      let from = file.oldPath.flatMap { $0 == file.path ? nil : ", was \(code($0))" } ?? ""
      let size = file.isBinary ? "binary" : "+\(counts.added) −\(counts.removed)"
      return "- \(code(file.path)) (\(word(file.kind)), \(size)\(from))"
    }
    if sorted.count > Self.fileLimit { lines.append("- and \(sorted.count - Self.fileLimit) more files") }
    return lines.joined(separator: "\n")
  }

  private var proof: String {
    guard !checks.isEmpty else { return "No gate is configured: nothing has proven this change." }
    var lines = checks.prefix(Self.listLimit).map { check in
      let result = check.passed ? "passed" : "**failed**"
      let commands = check.commands.prefix(Self.listLimit).map(code).joined(separator: ", ")
      return "- \(inline(check.stage)): \(result)" + (check.duration.map { " in \($0.text)" } ?? "") + " (\(commands))"
    }
    if let testedTree { lines.append("\nTested tree: \(code(testedTree))") }
    return lines.joined(separator: "\n")
  }

  private func word(_ kind: FileDiff.Kind) -> String {
    switch kind {
    case .added: "new"
    case .deleted: "deleted"
    case .modified: "changed"
    case .renamed: "renamed"
    case .copied: "copied"
    case .typeChanged: "other type"
    }
  }

  private func money(_ cost: MicroUSD) -> String {
    let cents = max(0, cost.amount) / 10_000 + (max(0, cost.amount) % 10_000 >= 5000 ? 1 : 0)
    return "\(cents / 100).\(pad(Int(cents % 100)))"
  }

  private func trim(_ text: String) -> String {
    var text = text[...].drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// One line with everything that a forge would act on taken out of action.
  private func inline(_ text: String) -> String { ChangeText.harmless(SafeText.line(text, limit: 500)) }

  private func paragraph(_ text: String) -> String {
    let cut = text.count <= 4000 ? text : text.prefix(4000) + "…"
    return trim(ChangeText.harmless(SafeText.visible(cut, keepingNewlines: true)))
  }

  /// `@name` pings people, `#12` behind some words closes an issue, and `<!--` hides what follows.
  private static func harmless(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "<": result += "&lt;"
      case "@": result += "@<!-- -->"
      case "#": result += "#<!-- -->"
      default: result.append(character)
      }
    }
    return result
  }

  /// A code span that its content cannot end.
  private func code(_ text: String) -> String {
    let line = SafeText.line(text, limit: 300)
    var longest = 0
    var run = 0
    for character in line {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    return longest == 0 ? "`\(line)`" : "\(fence) \(line) \(fence)"
  }

  private func address(_ text: String) -> String {
    String(
      text.unicodeScalars.filter { $0 != "<" && $0 != ">" && $0.value > 0x20 && $0.value != 0x7F }.map(Character.init))
  }
}
