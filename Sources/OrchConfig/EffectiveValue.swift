import OrchDomain

/// One setting as `doctor` shows it.
package struct EffectiveValue: Hashable, Sendable {
  /// Dotted.
  package let key: String
  /// As TOML; secrets are hidden.
  package let value: String
  /// As ``Origin/text``.
  package let origin: String
  /// Whether this version reads the key; false is shown as "accepted, not used yet".
  package let isUsed: Bool
}

extension LoadedSettings {
  /// Every key with the value that holds, in ascending order of the keys.
  ///
  /// - Parameter paths: When given, paths are shown resolved.
  package func effectiveValues(paths: ConfigPaths? = nil) -> [EffectiveValue] {
    var result: [EffectiveValue] = []
    for section in KeyTable.sections {
      for key in section.keys { add(key, settings, at: section.name, paths: paths, to: &result) }
    }
    for (name, agent) in settings.agents {
      let table = "agents.\(TOMLText.key(name))"
      for key in KeyTable.agentKeys { add(key, agent, at: table, paths: nil, to: &result) }
      for (model, price) in agent.prices {
        let prices = "\(table).prices.\(TOMLText.key(model))"
        for key in KeyTable.priceKeys { add(key, price, at: prices, paths: nil, to: &result) }
      }
    }
    for (number, stage) in settings.verify.stages.enumerated() {
      for key in KeyTable.stageKeys { add(key, stage, at: "verify.stages[\(number)]", paths: nil, to: &result) }
    }
    for (number, rule) in settings.review.rules.enumerated() {
      for key in KeyTable.ruleKeys { add(key, rule, at: "review.rules[\(number)]", paths: nil, to: &result) }
    }
    for (priority, label) in settings.githubIssues.priorityLabels {
      let key = "github_issues.priority_labels.\(priority.rawValue)"
      let text = TOMLText.string(label)
      result.append(EffectiveValue(key: key, value: text, origin: origin(of: key).text, isUsed: true))
    }
    return result.sorted { $0.key < $1.key }
  }

  private func add<Root>(
    _ spec: KeySpec<Root>, _ root: Root, at table: String, paths: ConfigPaths?, to result: inout [EffectiveValue]
  ) {
    let key = "\(table).\(spec.path)"
    var value = spec.show(root)
    if let resolved = paths?.byKey[key] { value = TOMLText.string(resolved) }
    if spec.isSecret, value != "\"\"" { value = "(hidden)" }
    if spec.path == "args" || spec.path == "command", let agent = root as? AgentSettings {
      value = TOMLText.strings(Secrets.masked(spec.path == "args" ? agent.args : agent.command))
    }
    let origin = paths?.origins[key] ?? self.origin(of: key)
    result.append(EffectiveValue(key: key, value: value, origin: origin.text, isUsed: spec.use != .notYet))
  }
}

/// Keeps secrets in command lines off the screen.
enum Secrets {
  private static let words = ["token", "secret", "password", "passwd", "api-key", "api_key", "apikey", "auth"]

  /// `arguments` with the values of options whose names speak of a secret hidden.
  static func masked(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var hidesNext = false
    for argument in arguments {
      let name = argument.prefix { $0 != "=" && $0 != ":" }
      let isSecret = words.contains { name.lowercased().contains($0) }
      if isSecret, name.endIndex < argument.endIndex {
        result.append(argument[...name.endIndex] + "(hidden)")
      } else if hidesNext, !argument.hasPrefix("-") {
        result.append("(hidden)")
      } else {
        result.append(argument)
      }
      hidesNext = isSecret && argument.hasPrefix("-") && name.endIndex == argument.endIndex
    }
    return result
  }
}
