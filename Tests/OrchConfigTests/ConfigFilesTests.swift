import OrchConfig
import Testing

@Suite("Configuration files")
struct ConfigFilesTests {
  static func context(
    flag: String? = nil, project: String? = nil, _ environment: [String: String] = [:], cwd: String = "/w/p/sub"
  ) -> LaunchContext {
    LaunchContext(
      configFlag: flag, projectFlag: project, environment: environment, currentDirectory: cwd, home: "/home/u")
  }

  static let all: Set<String> = [
    "/w/p/sub/x.toml", "/e.toml", "/home/u/e.toml", "/w/p/.claude-orchestrator.toml", "/w/.claude-orchestrator.toml",
    "/home/u/.config/claude-plan-orchestrator/config.toml", "/home/u/.config/claude-orchestrator/config.toml",
  ]

  @Test("The first file found counts, in the documented order")
  func order() {
    let variable = ["CLAUDE_ORCH_CONFIG": "/e.toml"]
    func found(_ context: LaunchContext, without gone: String...) -> ConfigLocation {
      ConfigLocation.locate(in: context) { Self.all.contains($0) && !gone.contains($0) }
    }
    #expect(found(Self.context(flag: "x.toml", variable)) == .file("/w/p/sub/x.toml", .flag))
    #expect(found(Self.context(variable)) == .file("/e.toml", .environment))
    #expect(found(Self.context(["CLAUDE_ORCH_CONFIG": "~/e.toml"])) == .file("/home/u/e.toml", .environment))
    #expect(found(Self.context(["CLAUDE_ORCH_CONFIG": ""])) == .file("/w/p/.claude-orchestrator.toml", .project))
    let project = "/w/p/.claude-orchestrator.toml"
    #expect(found(Self.context(), without: project) == .file("/w/.claude-orchestrator.toml", .project))
    let elsewhere = Self.context(cwd: "/other")
    let user = "/home/u/.config/claude-plan-orchestrator/config.toml"
    #expect(found(elsewhere) == .file(user, .user))
    let older = "/home/u/.config/claude-orchestrator/config.toml"
    #expect(found(elsewhere, without: user) == .file(older, .user))
    #expect(found(elsewhere, without: user, older) == .none)
    #expect(found(Self.context(project: "/w/p", cwd: "/other")) == .file(project, .project))
  }

