/// A checkout with the directory in which git keeps its state.
struct Checkout: Hashable, Sendable {
  var info: WorktreeInfo
  /// Full ref name that its HEAD ends at; nil when detached.
  var headRef: String?
  var place: GitPlace
  /// Whether the `.git` of its directory leads back to us. Only then may its files be touched.
  var isLinked: Bool

  var indexPath: String { place.gitDirectory + "/index" }
}

/// Reads the checkouts of a repository from its directory, as gitrepository-layout(5) and git-worktree(1) document it.
/// No process: this happens at every landing.
struct CheckoutReader: ~Copyable {
  let location: RepositoryLocation
  /// The commit that a full ref name leads to, and the ref that it ends at.
  let resolve: (String) throws(GitError) -> (ref: String, commit: String?)

  func all() throws(GitError) -> [Checkout] {
    var found: [Checkout] = []
    if let main = try mainCheckout() { found.append(main) }
    let directory = location.commonDirectory + "/worktrees"
    for name in try Posix.list(directory) {
      if let checkout = try linked(directory + "/" + name) { found.append(checkout) }
    }
    return found
  }

  private func mainCheckout() throws(GitError) -> Checkout? {
    let common = location.commonDirectory
    var path = location.gitDirectory == common ? location.workTree : nil
    if path == nil, !location.isBare, common.hasSuffix("/.git") {
      let parent = String(common.dropLast(5))
      if try WorkTreeLink.leadsBack(from: parent, to: common) { path = parent }
    }
    guard let path else { return nil }
    return try checkout(path: path, gitDirectory: common, isMain: true)
  }

  /// The linked worktree whose administrative directory this is; nil when that is damaged beyond reading.
  func linked(_ directory: String) throws(GitError) -> Checkout? {
    guard let link = try Posix.line(directory + "/gitdir"), link.hasSuffix("/.git") else { return nil }
    let absolute = link.hasPrefix("/") ? link : directory + "/" + link
    let path = String(absolute.dropLast(5))
    return try checkout(path: Posix.realPath(path) ?? path, gitDirectory: directory, isMain: false)
  }

  private func checkout(path: String, gitDirectory: String, isMain: Bool) throws(GitError) -> Checkout? {
    guard let head = try readHead(gitDirectory) else { return nil }
    let isLinked = try WorkTreeLink.leadsBack(from: path, to: Posix.realPath(gitDirectory) ?? gitDirectory)
    // An agent may have made anything of that name.
    let lock = try Posix.info(gitDirectory + "/locked").map { info throws(GitError) in
      info.kind == .regular ? try Posix.line(gitDirectory + "/locked") ?? "" : ""
    }
    let info = WorktreeInfo(
      path: path, head: head.head, isMain: isMain, isLocked: lock != nil,
      isWarm: lock == WarmMark.resting || lock == WarmMark.cleaning,
      isPrunable: try !Posix.exists(path),
      operations: try operations(gitDirectory))
    return Checkout(
      info: info, headRef: head.ref,
      place: GitPlace(gitDirectory: gitDirectory, commonDirectory: location.commonDirectory, workTree: path),
      isLinked: isLinked)
  }

  func readHead(_ gitDirectory: String) throws(GitError) -> (head: GitHead, ref: String?)? {
    let file = gitDirectory + "/HEAD"
    var text = try Posix.line(file)
    // The form before symbolic refs: a link to the file of the branch, which may not exist yet.
    if let target = try Posix.linkTarget(file).map({ String(decoding: $0, as: UTF8.self) }), target.hasPrefix("refs/") {
      text = "ref: " + target
    }
    guard let text else { return nil }
    guard text.hasPrefix("ref:") else {
      return GitDatabase.normalised(text).map { (.detached(commit: $0), nil) }
    }
    let name = String(text.dropFirst(4).drop { $0 == " " || $0 == "\t" })
    guard name.hasPrefix("refs/") else { return nil }
    let end = try resolve(name)
    return (.branch(name: Self.branchName(name), commit: end.commit), end.ref)
  }

  static func branchName(_ ref: String) -> String { ref.hasPrefix("refs/heads/") ? String(ref.dropFirst(11)) : ref }

  private func operations(_ directory: String) throws(GitError) -> [WorktreeInfo.Operation] {
    var found: [WorktreeInfo.Operation] = []
    if try Posix.exists(directory + "/rebase-merge") {
      found.append(.rebase(branch: try branch(in: directory + "/rebase-merge/head-name")))
      found += try updatedRefs(directory + "/rebase-merge/update-refs")
    }
    if try Posix.exists(directory + "/rebase-apply") {
      let branch = try branch(in: directory + "/rebase-apply/head-name")
      let isRebase = try Posix.exists(directory + "/rebase-apply/rebasing")
      found.append(isRebase ? .rebase(branch: branch) : .applyingPatches(branch: branch))
    }
    if try Posix.exists(directory + "/BISECT_LOG") {
      found.append(.bisect(branch: try branch(in: directory + "/BISECT_START")))
    }
    if try Posix.exists(directory + "/MERGE_HEAD") { found.append(.merge) }
    if try Posix.exists(directory + "/CHERRY_PICK_HEAD") { found.append(.cherryPick) }
    if try Posix.exists(directory + "/REVERT_HEAD") { found.append(.revert) }
    return found
  }

  /// The branches that `git rebase --update-refs` will move too: groups of three lines, the name first.
  private func updatedRefs(_ file: String) throws(GitError) -> [WorktreeInfo.Operation] {
    guard let bytes = try Posix.read(file, limit: 1 << 20) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("refs/heads/") }
      .map { .rebase(branch: Self.branchName(String($0))) }
  }

  /// A branch as git notes it: a full ref name or, for a bisect, a short one; nil for a commit or no file.
  private func branch(in file: String) throws(GitError) -> String? {
    guard let text = try Posix.line(file), !text.isEmpty, text != "detached HEAD",
      GitDatabase.normalised(text) == nil
    else { return nil }
    return Self.branchName(text)
  }
}
