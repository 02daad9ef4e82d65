/// Which of several branches do not merge with each other, from merges in memory.
///
/// A pair is looked at once for the two commits that it has; branches that change no file in common are not merged at
/// all, so a directory that one of them renames is not seen.
package struct ConflictMatrix: Sendable {
  /// Two of the heads that were given, by their places, with the files in which they conflict.
  package struct Conflict: Hashable, Sendable {
    package var first: Int
    package var second: Int
    package var files: [String]

    package init(first: Int, second: Int, files: [String]) {
      self.first = first
      self.second = second
      self.files = files
    }
  }

  private struct Pair: Hashable {
    var first: String
    var second: String
  }

  /// The files in which two commits conflict, none when they merge.
  private var known: [Pair: [String]] = [:]
  /// What commits change since they left the base.
  private var changed: [String: Set<String>] = [:]
  /// How many merges the last update made.
  package private(set) var merges = 0
  /// Whether the last update had room for all pairs; else the next one goes on.
  package private(set) var isComplete = true
  private static let shownFiles = 20

  package init() {}

  /// Looks at the pairs that are new.
  ///
  /// - Parameter limit: How many merges may be made.
  package mutating func update(
    _ heads: [String], base: String, in repository: GitRepository, limit: Int = 200
  ) async throws(GitError) -> [Conflict] {
    let present = Set(heads)
    changed = changed.filter { present.contains($0.key) }
    for head in heads where changed[head] == nil {
      let fork = try await repository.mergeBase(base, head)
      changed[head] = Set(try await repository.changedPaths(from: fork, to: head))
    }
    merges = 0
    isComplete = true
    var now: [Pair: [String]] = [:]
    var found: [Conflict] = []
    for (second, head) in heads.enumerated() {
      for (first, other) in heads[..<second].enumerated() {
        let pair = Pair(first: other, second: head)
        guard let files = try await files(of: pair, in: repository, limit: limit) else {
          isComplete = false
          continue
        }
        now[pair] = files
        if !files.isEmpty { found.append(Conflict(first: first, second: second, files: files)) }
      }
    }
    known = now
    return found
  }

  /// - Returns: nil when there is no room to look.
  private mutating func files(
    of pair: Pair, in repository: GitRepository, limit: Int
  ) async throws(GitError) -> [String]? {
    if let files = known[pair] { return files }
    let shared = changed[pair.first]?.intersection(changed[pair.second] ?? []) ?? []
    guard !shared.isEmpty else { return [] }
    guard merges < limit else { return nil }
    merges += 1
    let files = try await repository.conflicts(in: shared.sorted(), ours: pair.first, theirs: pair.second)
    return Array(files.prefix(Self.shownFiles))
  }
}
