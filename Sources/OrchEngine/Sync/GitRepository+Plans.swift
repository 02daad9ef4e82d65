import OrchGit

// Plans as they are in a commit. Links are followed as in a checkout, as long as they stay in the repository.
extension GitRepository {
  func planFile(_ path: String, in commit: String) throws(GitError) -> [UInt8]? {
    guard let place = try followed(path, in: commit) else { return nil }
    return try file(at: place, in: commit)
  }

  /// Every Markdown file below a directory, by the path under which a checkout shows it.
  func planFiles(below directory: String, in commit: String) throws(GitError) -> [TreeFile] {
    try plans(below: directory, in: commit).map(\.file)
  }

  /// Where the plans are that a checkout shows below a directory because of links.
  func plansBehindLinks(below directory: String, in commit: String) throws(GitError) -> Set<String> {
    Set(try plans(below: directory, in: commit).filter { $0.place != $0.file.path }.map(\.place))
  }

  private func plans(
    below directory: String, in commit: String
  ) throws(GitError) -> [(file: TreeFile, place: String)] {
    var found: [(file: TreeFile, place: String)] = []
    var seen: Set<String> = []
    var open = [(place: directory, shown: directory)]
    while let next = open.popLast() {
      // A directory that is reached twice is read once.
      guard let root = try followed(next.place, in: commit), seen.insert(root).inserted else { continue }
      for var file in try files(under: root, in: commit) {
        let place = file.path
        file.path = next.shown + place.dropFirst(root.count)
        if file.mode == 0o120000 {
          open.append((place, file.path))
        } else if file.path.hasSuffix(".md") {
          found.append((file, place))
        }
      }
    }
    return found.sorted { $0.file.path < $1.file.path }
  }
}
