/// A git process that an earlier run of ours started and that outlived it.
enum OrphanedGit {
  /// Returns when the files are gone, or when no process is left that could remove them, or after ten seconds.
  ///
  /// A lock that is still there then was left by a process that was killed.
  /// - Parameter variable: What such a process has in its environment, and no other: `GIT_DIR=…`, `GIT_INDEX_FILE=…`.
  static func settle(_ files: [String], of variable: String) async throws(GitError) {
    for _ in 0..<500 {
      var present = false
      for file in files where try Posix.exists(file) { present = true }
      if !present { return }
      if try !isRunning(variable) { return }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { throw .cancelled }
    }
  }

  /// Whether a process runs with the variable that ``GitHardening`` gave it. Only Linux shows the environment of a
  /// process; elsewhere the answer is yes, and the caller waits.
  private static func isRunning(_ variable: String) throws(GitError) -> Bool {
    #if os(Linux)
      let wanted = Array(variable.utf8)
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
