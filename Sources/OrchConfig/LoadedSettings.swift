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

/// Settings together with where they came from and what is wrong with them.
package struct LoadedSettings: Sendable {
  package var settings: Settings
  /// The file as opened; nil when there was none.
  package var file: String?
  /// By dotted key; what is not here is a default.
  package var origins: [String: Origin]
  /// In the order of the file. A key with an error keeps its default, so nothing may start while there is one.
  package var diagnostics: [Diagnostic]

  package init(
    settings: Settings = .defaults, file: String? = nil, origins: [String: Origin] = [:],
    diagnostics: [Diagnostic] = []
  ) {
    self.settings = settings
    self.file = file
    self.origins = origins
    self.diagnostics = diagnostics
  }

  /// Whether something is so wrong that nothing may start.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  package func origin(of key: String) -> Origin { origins[key] ?? .default }

  /// Puts a value of the command line in place of the one that was loaded.
  package mutating func override<Value>(
    _ key: String, _ place: WritableKeyPath<Settings, Value>, with value: Value, from origin: Origin
  ) {
    settings[keyPath: place] = value
    origins[key] = origin
  }
}
