/// The note, in the repository's own directory, that an advance has begun and not ended.
///
/// Holding it means that no other process of ours is advancing, because the kernel frees it when its holder dies. What
/// an advance that was killed left locked can therefore be recognised as ours, and be removed.
struct AdvanceJournal {
  let path: String
  private let descriptor: Int32
  /// What an earlier advance noted that did not end; nil when the last one did.
  let unfinished: Entry?

  struct Entry: Hashable {
    var ref: String
    var new: String
    /// Where the ref's transaction was opened: HEAD of that checkout may have been locked with it.
    var gitDirectory: String

    var bytes: [UInt8] { Array("\(ref)\n\(new)\n\(gitDirectory)\n".utf8) }

    init(ref: String, new: String, gitDirectory: String) {
      self.ref = ref
      self.new = new
      self.gitDirectory = gitDirectory
    }

    init?(_ bytes: [UInt8]) {
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      guard lines.count == 4, lines[3].isEmpty, lines[0].hasPrefix("refs/"),
        GitDatabase.normalised(String(lines[1])) != nil
      else { return nil }
      self.init(ref: String(lines[0]), new: String(lines[1]), gitDirectory: String(lines[2]))
    }
  }

  /// Waits for another process of ours that is advancing, for half a minute.
  static func hold(_ commonDirectory: String) async throws(GitError) -> AdvanceJournal {
    for _ in 0..<1500 {
      if let journal = try tryHold(commonDirectory) { return journal }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { throw .cancelled }
    }
    throw .lockHeld(file: commonDirectory + "/orch-advance.lock")
  }

  private static func tryHold(_ commonDirectory: String) throws(GitError) -> AdvanceJournal? {
    let lock = commonDirectory + "/orch-advance.lock"
    var descriptor = try Posix.openForLock(lock)
    if descriptor == nil {
      descriptor = try Posix.create(lock)
      if descriptor == nil { descriptor = try Posix.openForLock(lock) }
    }
    guard let descriptor else { return nil }
    guard Posix.tryLock(descriptor) else {
      Posix.closeDescriptor(descriptor)
      return nil
    }
    do throws(GitError) {
      return AdvanceJournal(
        path: path(commonDirectory), descriptor: descriptor, unfinished: try noted(commonDirectory))
    } catch {
      Posix.unlock(descriptor)
      throw error
    }
  }

  private static func path(_ commonDirectory: String) -> String { commonDirectory + "/orch-advance" }

  /// What is noted now. Without holding the journal, it may be that of an advance that is going on.
  static func noted(_ commonDirectory: String) throws(GitError) -> Entry? {
    try Posix.read(path(commonDirectory), limit: 1 << 16).flatMap(Entry.init)
  }

  func begin(_ entry: Entry) throws(GitError) { try Posix.writeFile(path, entry.bytes) }

  /// The advance has ended, one way or the other, and holds no lock.
  func end() throws(GitError) { try Posix.remove(path) }

  func release() { Posix.unlock(descriptor) }

  /// Removes the locks that a killed git process of an unfinished advance left behind.
  func clearLeftovers(commonDirectory: String) async throws(GitError) {
    guard let entry = unfinished else { return }
    // A git process that outlived us ends by itself when it reads the end of its input.
    let refLock = commonDirectory + "/" + entry.ref + ".lock"
    let headLock = entry.gitDirectory + "/HEAD.lock"
    try await OrphanedGit.settle([refLock, headLock], of: "GIT_DIR=\(entry.gitDirectory)")
    if let content = try Posix.read(refLock, limit: 4096), content == Array((entry.new + "\n").utf8) {
      try Posix.remove(refLock)
    }
    if try Posix.info(headLock)?.size == 0 { try Posix.remove(headLock) }
  }
}
