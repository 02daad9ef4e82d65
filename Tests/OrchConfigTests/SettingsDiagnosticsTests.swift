import OrchDiagnostics
import OrchRandom
import Testing

@testable import OrchConfig

@Suite("Mistakes in configuration files")
struct SettingsDiagnosticsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var expected: String
    var contains: String
    init(_ text: String, _ expected: String, _ contains: String) {
      self.text = text
      self.expected = expected
      self.contains = contains
    }
    var testDescription: String { text }
  }

  static let cases = [
    Case("[verify]\ncommands = [\"a\"\ntimeout = 1", "error C001 3:1", "expected ',' or ']'"),
    Case("a = 'é' x", "error C001 1:10", "expected the end of the line"),
    Case("[[[a]]]", "error C001 1:3", "expected a key"),
    Case("[[=", "error C001 1:3", "expected a key"),
    Case("[a", "error C001 1:3", "expected ']'"),
    Case("a.b", "error C001 1:4", "expected '='"),
    Case("a = ", "error C001 1:5", "expected a value"),
    Case("a = {b = 1 c = 2}", "error C001 1:12", "expected ',' or '}'"),
    Case("x = 1\na = \"b\nc = 1", "error C001 2:5", "no closing quote"),
    Case("é = 1", "error C001 1:1", "expected a key"),
    Case("a = 1__2", "error C001 1:5", "'1__2' is not a number"),
    Case("a = 2020-13-45", "error C001 1", "not TOML: in a"),
    Case("[general]\nagent = \"a\"\nagent = \"b\"", "error C001 3", ""),
    Case("[general]\nagent = \"a\0b\"", "error C001 2:11", "NUL"),
    Case("[general]\nagent = \"a\\u0000b\"", "error C001 2:11", "NUL"),
    Case("\"a\\u0000\" = 1", "error C001 1:3", "NUL"),
    Case("[verfy]\ncommands = []", "warning C002 1:2", "write 'verify'"),
    Case("[general]\n  max_paralel_agents = 3", "warning C002 2:3", "write 'max_parallel_agents'"),
    Case("max_parallel_agents = 3", "warning C002 1:1", "did you mean 'general.max_parallel_agents'?"),
    Case("[general]\nauto_merge = true", "warning C002 2:1", "did you mean 'review.auto_merge'?"),
    Case("\"general.agent\" = \"x\"", "warning C002 1:1", "no effect"),
    Case("[agents.a]\nmodle = \"x\"", "warning C002 2:1", "write 'model'"),
    Case("[agents.a.prices.m]\nouput = 1", "warning C002 2:1", "write 'output'"),
    Case("[retry.classes.crsh]\nmax_attempts = 3", "warning C002 1:16", "write 'crash'"),
    Case("[retry.classes.crash]\naction = \"again\"", "error C004 2:10", "\"other_agent\""),
    Case("[quark]\nkind = 1", "warning C002 1:2", "unknown key 'quark'"),
    Case("[github_issues.priority_labels]\nurgent = \"x\"", "warning C002 2:1", "high, normal or low"),
    Case("[general]\nmax_parallel_agents = \"3\"", "error C003 2:23", "an integer from 1 to 256, not a string"),
    Case("general = 3", "error C003 1:11", "must be a table, written [general], not an integer"),
    Case("[[general]]\nagent = \"a\"", "error C003 1:3", "not an array"),
    Case("[verify]\ncommands = \"make\"", "error C003 2:12", "an array of strings, not a string"),
    Case("[verify]\ncommands = [\"make\", # c\n 7]", "error C003 3:2", "element 2 of 'verify.commands'"),
    Case("[verify]\nstages = 1", "error C003 2:10", "[[verify.stages]]"),
    Case("[[verify.stages]]\nname = \"lint\"", "error C007 1:10", "needs commands"),
    Case("[[verify.stages]]\ncommands = [\"a\"]", "error C007 1:10", "needs name"),
    Case("[[verify.stages]]\nname = \"lint\"\ncommands = []", "error C004 3:12", "proves nothing"),
    Case("[[verify.stages]]\nname = \"plan\"\ncommands = [\"a\"]", "error C004 2:8", "a plan's own commands"),
    Case("[[verify.stages]]\nname = \"../x\"\ncommands = [\"a\"]", "error C004 2:8", "lower-case letters"),
    Case("[[verify.stages]]\nnme = \"x\"\nname = \"x\"\ncommands = [\"a\"]", "warning C002 2:1", "write 'name'"),
    Case(
      "verify.stages = [{name=\"a\",commands=[\"b\"]},\n{name=\"a\",commands=[\"b\"]}]", "error C008 2:7",
      "two stages"),
    Case(
      "[verify]\ncommands = [\"a\"]\n[[verify.stages]]\nname = \"test\"\ncommands = [\"b\"]", "error C008 2:1",
      "the stage 'test'"),
    Case("[verify]\ntimeout = 30", "error C003 2:11", "a duration in quotes"),
    Case("[verify]\ntimeout = 2020-01-01", "error C003 2:11", "not a date or time"),
    Case("agents = [1]", "error C003 1:10", "must hold tables"),
    Case("[agents]\na = 1", "error C003 2:5", "'agents.a' must be a table"),
    Case("[review]\nrules = 1", "error C003 2:9", "[[review.rules]]"),
    Case("[review]\nrules = [1]", "error C003 2:10", "must be a table"),
    Case("[review]\nauto_merge = 1", "error C003 2:14", "true or false"),
    Case("[general]\nmax_parallel_agents = 0", "error C004 2:23", "from 1 to 256, not 0"),
    Case("[general]\nagent = \" \"", "error C004 2:9", "not empty"),
    Case("[verify]\ntimeout = \"30\"", "error C004 2:11", "\"30m\""),
    Case("[verify]\ntimeout = \"300d\"", "error C004 2:11", "a duration from 1s to 1d"),
    Case(
      "[landing]\nstrategy = \"octopus\"", "error C004 2:12", "\"merge\" or \"squash\" or \"rebase\", not \"octopus\""),
    Case("[plans]\ndir = \"../x\"", "error C004 2:7", "below the project's root"),
    Case("[worktree]\nsymlink_dirs = [\"a\", \"/b\"]", "error C004 2:22", "element 2"),
    Case("[agents.a]\nenv = [\"A=secret\"]", "error C004 2:8", "name of an environment variable"),
    Case("[limits]\nmax_cost_usd = -1", "error C004 2:16", "US dollars"),
    Case("[limits]\nmax_cost_usd = nan", "error C004 2:16", "US dollars"),
    Case("[build_pool.timeouts]\njob_default_secs = 9223372036854775807", "error C004 2:20", "seconds"),
    Case("[agents.\"a/b\"]\nmodel = \"\"", "error C004 1:9", "letters, digits"),
    Case("[forge]\nkind = \"github\"", "error C007 2:1", "needs repo"),
    Case("[forge]\napp_id = \"7\"", "error C007", "both"),
    Case("[build_pool]\ndebug = true", "note C005 2:1", "'build_pool.debug' is accepted, not used yet"),
    Case("[agents.a]\nadapter = \"command\"", "error C007 1:9", "needs command"),
    Case("[agents.command]\nmodel = \"\"", "error C007 1:9", "needs command"),
    Case("[[review.rules]]\nname = \"a\"\npaths = [\"b\"]", "error C007 1:10", "needs a category"),
    Case("[[review.rules]]\nname = \"a\"\ncategory = \"routine\"\nwords = [\"b\"]", "error C004 3:12", "\"security\""),
    Case("[[review.rules]]\nname = \"a\"\ncategory = \"security\"", "error C007 1:10", "needs paths, words"),
    Case(
      "review.rules = [{name=\"a\",category=\"security\",paths=[\"b\"]},\n"
        + "{name=\"a\",category=\"security\",words=[\"b\"]}]",
      "error C008 2:7", "two review rules"),
    Case("[github_issues]\nenabled = true", "error C007 2:1", "needs repo"),
  ]

  @Test("Says what is wrong, where, and what to do", arguments: cases)
  func says(_ item: Case) throws {
    let loaded = SettingsLoader.parse(item.text, file: "c.toml")
    let found = loaded.diagnostics.map { diagnostic in
      let place = "\(diagnostic.location.line):\(diagnostic.location.column)"
      return "\(diagnostic.severity.rawValue) \(diagnostic.code) \(place)"
    }
    #expect(found.contains { $0.hasPrefix(item.expected) }, "\(loaded.diagnostics)")
    let texts = loaded.diagnostics.map { $0.message + " " + ($0.fix?.message ?? "") }
    #expect(texts.contains { $0.contains(item.contains) }, "\(texts)")
    #expect(loaded.diagnostics.allSatisfy { $0.location.file == "c.toml" })
  }

  @Test("All mistakes are reported at once, in the order of the file, and the rest of the file counts")
  func all() {
    let text = "[verify]\ntimeout = 1\nmax_attempts = 2\n[web]\nport = 0\n[generl]\n[landing]\nmax_attempts = 99\n"
    let loaded = SettingsLoader.parse(text, file: "c.toml")
    #expect(loaded.diagnostics.map(\.location.line) == [2, 5, 6, 8])
    #expect(loaded.diagnostics.map(\.code) == ["C003", "C004", "C002", "C004"])
    #expect(loaded.settings.verify.maxAttempts == 2)
    #expect(loaded.settings.verify.timeout == Settings.defaults.verify.timeout)
    #expect(loaded.hasErrors)
  }

  @Test("A misspelt key can be put right by its fix")
  func fix() throws {
    let text = "[general]\nmax_paralel_agents = 5\n"
    let fix = try #require(SettingsLoader.parse(text, file: "c.toml").diagnostics.first?.fix)
    let place = try #require(fix.location)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.utf8) }
    lines[place.line - 1].replaceSubrange(
      (place.column - 1)..<(place.endColumn - 1), with: Array(try #require(fix.replacement).utf8))
    let mended = lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    let loaded = SettingsLoader.parse(mended, file: "c.toml")
    #expect(loaded.diagnostics.isEmpty)
    #expect(loaded.settings.general.maxParallelAgents == 5)
  }

  @Test("Bytes that are not UTF-8 are refused at their place")
  func encoding() {
    let loaded = SettingsLoader.parse(bytes: Array("[general]\nagent = \"".utf8) + [0xFF, 0x22], file: "c.toml")
    #expect(loaded.diagnostics.map(\.code) == ["C001"])
    #expect(loaded.diagnostics.first?.location.line == 2)
    #expect(loaded.diagnostics.first?.location.column == 10)
    #expect(loaded.settings == .defaults)
  }

  @Test("Damaged files never trap, and every place lies in the file", arguments: 0..<200 as Range<UInt64>)
  func survives(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bytes = Array(ConfigReference.exampleConfig().utf8)
    let pieces = ["\"", "'", "[", "]", "=", "0", "-1", "{", "}", "\n", "true", "[[review.rules]]\n", "\\u0000", "é"]
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      let at = Int.random(in: 0..<bytes.count, using: &random)
      if Bool.random(using: &random) {
        bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...20, using: &random)))
      } else {
        bytes.insert(contentsOf: Array(pieces.randomElement(using: &random)!.utf8), at: at)
      }
    }
    // Half of the comments away, so that the examples take part.
    let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? String($0.dropFirst()) : String($0) }
    let lines = text.map(\.utf8.count)
    for loaded in [
      SettingsLoader.parse(text.joined(separator: "\n"), file: "f").diagnostics,
      ScheduleLoader.parse(text.joined(separator: "\n"), file: "f").diagnostics,
    ] {
      for diagnostic in loaded {
        let place = diagnostic.location
        #expect((1...lines.count).contains(place.line), "\(diagnostic)")
        #expect(place.column >= 1 && place.column <= lines[min(place.line, lines.count) - 1] + 1, "\(diagnostic)")
      }
    }
  }

  @Test("A fallback that names nobody is shown at its place, among the other mistakes")
  func unknownAgents() throws {
    let text = """
      [agents.mine]
      command = ["a"]
      fallback = ["codex", "codx",
        "mine", "nobody at all"]
      [web]
      port = 0
      """
    var loaded = SettingsLoader.parse(text, file: "c.toml")
    loaded.checkAgents(adapters: ["claude-code", "codex"])
    let found = loaded.diagnostics.map { "\($0.code) \($0.location.line):\($0.location.column)" }
    #expect(found == ["C009 3:22", "C009 4:11", "C004 6:8"])
    #expect(loaded.hasErrors)
    let near = try #require(loaded.diagnostics.first)
    #expect(near.message == "'agents.mine.fallback' names the agent \"codx\", which does not exist")
    #expect(near.fix?.replacement == "\"codex\"" && near.fix?.location == near.location)
    #expect(loaded.diagnostics[1].fix?.message.contains("take it out") == true)
    #expect(near.location.endColumn == 28, "the whole name is marked")
  }

  @Test("Every code has a page")
  func pages() {
    for code in ConfigCode.allCases { #expect(code.page.hasPrefix(code.rawValue + ": ")) }
  }
}
