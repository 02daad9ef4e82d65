extension GitRepository {
  /// Makes the private git directory of a worktree, or brings the one of an earlier turn up to date.
  ///
  /// What an agent left half done in it (a rebase, a stash) is still there on its next turn, unless somebody else has
  /// moved the branch or the HEAD of the worktree since: then it is set aside and made anew.
  ///
  /// - Parameter directory: Exists, is ours alone, and is used for this worktree only.
  package func seclude(worktree path: String, in directory: String) async throws(GitError) -> SecludedGit {
    try await exclusively { repository throws(GitError) in
      let checkout = try repository.checkout(at: path)
      let git = try repository.secluded(checkout, in: directory)
      let meeting = try repository.meeting(checkout)
      let hasStore = try Posix.exists(git.store)
      if try Posix.line(git.meeting) != meeting || !hasStore {
        if hasStore { try Posix.move(git.store, to: try repository.unusedName(git.store)) }
        try Posix.remove(git.meeting)
        try repository.makeStore(git, checkout)
        try Posix.writeFile(git.meeting, Array("\(meeting)\n".utf8))
      }
      let objects = "\(repository.location.commonDirectory)/\(SecludedGit.baseObjects)\n"
      try Posix.writeFile(git.borrowed, Array(objects.utf8))
      let configuration = try await repository.runner.configuration(at: checkout.place)
      try Posix.writeFile(git.config, Array(SecludedConfiguration.text(configuration).utf8))
      try Posix.writeFile(git.packedRefs, Array(try await repository.packedRefs(besides: checkout.headRef).utf8))
      return git
    }
  }

  /// The private git directory that an earlier run made; nil when there is none.
  package func secludedGit(of path: String, in directory: String) throws(GitError) -> SecludedGit? {
    let git: SecludedGit
    do throws(GitError) {
      git = try secluded(try checkout(at: path), in: directory)
    } catch {
      if case .noSuchWorktree = error { return nil }
      throw error
    }
    return try Posix.exists(git.meeting) ? git : nil
  }

  private func secluded(_ checkout: Checkout, in directory: String) throws(GitError) -> SecludedGit {
    SecludedGit(
      directory: directory, worktree: checkout.info.path, commonDirectory: location.commonDirectory,
      name: checkout.place.gitDirectory.split(separator: "/").last.map(String.init) ?? "",
      alternates: try alternates())
  }

  /// Every object directory that this repository borrows from, directly or not.
  private func alternates() throws(GitError) -> [String] {
    var found: [String] = []
    var open = [location.commonDirectory + "/objects"]
    // git itself follows five levels.
    while let directory = open.popLast(), found.count < 64 {
      let text = String(decoding: try Posix.read(directory + "/info/alternates") ?? [], as: UTF8.self)
      for line in text.split(separator: "\n") where !line.hasPrefix("#") {
        let path = line.hasPrefix("/") ? String(line) : "\(directory)/\(line)"
        guard let real = Posix.realPath(path), !found.contains(real) else { continue }
        found.append(real)
        open.append(real)
      }
    }
    return found
  }

  /// What tells whether somebody else has changed the worktree's place in history.
  private func meeting(_ checkout: Checkout) throws(GitError) -> String {
    let head = try Posix.line(checkout.place.gitDirectory + "/HEAD") ?? ""
    return "\(head) \(checkout.info.head.commit ?? "-")"
  }

  private func makeStore(_ git: SecludedGit, _ checkout: Checkout) throws(GitError) {
    let (store, admin) = (git.store, checkout.place.gitDirectory)
    let own = "\(store)/worktrees/\(git.name)"
    for name in [
      "objects/info", "objects/pack", SecludedGit.baseObjects, "refs/heads", "refs/tags", "info",
      "worktrees/\(git.name)/info",
    ] {
      try Posix.makeDirectories("\(store)/\(name)")
    }
    for (from, to) in [
      ("\(location.commonDirectory)/HEAD", "\(store)/HEAD"), ("\(admin)/HEAD", "\(own)/HEAD"),
      ("\(admin)/commondir", "\(own)/commondir"), ("\(admin)/gitdir", "\(own)/gitdir"),
      ("\(admin)/config.worktree", "\(own)/config.worktree"),
      ("\(admin)/\(Self.excludeFile)", "\(own)/\(Self.excludeFile)"),
      ("\(admin)/info/sparse-checkout", "\(own)/info/sparse-checkout"),
      ("\(admin)/info/exclude", "\(own)/info/exclude"),
      ("\(location.commonDirectory)/info/exclude", "\(store)/info/exclude"),
      ("\(location.commonDirectory)/info/attributes", "\(store)/info/attributes"),
    ] {
      if let bytes = try Posix.read(from) { try Posix.writeFile(to, bytes) }
    }
    if try Posix.exists(checkout.indexPath) { try Posix.copyIndex(checkout.indexPath, to: "\(own)/index") }
    if let ref = checkout.headRef, let tip = checkout.info.head.commit {
      if let slash = ref.lastIndex(of: "/") { try Posix.makeDirectories("\(store)/\(ref[..<slash])") }
      try Posix.writeFile("\(store)/\(ref)", Array("\(tip)\n".utf8))
    }
    // Mount points.
    try Posix.writeFile("\(store)/config", [])
    try Posix.writeFile("\(store)/packed-refs", [])
    try Posix.writeFile("\(store)/objects/info/alternates", [])
  }

  /// The branches, tags and remote branches of the repository as a file that git reads.
  private func packedRefs(besides own: String?) async throws(GitError) -> String {
    let output = try await runner.run(
      ["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/", "refs/tags/", "refs/remotes/"], at: place)
    return output.text.split(separator: "\n").filter { line in
      own.map { !line.hasSuffix(" \($0)") } ?? true
    }.map { "\($0)\n" }.joined()
  }
}

