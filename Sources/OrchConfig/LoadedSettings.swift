package import OrchDiagnostics

/// Where a value came from.
package enum Origin: Hashable, Sendable {
  case `default`
  case file(SourceLocation)
  /// The name of a variable, without `$`.
  case environment(String)
  /// The long option, with its dashes.
  case flag(String)

  /// `default`, `FILE:LINE`, `$NAME` or `--option`.
  package var text: String {
    switch self {
    case .default: "default"
    case .file(let place): "\(place.file):\(place.line)"
    case .environment(let name): "$" + name
    case .flag(let name): name
    }
  }
}

/// A place where the configuration names an agent that somebody else has to know.
package struct NamedAgent: Hashable, Sendable {
  package var name: String
  /// Dotted, for messages.
  package var key: String
  package var place: SourceLocation
}

/// Settings together with where they came from and what is wrong with them.
package struct LoadedSettings: Sendable {
  package var settings: Settings
  /// The file as opened; nil when there was none.
  package var file: String?
  /// By dotted key; what is not here is a default.
  package var origins: [String: Origin]
  /// In the order of the file. A key with an error keeps its default, so nothing may start while there is one.
  package var diagnostics: [Diagnostic]
  /// The agents of every `fallback`, in the order of the file.
  package var namedAgents: [NamedAgent]

  package init(
    settings: Settings = .defaults, file: String? = nil, origins: [String: Origin] = [:],
    diagnostics: [Diagnostic] = [], namedAgents: [NamedAgent] = []
  ) {
    self.settings = settings
    self.file = file
    self.origins = origins
    self.diagnostics = diagnostics
    self.namedAgents = namedAgents
  }

  /// Whether something is so wrong that nothing may start.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// Reports every agent that is named and not there.
  ///
  /// - Parameter adapters: The names of all adapters: each is an agent of its own name.
  package mutating func checkAgents(adapters: [String]) {
    let known = (adapters + settings.agents.keys).sorted()
    for agent in namedAgents where !known.contains(agent.name) {
      let nearest = NearestName.find(agent.name, in: known)
      diagnostics.append(
        Diagnostic(
          .error, ConfigCode.unknownAgent.rawValue, at: agent.place,
          "'\(agent.key)' names the agent \(TOMLText.string(agent.name)), which does not exist",
          fix: nearest.map { Diagnostic.Fix("write '\($0)'", replacing: agent.place, with: TOMLText.string($0)) }
            ?? Diagnostic.Fix("add [agents.\(TOMLText.key(agent.name))], or take it out")))
    }
    diagnostics.sort { $0.location < $1.location }
  }

  package func origin(of key: String) -> Origin { origins[key] ?? .default }

  /// Puts a value of the command line in place of the one that was loaded.
  package mutating func override<Value>(
    _ key: String, _ place: WritableKeyPath<Settings, Value>, with value: Value, from origin: Origin
  ) {
    settings[keyPath: place] = value
    origins[key] = origin
  }
}
