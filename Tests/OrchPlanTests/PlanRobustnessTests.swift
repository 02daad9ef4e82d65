import OrchDiagnostics
import OrchDomain
import OrchPlan
import OrchRandom
import Testing

/// Whatever is in a file: a unit comes back, everything wrong is told with a place, and nothing is lost.
@Suite("Hostile plans", .timeLimit(.minutes(15)))
struct PlanRobustnessTests {
  private func check(_ bytes: [UInt8], _ name: String = "billing/epic-05-x.md", at place: Testing.SourceLocation) {
    let unit = unit(bytes: bytes, name)
    #expect(unit.kind == .plan, sourceLocation: place)
    #expect(unit.task?.id.description == "billing/E05", "the name gives an id", sourceLocation: place)
    #expect(unit.task?.title.isEmpty == false, sourceLocation: place)
    #expect(unit.description.upperBound <= bytes.count, sourceLocation: place)
    #expect(PlanUnit(encoded: unit.encoded()) == unit, sourceLocation: place)
    let lines = LineIndex(bytes)
    for diagnostic in unit.diagnostics {
      #expect(lines.range(ofLine: diagnostic.location.line, in: bytes) != nil, sourceLocation: place)
      #expect(diagnostic.location.column >= 1, sourceLocation: place)
      #expect(diagnostic.message.utf8.count < 1000, sourceLocation: place)
      #expect(DiagnosticCatalog.entry(diagnostic.code) != nil, sourceLocation: place)
    }
    let compilation = PlanCompiler.link([unit])
    #expect(compilation.tasks.count == 1, sourceLocation: place)
    let report = DiagnosticReport(compilation.diagnostics, files: 1, tasks: 1) { _ in bytes }
    let text = report.text(.text)
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, sourceLocation: place)
    #expect(report.text(.github).split(separator: "\n").count == compilation.diagnostics.count, sourceLocation: place)
  }

  @Test("A good plan cut anywhere")
  func truncated() {
    let bytes = Array(PlanReaderTests.full.utf8)
    for count in 0...bytes.count { check(Array(bytes[..<count]), at: #_sourceLocation) }
  }

  @Test("A good plan with random changes", arguments: 0..<300 as Range<UInt64>)
  func mutated(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bytes = Array(PlanReaderTests.full.utf8)
    let alphabet = Array("-:[]{},\"'&*!|>#%@`\n\r\t 0E/".utf8) + [0, 0x1B, 0x7F, 0x80, 0xC3, 0xFF]
    for _ in 0...random.below(8) {
      let place = random.below(bytes.count)
      switch random.below(4) {
      case 0: bytes[place] = random.pick(alphabet)
      case 1: bytes.insert(random.pick(alphabet), at: place)
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(10)))
      default: bytes.insert(contentsOf: bytes[random.below(bytes.count)...].prefix(30), at: place)
      }
      if bytes.isEmpty { bytes = [0x2D] }
    }
    check(bytes, at: #_sourceLocation)
  }

  @Test("Random bytes", arguments: 0..<300 as Range<UInt64>)
  func random(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bytes = seed % 2 == 0 ? Array("---\n".utf8) : []
    let alphabet = Array("-:[]{},\"'&*!|>#%@`\n\r\t 0E/abc_`~<".utf8)
    bytes += (0..<random.below(400)).map { _ in
      random.below(20) == 0 ? UInt8.random(in: 0...255, using: &random) : random.pick(alphabet)
    }
    if seed % 4 == 0 { bytes += Array("\n---\n# T\n".utf8) }
    check(bytes, at: #_sourceLocation)
  }

  /// Inputs whose size would show any time that grows with the square of it.
  static let largeFiles: [(name: String, text: String)] = [
    ("deep list", "---\na: " + String(repeating: "[", count: 100_000) + "\n---\n# T"),
    ("deep mapping", "---\n" + (0..<400).map { String(repeating: " ", count: $0) + "a:\n" }.joined() + "---\n# T"),
    ("many keys", "---\n" + (0..<20_000).map { "k\($0): 1\n" }.joined() + "---\n# T"),
    ("one key again and again", "---\n" + String(repeating: "a: 1\n", count: 10_000) + "---\n# T"),
    (
      "many dependencies",
      "---\ndepends_on: [" + (0..<2_000).map { "a/E\($0)" }.joined(separator: ", ") + "]\n---\n# T"
    ),
    ("many bad dependencies", "---\ndepends_on: [" + String(repeating: "x, ", count: 20_000) + "]\n---\n# T"),
    ("long scalar", "---\ntitle: " + String(repeating: "x", count: 200_000) + "\n---\n"),
    ("long status", "---\nstatus: " + String(repeating: "é", count: 100_000) + "\n---\n"),
    ("long key", "---\n? " + String(repeating: "k", count: 200_000) + "\n: 1\n---\n"),
    ("too much frontmatter", "---\n# " + String(repeating: "x", count: 300_000) + "\n---\n# T"),
    ("no end", "---\n" + String(repeating: "a: b\n", count: 500_000)),
    ("many headings", String(repeating: "# T\n", count: 100_000)),
    ("many criteria", "## Acceptance Criteria\n" + String(repeating: "- [ ] TBD\n", count: 2_000)),
    ("many sections of criteria", String(repeating: "# Acceptance Criteria\n- [ ] a\n", count: 2_000)),
    ("brackets", String(repeating: "[", count: 200_000)),
    ("quotes", String(repeating: ">", count: 100_000) + "\n# T"),
    ("backticks", (1..<1000).map { String(repeating: "`", count: $0) + " " }.joined()),
    ("NULs", "---\nstatus: \0\n---\n# \0\n" + String(repeating: "\0", count: 100_000)),
    ("carriage returns", "---\rstatus: done\r---\r# T\r" + String(repeating: "\r", count: 1_000_000)),
    ("one line", "# " + String(repeating: "word ", count: 800_000)),
    (
      "laughs",
      "---\na0: &a0 [x]\n" + (1..<200).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined() + "---\n# T"
    ),
  ]

  @Test("Large and twisted files end soon", arguments: largeFiles.indices)
  func ends(_ index: Int) { check(Array(Self.largeFiles[index].text.utf8), at: #_sourceLocation) }

  @Test("A file with thousands of problems tells some hundreds and how many more")
  func manyProblems() {
    let keys = (0..<3000).map { "k\($0): 1\n" }.joined()
    let unit = unit("---\n\(keys)status: what\npriority: what\n---\n# T\n")
    #expect(unit.diagnostics.count == 501)
    #expect(!unit.isSound, "an error is never among those that are left out")
    #expect(unit.diagnostics.last?.notes.last?.message == "2501 more problems of this file are not shown")
  }

  @Test("A line of 8 MB is a diagnostic, not a hang")
  func hugeLine() {
    var bytes = Array("---\nstatus: ".utf8)
    bytes += [UInt8](repeating: 0x78, count: 8 * 1024 * 1024)
    check(bytes, at: #_sourceLocation)
    #expect(unit(bytes: bytes).codes == ["P018"])
  }

  @Test("Paths of any kind", arguments: 0..<200 as Range<UInt64>)
  func paths(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let pieces = [
      "docs", "plans", "/", "..", ".", "epic", "-", "01", "2026-01-05", "x", ".md", "é", "\u{0}", " ", "m", "\\",
    ]
    let path = "docs/plans/" + (0..<random.below(12)).map { _ in random.pick(pieces) }.joined()
    let unit = PlanReader.read(PlanSource(path: path, bytes: Array("# T".utf8)), root: "docs/plans")
    #expect(unit.path == path)
    #expect(unit.task == nil || unit.kind == .plan)
    _ = PlanCompiler.link([unit])
  }

  @Test("What a plan is written with is what is read", arguments: 0..<150 as Range<UInt64>)
  func renderAndRead(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let task = RandomTask.make(&random)
    let text = RandomTask.render(task, &random)
    let unit = unit(text, "billing/epic-\(task.id.number)-x.md")
    #expect(unit.codes == [], "\(text)")
    guard var read = unit.task else { return }
    #expect(unit.dependencies.map(\.id) == task.dependencies.map(\.id))
    read.dependencies = task.dependencies
    read.contentHash = task.contentHash
    #expect(read == task, "\(text)")
  }
}

/// Tasks with values of all kinds, and the ways of writing them down.
enum RandomTask {
  static let texts = [
    "a", "yes", "010", "null", "a: b", "#x", "ä 日本 😀", "*.c", "\"q\"", "it's", "- x", "[a]", "a\\b", "~",
  ]

  static func make(_ random: inout SplitMix64) -> PlanTask {
    let number = random.below(1000)
    var task = PlanTask(
      id: TaskID(module: "billing", number: number), title: random.pick(texts),
      path: "docs/plans/billing/epic-\(number)-x.md")
    task.status = random.pick(TaskStatus.allCases)
    task.priority = random.pick([.high, .normal, .low])
    let ids = (0..<random.below(4)).map { TaskID(module: "m\($0)", number: 3 * $0) }
    task.dependencies = ids.map { Dependency($0, .explicit) }
    task.needsReview = random.below(2) == 0
    task.githubIssue = random.below(2) == 0 ? nil : 1 + random.below(10_000)
    task.agent = random.below(2) == 0 ? nil : random.pick(texts)
    task.model = random.below(2) == 0 ? nil : random.pick(texts)
    task.touches = (0..<random.below(3)).map { _ in random.pick(texts) }
    task.verify = (0..<random.below(3)).map { _ in random.pick(texts) }
    task.timeout = random.below(2) == 0 ? nil : .seconds(1 + random.below(100_000))
    task.maxCost = random.below(2) == 0 ? nil : MicroUSD(Int64(1 + random.below(5000)) * 10_000)
    task.labels = (0..<random.below(3)).map { _ in random.pick(texts) }
    task.complexity = random.pick([nil, .simple, .medium, .complex])
    return task
  }

  static func render(_ task: PlanTask, _ random: inout SplitMix64) -> String {
    var lines = ["title: \(quote(task.title, &random))", "status: \(task.status.rawValue)"]
    lines.append("priority: \(task.priority.rawValue)")
    lines.append("depends_on: " + list(task.dependencies.map(\.id.description), &random))
    lines.append(
      "needs_review: \(task.needsReview ? random.pick(["true", "yes", "on"]) : random.pick(["false", "no"]))")
    if let issue = task.githubIssue { lines.append("github_issue: \(issue)") }
    if let agent = task.agent { lines.append("agent: \(quote(agent, &random))") }
    if let model = task.model { lines.append("model: \(quote(model, &random))") }
    lines.append("touches: " + list(task.touches.map { quote($0, &random) }, &random))
    lines.append("verify: " + list(task.verify.map { quote($0, &random) }, &random))
    lines.append("labels: " + list(task.labels.map { quote($0, &random) }, &random))
    if let timeout = task.timeout { lines.append("timeout: \(timeout.components.seconds)s") }
    if let cost = task.maxCost { lines.append("max_cost_usd: \(cost.usd)") }
    if let complexity = task.complexity { lines.append("complexity: \(complexity.rawValue)") }
    lines.shuffle(using: &random)
    let text = "---\n" + lines.joined(separator: "\n") + "\n---\n\nText only.\n"
    return random.below(2) == 0 ? text : text.replacing("\n", with: "\r\n")
  }

  private static func quote(_ text: String, _ random: inout SplitMix64) -> String {
    if random.below(2) == 0 { return "'" + text.replacing("'", with: "''") + "'" }
    return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private static func list(_ items: [String], _ random: inout SplitMix64) -> String {
    if items.isEmpty || random.below(2) == 0 { return "[" + items.joined(separator: ", ") + "]" }
    return items.map { "\n  - " + $0 }.joined()
  }
}
