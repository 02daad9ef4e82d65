/// What kind of project this is, and what to propose for its gate.
package struct DetectedFramework: Hashable, Sendable {
  /// For people: `Swift package`, `Next.js (pnpm)`.
  package var name: String
  /// The files that show it.
  package var because: [String]
  /// Below the project's root; empty for the root itself.
  package var directory = ""
  /// Proposed for the stage `lint`.
  package var lint: [String] = []
  /// Proposed for `[verify] commands`, the stage `test`; empty when the project shows no way to test it.
  package var verify: [String] = []
  /// Proposed for `[worktree] setup`, which runs before the agent works and again for the merged tree.
  package var setup: [String] = []
  /// Proposed for `[worktree] symlink_dirs`; only where no setup can make them.
  package var symlinkDirs: [String] = []
  /// What a person should know about the proposal, one sentence each.
  package var remarks: [String] = []

  init(
    _ name: String, because: [String] = [], lint: [String] = [], verify: [String] = [], setup: [String] = []
  ) {
    self.name = name
    self.because = because
    self.lint = lint
    self.verify = verify
    self.setup = setup
  }

  /// The same for a project that stands in a directory of a larger one.
  func moved(to directory: String) -> DetectedFramework {
    let enter = { (command: String) in "cd \(directory) && \(command)" }
    var moved = self
    moved.directory = directory
    moved.because = because.map { "\(directory)/\($0)" }
    moved.lint = lint.map(enter)
    moved.verify = verify.map(enter)
    moved.setup = setup.map(enter)
    moved.symlinkDirs = symlinkDirs.map { "\(directory)/\($0)" }
    return moved
  }
}

/// One directory of a project, as far as detection needs it.
struct ProjectListing {
  /// Names of files and directories.
  let names: Set<String>
  /// The text of a file; nil when it cannot be read.
  let read: (String) -> String?

  func has(_ name: String) -> Bool { names.contains(name) }

  /// The first of `candidates` that is there.
  func first(of candidates: [String]) -> String? { candidates.first(where: has) }

  /// Those of `candidates` that are there.
  func present(_ candidates: [String]) -> [String] { candidates.filter(has) }

  /// Whether the file is there and holds `text`, whatever its case.
  func file(_ name: String, contains text: String) -> Bool {
    guard has(name), let content = read(name) else { return false }
    return content.lowercased().contains(text.lowercased())
  }

  /// A file whose name ends with one of `endings`, the first in order.
  func name(endingWith endings: [String]) -> String? {
    names.filter { name in endings.contains { name.hasSuffix($0) } }.min()
  }
}
