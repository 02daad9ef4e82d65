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
  /// The ref that a full ref name ends at, when symbolic ones are followed.
  let finalName: (String) throws(GitError) -> String
  /// The commit that a ref names.
  let commit: (String) throws(GitError) -> String?

  func all() throws(GitError) -> [Checkout] { try checkouts { _ in true } }

  /// The checkout at a path, given as it is or with its links resolved. Of the others, of which there may be
  /// hundreds, at most the place is read.
  func first(at path: String) throws(GitError) -> Checkout? {
    let real = Posix.realPath(path) ?? path
    if let directory = try administration(namedIn: real), let found = try linked(directory), found.isLinked,
      found.info.path == real
    {
      return found
    }
    let names = Set([real, path].map { Self.lastName($0) + "/.git" })
    return try checkouts { directory throws(GitError) in
      guard let link = try Posix.line(directory + "/gitdir") else { return false }
      return names.contains { link.hasSuffix("/" + $0) }
    }.first { $0.info.path == real || $0.info.path == path }
  }

  /// The directory in git's own that the `.git` of a linked worktree names, when it is one of this repository.
  private func administration(namedIn path: String) throws(GitError) -> String? {
    guard try Posix.info(path + "/.git")?.kind == .regular, let line = try Posix.line(path + "/.git"),
      line.hasPrefix("gitdir: ")
    else { return nil }
    let directory = String(line.dropFirst(8))
    let parent = location.commonDirectory + "/worktrees/"
    guard directory.hasPrefix(parent), !Self.lastName(directory).hasPrefix(".") else { return nil }
    return directory == parent + Self.lastName(directory) ? directory : nil
  }

  /// The checkouts that stand on a ref, or whose unfinished operation will move it or come back to it.
  func holders(of ref: String) throws(GitError) -> [Checkout] {
    let branch = Self.branchName(ref)
    func isHeld(_ head: String?, _ operations: [WorktreeInfo.Operation]) -> Bool {
      head == ref || (branch != ref && operations.contains { $0.branch == branch })
    }
    return try checkouts { directory throws(GitError) in
      isHeld(try headRef(directory), try operations(directory))
    }.filter { isHeld($0.headRef, $0.info.operations) }
  }

  /// The main checkout and those linked ones whose directory in git's own passes.
  private func checkouts(_ isWanted: (String) throws(GitError) -> Bool) throws(GitError) -> [Checkout] {
    var found: [Checkout] = []
    if let main = try mainCheckout() { found.append(main) }
    let directory = location.commonDirectory + "/worktrees"
    for name in try Posix.list(directory) where try isWanted(directory + "/" + name) {
      if let checkout = try linked(directory + "/" + name) { found.append(checkout) }
    }
    return found
  }

  private static func lastName(_ path: String) -> Substring {
    path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
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
    guard let text = try headText(gitDirectory) else { return nil }
    guard let name = Self.symbolicTarget(text) else {
      return GitDatabase.normalised(text).map { (.detached(commit: $0), nil) }
    }
    guard name.hasPrefix("refs/") else { return nil }
    let end = try finalName(name)
    return (.branch(name: Self.branchName(name), commit: try commit(end)), end)
  }

  private func headRef(_ gitDirectory: String) throws(GitError) -> String? {
    guard let name = try headText(gitDirectory).flatMap(Self.symbolicTarget), name.hasPrefix("refs/") else {
      return nil
    }
    return try finalName(name)
  }

  private func headText(_ gitDirectory: String) throws(GitError) -> String? {
    let file = gitDirectory + "/HEAD"
    // The form before symbolic refs: a link to the file of the branch, which may not exist yet.
    if let target = try Posix.linkTarget(file).map({ String(decoding: $0, as: UTF8.self) }), target.hasPrefix("refs/") {
      return "ref: " + target
    }
    return try Posix.line(file)
  }

  private static func symbolicTarget(_ head: String) -> String? {
    head.hasPrefix("ref:") ? String(head.dropFirst(4).drop { $0 == " " || $0 == "\t" }) : nil
  }

  static func branchName(_ ref: String) -> String { ref.hasPrefix("refs/heads/") ? String(ref.dropFirst(11)) : ref }

  private func operations(_ directory: String) throws(GitError) -> [WorktreeInfo.Operation] {
    var found: [WorktreeInfo.Operation] = []
    let present = Set(try Posix.list(directory))
    if present.contains("rebase-merge") {
      found.append(.rebase(branch: try branch(in: directory + "/rebase-merge/head-name")))
      found += try updatedRefs(directory + "/rebase-merge/update-refs")
    }
    if present.contains("rebase-apply") {
      let branch = try branch(in: directory + "/rebase-apply/head-name")
      let isRebase = try Posix.exists(directory + "/rebase-apply/rebasing")
      found.append(isRebase ? .rebase(branch: branch) : .applyingPatches(branch: branch))
    }
    if present.contains("BISECT_LOG") {
      found.append(.bisect(branch: try branch(in: directory + "/BISECT_START")))
    }
    if present.contains("MERGE_HEAD") { found.append(.merge) }
    if present.contains("CHERRY_PICK_HEAD") { found.append(.cherryPick) }
    if present.contains("REVERT_HEAD") { found.append(.revert) }
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
