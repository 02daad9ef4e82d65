import OrchDiagnostics
import OrchDomain
import OrchPlan
import Testing

@Suite("Reading one plan")
struct PlanReaderTests {
  static let full = """
    ---
    module: billing
    epic: 5
    title: Validators
    status: in_progress   # by hand
    priority: high
    depends_on: [billing/E01, technical/CLI3, 2, "03"]
    needs_review: yes
    github_issue: 42
    agent: claude-code
    model: 4.5
    touches:
      - src/**
      - "*.md"
    verify: [make test, "true"]
    timeout: 1h30m
    max_cost_usd: 2.50
    labels: [a, b]
    complexity: complex
    ---

    # Epic 05: Validators

    Text with 🔴 in it.

    ## Acceptance Criteria

    - [ ] An empty invoice is refused
    - [x] A full one is not

    """

  @Test("Every key arrives")
  func keys() throws {
    let unit = unit(Self.full)
    #expect(unit.diagnostics.isEmpty)
    let task = try #require(unit.task)
    #expect(task.id.description == "billing/E05")
    #expect(task.title == "Validators")
    #expect(task.status == .inProgress)
    #expect(task.priority == .high)
    #expect(
      unit.dependencies.map(\.id.description) == ["billing/E01", "technical/CLI03", "billing/E02", "billing/E03"])
    #expect(unit.dependencies.map(\.range.column) == [14, 27, 43, 46])
    #expect(task.needsReview)
    #expect(task.githubIssue == 42)
    #expect(task.agent == "claude-code")
    #expect(task.model == "4.5")
    #expect(task.touches == ["src/**", "*.md"])
    #expect(unit.touchRanges.map(\.line) == [13, 14])
    #expect(task.verify == ["make test", "true"])
    #expect(task.timeout == .seconds(5400))
    #expect(task.maxCost == MicroUSD(2_500_000))
    #expect(task.labels == ["a", "b"])
    #expect(task.complexity == .complex)
    #expect(unit.statusRange == PlanRange(line: 5, column: 9, endColumn: 20))
    let criteria = acceptance(of: Self.full)
    #expect(criteria.map(\.isChecked) == [false, true])
    #expect(criteria.map(\.line) == [28, 29])
    let bytes = Array(Self.full.utf8)
    #expect(String(decoding: bytes[unit.description], as: UTF8.self) == "Text with 🔴 in it.")
  }

  @Test("CRLF and a byte order mark change nothing but the places")
  func crlf() throws {
    let plain = try #require(unit(Self.full).task)
    let text = "\u{FEFF}" + Self.full.replacing("\n", with: "\r\n")
    let other = unit(text)
    var task = try #require(other.task)
    task.contentHash = plain.contentHash
    #expect(task == plain)
    #expect(other.diagnostics.isEmpty)
    #expect(other.statusRange == PlanRange(line: 5, column: 9, endColumn: 20))
    #expect(acceptance(of: text).map(\.line) == [28, 29])
    let bytes = Array(text.utf8)
    #expect(String(decoding: bytes[other.description], as: UTF8.self) == "Text with 🔴 in it.")
  }

  @Test("A file without frontmatter is a task with defaults")
  func bare() throws {
    let unit = unit("# Epic 05: Validators\n\nDo it.\n")
    let task = try #require(unit.task)
    #expect(task.title == "Epic 05: Validators", "the heading is kept verbatim")
    #expect(task.status == .notStarted)
    #expect(task.priority == .normal)
    #expect(unit.statusRange == nil)
    #expect(unit.diagnostics.isEmpty)
  }

  @Test(
    "Statuses and their synonyms, also in quotes and with a comment",
    arguments: [
      ("todo", TaskStatus.notStarted), ("pending", .notStarted), ("\"in progress\"", .inProgress),
      ("'done'", .complete), ("running # now", .inProgress), ("", .notStarted), ("~", .notStarted),
      ("Complete", .complete), ("in-progress", .inProgress),
    ])
  func statuses(_ text: String, _ expected: TaskStatus) {
    let unit = unit("---\nstatus: \(text)\npriority: low\n---\n# T\n")
    #expect(unit.task?.status == expected)
    #expect(unit.task?.priority == .low)
    #expect(unit.diagnostics.isEmpty)
    #expect(unit.statusRange != nil)
  }

  @Test("An empty status has an empty place behind its colon")
  func emptyStatus() {
    let unit = unit("---\nstatus:\npriority: high\n---\n# T\n")
    #expect(unit.statusRange == PlanRange(line: 2, column: 8, endColumn: 8))
    #expect(unit.task?.priority == .high)
  }

  @Test(
    "`depends_on` is an id, a number or a list of them",
    arguments: [
      ("billing/E00", ["billing/E00"]), ("3", ["billing/E03"]), ("\"03\"", ["billing/E03"]), ("010", ["billing/E10"]),
      ("08", ["billing/E08"]), ("[1, web/CLI2]", ["billing/E01", "web/CLI02"]), ("[]", []), ("", []),
      ("\n  - 1\n  - 2", ["billing/E01", "billing/E02"]), ("\n- 1", ["billing/E01"]),
    ])
  func dependencies(_ text: String, _ expected: [String]) {
    let unit = unit("---\ndepends_on: \(text)\n---\n# T\n")
    #expect(unit.dependencies.map(\.id.description) == expected)
    #expect(unit.diagnostics.isEmpty)
  }

  @Test(
    "Malformed ids are told with what was meant",
    arguments: [
      ("billing/e01", "billing/E01"), ("Billing/E01", "billing/E01"), ("E1", "billing/E01"), ("cli2", "billing/CLI02"),
      ("billing.E01", "billing/E01"), ("billing/1", "billing/E01"), ("epic-03-x.md", "billing/E03"),
      ("web/epic-cli-03-x.md", "web/CLI03"), ("docs/plans/web/epic-03-x.md", "web/E03"), ("-1", nil), ("1.5x", nil),
      ("what is this", nil), ("billing/issue-42/E00", nil), ("\"\"", nil),
    ] as [(String, String?)])
  func malformed(_ text: String, _ meant: String?) {
    let unit = unit("---\ndepends_on: [\(text)]\n---\n# T\n")
    #expect(unit.codes == ["P003"])
    #expect(unit.diagnostics.first?.fix?.replacement == meant)
    #expect(unit.dependencies.isEmpty)
    #expect(!unit.isSound)
  }

  @Test(
    "A value of a wrong type is told, and never guessed",
    arguments: [
      "status: [todo]", "priority: urgent", "depends_on: {a: 1}", "depends_on: [[1]]", "depends_on: [1, ~]",
      "needs_review: maybe", "needs_review: \"true\"", "github_issue: \"42\"", "github_issue: 0", "github_issue: -3",
      "github_issue: 99999999999999999999", "agent: [a]", "agent: \"\"", "title: {a: 1}", "touches: src", "touches: 3",
      "touches: [[a]]", "verify: make", "verify: [make: test]", "timeout: 90", "timeout: 0s", "timeout: -5m",
      "timeout: 99999999d", "max_cost_usd: free", "max_cost_usd: 0", "max_cost_usd: -1", "max_cost_usd: .inf",
      "labels: a", "complexity: hard", "epic: five", "epic: 5.0", "epic: -5", "epic: 12345678901", "module: [a]",
    ])
  func wrongTypes(_ line: String) {
    let unit = unit("---\n\(line)\n---\n# T\n")
    #expect(unit.codes == ["P007"], "\(unit.diagnostics)")
    #expect(unit.diagnostics.first?.location.line == 2)
    #expect(!unit.isSound)
    #expect(unit.task != nil, "the row stays")
  }

  @Test("What can't be understood as a review flag means review")
  func unknownMeansHuman() { #expect(unit("---\nneeds_review: maybe\n---\n# T\n").task?.needsReview == true) }

  @Test("Every mistake of a file is told in one run")
  func allMistakes() {
    let text = """
      ---
      module: other
      epic: 4
      title: Wrong
      status: finished
      priority: urgent
      depends_on: [x, 1]
      stats: x
      timeout: 5
      ---
      # Epic 06: Validators
      ## Acceptance Criteria
      - [ ] TBD
      """
    #expect(
      Set(unit(text).codes) == ["P009", "P008", "P007", "P003", "P011", "P015"])
    #expect(unit(text).codes.count { $0 == "P009" } == 4)
    #expect(unit(text).dependencies.count == 1)
  }

  @Test("Titles come from the key, else the first heading outside code, else the name")
  func titles() {
    #expect(unit("```\n# code\n```\n    # code\n\n## no\n\n# Yes `it` *is*\n").task?.title == "Yes it is")
    #expect(unit("Title\n=====\n").task?.title == "Title")
    #expect(unit("<!-- # no -->\n# Yes\n").task?.title == "Yes")
    let unnamed = unit("## only two\n")
    #expect(unnamed.task?.title == "validators")
    #expect(unnamed.codes == ["P010"])
    #expect(unit("# \n\n#\n", "m/epic-05-.md").task?.title == "E05")
    #expect(unit("---\ntitle: \"a\\e[31m\\nb\"\n---\n").task?.title == "a\\u{1b}[31m b", "safe to print")
  }

  @Test(
    "Headings that agree with the path and the title are not told",
    arguments: [
      "# Epic 05: Validators", "# Epic 5 - Validators", "# Epic 1.5: Validators", "# E05: Validators",
      "# Epic E05 – Validators", "# Validators", "# validators", "# Epic 05 Validators", "# EPIC 05: Validators",
    ])
  func agreeing(_ heading: String) {
    #expect(unit("---\ntitle: Validators\n---\n\(heading)\n").codes == [], "\(heading)")
  }

  @Test(
    "Headings of another task are told",
    arguments: ["# Epic 06: Validators", "# E06: Validators", "# Epic 5.6: Validators", "# Epic CLI05: Validators"])
  func disagreeing(_ heading: String) { #expect(unit("\(heading)\n").codes == ["P009"]) }

  @Test(
    "A title may begin with a number or a code",
    arguments: ["# 3 ways to fail", "# E2E tests", "# Epic fail", "# Epic"])
  func looksLikeNumber(_ heading: String) { #expect(unit("\(heading)\n").codes == []) }

  @Test(
    "The description ends at the next heading, also of another style, and not in code",
    arguments: [
      ("# T\n\n\ntext\nmore\n\n## H\nx", "text\nmore"), ("# T\ntext", "text"), ("# T\n## H\n", ""), ("# T", ""),
      ("# T\n```\n# no\n```\n\n### H", "```\n# no\n```"), ("text\n\n# T\nbody", "body"), ("only text\n", "only text"),
      ("# T\n\n    code\n", "    code"), ("T\n=\ntext\n\nH\n-\n", "text"),
    ])
  func descriptions(_ text: String, _ expected: String) {
    let unit = unit(text)
    #expect(String(decoding: Array(text.utf8)[unit.description], as: UTF8.self) == expected)
  }

  @Test(
    "Criteria that can't be checked are told",
    arguments: [
      ("## Acceptance Criteria\n", 1), ("## Acceptance Criteria\n- no box\n", 1),
      ("## Acceptance criteria:\n- [ ] TBD\n- [ ] It works!\n- [ ] …\n", 3),
      ("## Acceptance Criteria\n- [x] The sum is shown\n", 0), ("## Criteria\n", 0), ("- [ ] TBD\n", 0),
      ("## Acceptance Criteria\n### Part\n- [ ] The sum is shown\n", 0),
      ("## Acceptance Criteria\n\n## Next\n- [ ] The sum is shown\n", 1),
      ("```\n## Acceptance Criteria\n```\n", 0), ("## Acceptance Criteria\n```\n- [ ] a sum is shown\n```\n", 1),
    ])
  func criteria(_ text: String, _ count: Int) {
    #expect(unit("# T\n\n" + text).codes == .init(repeating: "P015", count: count))
  }

  @Test("Frontmatter without an end keeps the row and says where the end was perhaps meant")
  func unterminated() throws {
    let unit = unit("---\nstatus: complete\n----\n# Title\n")
    #expect(unit.codes == ["P002"])
    #expect(unit.task?.title == "Title")
    #expect(unit.task?.status == .notStarted)
    #expect(unit.diagnostics.first?.notes.first?.location?.line == 3)
  }

  @Test(
    "Only three dashes are a fence",
    arguments: [
      ("---  \nstatus: done\n---\t\n# T", true), ("----\nstatus: done\n---\n# T", false), (" ---\nx\n---", false),
    ])
  func fences(_ text: String, _ isFrontMatter: Bool) {
    #expect((FrontMatter(Array(text.utf8)) != nil) == isFrontMatter)
    #expect((unit(text).task?.status == .complete) == isFrontMatter)
  }

  @Test("Dashes inside a block text do not end the frontmatter")
  func dashesInText() { #expect(unit("---\nnote: |\n  ---\n  x\nstatus: done\n---\n# T\n").task?.status == .complete) }

  @Test("Frontmatter that is no mapping is told", arguments: ["- a\n- b\n", "just text\n", "[a]\n"])
  func noMapping(_ text: String) { #expect(unit("---\n\(text)---\n# T\n").codes == ["P001"]) }

  @Test("Empty frontmatter is fine", arguments: ["", "\n", "# comment\n", "~\n"])
  func emptyFrontMatter(_ text: String) { #expect(unit("---\n\(text)---\n# T\n").codes == []) }

  @Test("Bytes that are not UTF-8 are told with their place")
  func notUTF8() {
    let latin = unit(bytes: Array("# T\n\npr".utf8) + [0xFC, 0x66])
    #expect(latin.codes == ["P014"])
    #expect(latin.diagnostics.first?.location.line == 3)
    #expect(latin.diagnostics.first?.location.column == 3)
    #expect(latin.task?.id.description == "billing/E05")
    let wide = unit(bytes: [0xFF, 0xFE, 0x23, 0x00])
    #expect(wide.diagnostics.first?.message.contains("UTF-16") == true)
    #expect(unit(bytes: [0xFF, 0xFE], "billing/README.md").codes == ["P014"])
    #expect(unit(bytes: [0xFF, 0xFE], "billing/other.md").kind == .other)
  }

  @Test(
    "UTF-8 is checked as Unicode says",
    arguments: [
      [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0x80], [0xC3],
      [0xE2, 0x80],
      [0xF0, 0x9F, 0x98],
    ] as [[UInt8]])
  func invalidUTF8(_ bytes: [UInt8]) {
    #expect(unit(bytes: Array("# Title 12345678".utf8) + bytes).codes == ["P014"])
    #expect(unit(bytes: Array("# Title ä 😀 日本".utf8)).codes == [])
  }

  @Test("A file that is too large is not read")
  func tooLarge() {
    let exact = Array("# T\n".utf8) + [UInt8](repeating: 0x20, count: PlanReader.maximumSize - 4)
    #expect(unit(bytes: exact).codes == [])
    #expect(unit(bytes: exact + [0x20]).codes == ["P018"])
    #expect(unit(bytes: exact + [0x20], "billing/data.md").kind == .other)
  }
}
