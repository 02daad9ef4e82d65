import OrchFiles

/// Makes the directory that a file is going to be in.
enum DirectoryOfFile {
  static func make(_ path: String) throws {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
    try DirectoryTree.make(String(path[..<slash]))
  }
}
