import OrchDiagnostics
import OrchDomain

/// Turns a parsed configuration file into settings.
struct SettingsDecoder {
  private var tables: TableDecoder
  private var settings = Settings.defaults
  private var namedAgents: [NamedAgent] = []

  static func decode(_ document: TOMLDocument, file: String) -> LoadedSettings {
    var decoder = SettingsDecoder(tables: TableDecoder(file: file, places: document.places))
    decoder.walk(document.root, at: [], name: "")
    decoder.takeOverOlderNames()
    decoder.checkWhole()
    return LoadedSettings(
      settings: decoder.settings, file: file, origins: decoder.tables.origins,
      diagnostics: decoder.tables.sortedDiagnostics, namedAgents: decoder.namedAgents)
  }

  private mutating func walk(_ table: [(key: String, value: TOMLNode)], at path: [KeyStep], name: String) {
    for (key, value) in table {
      let place = path + [.key(key)]
      let full = name.isEmpty ? key : "\(name).\(key)"
      if key.contains(".") {
        // A quoted key with a dot is not the path that it looks like.
        tables.unknown(key, at: place, in: name, candidates: [])
      } else if let spec = KeyTable.byPath[full] {
        tables.apply(spec, value, at: place, name: full, to: &settings)
      } else {
        walkTable(full, key, value, at: place, in: name)
      }
    }
  }

  private mutating func walkTable(
    _ full: String, _ key: String, _ value: TOMLNode, at path: [KeyStep], in parent: String
  ) {
    switch full {
    case "agents": eachTable(of: value, at: path, name: full) { $0.agent($1, $2, at: $3) }
    case "review.rules": reviewRules(value, at: path)
    case "verify.stages": stages(value, at: path)
    case "github_issues.priority_labels": priorityLabels(value, at: path)
    case _ where KeyTable.tableNames.contains(full):
      guard case .table(let table) = value else {
        let message = "'\(full)' must be a table, written [\(full)], not \(value.kind)"
        return tables.report(.error, .wrongType, at: path, value: true, message)
      }
      walk(table, at: path, name: full)
    default: unknown(key, at: path, in: parent)
    }
  }

  private mutating func unknown(_ key: String, at path: [KeyStep], in table: String) {
    let prefix = table.isEmpty ? "" : table + "."
    let names = KeyTable.tableNames.union(KeyTable.byPath.keys)
      .union(["agents", "review.rules", "verify.stages", "github_issues.priority_labels"])
    let siblings = names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
      .filter { !$0.contains(".") }
    let elsewhere = KeyTable.byPath.keys.filter { $0.hasSuffix("." + key) }.min()
    tables.unknown(key, at: path, in: table, candidates: siblings, elsewhere: elsewhere)
  }

  /// Calls `body` for every table inside the table `node`.
  private mutating func eachTable(
    of node: TOMLNode, at path: [KeyStep], name: String,
    _ body: (inout SettingsDecoder, String, TOMLNode, [KeyStep]) -> Void
  ) {
    guard case .table(let table) = node else {
      let message = "'\(name)' must hold tables, written [\(name).NAME], not \(node.kind)"
      return tables.report(.error, .wrongType, at: path, value: true, message)
    }
    for (key, value) in table { body(&self, key, value, path + [.key(key)]) }
  }

  private mutating func agent(_ name: String, _ node: TOMLNode, at path: [KeyStep]) {
    guard name.utf8.first != UInt8(ascii: "-"), !name.isEmpty,
      name.utf8.allSatisfy({ TOMLText.isBareKeyByte($0) || $0 == UInt8(ascii: ".") })
    else {
      let message = "an agent's name must be made of letters, digits, '-', '_' and '.', not \(TOMLText.string(name))"
      return tables.report(.error, .outOfRange, at: path, message)
    }
    var agent = settings.agents[name] ?? AgentSettings()
    let table = "agents.\(TOMLText.key(name))"
    let present = tables.decode(
      node, at: path, name: table, into: &agent, keys: KeyTable.agentKeys, extra: ["prices"])
    if let prices = present["prices"] {
      eachTable(of: prices, at: path + [.key("prices")], name: "\(table).prices") { decoder, model, node, path in
        var price = ModelPrice()
        let name = "\(table).prices.\(TOMLText.key(model))"
        decoder.tables.decode(node, at: path, name: name, into: &price, keys: KeyTable.priceKeys)
        agent.prices[model] = price
      }
    }
    if (agent.adapter ?? name) == "command", agent.command.isEmpty, present["command"] == nil {
      let message = "'\(table)' needs command = [\"PROGRAM\"], because its adapter is \"command\""
      tables.report(.error, .missingKey, at: path, message)
    }
    for (number, other) in agent.fallback.enumerated() {
      let range = tables.places.range(of: path + [.key("fallback"), .index(number)], value: true)
      namedAgents.append(
        NamedAgent(name: other, key: "\(table).fallback", place: tables.places.location(range, in: tables.file)))
    }
    settings.agents[name] = agent
  }

  /// Decodes every element of a list of tables.
  ///
  /// - Returns: What the elements that are tables say, the keys that each has, and where it stands.
  private mutating func eachElement<Element>(
    of node: TOMLNode, at path: [KeyStep], name: String, keys: [KeySpec<Element>], _ initial: Element
  ) -> [(value: Element, present: [String: TOMLNode], place: [KeyStep])] {
    guard case .list(let list) = node else {
      let message = "'\(name)' must be a list of tables, each written [[\(name)]], not \(node.kind)"
      tables.report(.error, .wrongType, at: path, value: true, message)
      return []
    }
    return list.enumerated().compactMap { number, element in
      let place = path + [.index(number)]
      var value = initial
      let present = tables.decode(element, at: place, name: "\(name)[\(number)]", into: &value, keys: keys)
      guard case .table = element else { return nil }
      return (value, present, place)
    }
  }

