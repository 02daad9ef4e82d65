/// A text that is built into the program and may be replaced by a file of the same name.
package enum Template: String, CaseIterable, Sendable {
  /// The first prompt of an attempt.
  case task
  case gateRed = "gate-red"
  case rejected
  case conflict
  case interrupted
  case noCommits = "no-commits"
  case secrets
  /// Failed checks and reviews on a forge.
  case forge
  /// A reviewer found criteria that do not hold.
  case unmet
  /// Branches of others that conflict; goes behind another text.
  case neighbours
  /// What a reviewer is asked who looks at finished work.
  case acceptance
  /// What a reviewer is asked about the risk of a change; goes behind ``acceptance`` when both are wanted.
  case secondLook = "second-look"
  /// What `onboard` writes as a first plan.
  case samplePlan = "sample-plan"
  /// `README.md` of the directory of plans.
  case plansReadme = "plans-readme"
  // Plans of maintenance tasks.
  case refactor = "maintenance/refactor"
  case cleanup = "maintenance/cleanup"
  case optimize = "maintenance/optimize"
  case docs = "maintenance/docs"
  case tests = "maintenance/tests"
  case security = "maintenance/security"
  case lint = "maintenance/lint"
  case custom = "maintenance/custom"

  /// What `maintenance` offers, in the order in which it is listed.
  package static let maintenance: [Template] = [
    .refactor, .cleanup, .optimize, .docs, .tests, .security, .lint, .custom,
  ]

  /// The name of the file that replaces the text: `gate-red.md`, `maintenance/docs.md`.
  package var fileName: String { rawValue + ".md" }

  /// Every name that the text may use.
  package var keys: Set<String> {
    let feedback: Set<String> = ["fence", "task", "title", "worktree", "branch", "base", "plan_path", "gate"]
    switch self {
    case .task:
      return [
        "fence", "task", "title", "plan_path", "plan", "overview", "dependencies", "criteria", "gate", "worktree",
        "branch", "base", "attempt", "memory", "interrupted",
      ]
    case .gateRed: return feedback.union(["stage", "command", "status", "output", "attempts_left", "red_base"])
    case .rejected: return feedback.union(["reason", "reviewer"])
    case .conflict: return feedback.union(["files", "target"])
    case .interrupted: return feedback.union(["reason"])
    case .noCommits: return feedback.union(["uncommitted", "denied"])
    case .secrets: return feedback.union(["places"])
    case .forge: return feedback.union(["change", "facts"])
    case .unmet: return feedback.union(["unmet", "attempts_left"])
    case .neighbours: return ["fence", "branch", "base", "conflicts"]
    case .acceptance: return feedback.union(["plan", "criteria", "head", "results", "schema"])
    case .secondLook: return ["fence", "task", "worktree", "base", "head", "diff", "schema"]
    case .samplePlan: return ["module", "number", "title", "command"]
    case .plansReadme: return ["project", "rows"]
    case .refactor, .cleanup, .optimize, .docs, .tests, .security, .lint, .custom: return ["scope", "request"]
    }
  }

  /// The text that the program was built with.
  package var builtIn: String { String(decoding: bytes, as: UTF8.self) }

  private var bytes: [UInt8] {
    switch self {
    case .task: PackageResources.task_md
    case .gateRed: PackageResources.gate_red_md
    case .rejected: PackageResources.rejected_md
    case .conflict: PackageResources.conflict_md
    case .interrupted: PackageResources.interrupted_md
    case .noCommits: PackageResources.no_commits_md
    case .secrets: PackageResources.secrets_md
    case .forge: PackageResources.forge_md
    case .unmet: PackageResources.unmet_md
    case .neighbours: PackageResources.neighbours_md
    case .acceptance: PackageResources.acceptance_md
    case .secondLook: PackageResources.second_look_md
    case .samplePlan: PackageResources.sample_plan_md
    case .plansReadme: PackageResources.plans_readme_md
    case .refactor: PackageResources.maintenance_refactor_md
    case .cleanup: PackageResources.maintenance_cleanup_md
    case .optimize: PackageResources.maintenance_optimize_md
    case .docs: PackageResources.maintenance_docs_md
    case .tests: PackageResources.maintenance_tests_md
    case .security: PackageResources.maintenance_security_md
    case .lint: PackageResources.maintenance_lint_md
    case .custom: PackageResources.maintenance_custom_md
    }
  }

  /// The text to use: what `override` finds for ``fileName``, else the built-in one.
  ///
  /// - Parameter override: Looks in `[prompts] override_dir`, then in `.claude-orchestrator/prompts/`; nil when
  ///   neither has the file.
  /// - Throws: ``TemplateError`` for a text that is malformed or uses a name outside ``keys``.
  package func load(_ override: (_ fileName: String) -> String?) throws(TemplateError) -> TemplateText {
    let text = try TemplateText(override(fileName) ?? builtIn, name: fileName)
    if let stranger = text.names.subtracting(keys).min() {
      throw .unknownName(stranger, template: fileName, known: keys.sorted())
    }
    return text
  }

  /// Loads and fills in one step.
  package func render(
    _ values: [String: String], override: (_ fileName: String) -> String? = { _ in nil }
  ) throws(TemplateError) -> String {
    try load(override).render(values)
  }
}

