extension GitRepository {
  /// Brings a worktree back that was removed while its branch stayed: the branch's tip, and the files that `ref` keeps
  /// as ``snapshot(worktree:to:message:author:at:)`` made it. What had been staged may come back unstaged.
  ///
  /// - Throws: `.notPreserved` when the branch is gone or has moved, so that files and branch do not belong together.
  package func restoreWorktree(at path: String, branch: String, from ref: String) async throws(GitError) {
    try await exclusively { repository throws(GitError) in
      let path = try repository.ownedPath(path)
      let branchRef = try GitPath.branchRef(branch)
      let kept = try repository.keptCommit(ref, of: path)
      let first = try repository.database.info(ofCommit: kept).parents.first
      guard let tip = try repository.database.commit(ofRef: branchRef), tip == kept || tip == first else {
        throw .notPreserved(what: "branch \(branch)", reason: "it is gone, or has moved since \(ref) was made")
      }
      try await repository.makeRoom(at: path)
      try await repository.claim(branchRef, at: tip, for: path)
      try await repository.add(["--", path, branch], at: path)
      guard tip != kept else { return }
      let checkout = try repository.checkout(at: path)
      try await repository.runner.runAudited(["read-tree", "--reset", "-u", kept], at: checkout.place)
      let staged = try repository.database.info(ofCommit: kept).parents.dropFirst().first
      try await repository.runner.run(["read-tree", staged ?? tip], at: checkout.place)
    }
  }
}
