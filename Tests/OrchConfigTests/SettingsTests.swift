import OrchConfig
import OrchDiagnostics
import OrchDomain
import Testing

@Suite("Settings")
struct SettingsTests {
  @Test("No text means the defaults")
  func empty() {
    let loaded = SettingsLoader.parse("", file: "c.toml")
    #expect(loaded.settings == .defaults)
    #expect(loaded.diagnostics.isEmpty)
    #expect(loaded.origins.isEmpty)
    let settings = Settings.defaults
    #expect(settings.general.maxParallelAgents == 3)
    #expect(settings.general.agent == "claude-code")
    #expect(settings.verify.timeout == .seconds(1800))
    #expect(settings.limits.attemptTimeout == .seconds(7200))
    #expect(settings.forge.kind == .local)
    #expect(settings.review.autoMerge)
  }

  @Test("Every value of every kind reaches its place")
  func values() throws {
    let text = """
      [general]
      max_parallel_agents = 7
      base_branch = "develop"
      agent = "mine"
      [verify]
      commands = ["make", "make test"]
      timeout = "1h30m"
      [review]
      auto_merge = false
      protected = []
      disable_rules = ["security.password"]
      [[review.rules]]
      name = "billing"
      category = "architecture"
      paths = ["Sources/Billing/**"]
      [[review.rules]]
      name = "money"
      category = "security"
      words = ["iban"]
      [landing]
      strategy = "squash"
      [limits]
      max_cost_usd = 2.5
      max_duration = "8h"
      attempt_timeout = "45s"
      [agents.mine]
      adapter = "command"
      command = ["~/bin/mine", "-q"]
      env = ["MY_TOKEN"]
      max_turns = 40
      [agents.mine.prices."big.1"]
      input = 3
      cache_read = 0.3
      output = 15.0
      """
    let loaded = SettingsLoader.parse(text, file: "c.toml")
    #expect(loaded.diagnostics.isEmpty)
    let settings = loaded.settings
    #expect(settings.general.maxParallelAgents == 7)
    #expect(settings.general.baseBranch == "develop")
    #expect(settings.verify.commands == ["make", "make test"])
    #expect(settings.verify.timeout == .seconds(5400))
    #expect(!settings.review.autoMerge && settings.review.protected.isEmpty)
    #expect(settings.review.disabledRules == ["security.password"])
    #expect(settings.review.rules.map(\.category) == [.architecture, .security])
    #expect(settings.review.rules.map(\.words) == [[], ["iban"]])
    #expect(settings.landing.strategy == .squash)
    #expect(settings.limits.maxCost == MicroUSD(2_500_000))
    #expect(settings.limits.maxDuration == .seconds(28_800))
    let agent = try #require(settings.agents["mine"])
    #expect(agent.command == ["~/bin/mine", "-q"] && agent.env == ["MY_TOKEN"] && agent.maxTurns == 40)
    #expect(agent.prices["big.1"]?.input == MicroUSD(3_000_000))
    #expect(agent.prices["big.1"]?.cacheRead == MicroUSD(300_000))
    #expect(loaded.origin(of: "verify.timeout").text == "c.toml:7")
    #expect(loaded.origin(of: "agents.mine.prices.\"big.1\".output").text == "c.toml:34")
    #expect(loaded.origin(of: "landing.max_attempts") == .default)
  }

  @Test("The price of a run counts all four classes and never overflows")
  func price() {
    var price = ModelPrice()
    price.input = MicroUSD(3_000_000)
    price.cacheWrite = MicroUSD(3_750_000)
    price.cacheRead = MicroUSD(300_000)
    price.output = MicroUSD(15_000_000)
    let usage = TokenUsage(input: 1000, cacheWrite: 2000, cacheRead: 100_000, output: 500)
    #expect(price.cost(of: usage) == MicroUSD(3000 + 7500 + 30_000 + 7500))
    // A third of a token's price is not lost when the parts add up to a whole.
    var tiny = ModelPrice()
    tiny.input = MicroUSD(300_000)
    tiny.output = MicroUSD(300_000)
    #expect(tiny.cost(of: TokenUsage(input: 1, output: 1)) == MicroUSD(1))
    let most = TokenUsage(input: .max, cacheWrite: .max, cacheRead: .max, output: .max)
    price.input = MicroUSD(.max)
    #expect(price.cost(of: most) == MicroUSD(.max))
  }

