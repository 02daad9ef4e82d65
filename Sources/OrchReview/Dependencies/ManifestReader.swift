/// What the lines of a manifest or a lock file say. Works on a part of one as well: where the beginning of a section is
/// not in sight, lines are taken for what they look like.
struct ManifestReader {
  struct Line {
    let number: Int
    let text: String
  }

  private(set) var dependencies: [Dependency] = []
  /// Numbers of lines that are dependencies, punctuation, comments, or describe the package to people.
  private(set) var understood: Set<Int> = []

  /// Tables and keys around the current line, outermost first; empty where they are out of sight.
  private var path: [String] = []
  private var name: String?
  /// Whether the line stands within a text of several lines.
  private var isInText = false

  /// What the lines before were about.
  var lastName: String? { name }
  mutating func artifactSeen(_ artifact: String) { name = artifact }

  init(_ lines: [Line], _ kind: ManifestKind) {
    for line in lines {
      let text = Quoted.trimmed(line.text)
      if text.allSatisfy({ "{}[](),;".contains($0) }) || Self.isComment(text, kind) { understood.insert(line.number) }
      switch kind {
      case .packageJSON, .composerJSON: readJSON(line, text)
      case .npmLock, .composerLock, .nugetLock, .swiftResolved: readJSONLock(line, text, kind)
      case .cargo, .pyproject, .pipfile, .versionCatalog: readTOML(line, text, kind)
      case .packageLock: readPackageLock(line, text)
      case .goMod: readGoMod(line, text)
      case .goSum: break
      case .requirements: readRequirement(line, text)
      case .swiftPackage: readSwift(line, text)
      case .maven: readMaven(line, text)
      case .gradle: readGradle(line, text)
      case .gemfile: readGem(line, text)
      case .gemLock: readGemLock(line, text)
      case .nuget: readNuGet(line, text)
      case .setupPy: readSetup(line, text)
      case .yarnLock: readYarnLock(line, text)
      case .pnpmLock: readPnpmLock(line, text)
      case .gradleLock: readGradleLock(line, text)
      }
    }
  }

  private static func isComment(_ text: Substring, _ kind: ManifestKind) -> Bool {
    switch kind {
    case .goMod, .swiftPackage, .gradle: text.hasPrefix("//")
    case .maven, .nuget: text.hasPrefix("<!--") && text.hasSuffix("-->")
    case .packageJSON, .composerJSON: false
    default: text.hasPrefix("#")
    }
  }

  mutating func add(_ name: some StringProtocol, _ version: some StringProtocol, source: String = "", at line: Line) {
    dependencies.append(Dependency(String(name), String(version), source: source, line: line.number))
    understood.insert(line.number)
  }

  mutating func add(_ name: some StringProtocol, source: String = "", at line: Line) {
    add(name, "", source: source, at: line)
  }

  mutating func describe(_ line: Line) { understood.insert(line.number) }

  // MARK: JSON

  private static let dependencySections: Set<String> = [
    "dependencies", "devdependencies", "peerdependencies", "optionaldependencies", "require", "require-dev",
    "resolutions", "overrides",
    "catalog",
  ]

  private mutating func readJSON(_ line: Line, _ text: Substring) {
    let strings = Quoted.strings(text)
    defer { follow(text, key: strings.first) }
    guard let key = strings.first, text.hasPrefix("\"") else { return }
    guard strings.count == 2 else {
      if text.hasSuffix("{") || text.hasSuffix("["), isSection(key.lowercased()) { describe(line) }
      // An item of a list, such as a keyword.
      if strings.count == 1, path.contains(where: ManifestKind.descriptions.contains) { describe(line) }
      return
    }
    let value = strings[1]
    if let section = path.last {
      if Self.dependencySections.contains(section) {
        add(key, Self.isAddress(value) ? "" : value, source: Self.isAddress(value) ? value : "", at: line)
      } else if path.contains(where: ManifestKind.descriptions.contains)
        || (path.count == 1 && section.isEmpty && isDescription(key))
      {
        describe(line)
      }
    } else if isDescription(key) {
      describe(line)
    } else if Self.isVersion(value) || Self.isAddress(value) {
      add(key, Self.isAddress(value) ? "" : value, source: Self.isAddress(value) ? value : "", at: line)
    }
  }

  private func isSection(_ key: String) -> Bool {
    Self.dependencySections.contains(key) || ManifestKind.descriptions.contains(key)
  }

  private func isDescription(_ key: String) -> Bool { ManifestKind.descriptions.contains(key.lowercased()) }

  private mutating func follow(_ text: Substring, key: String?) {
    let opens = text.last == "{" || text.last == "["
    if let first = text.first, first == "}" || first == "]", !path.isEmpty { path.removeLast() }
    if opens { path.append(text.hasPrefix("\"") ? (key ?? "").lowercased() : "") }
  }

  private static func isVersion(_ text: String) -> Bool {
    let rest = text.drop { "^~<>=v ".contains($0) }
    return rest.first?.isNumber == true || ["*", "latest", "workspace:*"].contains(text)
  }

  private static func isAddress(_ text: String) -> Bool {
    if ["git", "http:", "https:", "file:", "link:", "github:", "npm:"].contains(where: text.hasPrefix) { return true }
    // `owner/repository` of GitHub.
    return text.contains("/") && !text.contains(" ")
  }

