package import OrchAgents
package import OrchConfig
package import OrchDomain
import OrchProcess

/// What is known about one agent without running it at a task.
package struct AgentReport: Hashable, Sendable {
  package var name: String
  /// As the configuration or the name asks for it; it may not exist.
  package var adapter: String
  /// Whether the configuration has a table for it.
  package var isConfigured: Bool
  /// Whether it works on tasks that name no agent.
  package var isDefault: Bool
  package var model: String?
  /// The program that would be started, as it is looked for; nil when nothing names one.
  package var program: String?
  /// The file that it was found in; nil when there is none.
  package var path: String?
  /// The first line that the program printed about itself; nil when it printed none in time.
  package var version: String?
  /// nil for an adapter that does not exist.
  package var facts: AdapterFacts?
  package var resumes = false

  /// What to do before it can be used; nil when nothing has to be done.
  package var problem: String? {
    guard let facts else {
      return
        "'\(adapter)' is no adapter of this version; it knows \(AgentRegistry.adapterNames.joined(separator: ", "))"
    }
    guard let program else { return "[agents.\(name)] needs a command" }
    return path == nil ? "'\(program)' was not found in PATH; to get it: \(facts.install)" : nil
  }

  package var json: JSONValue {
    func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
    var proof: [JSONValue.Member]
    switch facts?.proof {
    case .proven(let version, let date):
      proof = [
        .init("proof", .string("proven")), .init("proven_version", .string(version)),
        .init("proven_on", .string(date)), .init("unproven_reason", .null),
      ]
    case .unproven(let why):
      proof = [
        .init("proof", .string("unproven")), .init("proven_version", .null), .init("proven_on", .null),
        .init("unproven_reason", .string(why)),
      ]
    case nil: proof = [.init("proof", .null)]
    }
    proof += [
      .init("install", text(facts?.install)), .init("prompt", text(facts?.promptDelivery)),
      .init("nudge", text(facts?.nudge)),
    ]
    return .object(
      [
        .init("name", .string(name)), .init("adapter", .string(adapter)), .init("configured", .bool(isConfigured)),
        .init("default", .bool(isDefault)), .init("model", text(model)), .init("program", text(program)),
        .init("found", .bool(path != nil)), .init("path", text(path)), .init("version", text(version)),
        .init("resumes", .bool(resumes)),
      ] + proof + [.init("problem", text(problem))])
  }
}

/// Looks which agents there are, and for their programs.
package struct AgentInventory: Sendable {
  /// The environment in which they would be started.
  private let environment: [String: String]
  private let settings: Settings
  /// Makes a path with `~/` absolute.
  private let absolute: @Sendable (String) -> String
  /// How long a program may think about its version.
  private let patience: Duration

  package init(
    environment: [String: String], settings: Settings, patience: Duration = .seconds(20),
    absolute: @escaping @Sendable (String) -> String
  ) {
    self.environment = environment
    self.settings = settings
    self.patience = patience
    self.absolute = absolute
  }

  /// The agents of the configuration and every adapter as an agent of its own name, by name.
  package func all() async -> [AgentReport] {
    await reports(Set(settings.agents.keys).union(AgentRegistry.adapterNames).union([settings.general.agent]))
  }

  /// The agents that the configuration names, by name.
  package func configured() async -> [AgentReport] {
    await reports(Set(settings.agents.keys).union([settings.general.agent]))
  }

  package func report(_ name: String) async -> AgentReport {
    let agent = settings.agent(named: name)
    let registry = AgentRegistry([
      OrchAgents.AgentSettings(name: name, adapter: settings.agents[name]?.adapter, command: agent.command)
    ])
    var report = AgentReport(
      name: name, adapter: agent.adapter ?? name, isConfigured: settings.agents[name] != nil,
      isDefault: settings.general.agent == name, model: agent.model)
    let adapter: any AgentAdapter
    do throws(AgentError) {
      adapter = try registry.agent(named: name).adapter
    } catch {
      return report
    }
    report.adapter = adapter.name
    report.facts = adapter.facts
    report.resumes = adapter.resumes
    guard let program = agent.command.first ?? adapter.facts.program else { return report }
    report.program = program.hasPrefix("~/") ? absolute(program) : program
    report.path = ProgramSearch.find(report.program ?? program, path: environment["PATH"] ?? "")
    if let path = report.path, !adapter.facts.versionArguments.isEmpty {
      report.version = await version(path, adapter.facts.versionArguments)
    }
    return report
  }

  private func reports(_ names: Set<String>) async -> [AgentReport] {
    await withTaskGroup(of: AgentReport.self) { group in
      for name in names { group.addTask { await report(name) } }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.name < $1.name }
    }
  }

  private func version(_ program: String, _ arguments: [String]) async -> String? {
    do {
      let result = try await CommandRunner().run(
        Command(
          executable: program, arguments: arguments, directory: "/",
          environment: OrchProcess.AgentEnvironment.base(from: environment, allow: []), timeout: patience,
          outputLimit: 1 << 16))
      guard case .code(0) = result.exit else { return nil }
      return (result.text + "\n" + result.errorText).split(whereSeparator: \.isNewline).first
        .map { SafeText.line($0, limit: 80) }
    } catch {
      return nil
    }
  }
}
