import CGit2

extension GitDatabase {
  /// Whether git would accept `name` as a full ref name.
  static func isRefName(_ name: String) throws(GitError) -> Bool {
    var valid: CInt = 0
    try git("git_reference_name_is_valid") { unsafe orch_git_reference_name_is_valid(&valid, name) }
    return valid == 1
  }

  private func lookup(_ name: String) throws(GitError) -> GitHandle? {
    do {
      return try GitHandle("git_reference_lookup", release: { unsafe orch_git_reference_free($0) }) {
        unsafe orch_git_reference_lookup(&$0, repository, name)
      }
    } catch {
      guard error.isNotFound || error.isBadName else { throw error }
      return nil
    }
  }

  /// The commit that the full ref name leads to; nil when the ref does not exist or leads to no commit.
  func commit(ofRef name: String) throws(GitError) -> String? {
    guard let reference = try lookup(name) else { return nil }
    return try peel(reference)
  }

  /// As git would read a short name: `main`, `v1.0`, `origin/main`, `HEAD` of the main worktree.
  /// The commit of anything that git takes for one: `HEAD~3`, `v1^`, `a1b2c3`.
  func commit(ofRevision text: String) throws(GitError) -> String? {
    guard !text.hasPrefix("-"), !text.utf8.contains(0) else { return nil }
    do {
      let object = try GitHandle("git_revparse_single", release: { unsafe orch_git_object_free($0) }) {
        unsafe orch_git_revparse_single(&$0, repository, text + "^{commit}")
      }
      return unsafe orch_git_object_id(object.pointer).map { unsafe $0.pointee.hex }
    } catch {
      if case .library(_, let code, _) = error, code == GIT_EPEEL.rawValue || code == GIT_EAMBIGUOUS.rawValue {
        return nil
      }
      guard error.isNotFound || error.isBadName else { throw error }
      return nil
    }
  }

  func commit(ofShorthand name: String) throws(GitError) -> String? {
    do {
      let reference = try GitHandle("git_reference_dwim", release: { unsafe orch_git_reference_free($0) }) {
        unsafe orch_git_reference_dwim(&$0, repository, name)
      }
      return try peel(reference)
    } catch {
      guard error.isNotFound || error.isBadName else { throw error }
      return nil
    }
  }

  private func peel(_ reference: borrowing GitHandle) throws(GitError) -> String? {
    do {
      let object = try GitHandle("git_reference_peel", release: { unsafe orch_git_object_free($0) }) {
        unsafe orch_git_reference_peel(&$0, reference.pointer, GIT_OBJECT_COMMIT)
      }
      return unsafe orch_git_object_id(object.pointer).map { unsafe $0.pointee.hex }
    } catch {
      if case .library(_, let code, _) = error, code == GIT_EINVALIDSPEC.rawValue || code == GIT_EPEEL.rawValue {
        return nil
      }
      guard error.isNotFound else { throw error }
      return nil
    }
  }

  /// The ref that a chain of symbolic refs ends at, whether that exists or not. Five links, as git follows.
  func finalName(ofRef name: String) throws(GitError) -> String {
    var current = name
    for _ in 0..<5 {
      guard let reference = try lookup(current),
        let target = unsafe orch_git_reference_symbolic_target(reference.pointer)
      else { return current }
      current = unsafe String(cString: target)
    }
    return current
  }

  /// Every ref below `prefix` that leads to a commit, by name.
  func refs(prefix: String) throws(GitError) -> [(name: String, commit: String)] {
    let names = try names(matching: prefix)
    var found: [(name: String, commit: String)] = []
    for name in names {
      if let commit = try commit(ofRef: name) { found.append((name, commit)) }
    }
    return found
  }

  private func names(matching prefix: String) throws(GitError) -> [String] {
    let iterator = try GitHandle(
      "git_reference_iterator_glob_new", release: { unsafe orch_git_reference_iterator_free($0) }
    ) { unsafe orch_git_reference_iterator_glob_new(&$0, repository, "refs/*") }
    var names: [String] = []
    while true {
      var next: OpaquePointer?
      let code = unsafe orch_git_reference_next(&next, iterator.pointer)
      if code == GIT_ITEROVER.rawValue { return names.sorted() }
      try git("git_reference_next") { code }
      guard let reference = unsafe next else { return names.sorted() }
      defer { unsafe orch_git_reference_free(reference) }
      guard let text = unsafe orch_git_reference_name(reference) else { continue }
      let name = unsafe String(cString: text)
      if name.hasPrefix(prefix) { names.append(name) }
    }
  }
}
