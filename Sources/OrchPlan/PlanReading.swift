import OrchDiagnostics
import OrchDomain
import OrchYAML

/// The way from the bytes of a possible plan to its unit.
struct PlanReading {
  private let source: PlanSource
  private let place: PlanPlace
  private var findings: PlanFindings
  private var fields = PlanFields()
  private var idRange: PlanRange?
  private let keepsCriteria: Bool
  /// What has to be true in the end; known when it has run, if it was asked for.
  private(set) var criteria: [AcceptanceCriterion] = []

  /// - Parameter keepsCriteria: Whether anybody wants ``criteria``: of ten thousand plans, a compiler would only throw
  ///   them away.
  init(_ source: PlanSource, _ place: PlanPlace, keepsCriteria: Bool = false) {
    self.source = source
    self.place = place
    self.keepsCriteria = keepsCriteria
    findings = PlanFindings(path: source.path)
  }

  /// What the plan means to undo; known when it has run.
  var removals: PlanRemovals { PlanRemovals(supersedes: fields.supersedes, removes: fields.removes) }

  mutating func run() -> PlanUnit {
    let bytes = source.bytes
    guard bytes.count <= PlanReader.maximumSize else { return unreadable { $0.addTooLarge(bytes) } }
    let part = FrontMatter(bytes)
    // Most files that are not plans are known by their first line.
    guard place.name != nil || part != nil else { return PlanUnit(path: source.path, kind: .other) }
    if let offset = UTF8Check.firstInvalid(bytes) {
      return unreadable { $0.addNotUTF8(bytes, at: offset) }
    }
    let yaml = part.map { FrontMatterYAML(bytes, $0) }
    guard place.name != nil || yaml.map(isMeantAsPlan) == true else { return PlanUnit(path: source.path, kind: .other) }

    if let yaml { FrontMatterProblem.report(yaml, to: &findings) }
    let id = identity(yaml)
    if let yaml, let document = yaml.document {
      var reader = FrontMatterReader(yaml, document, module: id?.module ?? validDirectory, findings: findings)
      reader.run()
      (fields, findings) = (reader.fields, reader.findings)
    }
    // Unterminated frontmatter is read as Markdown behind its first line, so that the title is still found.
    let start = part.map { $0.closing == nil ? $0.content.lowerBound : $0.bodyStart } ?? FrontMatter.textStart(bytes)
    let firstLine = yaml.map { $0.lines.place(of: start).line } ?? 1
    let body = PlanBody(
      bytes, from: start, firstLine: firstLine, keepsCriteria: keepsCriteria, findings: &findings)
    criteria = body.criteria
    let title = agreeOnTitle(body, id)
    return unit(id, title: title, body, hash: hash(part, start))
  }

  private func isMeantAsPlan(_ yaml: FrontMatterYAML) -> Bool {
    yaml.document == nil ? yaml.mentionsEpic : yaml.value(.epic) != nil
  }

  private var validDirectory: String? { place.directory.flatMap { TaskID.isModuleName($0) ? $0 : nil } }

  /// A unit of a file of which only the name can be used.
  private mutating func unreadable(_ report: (inout PlanFindings) -> Void) -> PlanUnit {
    guard place.name != nil else { return PlanUnit(path: source.path, kind: .other) }
    report(&findings)
    let id = identity(nil)
    return unit(id, title: fallbackTitle(id), nil, hash: source.bytes.withUnsafeBytes { ContentHash.hash($0, seed: 1) })
  }

  private func unit(_ id: TaskID?, title: String, _ body: PlanBody?, hash: UInt64) -> PlanUnit {
    var unit = PlanUnit(path: source.path, kind: .plan, module: id?.module ?? validDirectory)
    unit.idRange = idRange
    unit.dependencies = fields.dependencies
    unit.touchRanges = fields.touchRanges
    unit.statusRange = fields.statusRange
    unit.description = body?.description ?? 0..<0
    unit.diagnostics = findings.diagnostics
    guard let id else { return unit }
    unit.task = PlanTask(
      id: id, title: title, path: source.path, phase: place.name?.phase, status: fields.status,
      priority: fields.priority, needsReview: fields.needsReview, githubIssue: fields.githubIssue,
      agent: fields.agent, model: fields.model, touches: fields.touches, verify: fields.verify,
      timeout: fields.timeout, maxCost: fields.maxCost, labels: fields.labels, complexity: fields.complexity,
      contentHash: hash)
    return unit
  }

  private func hash(_ part: FrontMatter?, _ start: Int) -> UInt64 {
    let bytes = source.bytes
    let settings = part.flatMap { $0.closing == nil ? nil : $0.content } ?? start..<start
    return ContentHash.value(bytes, frontMatter: settings, status: fields.statusEntry, body: start..<bytes.count)
  }
}

// MARK: - Identity

extension PlanReading {
  /// The id by the rules of product.md, section 3; the path wins over the frontmatter.
  private mutating func identity(_ yaml: FrontMatterYAML?) -> TaskID? {
    let epic = yaml.flatMap { epicNumber($0) }
    let module = moduleName(yaml)
    guard let name = place.name else {
      guard let module, let epic else { return nil }
      idRange = epic.range
      return TaskID(module: module, number: epic.number)
    }
    guard let number = name.number else {
      findings.add("P003", at: .fileStart, "malformed task id: the number in the file's name has more than 9 digits")
      return nil
    }
    if let epic, epic.number != number {
      findings.add(
        "P009", at: epic.range, "the file's name says number \(number), but 'epic' says \(epic.number)",
        notes: [Diagnostic.Note("the file's name counts")], fix: findings.replace(epic.range, with: String(number)))
    }
    return module.map { TaskID(module: $0, prefix: name.prefix, number: number) }
  }

