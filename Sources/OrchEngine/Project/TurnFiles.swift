/// What is on disk before a turn begins: an empty directory for its streams, and what its agent is told.
struct TurnFiles: Sendable {
  let directory: String
  let inputs: String
  /// By name, below ``inputs``.
  let content: [String: [UInt8]]

  /// Takes away what a process left that was killed before it could record the turn, and writes everything anew.
  func write() throws {
    try FileTree.removeIfPresent(directory)
    try FileTree.makeDirectories(directory)
    try FileTree.makeDirectories(inputs)
    for (name, bytes) in content.sorted(by: { $0.key < $1.key }) { try FileTree.write("\(inputs)/\(name)", bytes) }
  }
}