  @Test("An agent inherits its adapter from its name and its model from [claude]")
  func agents() {
    let text = "[claude]\nmodel = \"opus\"\n[agents.fast]\nadapter = \"claude-code\"\nmodel = \"haiku\"\n"
    let settings = SettingsLoader.parse(text, file: "c.toml").settings
    #expect(settings.agent(named: "claude-code").model == "opus")
    #expect(settings.agent(named: "claude-code").adapter == "claude-code")
    #expect(settings.agent(named: "fast").model == "haiku")
    #expect(settings.agent(named: "script").adapter == "script")
    #expect(settings.agent(named: "script").model == nil)
  }

  @Test("Older names work, and the newer ones win")
  func olderNames() {
    let older = SettingsLoader.parse("[general]\nexecutor = \"opencode\"\nopencode_model = \"m\"\n", file: "c.toml")
    #expect(older.settings.general.agent == "opencode")
    #expect(older.settings.agent(named: "opencode").model == "m")
    #expect(older.origin(of: "general.agent").text == "c.toml:2")
    #expect(older.origin(of: "agents.opencode.model").text == "c.toml:3")
    #expect(older.diagnostics.map(\.code) == ["C006", "C006"])
    #expect(older.diagnostics.allSatisfy { $0.severity == .note })
    let both = SettingsLoader.parse("general = { executor = \"a\", agent = \"b\" }", file: "c.toml")
    #expect(both.settings.general.agent == "b")
  }

  @Test("A complete file of the older tool loads without a complaint")
  func olderFile() {
    let loaded = SettingsLoader.parse(Self.olderTool, file: "c.toml")
    #expect(loaded.diagnostics.filter { $0.severity > .note } == [])
    // One note for each key that has no feature yet, and for each with a newer name.
    #expect(loaded.diagnostics.filter { $0.code == "C005" }.count == 11)
    #expect(loaded.diagnostics.filter { $0.code == "C006" }.count == 2)
    #expect(loaded.settings.buildPool.timeouts.heartbeatTimeout == .seconds(120))
    #expect(loaded.settings.buildPool.timeouts.jobDefault == .seconds(300))
    #expect(loaded.settings.githubIssues.priorityLabels == [.high: "prio:high"])
  }

  static let olderTool = """
    [general]
    project_root = "~/work"
    worktree_dir = "~/.claude-orchestrator/worktrees"
    max_parallel_agents = 3
    database_path = "~/.claude-orchestrator/orchestrator.db"
    executor = "claude-code"
    opencode_model = "x"
    [claude]
    model = "claude-opus-4-5-20251101"
    max_tokens = 16000
    [notifications]
    desktop = true
    slack_webhook = ""
    [web]
    port = 8080
    host = "127.0.0.1"
    [build_pool]
    enabled = false
    websocket_port = 8081
    git_daemon_port = 9418
    git_daemon_listen_addr = ""
    debug = false
    [build_pool.local_fallback]
    enabled = true
    max_jobs = 2
    worktree_dir = "~/.claude-orchestrator/build-pool/local"
    [build_pool.timeouts]
    job_default_secs = 300
    heartbeat_interval_secs = 30
    heartbeat_timeout_secs = "2m"
    [prompts]
    override_dir = ""
    [github_issues]
    enabled = false
    repo = "o/r"
    candidate_label = "a"
    ready_label = "b"
    refinement_label = "c"
    implemented_label = "d"
    area_label_prefix = "area:"
    [github_issues.priority_labels]
    high = "prio:high"
    """
}
