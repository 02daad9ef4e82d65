import OrchDomain

/// A coding agent's CLI that a table describes. Each has its file: `CodexAdapter.swift`, `GeminiAdapter.swift`, …
package struct TableAdapter: AgentAdapter {
  package let name: String
  package let facts: AdapterFacts
  package let environmentNames: [String]
  package let resumes: Bool
  /// Whether the CLI takes our id for a new session, so that it is known before the first line.
  let takesSessionID: Bool
  /// Whether the prompt comes on standard input; else `arguments` names the file that holds it.
  let readsPromptFromInput: Bool
  let environment: [String: String]
  let stopSignal: AgentInvocation.StopSignal
  let arguments: @Sendable (TableRun) -> [String]
  let files: @Sendable (TableRun) -> [AgentInvocation.GeneratedFile]
  let stream: StreamTable

  init(
    name: String, facts: AdapterFacts, environmentNames: [String], resumes: Bool = true, takesSessionID: Bool = false,
    readsPromptFromInput: Bool = true, environment: [String: String] = [:],
    stopSignal: AgentInvocation.StopSignal = .terminate, arguments: @escaping @Sendable (TableRun) -> [String],
    files: @escaping @Sendable (TableRun) -> [AgentInvocation.GeneratedFile] = { _ in [] }, stream: StreamTable
  ) {
    self.name = name
    self.facts = facts
    self.environmentNames = environmentNames
    self.resumes = resumes
    self.takesSessionID = takesSessionID
    self.readsPromptFromInput = readsPromptFromInput
    self.environment = environment
    self.stopSignal = stopSignal
    self.arguments = arguments
    self.files = files
    self.stream = stream
  }

  package func start(_ context: AgentContext) throws(AgentError) -> AgentInvocation {
    try invocation(TableRun(context: context, resumed: nil))
  }

  package func resume(_ context: AgentContext, session: String) throws(AgentError) -> AgentInvocation {
    guard resumes else { throw .cannotResume(agent: context.settings.name) }
    return try invocation(TableRun(context: context, resumed: session))
  }

  package func makeParser(session: String?) -> any AgentStreamParser {
    TableStreamParser(stream, session: takesSessionID ? session : nil)
  }

  private func invocation(_ run: TableRun) throws(AgentError) -> AgentInvocation {
    // Ids come from the agent's own output: none may pass for an option.
    for id in [run.resumed, run.context.session].compactMap({ $0 }) {
      guard let first = id.first, first.isASCII, first.isLetter || first.isNumber, id.utf8.count <= 200,
        id.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
      else { throw .malformedSession(id) }
    }
    let context = run.context
    let settings = context.settings
    return AgentInvocation(
      executable: settings.command.first ?? facts.program ?? name,
      arguments: settings.command.dropFirst() + arguments(run),
      environment: environment.merging(settings.environment) { $1 }.merging(context.orchEnvironment) { $1 },
      input: readsPromptFromInput ? .file(context.promptFile) : .none, stopSignal: stopSignal, files: files(run),
      directories: [context.sessionDirectory])
  }
}

/// One start of a CLI, as its table sees it.
struct TableRun: Sendable {
  let context: AgentContext
  /// The session to go on in; nil for a new one.
  let resumed: String?

  var model: String? { context.model ?? context.settings.model }
  var maxTurns: String? { (context.maxTurns ?? context.settings.maxTurns).map { String($0) } }
  var requestSeconds: String { String(max(1, context.settings.requestTimeout.wholeMilliseconds / 1000)) }
  /// The arguments of the configuration.
  var own: [String] { context.settings.arguments }

  /// `name value`, or nothing.
  func option(_ name: String, _ value: String?) -> [String] { value.map { [name, $0] } ?? [] }

  /// `arguments`, unless the configuration has an option of its own about that.
  func unlessOwn(_ options: String..., use arguments: [String]) -> [String] {
    own.contains { argument in options.contains { argument == $0 || argument.hasPrefix($0 + "=") } } ? [] : arguments
  }
}

extension AdapterFacts.Proof {
  /// For programs that neither this project's tests nor its developers could install.
  static let notInstallable = Self.unproven(
    why: "made after the vendor's documentation; the program could not be installed where we test")
}

/// Variables that name a model's vendor to the CLIs that speak to many.
let vendorKeyNames = [
  "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENROUTER_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "DEEPSEEK_API_KEY",
  "GROQ_API_KEY", "MISTRAL_API_KEY", "XAI_API_KEY", "MOONSHOT_API_KEY", "DASHSCOPE_API_KEY",
]
