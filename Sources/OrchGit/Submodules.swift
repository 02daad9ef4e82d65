/// A submodule that a worktree of ours has without files, and why.
package struct EmptySubmodule: Hashable, Sendable {
  package var path: String
  package var reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }
}

extension GitRepository {
  /// Gives the submodules of a worktree the files of their commits, as far as they are on this machine.
  ///
  /// - Returns: Those that stay empty. One level only: submodules of submodules stay empty too, and are not told.
  package func populateSubmodules(inWorktreeAt path: String) async throws(GitError) -> [EmptySubmodule] {
    try await exclusively { repository throws(GitError) in
      let checkout = try repository.checkout(at: try repository.ownedPath(path))
      guard try Posix.exists(checkout.info.path + "/.gitmodules") else { return [] }
      let submodules = Submodules(checkout: checkout, runner: repository.runner)
      let names = try await submodules.names()
      var empty: [EmptySubmodule] = []
      for link in try await submodules.links() {
        let reason =
          if let name = names[link.path] {
            try await submodules.populate(link, name: name)
          } else {
            ".gitmodules does not name it"
          }
        if let reason { empty.append(EmptySubmodule(path: link.path, reason: reason)) }
      }
      return empty
    }
  }
}

/// The submodules of one of our worktrees: worktrees of the repositories that the main checkout has below
/// `.git/modules`. No network, no URL, no copy of the objects; what the main checkout never fetched stays empty.
struct Submodules {
  let checkout: Checkout
  let runner: GitRunner

  func links() async throws(GitError) -> [IndexEntry] {
    let listed = try await runner.run(["ls-files", "-s", "-z"], at: checkout.place)
    return listed.fields.filter { $0.starts(with: Array("160000 ".utf8)) }.compactMap { IndexEntry($0) }
  }

  /// By path, as `.gitmodules` of the commit says; the file in the worktree counts for nothing.
  func names() async throws(GitError) -> [String: String] {
    let listed = try await runner.run(
      ["config", "--blob", "HEAD:.gitmodules", "-z", "--list"], at: checkout.place, accepted: [0, 1, 128])
    var names: [String: String] = [:]
    for field in listed.fields {
      guard let end = field.firstIndex(of: 0x0A) else { continue }
      let key = String(decoding: field[..<end], as: UTF8.self)
      guard key.hasPrefix("submodule."), key.hasSuffix(".path") else { continue }
      names[String(decoding: field[(end + 1)...], as: UTF8.self)] = String(key.dropFirst(10).dropLast(5))
    }
    return names
  }

  func populate(_ link: IndexEntry, name: String) async throws(GitError) -> String? {
    guard GitPath.isSafe(name), let module = try moduleDirectory(name) else {
      return "the main checkout has not initialised it"
    }
    let source = GitPlace(gitDirectory: module, commonDirectory: module, workTree: checkout.info.path)
    let known = try await runner.run(
      ["cat-file", "-e", "\(link.id)^{commit}"], at: source, accepted: [0, 1, 128])
    guard known.code == 0 else { return "the main checkout does not have its commit \(link.id.prefix(12))" }
    let target = checkout.info.path + "/" + link.path
    if let inner = try place(of: link.path) {
      let settings = try await runner.configuration(at: inner).neutralising
      let extra = GitRunner.Extra(settings: settings)
      try await runner.run(["checkout", "--detach", "--force", "--quiet", link.id, "--"], at: inner, extra)
      try await runner.run(["clean", "-ffd", "--quiet"], at: inner, extra)
      return nil
    }
    let parent = target.lastIndex(of: "/").map { String(target[..<$0]) } ?? target
    guard let real = Posix.realPath(parent), (real + "/").hasPrefix(checkout.info.path + "/") else {
      return "a link on the way to it leads elsewhere"
    }
    guard try Posix.info(target)?.kind != .link, try Posix.list(target).isEmpty else {
      return "something is in its place"
    }
    // Without `--force` git refuses a path that it remembers from a worktree that was removed.
    try await runner.run(
      ["worktree", "add", "--force", "--force", "--no-checkout", "--detach", "--", target, link.id], at: source)
    guard let inner = try place(of: link.path) else { return "git did not link it" }
    try await runner.runAudited(["reset", "--hard", "--quiet", "--no-recurse-submodules", link.id], at: inner)
    return nil
  }

  /// The repository of a submodule of the main checkout: a real directory below `modules`.
  private func moduleDirectory(_ name: String) throws(GitError) -> String? {
    let modules = checkout.place.commonDirectory + "/modules"
    guard let base = Posix.realPath(modules), let real = Posix.realPath(modules + "/" + name) else { return nil }
    return real.hasPrefix(base + "/") && base == modules ? real : nil
  }

  /// Where git keeps the state of a submodule of a worktree, when we made it; nil for any other repository.
  func place(of submodule: String) throws(GitError) -> GitPlace? {
    let path = checkout.info.path + "/" + submodule
    guard try Posix.info(path)?.kind == .directory, try Posix.info(path + "/.git")?.kind == .regular,
      let line = try Posix.line(path + "/.git"), line.hasPrefix("gitdir: ")
    else { return nil }
    let directory = String(line.dropFirst(8))
    let modules = checkout.place.commonDirectory + "/modules/"
    guard directory.hasPrefix(modules), !directory.split(separator: "/").contains(".."),
      let end = directory.ranges(of: "/worktrees/").last, Posix.realPath(directory) == directory,
      try Posix.line(directory + "/gitdir") == path + "/.git"
    else { return nil }
    return GitPlace(
      gitDirectory: directory, commonDirectory: String(directory[..<end.lowerBound]), workTree: path)
  }

  /// Whether a submodule that we populated is as we made it: at the commit that the index names, with nothing of its
  /// own. Then everything in it is in the main checkout's repository of it, below a ref.
  func isPristine(_ link: IndexEntry) async throws(GitError) -> Bool {
    guard let place = try place(of: link.path), try Posix.line(place.gitDirectory + "/HEAD") == link.id else {
      return false
    }
    let status = try await runner.runAudited(
      ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignore-submodules=dirty"], at: place)
    guard status.stdout.isEmpty else { return false }
    let module = GitPlace(
      gitDirectory: place.commonDirectory, commonDirectory: place.commonDirectory, workTree: checkout.info.path)
    return try await runner.run(["rev-list", "-n", "1", "--single-worktree", link.id, "--not", "--all"], at: module)
      .stdout.isEmpty
  }

  /// What git remembers of the submodules that we populated: to be removed when their files are gone.
  func directories() async throws(GitError) -> [String] {
    guard try Posix.exists(checkout.place.commonDirectory + "/modules") else { return [] }
    var found: [String] = []
    for link in try await links() {
      if let place = try place(of: link.path) { found.append(place.gitDirectory) }
    }
    return found
  }
}
