/// What kind of project this is, and what to propose for its gate.
package struct DetectedFramework: Hashable, Sendable {
  /// For people: `Swift package`, `Node.js (pnpm)`.
  package var name: String
  /// Proposed for `[verify] commands`; empty when the project shows no way to test it.
  package var verify: [String] = []
  /// Proposed for `[worktree] setup`.
  package var setup: [String] = []
  /// Proposed for `[worktree] symlink_dirs`; only where no setup can make them.
  package var symlinkDirs: [String] = []
  /// What a person should know about the proposal, one sentence each.
  package var remarks: [String] = []

  init(_ name: String, verify: [String] = [], setup: [String] = []) {
    self.name = name
    self.verify = verify
    self.setup = setup
  }
}

/// The top directory of a project, as far as detection needs it.
struct ProjectListing {
  /// Names of files and directories.
  let names: Set<String>
  /// The text of a file; nil when it cannot be read.
  let read: (String) -> String?

  func has(_ name: String) -> Bool { names.contains(name) }

  /// The first of `candidates` that is there.
  func first(of candidates: [String]) -> String? { candidates.first(where: has) }

  /// Whether the file is there and holds `text`, whatever its case.
  func file(_ name: String, contains text: String) -> Bool {
    guard has(name), let content = read(name) else { return false }
    return content.lowercased().contains(text.lowercased())
  }

  /// Whether a file whose name ends with one of `endings` is there.
  func hasName(endingWith endings: [String]) -> Bool {
    names.contains { name in endings.contains { name.hasSuffix($0) } }
  }
}
