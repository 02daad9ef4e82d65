extension GitDatabase {
  /// Where `path` leads in a commit when the links on its way are followed, whether or not something is there; nil when
  /// one of them leads out of the repository, or in a circle.
  func followed(_ path: String, in commit: String) throws(GitError) -> String? {
    let root = try tree(ofCommit: commit)
    var done: [Substring] = []
    var open = path.split(separator: "/")
    var links = 0
    while !open.isEmpty {
      let next = open.removeFirst()
      if next == "." { continue }
      if next == ".." {
        guard done.popLast() != nil else { return nil }
        continue
      }
      done.append(next)
      guard let entry = try entry(at: done.joined(separator: "/"), in: root), entry.mode == 0o120000 else { continue }
      let target = String(decoding: try bytes(ofBlob: entry.oid), as: UTF8.self)
      links += 1
      guard !target.hasPrefix("/"), links <= 40 else { return nil }
      done.removeLast()
      open = target.split(separator: "/") + open
    }
    return done.joined(separator: "/")
  }
}
