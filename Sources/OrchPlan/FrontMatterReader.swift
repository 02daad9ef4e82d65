import OrchDiagnostics
import OrchDomain
import OrchYAML

/// Turns the entries of the frontmatter into values; what can't be read becomes a finding and stays absent.
struct FrontMatterReader {
  let yaml: FrontMatterYAML
  let document: YAMLDocument
  /// The module that bare numbers in `depends_on` mean; nil when it is not known.
  let module: String?
  var findings: PlanFindings
  var fields = PlanFields()

  init(_ yaml: FrontMatterYAML, _ document: YAMLDocument, module: String?, findings: PlanFindings) {
    self.yaml = yaml
    self.document = document
    self.module = module
    self.findings = findings
  }

  mutating func run() {
    var seen: [PlanKey] = []
    for (key, known, value) in yaml.entries {
      guard key.kind == .scalar else { continue }
      guard let known else {
        reportUnknown(key)
        continue
      }
      // A repeated key is reported already; the first one counts.
      guard !seen.contains(known) else { continue }
      seen.append(known)
      guard value.kind != .alias else { continue }
      if known == .status {
        fields.statusRange = yaml.range(value)
        fields.statusEntry = key.start..<max(key.start, value.end)
      }
      // A left-out value is the same as a left-out key.
      if !document.isNull(value) { read(known, value) }
    }
  }

  private mutating func read(_ key: PlanKey, _ value: YAMLNode) {
    switch key {
    case .module, .epic: break
    case .title:
      fields.title = text(key, value)
      fields.titleRange = yaml.range(value)
    case .status: readStatus(value)
    case .priority: readPriority(value)
    case .dependsOn: fields.dependencies = ids(key, value)
    case .supersedes: fields.supersedes = ids(key, value).map(\.id)
    case .removes: fields.removes = list(key, value, of: "globs").map(\.text)
    case .needsReview:
      if let bool = document.bool(value) {
        fields.needsReview = bool
      } else {
        // What could not be understood must not let a change pass without review.
        fields.needsReview = true
        wrongType(key, value, "true or false")
      }
    case .githubIssue:
      fields.githubIssue = document.int(value).flatMap { $0 > 0 ? $0 : nil }
      if fields.githubIssue == nil { wrongType(key, value, "the number of an issue, such as 42") }
    case .agent: fields.agent = text(key, value)
    case .model: fields.model = text(key, value)
    case .touches:
      let items = list(key, value, of: "globs")
      fields.touches = items.map(\.text)
      fields.touchRanges = items.map(\.range)
    case .verify: fields.verify = list(key, value, of: "commands").map(\.text)
    case .labels: fields.labels = list(key, value, of: "labels").map(\.text)
    case .timeout:
      fields.timeout = value.kind == .scalar ? Duration(text: document.text(value)) : nil
      if fields.timeout.map({ $0 <= .zero }) ?? true {
        fields.timeout = nil
        wrongType(key, value, "a duration with its unit, such as 90s, 30m or 1h30m")
      }
    case .maxCost:
      fields.maxCost = document.number(value).flatMap { $0 > 0 ? MicroUSD(usd: $0) : nil }
      if fields.maxCost == nil { wrongType(key, value, "an amount of US dollars above zero, such as 2.50") }
    case .complexity:
      fields.complexity = value.kind == .scalar ? TaskComplexity(rawValue: document.text(value).lowercased()) : nil
      if fields.complexity == nil { wrongWord(key, value, ["simple", "medium", "complex"]) }
    }
  }

  private mutating func readStatus(_ value: YAMLNode) {
    guard value.kind == .scalar else { return wrongType(.status, value, "one word") }
    let text = document.text(value)
    guard let status = TaskStatus(markdown: text.prefix(40)) else {
      let range = yaml.range(value)
      let meant = FrontMatterReader.nearestStatus(text)
      findings.add(
        "P008", at: range, "unknown status \(PlanFindings.quoted(text))",
        notes: [Diagnostic.Note("a status is not_started, in_progress or complete")],
        fix: meant.map { findings.replace(range, with: $0.rawValue) })
      return
    }
    fields.status = status
  }

  static func nearestStatus(_ text: String) -> TaskStatus? {
    if let match = TaskStatus.allCases.first(where: { text.contains($0.emoji) }) { return match }
    let known = [
      "not_started", "todo", "pending", "open", "in_progress", "running", "complete", "completed", "done",
    ]
    let others: [String: TaskStatus] = [
      "finished": .complete, "closed": .complete, "wip": .inProgress, "doing": .inProgress, "started": .inProgress,
      "active": .inProgress, "new": .notStarted, "planned": .notStarted, "draft": .notStarted,
    ]
    if let match = others[String(text.prefix(20)).lowercased()] { return match }
    return NearestName.find(String(text.prefix(64)), in: known).flatMap { TaskStatus(markdown: $0) }
  }

  private mutating func readPriority(_ value: YAMLNode) {
    if value.kind == .scalar, let priority = TaskPriority(markdown: document.text(value).prefix(20)) {
      fields.priority = priority
    } else {
      wrongWord(.priority, value, ["high", "normal", "low"])
    }
  }

  private mutating func ids(_ key: PlanKey, _ value: YAMLNode) -> [PlanUnit.DeclaredDependency] {
    var ids: [PlanUnit.DeclaredDependency] = []
    let nodes = value.kind == .sequence ? document.items(of: value) : [value]
    for node in nodes where node.kind != .alias {
      guard node.kind == .scalar, !document.isNull(node) else {
        wrongType(key, node, "a task id such as billing/E01, a number, or a list of them")
        continue
      }
      let range = yaml.range(node)
      if !document.bytes(node).isEmpty, let number = document.decimal(node), number <= 999_999_999 {
        guard let module else { continue }
        ids.append(.init(id: TaskID(module: module, number: number), range: range))
        continue
      }
      let text = document.text(node)
      if text.utf8.count <= 200, let id = TaskID(text) {
        ids.append(.init(id: id, range: range))
        continue
      }
      let meant = TaskGuess.id(meantBy: text, in: module)
      findings.add(
        "P003", at: range, "malformed task id \(PlanFindings.quoted(text))",
        notes: [Diagnostic.Note("expected module/E05, module/CLI02, or a number for a task of the same module")],
        fix: meant.map { findings.replace(range, with: $0.description) })
    }
    return ids
  }

  private mutating func reportUnknown(_ key: YAMLNode) {
    let name = document.text(key)
    let range = yaml.range(key)
    let nearest = findings.isFull ? nil : NearestName.find(name, in: PlanKey.names)
    findings.add(
      "P011", at: range, "unknown key \(PlanFindings.quoted(name))",
      fix: nearest.map {
        Diagnostic.Fix("did you mean '\($0)'?", replacing: range.location(in: findings.path), with: $0)
      }
    )
  }
}
