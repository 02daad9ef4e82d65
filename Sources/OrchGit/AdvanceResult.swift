/// What became of moving a branch.
package enum AdvanceResult: Hashable, Sendable {
  /// The branch is where it was meant to go, and every checkout of it with it. `leftAlone` are working files of a
  /// person that could not be edited; nothing of theirs has changed.
  case moved(leftAlone: [UneditedFile])
  /// Somebody else moved the branch first. Nothing has changed.
  case raced(actual: String?)
  /// A checkout of the branch is not ready. Nothing has changed; ask again later.
  case waiting(BranchHold)
}

/// Why a branch cannot move just now, in words for the person whose checkout it is.
package struct BranchHold: Hashable, Sendable {
  package enum Reason: String, Hashable, Sendable {
    case rebase, bisect, merge, revert
    case applyingPatches = "applying_patches"
    case cherryPick = "cherry_pick"
    /// Another git process is at work in the checkout or on the branch, or crashed there.
    case indexLocked = "index_locked"
    /// Uncommitted changes, or files that git does not know, are where the new commits write.
    case uncommittedChanges = "uncommitted_changes"
    /// Directories in which the new commits write and we may not, such as those that a container left behind.
    case notWritable = "not_writable"
    /// Files that pass through a filter which only the repository's own configuration defines.
    case untrustedFilter = "untrusted_filter"
    /// The checkout is locked and its directory not there, as on a drive that is not mounted.
    case notMounted = "not_mounted"
    /// The branch was checked out, or left, while it was to be moved.
    case checkoutChanged = "checkout_changed"
  }

  /// The checkout.
  package var path: String
  package var reason: Reason
  /// The files concerned; empty when it is not about files.
  package var files: [String]

  package init(path: String, reason: Reason, files: [String] = []) {
    self.path = path
    self.reason = reason
    self.files = files
  }
}

extension BranchHold: CustomStringConvertible {
  package var description: String {
    switch reason {
    case .rebase: "a rebase is in progress in \(path); finish it, or run: git rebase --abort"
    case .applyingPatches: "git am is in progress in \(path); finish it, or run: git am --abort"
    case .bisect: "a bisect is in progress in \(path); end it with: git bisect reset"
    case .merge: "a merge is in progress in \(path); commit it, or run: git merge --abort"
    case .cherryPick: "a cherry-pick is in progress in \(path); finish it, or run: git cherry-pick --abort"
    case .revert: "a revert is in progress in \(path); finish it, or run: git revert --abort"
    case .indexLocked:
      "another git process is at work in \(path); if none is, it crashed: remove \(files.first ?? "its index.lock")"
    case .uncommittedChanges:
      "uncommitted changes in \(path) are in the way: \(BranchHold.list(files)); commit or move them"
    case .notWritable:
      "you may not write in \(BranchHold.list(files)); give yourself the right, with chown or chmod"
    case .untrustedFilter:
      "\(BranchHold.list(files)) in \(path) pass through a filter that only this repository defines, which is not run; "
        + "define it in your global configuration (for LFS: git lfs install)"
    case .notMounted: "the checkout \(path) is locked and not there; mount it, or run: git worktree unlock"
    case .checkoutChanged: "the checkout \(path) changed branches at the same moment"
    }
  }

  private static func list(_ files: [String]) -> String {
    let shown = files.prefix(5).joined(separator: ", ")
    return files.count > 5 ? "\(shown) and \(files.count - 5) more" : shown
  }
}

/// How one working file that a person has changed takes part in a status commit.
package struct WorkingFileEdit: Sendable {
  /// Relative to the top of the repository.
  package var path: String
  /// The bytes with the same edit that the commit makes, or nil when they do not allow it. Asked again after a crash,
  /// so it must give bytes that already have the edit back unchanged.
  package var edit: @Sendable ([UInt8]) -> [UInt8]?

  package init(path: String, edit: @escaping @Sendable ([UInt8]) -> [UInt8]?) {
    self.path = path
    self.edit = edit
  }
}

/// A working file that was not edited. It keeps every byte.
package struct UneditedFile: Hashable, Sendable {
  package enum Reason: String, Hashable, Sendable {
    /// The edit did not apply to what is in it.
    case notEditable = "not_editable"
    case readOnly = "read_only"
    /// A link, a directory, or below a link.
    case notAFile = "not_a_file"
    /// Somebody kept writing to it.
    case busy
    /// The version in the index did not allow the edit.
    case stagedVersion = "staged_version"
  }

  /// The checkout.
  package var checkout: String
  package var path: String
  package var reason: Reason

  package init(checkout: String, path: String, reason: Reason) {
    self.checkout = checkout
    self.path = path
    self.reason = reason
  }
}