/// Why a template cannot be used.
package enum TemplateError: Error, Hashable, CustomStringConvertible {
  case unknownName(String, template: String, known: [String])
  case missingValue(String, template: String)
  /// A tag that does not close, a section that ends elsewhere, or too many sections in one another.
  case malformed(String, template: String, line: Int)

  package var description: String {
    switch self {
    case .unknownName(let name, let template, let known):
      "\(template) uses {{\(name)}}, which nothing fills in; it may use \(known.joined(separator: ", "))"
    case .missingValue(let name, let template): "\(template) needs a value for {{\(name)}}, and none was given"
    case .malformed(let problem, let template, let line): "\(template):\(line): \(problem)"
    }
  }
}

/// A parsed template: `{{name}}`, and `{{#name}}…{{/name}}` for a part that is left out when the value is empty.
///
/// Values go in as they are and are never read again, so a plan that contains `{{x}}` stays what it is.
package struct TemplateText: Sendable {
  private enum Node: Sendable {
    case literal(String)
    case value(String)
    /// With the index of the node behind the section.
    case section(String, end: Int)
  }

  private static let depthLimit = 16

  private let name: String
  private var nodes: [Node] = []
  /// Every name that the text uses.
  package private(set) var names: Set<String> = []

  /// - Parameter name: The file's name, for error texts.
  package init(_ text: String, name: String) throws(TemplateError) {
    self.name = name
    var open: [(name: String, node: Int, line: Int)] = []
    var rest = text[...]
    var line = 1
    while let start = rest.firstPair(of: UInt8(ascii: "{")) {
      appendLiteral(rest[..<start.lowerBound])
      line += rest[..<start.lowerBound].utf8.count { $0 == 0x0A }
      guard let end = rest[start.upperBound...].firstPair(of: UInt8(ascii: "}")) else {
        throw .malformed("'{{' without '}}'", template: name, line: line)
      }
      let tag = rest[start.upperBound..<end.lowerBound]
      let mark = tag.first.flatMap { "#/".contains($0) ? $0 : nil }
      let key = String(mark == nil ? tag : tag.dropFirst())
      guard !key.isEmpty, key.utf8.allSatisfy({ (97...122).contains($0) || $0 == 0x5F }) else {
        throw .malformed("'{{\(tag.prefix(40))}}' is not a placeholder", template: name, line: line)
      }
      names.insert(key)
      let isAtLineStart =
        start.lowerBound == text.startIndex || text.utf8[text.utf8.index(before: start.lowerBound)] == 0x0A
      rest = rest[end.upperBound...]
      switch mark {
      case "#":
        guard open.count < Self.depthLimit else { throw .malformed("too many sections", template: name, line: line) }
        open.append((key, nodes.count, line))
        nodes.append(.section(key, end: 0))
        if isAtLineStart { dropLineEnd(&rest, &line) }
      case "/":
        guard let section = open.popLast(), section.name == key else {
          throw .malformed("'{{/\(key)}}' does not end the section that is open", template: name, line: line)
        }
        nodes[section.node] = .section(key, end: nodes.count)
        if isAtLineStart { dropLineEnd(&rest, &line) }
      default: nodes.append(.value(key))
      }
    }
    appendLiteral(rest)
    if let section = open.last {
      throw .malformed("'{{#\(section.name)}}' is never closed", template: name, line: section.line)
    }
  }

  /// - Throws: ``TemplateError/missingValue(_:template:)`` when a name has no value; an empty one is a value.
  package func render(_ values: [String: String]) throws(TemplateError) -> String {
    if let missing = names.subtracting(values.keys).min() { throw .missingValue(missing, template: name) }
    var result = ""
    var index = 0
    while index < nodes.count {
      switch nodes[index] {
      case .literal(let text): result += text
      case .value(let key): result += values[key] ?? ""
      case .section(let key, let end):
        if values[key]?.isEmpty ?? true {
          index = max(end, index + 1)
          continue
        }
      }
      index += 1
    }
    return result
  }

  private mutating func appendLiteral(_ text: Substring) {
    if !text.isEmpty { nodes.append(.literal(String(text))) }
  }

  /// A section tag alone on its line leaves no empty line behind.
  private func dropLineEnd(_ rest: inout Substring, _ line: inout Int) {
    guard rest.utf8.first == 0x0A else { return }
    rest = rest.dropFirst()
    line += 1
  }
}

/// Words that enclose text which may say anything.
package enum Fence {
  /// A word that occurs in none of `texts`, so that none of them can pretend to end where it does not; the same for
  /// every order of them.
  package static func word(around texts: [String]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in texts.sorted() {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    while true {
      let digits = String(hash, radix: 16)
      let word = "text-" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
      if !texts.contains(where: { $0.contains(word) }) { return word }
      hash = hash &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    }
  }
}

extension Substring {
  /// The first place where `brace` stands twice.
  fileprivate func firstPair(of brace: UInt8) -> Range<Index>? {
    var index = utf8.startIndex
    while let found = utf8[index...].firstIndex(of: brace) {
      let next = utf8.index(after: found)
      if next < utf8.endIndex, utf8[next] == brace { return found..<utf8.index(after: next) }
      index = next
    }
    return nil
  }
}