  @Test("A file that was asked for by name must exist", arguments: [true, false])
  func missing(byFlag: Bool) throws {
    let context = byFlag ? Self.context(flag: "no.toml") : Self.context(["CLAUDE_ORCH_CONFIG": "no.toml"])
    let error = #expect(throws: ConfigError.self) {
      try SettingsLoader.load(in: context) { _ in
        false
      } read: { _ in
        .missing
      }
    }
    let text = try #require(error).description
    #expect(text.contains("/w/p/sub/no.toml"))
    #expect(text.contains(byFlag ? "--config" : "CLAUDE_ORCH_CONFIG"))
  }

  @Test("A file that cannot be read is an error with the system's reason")
  func unreadable() throws {
    let error = #expect(throws: ConfigError.self) {
      try SettingsLoader.load(in: Self.context()) {
        Self.all.contains($0)
      } read: { _ in
        .unreadable("Is a directory")
      }
    }
    #expect(try #require(error).description.contains("Is a directory"))
  }

  @Test("No file at all means the defaults")
  func none() throws {
    let loaded = try SettingsLoader.load(in: Self.context()) { _ in
      false
    } read: { _ in
      .missing
    }
    #expect(loaded.settings == .defaults && loaded.file == nil)
  }

  private func paths(_ text: String?, _ context: LaunchContext, file: String = "/w/p/.claude-orchestrator.toml")
    -> ConfigPaths
  {
    ConfigPaths(text.map { SettingsLoader.parse($0, file: file) } ?? LoadedSettings(), in: context)
  }

  @Test("Paths are expanded and absolute")
  func resolving() {
    let plain = paths(nil, Self.context())
    #expect(plain.projectRoot == nil)
    #expect(plain.stateDir == "/home/u/.claude-plan-orchestrator")
    #expect(plain.worktreeDir == "/home/u/.claude-plan-orchestrator/worktrees")
    #expect(plain.databasePath == "/home/u/.claude-plan-orchestrator/orchestrator.db")
    #expect(plain.promptOverrideDir == nil)

    let text = "[general]\nworktree_dir = \"~/wt\"\ndatabase_path = \"./x/db\"\n[prompts]\noverride_dir = \"p\"\n"
    let own = paths(text, Self.context())
    #expect(own.projectRoot == "/w/p")
    #expect(own.worktreeDir == "/home/u/wt")
    #expect(own.databasePath == "/w/p/x/db")
    #expect(own.promptOverrideDir == "/w/p/p")

    let user = "/home/u/.config/claude-orchestrator/config.toml"
    #expect(paths(text, Self.context(), file: user).projectRoot == nil)
    #expect(paths(text, Self.context(), file: user).databasePath == "/home/u/.config/claude-orchestrator/x/db")
    let root = paths("general.project_root = \"~/q\"\nprompts.override_dir = \"p\"", Self.context(), file: user)
    #expect(root.projectRoot == "/home/u/q" && root.promptOverrideDir == "/home/u/q/p")
    #expect(paths(text, Self.context(project: "../z"), file: user).projectRoot == "/w/p/sub/../z")
  }

  @Test("$CLAUDE_ORCH_HOME wins over the file, and the file over the default")
  func stateDirectory() {
    let text = "general.state_dir = \"~/state\""
    #expect(paths(text, Self.context()).stateDir == "/home/u/state")
    #expect(paths(text, Self.context()).databasePath == "/home/u/state/orchestrator.db")
    let home = Self.context(["CLAUDE_ORCH_HOME": "/var/orch"])
    #expect(paths(text, home).stateDir == "/var/orch")
    #expect(paths(text, home).worktreeDir == "/var/orch/worktrees")
    let loaded = SettingsLoader.parse(text, file: "/c.toml")
    let shown = loaded.effectiveValues(paths: ConfigPaths(loaded, in: home)).first { $0.key == "general.state_dir" }
    #expect(shown?.value == "\"/var/orch\"" && shown?.origin == "$CLAUDE_ORCH_HOME")
  }

  @Test("Effective values are sorted, name their origin and hide secrets")
  func effective() {
    let text = """
      [notifications]
      slack_webhook = "https://hooks.example/T0/secret"
      [agents.a]
      adapter = "command"
      command = ["prog", "--api-key", "hush", "--token=hush", "-v", "plain"]
      """
    var loaded = SettingsLoader.parse(text, file: "c.toml")
    loaded.override("general.max_parallel_agents", \.general.maxParallelAgents, with: 9, from: .flag("--max-parallel"))
    let values = loaded.effectiveValues()
    #expect(values.map(\.key) == values.map(\.key).sorted())
    #expect(Set(values.map(\.key)).count == values.count)
    func value(_ key: String) -> EffectiveValue? { values.first { $0.key == key } }
    #expect(value("notifications.slack_webhook")?.value == "(hidden)")
    #expect(value("notifications.slack_webhook")?.origin == "c.toml:2")
    #expect(value("notifications.slack_webhook")?.isUsed == true)
    #expect(value("general.max_parallel_agents")?.value == "9")
    #expect(value("general.max_parallel_agents")?.origin == "--max-parallel")
    #expect(value("verify.timeout")?.value == "\"30m\"" && value("verify.timeout")?.origin == "default")
    let command = value("agents.a.command")?.value ?? ""
    #expect(command == "[\"prog\", \"--api-key\", \"(hidden)\", \"--token=(hidden)\", \"-v\", \"plain\"]")
    #expect(!values.contains { $0.value.contains("hush") || $0.value.contains("secret") })
  }
}