/// What a private git directory is asked, always from inside of a sandbox.
package struct SecludedQuestion: Hashable, Sendable {
  package var program: [String]
  package var input: [UInt8]?
}

extension GitRepository {
  /// Tells where HEAD and the branch are, and prints the index with its time, which git compares files with.
  private static let report = """
    git rev-parse --verify --quiet 'HEAD^{commit}' || echo -
    git rev-parse --verify --quiet "$1^{commit}" || echo -
    git symbolic-ref --quiet HEAD || echo -
    index=$(git rev-parse --git-path index)
    stat -c %Y "$index" 2>/dev/null || echo -
    cat "$index" 2>/dev/null || true
    """

  /// Fetches what came of the work in a private git directory: commits, staged contents, HEAD, index and branch.
  ///
  /// git reads the directory inside of the sandbox, so its configuration, its links and its alternates reach nothing
  /// else. What comes out is a pack, which git is made to take from strangers, two object names and an index. Doing it
  /// again changes nothing.
  /// - Parameter enter: Runs a program in the worktree inside of the sandbox and returns its output; throws unless it
  ///   ends with 0.
  package func collect(
    _ git: SecludedGit, branch: String, base: String,
    enter: @escaping @Sendable (SecludedQuestion) async throws(GitError) -> [UInt8]
  ) async throws(GitError) {
    try await exclusively { repository throws(GitError) in
      let checkout = try repository.checkout(at: git.worktree)
      let ref = try GitPath.branchRef(branch)
      let answer = try await enter(SecludedQuestion(program: ["/bin/sh", "-c", Self.report, "sh", ref]))
      let found = try CollectedState(answer)
      let known = try repository.database.commit(ofRef: ref)
      try await repository.takeObjects(found, known: [known, base].compactMap { $0 }, enter)
      for commit in [found.head, found.tip].compactMap({ $0 }) { _ = try repository.database.commit(commit) }
      try await repository.take(found, checkout, ref: ref, known: known, met: try Posix.line(git.meeting))
      let settled = try repository.meeting(try repository.checkout(at: git.worktree))
      try Posix.writeFile(git.meeting, Array("\(settled)\n".utf8))
    }
  }

