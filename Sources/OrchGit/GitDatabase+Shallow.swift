import CGit2
import OrchDomain

/// The history of a shallow clone, which libgit2 before 1.7 takes for a damaged one: it ends at the commits that the
/// file `shallow` names, whatever parents these have.
extension GitDatabase {
  /// Nil when the history is whole. Read each time, because `git fetch` may deepen the clone at any moment.
  func shallowEnds() throws(GitError) -> Set<String>? {
    guard let bytes = try Posix.read(shallowFile) else { return nil }
    let ends = String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Self.normalised(String($0)) }
    return ends.isEmpty ? nil : Set(ends)
  }

  /// A commit and all that it stands on, as far as the clone has it, each with its parents there.
  func history(of tip: String, _ ends: Set<String>) throws(GitError) -> [String: [String]] {
    var found: [String: [String]] = [:]
    var open = [tip]
    while let id = open.popLast() {
      guard found[id] == nil else { continue }
      let parents = ends.contains(id) ? [] : parents(of: try commit(id))
      found[id] = parents
      open += parents
    }
    return found
  }

  /// The best common ancestors, the youngest first.
  func mergeBases(_ one: String, _ two: String, _ ends: Set<String>) throws(GitError) -> [git_oid] {
    let (a, b) = try (history(of: one, ends), history(of: two, ends))
    let common = a.filter { b[$0.key] != nil }
    // Whatever a common ancestor stands on is one too, so the best ones are those that no other one has as its parent.
    let older = Set(common.values.joined())
    var best: [CommitInfo] = []
    for id in common.keys where !older.contains(id) { best.append(try info(ofCommit: id)) }
    best.sort { ($1.time, $0.id) < ($0.time, $1.id) }
    var oids: [git_oid] = []
    for commit in best { oids.append(try git_oid(hex: commit.id)) }
    return oids
  }

  /// The commits of `head` that `base` does not have, children before parents and then newest first.
  func commits(
    from base: String?, to head: String, limit: Int, _ ends: Set<String>
  ) throws(GitError) -> [CommitInfo] {
    var known: Set<String> = []
    if let base { known = Set(try history(of: base, ends).keys) }
    let wanted = try history(of: head, ends).filter { !known.contains($0.key) }
    var children: [String: Int] = [:]
    for parent in wanted.values.joined() { children[parent, default: 0] += 1 }
    var ready = wanted[head] == nil ? [] : [try info(ofCommit: head)]
    var commits: [CommitInfo] = []
    while commits.count < limit, let next = ready.indices.max(by: { ready[$0].time < ready[$1].time }) {
      let commit = ready.remove(at: next)
      commits.append(commit)
      for parent in wanted[commit.id] ?? [] where wanted[parent] != nil {
        children[parent, default: 0] -= 1
        if children[parent] == 0 { ready.append(try info(ofCommit: parent)) }
      }
    }
    return commits
  }
}