  private mutating func epicNumber(_ yaml: FrontMatterYAML) -> (number: Int, range: PlanRange)? {
    guard let document = yaml.document, let value = yaml.value(.epic), !document.isNull(value) else {
      if yaml.value(.epic) != nil, place.name == nil {
        findings.add("P003", at: .fileStart, "malformed task id: neither the file's name nor 'epic' gives a number")
      }
      return nil
    }
    let range = yaml.range(value)
    // Decimal also with leading zeros, because file names are padded the same way.
    if value.style == .plain, let number = document.decimal(value), number <= 999_999_999 { return (number, range) }
    var reader = FrontMatterReader(yaml, document, module: nil, findings: findings)
    reader.wrongType(.epic, value, "a whole number of at most 9 digits, such as 5")
    findings = reader.findings
    return nil
  }

  /// The module that the file belongs to; nil after a finding when it has none.
  private mutating func moduleName(_ yaml: FrontMatterYAML?) -> String? {
    let written = yaml.flatMap { yaml in yaml.value(.module).map { (yaml, $0) } }
    var told: (name: String, range: PlanRange)?
    if let (yaml, value) = written, let document = yaml.document, !document.isNull(value) {
      var reader = FrontMatterReader(yaml, document, module: nil, findings: findings)
      if let name = reader.text(.module, value) { told = (name, yaml.range(value)) }
      findings = reader.findings
    }
    guard let directory = place.directory ?? place.name?.module else {
      guard let told else {
        // Files in the root are not tasks, but this one seems to be meant as one.
        findings.add(
          "P003", at: .fileStart, "this plan is not a task: it is in no module's directory, and names no module",
          severity: place.name == nil ? .error : .warning,
          fix: Diagnostic.Fix("move the file to the directory of its module"))
        return nil
      }
      guard TaskID.isModuleName(told.name) else {
        badModule(told.name, at: told.range)
        return nil
      }
      return told.name
    }
    guard TaskID.isModuleName(directory) else {
      badModule(directory, at: .fileStart)
      return nil
    }
    if let told, told.name != directory {
      findings.add(
        "P009", at: told.range,
        "the path says module '\(directory)', but 'module' says \(PlanFindings.quoted(told.name))",
        notes: [Diagnostic.Note("the path counts")], fix: findings.replace(told.range, with: directory))
    }
    if let named = place.name?.module, named != directory {
      findings.add(
        "P009", at: .fileStart, "the directory says module '\(directory)', but the file's name says '\(named)'",
        notes: [Diagnostic.Note("the directory counts")])
    }
    return directory
  }

  private mutating func badModule(_ name: String, at range: PlanRange) {
    var better = ""
    for byte in name.lowercased().utf8.prefix(100) {
      let isGood = (97...122).contains(byte) || (48...57).contains(byte)
      if isGood { better.unicodeScalars.append(Unicode.Scalar(byte)) } else if !better.hasSuffix("-") { better += "-" }
    }
    let fix = TaskID.isModuleName(better) ? Diagnostic.Fix("rename it to '\(better)'") : nil
    findings.add(
      "P013", at: range, "bad module name \(PlanFindings.quoted(name))",
      notes: [Diagnostic.Note("a module's name has lower-case letters, digits and '-', and begins with a letter")],
      fix: fix)
  }
}

// MARK: - Title

extension PlanReading {
  /// The title, after telling what disagrees.
  private mutating func agreeOnTitle(_ body: PlanBody, _ id: TaskID?) -> String {
    if let heading = body.title {
      let parts = HeadingParts(heading)
      if let id, let number = parts.number, number != id.number || (parts.prefix.map { $0 != id.prefix } ?? false) {
        findings.add(
          "P009", at: body.titleRange, "the heading says '\(parts.label)', but the path says \(id.code)",
          notes: [Diagnostic.Note("the path counts")])
      }
      if let title = fields.title, !parts.agrees(with: title) {
        findings.add(
          "P009", at: fields.titleRange,
          "the title \(PlanFindings.quoted(title)) is not that of the heading \(PlanFindings.quoted(heading))",
          notes: [
            Diagnostic.Note("the heading is here", at: body.titleRange.location(in: source.path)),
            Diagnostic.Note("'title' counts"),
          ])
      }
    }
    if let title = fields.title ?? body.title { return PlainText.line(title, limit: 300) }
    let title = fallbackTitle(id)
    findings.add(
      "P010", at: .fileStart, "no title: \(PlanFindings.quoted(title)) is taken from the file's name",
      fix: Diagnostic.Fix("write a first heading such as '# \(title)'"))
    return title
  }

  private func fallbackTitle(_ id: TaskID?) -> String {
    let file = source.path.split(separator: "/").last ?? ""
    let slug = place.name?.slug ?? String(file.dropLast(3))
    let words = slug.split { $0 == "-" || $0 == "_" || $0 == " " }.joined(separator: " ")
    let title = SafeText.line(words, limit: 300)
    return title.isEmpty ? id?.code ?? "untitled" : title
  }
}

extension PlanFindings {
  /// P018 for a file with too many bytes.
  mutating func addTooLarge(_ bytes: [UInt8]) {
    add(
      "P018", at: .fileStart,
      "the file has \(bytes.count) bytes, but a plan may have at most \(PlanReader.maximumSize)",
      fix: Diagnostic.Fix("move data out of the plan and link to it"))
  }
}