  private func takeObjects(
    _ found: CollectedState, known: [String],
    _ enter: @Sendable (SecludedQuestion) async throws(GitError) -> [UInt8]
  ) async throws(GitError) {
    let wanted = [found.head, found.tip].compactMap { $0 }
    let lines = wanted + known.map { "^\($0)" }
    let pack = try await enter(
      SecludedQuestion(
        program: ["git", "pack-objects", "--revs", "--indexed-objects", "--stdout", "--delta-base-offset", "-q"],
        input: Array(lines.map { "\($0)\n" }.joined().utf8)))
    guard pack.count > 12 else { throw .unknownRevision("the objects of a sandbox") }
    let count = pack[8..<12].reduce(0) { $0 << 8 | Int($1) }
    if count == 0 { return }
    // As `git fetch` does: few objects are worth no pack of their own.
    let command = count < 100 ? ["unpack-objects", "-q", "--strict"] : ["index-pack", "--stdin", "--strict"]
    try await runner.run(command, at: place, GitRunner.Extra(input: pack))
  }

  /// Keeps a tip that somebody gave the branch while the agent worked on another copy of it.
  private func rescue(_ known: String?, beside tip: String, _ checkout: Checkout, met: String?) async throws(GitError) {
    guard let known, let met, !met.hasSuffix(" \(known)"), try !database.isAncestor(known, of: tip) else { return }
    let name = checkout.place.gitDirectory.split(separator: "/").last.map(String.init) ?? "worktree"
    var n = 1
    while try database.commit(ofRef: "refs/orch/rescued/\(name)/\(n)") != nil { n += 1 }
    try await moveRef(
      "refs/orch/rescued/\(name)/\(n)", to: known, expecting: nil, message: "moved while an agent worked")
  }

  private func take(
    _ found: CollectedState, _ checkout: Checkout, ref: String, known: String?, met: String?
  ) async throws(GitError) {
    if let tip = found.tip, tip != known {
      try await rescue(known, beside: tip, checkout, met: met)
      try await moveRef(ref, to: tip, expecting: known, message: "claude-orch: take what the agent committed")
    }
    let isOnBranch = found.headRef == ref
    if isOnBranch, checkout.headRef != ref {
      try await runner.run(["symbolic-ref", "HEAD", ref], at: checkout.place)
    } else if !isOnBranch, let head = found.head, checkout.headRef != nil || checkout.info.head.commit != head {
      try await runner.run(["update-ref", "--no-deref", "HEAD", head], at: checkout.place)
    }
    guard let index = found.index else { return }
    let copy = checkout.indexPath + ".orch-collected"
    try Posix.writeFile(copy, index)
    try Posix.setTime(copy, seconds: found.indexTime)
    let check = try await runner.run(
      ["ls-files", "--unmerged"], at: checkout.place, GitRunner.Extra(index: copy), accepted: [0, 128])
    if check.code == 0 { return try Posix.move(copy, to: checkout.indexPath) }
    try Posix.remove(copy)
    try await runner.run(["read-tree", "HEAD"], at: checkout.place)
  }
}

/// What a private git directory says of itself; believed only as far as its objects turn out to be there.
struct CollectedState: Hashable {
  var head: String?
  var tip: String?
  var headRef: String?
  var indexTime = 0
  var index: [UInt8]?

  init(_ answer: [UInt8]) throws(GitError) {
    var rest = answer[...]
    var lines: [String] = []
    for _ in 0..<4 {
      guard let end = rest.firstIndex(of: 0x0A) else { throw .unknownRevision("the HEAD of a sandbox") }
      lines.append(String(decoding: rest[..<end], as: UTF8.self))
      rest = rest[(end + 1)...]
    }
    head = GitDatabase.normalised(lines[0])
    tip = GitDatabase.normalised(lines[1])
    headRef = lines[2] == "-" ? nil : lines[2]
    if let time = Int(lines[3]), !rest.isEmpty {
      indexTime = time
      index = Array(rest)
    }
  }
}
