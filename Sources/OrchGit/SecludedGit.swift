package import OrchProcess

/// The git directory that one sandboxed worktree has to itself (docs/decisions: private git directory).
///
/// Inside of the sandbox it stands where the repository's own is, so that every path is as usual: the objects of the
/// repository are there to read, new ones and all refs are its own. What came of it is fetched by
/// ``GitRepository/collect(_:branch:base:enter:)``. Nothing of ours writes into ``store`` once an agent has had it: an
/// agent may have put links there.
package struct SecludedGit: Hashable, Sendable {
  /// Ours; a sandbox sees only parts of it.
  package let directory: String
  let worktree: String
  let commonDirectory: String
  /// Of the worktree's administrative directory.
  let name: String
  /// Object directories that the repository borrows from.
  let alternates: [String]

  /// What the program inside may write.
  var store: String { "\(directory)/store" }
  var config: String { "\(directory)/config" }
  var packedRefs: String { "\(directory)/packed-refs" }
  /// Leads the store to the repository's objects; ours, so that nobody cuts himself off from them.
  var borrowed: String { "\(directory)/alternates" }
  /// What the store and the repository had in common when they met last.
  var meeting: String { "\(directory)/meeting" }
  /// Where the repository's objects are inside, beside the program's own.
  static let baseObjects = "base-objects"

  /// What a sandbox needs so that git works in the worktree.
  package var mounts: [Sandbox.Mount] {
    let common = commonDirectory
    return [
      .writable(common, from: store), .readable("\(common)/config", from: config),
      .readable("\(common)/packed-refs", from: packedRefs),
      .readable("\(common)/objects/info/alternates", from: borrowed),
      .readable("\(common)/\(Self.baseObjects)", from: "\(common)/objects"),
      .writable(worktree), .readable("\(worktree)/.git"),
    ] + alternates.map { .readableIfPresent($0) }
      + ["shallow", "lfs", "modules", "worktrees/\(name)/modules"].map { .readableIfPresent("\(common)/\($0)") }
  }
}

/// The configuration that a program in a sandbox gets in place of the repository's and the user's.
enum SecludedConfiguration {
  /// What changes how git reads and writes files. Everything else may hold an address with a password, a helper or a
  /// program that is not there.
  private static let kept: Set<String> = [
    "core.filemode", "core.ignorecase", "core.symlinks", "core.precomposeunicode", "core.autocrlf", "core.eol",
    "core.safecrlf", "core.quotepath", "core.sparsecheckout", "core.sparsecheckoutcone", "core.bigfilethreshold",
    "index.version", "index.sparse", "user.name", "user.email", "author.name", "author.email", "committer.name",
    "committer.email", "i18n.commitencoding", "i18n.logoutputencoding", "merge.conflictstyle", "merge.renamelimit",
    "diff.renamelimit", "diff.renames", "diff.algorithm", "extensions.worktreeconfig",
  ]
  private static let keptInSections = [
    "filter": ["clean", "smudge", "process", "required"], "merge": ["driver", "name"],
    "diff": ["xfuncname", "funcname", "binary", "textconv"],
  ]
  private static let fixed: [(key: String, value: String)] = [
    ("core.bare", "false"), ("core.logAllRefUpdates", "true"),
    // What is fetched out of the sandbox is the index itself, so it must not lean on other files.
    ("core.splitIndex", "false"), ("core.fsmonitor", "false"), ("core.untrackedCache", "false"),
    // That file is ours, and mounted so that nobody inside can replace it.
    ("gc.packRefs", "false"),
  ]

  static func text(_ configuration: GitConfiguration) -> String {
    let found = configuration.values.filter { $0.scope != "command" && isKept($0.key) }.map {
      (key: $0.key, value: $0.value ?? "true")
    }
    let version = configuration.isTrue("extensions.worktreeconfig") ? "1" : "0"
    return ([("core.repositoryFormatVersion", version)] + found + fixed).map(entry).joined()
  }

  private static func isKept(_ key: String) -> Bool {
    if kept.contains(key) { return true }
    guard let first = key.firstIndex(of: "."), let last = key.lastIndex(of: "."), first < last else { return false }
    return keptInSections[String(key[..<first])]?.contains(String(key[key.index(after: last)...])) ?? false
  }

  private static func entry(_ item: (key: String, value: String)) -> String {
    let key = item.key
    guard let first = key.firstIndex(of: "."), let last = key.lastIndex(of: ".") else { return "" }
    var section = String(key[..<first])
    if first < last { section += " \"\(escaped(key[key.index(after: first)..<last]))\"" }
    return "[\(section)]\n\t\(key[key.index(after: last)...]) = \"\(escaped(item.value[...]))\"\n"
  }

  private static func escaped(_ text: Substring) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
