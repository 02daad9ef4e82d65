extension GitRepository {
  /// Why the files of Git LFS in a worktree are pointers; nil when they are not, or when it has none.
  ///
  /// Looks at the `.gitattributes` of its root only.
  package func lfsObstacle(inWorktreeAt path: String) async throws(GitError) -> String? {
    let checkout = try checkout(at: path)
    guard let attributes = try Posix.read(checkout.info.path + "/.gitattributes", limit: 1 << 20),
      String(decoding: attributes, as: UTF8.self).contains("filter=lfs")
    else { return nil }
    return try await runner.configuration(at: checkout.place).lfsObstacle
  }
}
