/// Why no configuration could be loaded. Mistakes inside a file are diagnostics, not errors.
package enum ConfigError: Error, Hashable, CustomStringConvertible {
  case notFound(path: String, ConfigLocation.Choice)
  case unreadable(path: String, reason: String)

  package var description: String {
    switch self {
    case .notFound(let path, .environment):
      "the configuration file '\(path)', which $CLAUDE_ORCH_CONFIG names, does not exist; correct or unset the variable"
    case .notFound(let path, _):
      "the configuration file '\(path)' does not exist; correct --config, or make one with 'claude-orch onboard'"
    case .unreadable(let path, let reason):
      "the configuration file '\(path)' cannot be read: \(reason); check its permissions"
    }
  }
}

/// What reading a file gave.
package enum FileContent: Hashable, Sendable {
  case bytes([UInt8])
  case missing
  /// The operating system's reason.
  case unreadable(String)
}