  private mutating func readJSONLock(_ line: Line, _ text: Substring, _ kind: ManifestKind) {
    let strings = Quoted.strings(text)
    guard let key = strings.first, text.hasPrefix("\"") else { return }
    if strings.count == 1, text.hasSuffix("{") {
      let parts = key.split(separator: "node_modules/", omittingEmptySubsequences: false)
      name = kind == .npmLock && parts.count > 1 ? parts.last.map(String.init) : key
    } else if strings.count == 2 {
      switch key {
      case "name" where kind == .composerLock, "identity" where kind == .swiftResolved:
        name = strings[1]
      case "version":
        if let name, !name.isEmpty { add(name, strings[1], at: line) }
      case "resolved" where kind == .nugetLock:
        if let name { add(name, strings[1], at: line) }
      case "resolved":
        if let name, !Self.registries.contains(where: strings[1].hasPrefix) { add(name, source: strings[1], at: line) }
      default: break
      }
    }
  }

  private static let registries = ["https://registry.npmjs.org/", "https://registry.yarnpkg.com/"]

  // MARK: TOML

  private mutating func readTOML(_ line: Line, _ text: Substring, _ kind: ManifestKind) {
    if isInText {
      if name.map(isDescription) == true { describe(line) }
      if text.contains("\"\"\"") { isInText = false }
      return
    }
    if text.hasPrefix("["), text.contains("]"), !text.contains(",") || text.hasPrefix("[["), !text.hasPrefix("[\"") {
      path = [text.filter { !"[]\"' ".contains($0) }.lowercased()]
      if Self.isDependencyTable(path[0], kind) { describe(line) }
      if let last = Self.tableOfOne(path[0]) { add(last, at: line) }
      return
    }
    let table = path.first
    guard let equals = text.firstIndex(of: "="), !text.hasPrefix("\""), !text.hasPrefix("'") else {
      // An item of a list.
      if let item = Quoted.strings(text).first {
        if name.map(isDescription) == true { return describe(line) }
        if kind == .pyproject, let (name, version) = Self.requirement(item) { add(name, version, at: line) }
      }
      return
    }
    let key = Quoted.trimmed(text[..<equals]).filter { $0 != "\"" && $0 != "'" }
    let value = Quoted.trimmed(text[text.index(after: equals)...])
    name = String(key)
    isInText = value.hasPrefix("\"\"\"") && !value.dropFirst(3).contains("\"\"\"")
    if let table, let one = Self.tableOfOne(table) {
      if key == "version" { add(one, Quoted.strings(value).first ?? "", at: line) }
      if ["git", "path", "url", "branch", "rev"].contains(key) { add(one, source: String(value), at: line) }
      return
    }
    if table.map({ Self.isDependencyTable($0, kind) }) ?? (Self.looksPinned(value) && !isDescription(String(key))) {
      let strings = Quoted.strings(value)
      let isTable = value.hasPrefix("{")
      let source = Self.inlineSource(value)
      let version = isTable ? Self.inlineVersion(value) : strings.first ?? ""
      add(key == "workspace" ? "" : key.split(separator: ".")[0], version, source: source, at: line)
    } else if isDescription(String(key)) {
      describe(line)
    } else if kind == .pyproject, key == "dependencies" || key == "requires" {
      describe(line)
      for item in Quoted.strings(value) {
        if let (name, version) = Self.requirement(item) { add(name, version, at: line) }
      }
    }
  }

  /// The parts of an inline table that say where a package comes from.
  private static func inlineSource(_ value: Substring) -> String {
    let keys = ["git", "path", "url", "branch", "rev", "tag", "registry"]
    return value.split { "{},".contains($0) }.map(Quoted.trimmed).filter { part in
      part.contains("=") && keys.contains(String(part.prefix { $0.isLetter }))
    }.joined(separator: ", ")
  }

  private static func inlineVersion(_ value: Substring) -> String {
    let parts = value.split(separator: "version", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return "" }
    return Quoted.strings(parts[1]).first ?? ""
  }

  private static func looksPinned(_ value: Substring) -> Bool {
    if value.hasPrefix("{") { return ["version", "git", "path", "workspace"].contains { value.contains($0) } }
    return Quoted.strings(value).first.map(isVersion) ?? false
  }

  private static func isDependencyTable(_ table: String, _ kind: ManifestKind) -> Bool {
    switch kind {
    case .pipfile: ["packages", "dev-packages"].contains(table)
    case .versionCatalog: ["versions", "libraries", "plugins"].contains(table)
    default:
      table.hasSuffix("dependencies") || table.hasPrefix("dependency-groups")
        || table.hasPrefix("project.optional-dependencies")
    }
  }

  /// `serde` of `[dependencies.serde]`.
  private static func tableOfOne(_ table: String) -> String? {
    guard let dot = table.lastIndex(of: "."), table[..<dot].hasSuffix("dependencies"),
      !table.hasPrefix("project."), !table.hasSuffix("dependencies")
    else { return nil }
    return String(table[table.index(after: dot)...])
  }

  private mutating func readPackageLock(_ line: Line, _ text: Substring) {
    guard let value = Quoted.strings(text).first else { return }
    if text.hasPrefix("name = ") {
      name = value
    } else if text.hasPrefix("version = "), let name {
      add(name, value, at: line)
    } else if text.hasPrefix("source = "), let name, text.contains("git") || text.contains("directory"),
      !text.contains("registry")
    {
      add(name, source: value, at: line)
    }
  }
}
