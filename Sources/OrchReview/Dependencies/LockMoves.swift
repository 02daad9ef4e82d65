import OrchDomain

/// Versions that moved in a lock file, and what else had to change with them. To move them is what a lock file is for,
/// and how far they moved is judged by rules of its own; another hash for the same version is what a swapped package
/// looks like.
struct LockMoves {
  private let kind: ManifestKind
  private let sides: [FileDiff.Line.Origin: Side]

  private struct Side {
    let dependencies: [Dependency]
    let understood: Set<Int>
    /// Names of packages that have another version on the other side.
    let moved: Set<String>
    let versions: Set<String>

    init(_ reader: ManifestReader, other: ManifestReader) {
      dependencies = reader.dependencies
      understood = reader.understood
      let here = Side.versions(reader)
      let there = Side.versions(other)
      let moved = here.filter { name, versions in there[name].map { $0 != versions } ?? false }
      self.moved = Set(moved.keys)
      versions = moved.values.reduce(into: []) { $0.formUnion($1) }
    }

    private static func versions(_ reader: ManifestReader) -> [String: Set<String>] {
      Dictionary(grouping: reader.dependencies, by: \.name).mapValues { Set($0.map(\.version)) }
    }
  }

  init(_ old: ManifestReader, _ new: ManifestReader, _ kind: ManifestKind) {
    self.kind = kind
    sides = [.removed: Side(old, other: new), .added: Side(new, other: old)]
  }

  /// Whether every changed line belongs to a version that moved.
  func explain(_ file: FileDiff) -> Bool {
    guard sides.values.contains(where: { !$0.moved.isEmpty }) else { return false }
    for hunk in file.hunks {
      var (old, new) = (hunk.oldStart, hunk.newStart)
      for line in hunk.lines {
        if let side = sides[line.origin], !isExplained(line.text, line.origin == .added ? new : old, side) {
          return false
        }
        if line.origin != .added { old += 1 }
        if line.origin != .removed { new += 1 }
      }
    }
    return true
  }

  private func isExplained(_ text: String, _ number: Int, _ side: Side) -> Bool {
    if let named = side.dependencies.first(where: { $0.line == number }) { return side.moved.contains(named.name) }
    if side.understood.contains(number) || text.allSatisfy(\.isWhitespace) { return true }
    // Addresses and files have the version in their names.
    if side.versions.contains(where: { !$0.isEmpty && text.contains($0) }) { return true }
    // SwiftPM writes the revision before the version that it belongs to, all others behind it.
    let owner =
      kind == .swiftResolved
      ? side.dependencies.first { $0.line > number } : side.dependencies.last { $0.line < number }
    return owner.map { side.moved.contains($0.name) } ?? false
  }
}