  /// Reports a name that another element of the list has.
  private mutating func checkUnique(
    _ name: String, at place: [KeyStep], among seen: inout [String: [KeyStep]], kind: String
  ) {
    guard !name.isEmpty, let first = seen.updateValue(place, forKey: name) else { return }
    let note = Diagnostic.Note(
      "the other one is here", at: tables.places.location(tables.places.range(of: first), in: tables.file))
    let message = "two \(kind) have the name '\(name)'"
    tables.report(.error, .conflict, at: place + [.key("name")], value: true, message, notes: [note])
  }

  private mutating func stages(_ node: TOMLNode, at path: [KeyStep]) {
    var seen: [String: [KeyStep]] = [:]
    for (stage, present, place) in eachElement(
      of: node, at: path, name: "verify.stages", keys: KeyTable.stageKeys, VerifyStage())
    {
      for key in ["name", "commands"] where present[key] == nil {
        let example = key == "name" ? "\"lint\"" : "[\"make lint\"]"
        tables.report(.error, .missingKey, at: place, "this stage needs \(key), such as \(key) = \(example)")
      }
      if case .list(let list)? = present["commands"], list.isEmpty {
        tables.report(
          .error, .outOfRange, at: place + [.key("commands")], value: true,
          "this stage has no command; it proves nothing")
      }
      checkUnique(stage.name, at: place, among: &seen, kind: "stages")
      settings.verify.stages.append(stage)
    }
  }

  private mutating func reviewRules(_ node: TOMLNode, at path: [KeyStep]) {
    var seen: [String: [KeyStep]] = [:]
    for (rule, present, place) in eachElement(
      of: node, at: path, name: "review.rules", keys: KeyTable.ruleKeys, ReviewRule())
    {
      for key in ["name", "category"] where present[key] == nil {
        let example = key == "name" ? "\"billing\"" : "\"security\""
        tables.report(.error, .missingKey, at: place, "this review rule needs a \(key), such as \(key) = \(example)")
      }
      if present["paths"] == nil, present["words"] == nil {
        tables.report(.error, .missingKey, at: place, "this review rule needs paths, words or both; it finds nothing")
      }
      checkUnique(rule.name, at: place, among: &seen, kind: "review rules")
      settings.review.rules.append(rule)
    }
  }

  private mutating func priorityLabels(_ node: TOMLNode, at path: [KeyStep]) {
    guard case .table(let table) = node else {
      let message = "'github_issues.priority_labels' must be a table, not \(node.kind)"
      return tables.report(.error, .wrongType, at: path, value: true, message)
    }
    for (key, value) in table {
      let name = "github_issues.priority_labels.\(TOMLText.key(key))"
      guard case .text(let label) = value else {
        let message = "'\(name)' must be a string, not \(value.kind)"
        tables.report(.error, .wrongType, at: path + [.key(key)], value: true, message)
        continue
      }
      guard let priority = TaskPriority(markdown: key) else {
        let message = "'\(name)' is read by nothing: a priority is high, normal or low"
        tables.report(.warning, .unknownKey, at: path + [.key(key)], message)
        continue
      }
      settings.githubIssues.priorityLabels[priority] = label
      tables.setOrigin(of: "github_issues.priority_labels.\(priority.rawValue)", at: path + [.key(key)])
    }
  }

  /// Gives the values under older names to the keys that replaced them.
  private mutating func takeOverOlderNames() {
    if let executor = settings.general.executor, tables.origins["general.agent"] == nil {
      settings.general.agent = executor
      tables.copyOrigin(of: "general.executor", to: "general.agent")
    }
    if let model = settings.general.opencodeModel, settings.agents["opencode"]?.model == nil {
      settings.agents["opencode", default: AgentSettings()].model = model
      tables.copyOrigin(of: "general.opencode_model", to: "agents.opencode.model")
    }
  }

  /// Checks what no single value shows.
  private mutating func checkWhole() {
    if let agent = settings.verify.acceptanceAgent, settings.verify.acceptance == .off,
      settings.review.secondLook == .off
    {
      tables.report(
        .warning, .conflict, at: [.key("verify"), .key("acceptance_agent")],
        "'\(SafeText.line(agent, limit: 80))' has nothing to look at: 'verify.acceptance' and 'review.second_look' are "
          + "\"off\"")
    }
    if !settings.verify.commands.isEmpty,
      settings.verify.stages.contains(where: { $0.name == VerifySettings.testStage })
    {
      tables.report(
        .error, .conflict, at: [.key("verify"), .key("commands")],
        "'verify.commands' is the stage 'test', and there is a stage of that name too",
        fix: Diagnostic.Fix("write all commands into one of them"))
    }
    if settings.forge.kind == .github, settings.forge.repo == nil {
      tables.report(
        .error, .missingKey, at: [.key("forge"), .key("kind")], "kind = \"github\" needs repo = \"OWNER/NAME\"")
    }
    if (settings.forge.appID == nil) != (settings.forge.appKeyFile == nil) {
      tables.report(
        .error, .missingKey, at: [.key("forge"), .key(settings.forge.appID == nil ? "app_key_file" : "app_id")],
        "a GitHub App needs both 'forge.app_id' and 'forge.app_key_file'")
    }
    if settings.githubIssues.enabled, settings.githubIssues.repo == nil, settings.forge.repo == nil {
      tables.report(
        .error, .missingKey, at: [.key("github_issues"), .key("enabled")],
        "'github_issues.enabled' needs repo = \"OWNER/NAME\"")
    }
  }
}
