/// The state of a checkout, kept under a ref of its own.
package struct Snapshot: Hashable, Sendable {
  /// The commit: its tree is the working files, its first parent the tip, its second (when there is one) holds what
  /// was staged and is neither committed nor in the files any more.
  package var commit: String
  /// Directories with a repository of their own: their contents are not in the snapshot.
  package var nested: [String]
  /// Files that could not be read.
  package var unreadable: [String]

  package init(commit: String, nested: [String], unreadable: [String]) {
    self.commit = commit
    self.nested = nested
    self.unreadable = unreadable
  }

  /// Whether everything that is not ignored is in it.
  package var isComplete: Bool { nested.isEmpty && unreadable.isEmpty }
}

/// Reads the whole uncommitted state of a checkout into trees, through a copy of its index.
///
/// By plumbing, not `git add -A`: that would start git inside of every nested repository, with the configuration it
/// finds there.
struct SnapshotReader {
  let checkout: Checkout
  let runner: GitRunner
  /// Named by chance: a git process of an earlier run that was killed may still be writing to its own copy.
  let copy: String
  private let settings: [(key: String, value: String)]

  private static let prefix = "orch-snapshot-"

  struct State: Hashable {
    /// The working files.
    var tree: String
    /// The index; nil when it holds conflicts.
    var staged: String?
    var nested: [String] = []
    var unreadable: [String] = []
  }

  init(_ checkout: Checkout, runner: GitRunner) async throws(GitError) {
    self.checkout = checkout
    self.runner = runner
    let name = Self.prefix + String(UInt64.random(in: .min ... .max), radix: 36)
    copy = checkout.place.gitDirectory + "/" + name
    settings =
      try await runner.configuration(at: checkout.place).neutralising + GitHardening.durable(runner.version)
  }

  func read() async throws(GitError) -> State {
    try clean()
    let state: State
    do throws(GitError) {
      state = try await readState()
    } catch {
      try clean()
      throw error
    }
    try clean()
    return state
  }

  /// Removes the copy, and those of runs that were killed.
  private func clean() throws(GitError) {
    let directory = checkout.place.gitDirectory
    for name in try Posix.list(directory) where name.hasPrefix(Self.prefix) {
      try Posix.remove(directory + "/" + name)
    }
  }

  private func readState() async throws(GitError) -> State {
    if try Posix.exists(checkout.indexPath) {
      try Posix.copyIndex(checkout.indexPath, to: copy)
    } else if checkout.info.head.commit != nil {
      try await git(["read-tree", "HEAD"])
    }
    let staged = try await git(["write-tree"], accepted: [0, 128])
    var state = State(tree: "", staged: staged.code == 0 ? staged.text : nil)
    try await showHiddenFiles()
    try await git(["update-index", "-q", "--refresh"], accepted: [0, 1])
    var paths = try await git(["diff-files", "-z", "--name-only", "--ignore-submodules=all"]).fields
    let others = try await git(["ls-files", "-z", "--others", "--exclude-standard"])
    state.unreadable = Self.warnings(others.message)
    for path in others.fields where !checkout.provides(path, runner.options) {
      if path.last == UInt8(ascii: "/") {
        state.nested.append(String(decoding: path.dropLast(), as: UTF8.self))
      } else {
        paths.append(path)
      }
    }
    state.nested += try await populatedSubmodules()
    state.unreadable += try await add(paths)
    state.tree = try await git(["write-tree"]).text
    return state
  }

  @discardableResult
  private func git(
    _ arguments: [String], input: [UInt8]? = nil, accepted: Set<Int32> = [0]
  ) async throws(GitError) -> GitRunner.Output {
    try await runner.run(
      arguments, at: checkout.place, GitRunner.Extra(input: input, index: copy, settings: settings),
      accepted: accepted)
  }

  /// Files that the index was told to look away from are looked at: in the copy only, and only where they exist, so
  /// that the files outside of a sparse checkout do not count as deleted.
  private func showHiddenFiles() async throws(GitError) {
    var assumed: [UInt8] = []
    var skipped: [UInt8] = []
    for field in try await git(["ls-files", "-v", "-z"]).fields where field.count > 2 {
      let path = Array(field.dropFirst(2))
      if (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(field[0]) { assumed += path + [0] }
      if field[0] == UInt8(ascii: "S") || field[0] == UInt8(ascii: "s") {
        let file = checkout.info.path + "/" + String(decoding: path, as: UTF8.self)
        if try Posix.exists(file) { skipped += path + [0] }
      }
    }
    if !assumed.isEmpty { try await git(["update-index", "--no-assume-unchanged", "-z", "--stdin"], input: assumed) }
    if !skipped.isEmpty { try await git(["update-index", "--no-skip-worktree", "-z", "--stdin"], input: skipped) }
  }

  /// Returns what cannot be read.
  private func add(_ paths: [[UInt8]]) async throws(GitError) -> [String] {
    var unreadable: [String] = []
    var input: [UInt8] = []
    var gone: [UInt8] = []
    var links: [String: Bool] = [:]
    for path in paths {
      let name = String(decoding: path, as: UTF8.self)
      let file = checkout.info.path + "/" + name
      if try isBeyondLink(name, &links) {
        gone += path + [0]
        continue
      }
      let kind = try Posix.info(file)?.kind
      // A pipe or socket holds nothing, and git can keep none.
      if kind == .other { continue }
      if kind == .regular, !Posix.mayRead(file) { unreadable.append(name) } else { input += path + [0] }
    }
    // Files whose directory became a link are not there any more, whatever the link leads to.
    if !gone.isEmpty { try await git(["update-index", "--force-remove", "-z", "--stdin"], input: gone) }
    if !input.isEmpty {
      try await git(["update-index", "--add", "--remove", "--replace", "-z", "--stdin"], input: input)
    }
    return unreadable
  }

  /// Whether a directory on the way to a file is a link.
  private func isBeyondLink(_ name: String, _ links: inout [String: Bool]) throws(GitError) -> Bool {
    guard let slash = name.lastIndex(of: "/") else { return false }
    let directory = String(name[..<slash])
    if let known = links[directory] { return known }
    let kind = try Posix.info(checkout.info.path + "/" + directory)?.kind
    let isBeyond = if kind == .link { true } else { try isBeyondLink(directory, &links) }
    links[directory] = isBeyond
    return isBeyond
  }

  /// Submodules with files of their own: what is uncommitted in them is not ours to see.
  private func populatedSubmodules() async throws(GitError) -> [String] {
    var found: [String] = []
    for field in try await git(["ls-files", "-s", "-z"]).fields where field.starts(with: Array("160000 ".utf8)) {
      guard let entry = IndexEntry(field) else { continue }
      guard try Posix.exists(checkout.info.path + "/" + entry.path + "/.git") else { continue }
      if try await !Submodules(checkout: checkout, runner: runner).isPristine(entry) { found.append(entry.path) }
    }
    return found
  }

  /// The directories that git could not look into, from its warnings.
  private static func warnings(_ message: String) -> [String] {
    message.split(separator: "\n").filter { $0.hasPrefix("warning: could not open directory") }.map { line in
      let quoted = line.split(separator: "'", omittingEmptySubsequences: false)
      return quoted.count >= 3 ? String(quoted[1]) : String(line)
    }
  }
}
