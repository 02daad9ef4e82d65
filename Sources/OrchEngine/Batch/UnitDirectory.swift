/// The units of one project among those of a user. Files of other names are never touched.
package struct UnitDirectory: Sendable {
  package let path: String
  private let prefix: String

  /// - Parameter prefix: What the names of our units begin with, and no other's.
  package init(path: String, prefix: String) {
    self.path = path
    self.prefix = prefix
  }

  /// Writes these units, and removes those of ours that are not among them.
  ///
  /// - Returns: The names of the files that were written or removed.
  package func bring(to units: [BatchInstallation.UnitFile]) throws -> [String] {
    var changed: [String] = []
    if !units.isEmpty { try FileTree.makeDirectories(path) }
    for unit in units {
      let file = "\(path)/\(unit.name)"
      let bytes = Array(unit.text.utf8)
      if FileTree.isFile(file), try FileTree.read(file) == bytes { continue }
      try FileTree.write(file, bytes)
      changed.append(unit.name)
    }
    guard FileTree.isDirectory(path) else { return changed }
    let wanted = Set(units.map(\.name))
    for name in try FileTree.names(in: path).sorted() where name.hasPrefix(prefix) && !wanted.contains(name) {
      guard name.hasSuffix(".timer") || name.hasSuffix(".service") else { continue }
      try FileTree.removeIfPresent("\(path)/\(name)")
      changed.append(name)
    }
    return changed
  }
}
