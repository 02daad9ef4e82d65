/// A git process that an earlier run of ours started and that outlived it.
enum OrphanedGit {
  /// Returns when the files are gone, or when no process is left that could remove them, or after ten seconds.
  ///
  /// A lock that is still there then was left by a process that was killed.
  static func settle(_ files: [String], in gitDirectory: String) async throws(GitError) {
    for _ in 0..<500 {
      var present = false
      for file in files where try Posix.exists(file) { present = true }
      if !present { return }
      if try !isRunning(in: gitDirectory) { return }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { throw .cancelled }
    }
  }

  /// Whether a process runs with the environment that ``GitHardening`` gives for that directory. Only Linux shows the
  /// environment of a process; elsewhere the answer is yes, and the caller waits.
  private static func isRunning(in gitDirectory: String) throws(GitError) -> Bool {
    #if os(Linux)
      let wanted = Array("GIT_DIR=\(gitDirectory)".utf8)
      for name in try Posix.list("/proc") where name.allSatisfy(\.isNumber) {
        let environment: [UInt8]?
        do throws(GitError) {
          environment = try Posix.read("/proc/\(name)/environ", limit: 1 << 22)
        } catch {
          continue  // of another user, or gone
        }
        if environment?.split(separator: 0).contains(where: { $0.elementsEqual(wanted) }) == true { return true }
      }
      return false
    #else
      return true
    #endif
  }
}
