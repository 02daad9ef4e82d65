import CGit2
import OrchDomain

extension GitDatabase {
  func isAncestor(_ ancestor: String, of commit: String) throws(GitError) -> Bool {
    if ancestor == commit { return true }
    if let ends = try shallowEnds() { return try history(of: commit, ends)[ancestor] != nil }
    // Nearly every move of a branch is to a child of its tip, and the library would read all that both stand on.
    if parents(of: try self.commit(commit)).contains(ancestor) { return true }
    var older = try git_oid(hex: ancestor)
    var younger = try git_oid(hex: commit)
    let answer = try git("git_graph_descendant_of") {
      unsafe orch_git_graph_descendant_of(repository, &younger, &older)
    }
    return answer == 1
  }

  /// The best common ancestors; more than one for a criss-cross history, none for unrelated ones.
  func mergeBases(_ one: String, _ two: String) throws(GitError) -> [git_oid] {
    if let ends = try shallowEnds() { return try mergeBases(one, two, ends) }
    var a = try git_oid(hex: one)
    var b = try git_oid(hex: two)
    var found = unsafe git_oidarray()
    do {
      try git("git_merge_bases") { unsafe orch_git_merge_bases(&found, repository, &a, &b) }
    } catch {
      guard error.isNotFound else { throw error }
      return []
    }
    defer { unsafe orch_git_oidarray_dispose(&found) }
    return unsafe Array(UnsafeBufferPointer(start: found.ids, count: found.count))
  }

  /// The commits of `head` that `base` does not have, newest first, at most `limit`.
  func commits(from base: String?, to head: String, limit: Int) throws(GitError) -> [CommitInfo] {
    if let ends = try shallowEnds() { return try commits(from: base, to: head, limit: limit, ends) }
    let walk = try GitHandle("git_revwalk_new", release: { unsafe orch_git_revwalk_free($0) }) {
      unsafe orch_git_revwalk_new(&$0, repository)
    }
    let order = GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_TIME.rawValue
    try git("git_revwalk_sorting") { unsafe orch_git_revwalk_sorting(walk.pointer, order) }
    var start = try git_oid(hex: head)
    try git("git_revwalk_push") { unsafe orch_git_revwalk_push(walk.pointer, &start) }
    if let base {
      var end = try git_oid(hex: base)
      try git("git_revwalk_hide") { unsafe orch_git_revwalk_hide(walk.pointer, &end) }
    }
    var commits: [CommitInfo] = []
    while commits.count < limit {
      var oid = git_oid()
      let code = unsafe orch_git_revwalk_next(&oid, walk.pointer)
      if code == GIT_ITEROVER.rawValue { break }
      try git("git_revwalk_next") { code }
      commits.append(try info(ofCommit: oid.hex))
    }
    return commits
  }

  func info(ofCommit id: String) throws(GitError) -> CommitInfo {
    let commit = try commit(id)
    let message = unsafe orch_git_commit_message(commit.pointer).map { unsafe String(cString: $0) } ?? ""
    var author = GitIdentity(name: "", email: "")
    if let signature = unsafe orch_git_commit_author(commit.pointer) {
      author = unsafe GitIdentity(
        name: String(cString: signature.pointee.name), email: String(cString: signature.pointee.email))
    }
    let seconds = unsafe orch_git_commit_time(commit.pointer)
    let (milliseconds, overflow) = Int64(seconds).multipliedReportingOverflow(by: 1000)
    return CommitInfo(
      id: id, message: message, author: author, time: Timestamp(milliseconds: overflow ? 0 : milliseconds),
      parents: try shallowEnds()?.contains(id) == true ? [] : parents(of: commit))
  }

  func parents(of commit: borrowing GitHandle) -> [String] {
    let count = unsafe orch_git_commit_parentcount(commit.pointer)
    return (0..<count).compactMap { n in
      unsafe orch_git_commit_parent_id(commit.pointer, n).map { unsafe $0.pointee.hex }
    }
  }

  /// Writes a commit object. No ref moves.
  func makeCommit(
    tree: String, parents: [String], message: String, author: GitIdentity, at time: Timestamp
  ) throws(GitError) -> String {
    let seconds = time.milliseconds.floorDivided(by: 1000)
    let clean = author.cleaned
    let signature = try GitHandle(
      "git_signature_new", release: { unsafe orch_git_signature_free(UnsafeMutablePointer($0)) }
    ) { out in
      var made: UnsafeMutablePointer<git_signature>?
      let code = unsafe orch_git_signature_new(&made, clean.name, clean.email, seconds, 0)
      unsafe out = made.map(OpaquePointer.init)
      return code
    }
    let treeHandle = try self.tree(git_oid(hex: tree))
    var pointers: [OpaquePointer?] = unsafe []
    defer { unsafe pointers.forEach { unsafe orch_git_commit_free($0) } }
    for parent in parents {
      var oid = try git_oid(hex: parent)
      var made: OpaquePointer?
      try git("git_commit_lookup") { unsafe orch_git_commit_lookup(&made, repository, &oid) }
      unsafe pointers.append(made)
    }
    var id = git_oid()
    let count = unsafe pointers.count
    try git("git_commit_create") {
      unsafe pointers.withUnsafeMutableBufferPointer { list in
        let person = unsafe UnsafePointer<git_signature>(signature.pointer)
        return unsafe orch_git_commit_create(
          &id, repository, nil, person, person, nil, message, treeHandle.pointer, count, list.baseAddress)
      }
    }
    return id.hex
  }
}
