import OrchDomain

/// Brings one checkout from the tree of one commit to that of its descendant, as `git merge --ff-only` would, and in
/// such a way that being killed anywhere in between can be made good by doing it again.
///
/// git works on a copy of the index while the real one is locked with a lock that can be recognised as ours; the copy
/// takes the place of the index in one step at the end.
struct CheckoutUpdate {
  static let lockText = Array("claude-orch: advancing this checkout\n".utf8)

  let checkout: Checkout
  let runner: GitRunner
  let from: String
  let to: String
  /// Every path that differs, without renames.
  let changes: [TreeChange]
  let ignoresCase: Bool
  /// Nil for a checkout without an index, which has no files to update.
  private(set) var isLocked = false
  /// What takes the repository's own programs out of force, as its configuration was when the update began.
  private var settings: [(key: String, value: String)] = []
  var status: StatusEdits

  var place: GitPlace { checkout.place }
  var root: String { checkout.info.path }
  var lockPath: String { checkout.indexPath + ".lock" }
  /// The copy of the index.
  var copyPath: String { place.gitDirectory + "/orch-index" }

  init(
    _ checkout: Checkout, runner: GitRunner, from: String, to: String, changes: [TreeChange], ignoresCase: Bool,
    edits: [WorkingFileEdit]
  ) {
    self.checkout = checkout
    self.runner = runner
    self.from = from
    self.to = to
    self.changes = changes
    self.ignoresCase = ignoresCase
    status = StatusEdits(edits, changes: changes)
  }

  /// Locks the index and finds out, without changing any file of the person, whether the update is safe.
  mutating func prepare() async throws(GitError) -> BranchHold? {
    guard try Posix.exists(checkout.indexPath) else { return nil }
    let configuration = try await runner.configuration(at: place)
    settings = configuration.neutralising
    var isRecovering = false
    switch try lock() {
    case .taken: break
    case .ours: isRecovering = true
    case .foreign: return BranchHold(path: root, reason: .indexLocked, files: [lockPath])
    }
    isLocked = true
    if isRecovering { try await OrphanedGit.settle([copyPath + ".lock"], of: "GIT_INDEX_FILE=\(copyPath)") }
    try Posix.remove(copyPath + ".lock")
    try Posix.copyIndex(checkout.indexPath, to: copyPath)
    try await git(["update-index", "-q", "--refresh"], accepted: [0, 1])
    if isRecovering { try await undoHalfWritten() }
    if let hold = try await untrustedFilters(Set(configuration.disabledFilters)) { return hold }
    let unstaged = try await unstagedChanges()
    if let files = try await filesInTheWay() ?? deletedFiles(unstaged) { return hold(files) }
    if let closed = try closedDirectories() { return BranchHold(path: root, reason: .notWritable, files: closed) }
    try await status.prepare(self, unstaged: Set(unstaged.keys))
    let trial = try await git(["read-tree", "-m", "-u", "--dry-run", from, to], accepted: [0, 1, 128])
    return trial.code == 0 ? nil : hold(try await overlappingFiles(trial.message))
  }

  /// Writes the files and the index. Only after every checkout of the branch has agreed.
  mutating func apply() async throws(GitError) -> [UneditedFile] {
    guard isLocked else { return [] }
    do throws(GitError) {
      try await git(["read-tree", "-m", "-u", from, to])
    } catch {
      try Posix.remove(copyPath + ".lock")
      try Posix.copyIndex(checkout.indexPath, to: copyPath)
      try await undoHalfWritten()
      throw error
    }
    let leftAlone = try await status.apply(self)
    try Posix.move(copyPath, to: checkout.indexPath)
    try release()
    return leftAlone
  }

  /// Gives the index back.
  mutating func release() throws(GitError) {
    guard isLocked else { return }
    isLocked = false
    try Posix.remove(copyPath)
    try Posix.remove(copyPath + ".lock")
    try Posix.remove(lockPath)
  }

  private enum Lock { case taken, ours, foreign }

  private func lock() throws(GitError) -> Lock {
    // Written first and then linked into place, so that a lock of ours is never found without its text.
    let draft = place.gitDirectory + "/orch-index-lock"
    try Posix.writeFile(draft, Self.lockText)
    let isNew = try Posix.linkNew(draft, to: lockPath)
    try Posix.remove(draft)
    if isNew { return .taken }
    return try Posix.read(lockPath, limit: 1 << 30) == Self.lockText ? .ours : .foreign
  }

  /// git on the copy of the index.
  @discardableResult
  func git(
    _ arguments: [String], input: [UInt8]? = nil, accepted: Set<Int32> = [0]
  ) async throws(GitError) -> GitRunner.Output {
    try await runner.run(
      arguments, at: place, GitRunner.Extra(input: input, index: copyPath, settings: settings), accepted: accepted)
  }

  private func hold(_ files: [String]) -> BranchHold {
    BranchHold(path: root, reason: .uncommittedChanges, files: files)
  }

  /// The changed paths that a filter would have to write which we do not run.
  private func untrustedFilters(_ disabled: Set<String>) async throws(GitError) -> BranchHold? {
    let written = changes.filter { $0.new != nil }.map(\.path)
    if disabled.isEmpty || written.isEmpty { return nil }
    let input: [UInt8] = written.flatMap { (path: String) -> [UInt8] in Array(path.utf8) + [0] }
    let fields = try await git(["check-attr", "-z", "--stdin", "filter"], input: input).paths
    var files: [String] = []
    for i in stride(from: 0, to: fields.count - 2, by: 3) where disabled.contains(fields[i + 2]) {
      files.append(fields[i])
    }
    return files.isEmpty ? nil : BranchHold(path: root, reason: .untrustedFilter, files: files)
  }

  /// What the working files are different in from the index: a letter of git for each path.
  func unstagedChanges() async throws(GitError) -> [String: String] {
    let fields = try await git(["diff-files", "-z", "--name-status", "--no-renames", "--ignore-submodules=all"]).paths
    var changes: [String: String] = [:]
    for i in stride(from: 0, to: fields.count - 1, by: 2) { changes[fields[i + 1]] = fields[i] }
    return changes
  }

  /// The person's changes that overlap with ours: every one, where git names the first.
  private func overlappingFiles(_ message: String) async throws(GitError) -> [String] {
    let ours = Set(changes.map(\.path))
    let unstaged = try await Array(unstagedChanges().keys)
    let staged = try await git(["diff-index", "--cached", "-z", "--name-only", "--ignore-submodules=all", from]).paths
    let files = Set(unstaged + staged).intersection(ours).sorted()
    if !files.isEmpty { return files }
    let quoted = message.split(separator: "'", omittingEmptySubsequences: false)
    return quoted.count >= 3 ? [String(quoted[1])] : [SafeText.line(message, limit: 200)]
  }
}
