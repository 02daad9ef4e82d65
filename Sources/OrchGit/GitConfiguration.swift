/// The configuration that applies in one place, with where each value comes from.
struct GitConfiguration: Sendable {
  struct Value: Hashable, Sendable {
    /// `system`, `global`, `local`, `worktree` or `command`.
    var scope: String
    /// Section and variable in lower case, the subsection as written.
    var key: String
    /// Nil for a variable without `=`, which git reads as true.
    var value: String?
  }

  var values: [Value]
  /// Whether there is a program `git-lfs`. Without it a filter of the user's that needs it would make checkouts fail.
  var hasLFS = true

  /// Reads the output of `git config --list -z --show-scope`.
  init(listing: [UInt8]) {
    values = []
    let fields = listing.split(separator: 0, omittingEmptySubsequences: false)
    var i = 0
    while i + 1 < fields.count {
      let entry = fields[i + 1]
      let end = entry.firstIndex(of: 0x0A)
      values.append(
        Value(
          scope: String(decoding: fields[i], as: UTF8.self),
          key: String(decoding: entry[..<(end ?? entry.endIndex)], as: UTF8.self),
          value: end.map { String(decoding: entry[($0 + 1)...], as: UTF8.self) }))
      i += 2
    }
  }

  /// The value that git would use.
  func last(_ key: String) -> String? { values.last { $0.key == key && $0.scope != "command" }?.value }

  /// Whether a boolean variable is set and true.
  func isTrue(_ key: String) -> Bool {
    guard let found = values.last(where: { $0.key == key && $0.scope != "command" }) else { return false }
    guard let value = found.value?.lowercased() else { return true }
    return ["true", "yes", "on"].contains(value) || (Int(value).map { $0 != 0 } ?? false)
  }

  private static func isTrusted(_ value: Value) -> Bool { value.scope == "system" || value.scope == "global" }
  private static func isForeign(_ value: Value) -> Bool { value.scope == "local" || value.scope == "worktree" }

  /// Splits `filter.NAME.clean` into its three parts.
  private static func parts(_ key: String) -> (section: String, name: String, variable: String)? {
    guard let first = key.firstIndex(of: "."), let last = key.lastIndex(of: "."), first < last else { return nil }
    return (String(key[..<first]), String(key[key.index(after: first)..<last]), String(key[key.index(after: last)...]))
  }

  /// Settings that take the programs of the repository's own configuration out of force.
  ///
  /// A filter that the user has defined too, globally, keeps the user's definition.
  var neutralising: [(key: String, value: String)] {
    var result: [(key: String, value: String)] = []
    let foreign = foreignNames(section: "filter", variables: ["clean", "smudge", "process", "required"])
    for name in foreign + (userFilter("lfs") == nil ? ["lfs"] : []).filter({ !foreign.contains($0) }) {
      result += filterSettings(name)
    }
    for (section, variable) in [
      ("merge", "driver"), ("diff", "command"), ("diff", "textconv"), ("remote", "uploadpack"),
    ] {
      for name in foreignNames(section: section, variables: [variable]) {
        result.append(("\(section).\(name).\(variable)", "false"))
      }
    }
    return result
  }

  /// Filters that the repository defines and the user does not: they do not run.
  var disabledFilters: [String] {
    let foreign = foreignNames(section: "filter", variables: ["clean", "smudge", "process"])
      .filter { userFilter($0) == nil }
    return definesLFSPrograms && !foreign.contains("lfs") ? (foreign + ["lfs"]).sorted() : foreign
  }

  /// Why files of Git LFS stay pointers; nil when the user's own filter replaces them by their content.
  var lfsObstacle: String? {
    if !hasLFS { return "there is no git-lfs program" }
    if definesLFSPrograms { return "the repository's own configuration names programs for git-lfs to run" }
    return userFilter("lfs") == nil ? "your own git configuration has no filter for them (`git lfs install`)" : nil
  }

  /// git-lfs runs programs that the configuration names, whoever wrote it.
  private var definesLFSPrograms: Bool {
    values.contains { value in
      GitConfiguration.isForeign(value)
        && (value.key.hasPrefix("lfs.extension.") || value.key.hasPrefix("lfs.customtransfer.")
          || (value.key.hasPrefix("lfs.") && value.key.hasSuffix("standalonetransferagent")))
    }
  }

  private func foreignNames(section: String, variables: Set<String>) -> [String] {
    var names: Set<String> = []
    for value in values where GitConfiguration.isForeign(value) {
      if let parts = GitConfiguration.parts(value.key), parts.section == section, variables.contains(parts.variable) {
        names.insert(parts.name)
      }
    }
    return names.sorted()
  }

  private func trusted(_ key: String) -> String? {
    values.last { $0.key == key && GitConfiguration.isTrusted($0) }.map { $0.value ?? "" }
  }

  /// The user's own definition; nil without one, or with one that the repository mixes with a `process` that cannot be
  /// taken out of force (an empty `process` also switches `clean` and `smudge` off).
  private func userFilter(_ name: String) -> [(key: String, value: String)]? {
    let keys = ["clean", "smudge", "process", "required"].map { "filter.\(name).\($0)" }
    let own = keys.compactMap { key in trusted(key).map { (key: key, value: $0) } }
    guard own.contains(where: { !$0.key.hasSuffix(".required") }) else { return nil }
    if own.contains(where: { $0.value.hasPrefix("git-lfs ") }), !hasLFS || definesLFSPrograms { return nil }
    let process = "filter.\(name).process"
    let mixed = trusted(process) == nil && values.contains { $0.key == process && GitConfiguration.isForeign($0) }
    if mixed { return nil }
    // A command that only the repository defines is emptied, which git takes for none.
    return keys.filter { $0 != process || trusted(process) != nil }.map {
      ($0, trusted($0) ?? ($0.hasSuffix("required") ? "false" : ""))
    }
  }

  private func filterSettings(_ name: String) -> [(key: String, value: String)] {
    if let own = userFilter(name) { return own }
    return ["clean", "smudge", "process"].map { ("filter.\(name).\($0)", "") } + [("filter.\(name).required", "false")]
  }
}
