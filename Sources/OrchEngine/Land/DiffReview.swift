import OrchConfig
import OrchDiagnostics
package import OrchDomain
import OrchGit
import OrchReview

/// Verdicts on changes that belong to no task. Changes nothing and needs no store.
package struct DiffReview: Sendable {
  let repository: GitRepository
  /// The policy that counts instead of that of the base commit.
  let policyFile: ReviewSettings?
  private let place: ProjectPlace

  /// - Parameter policy: The bytes of a file with `[review]`, and its name.
  package init(_ place: ProjectPlace, policy: (bytes: [UInt8], file: String)?) async throws {
    self.place = place
    repository = try await GitRepository.open(
      place.root, options: GitOptions(environment: place.launch.environment, ownedDirectories: []))
    if let policy {
      let loaded = SettingsLoader.parse(bytes: policy.bytes, file: policy.file)
      if let first = loaded.diagnostics.first(where: { $0.severity == .error }) {
        throw EngineError.invalid("\(policy.file): \(first.message)")
      }
      policyFile = loaded.settings.review
    } else {
      policyFile = nil
    }
  }

  /// The verdict on `text`, a unified diff, with what the commit that is checked out says about owners and packages.
  package func judge(diff text: [UInt8]) async throws -> (verdict: Verdict, problems: [String]) {
    let diff = UnifiedDiff(bytes: text)
    var policy = ReviewPolicySource.policy(policyFile ?? place.loaded.settings.review, plansDirectory: plans)
    var context = ReviewContext()
    if let head = try await repository.commitID(ofRef: "HEAD") {
      policy = try await self.policy(at: head)
      context = try await ReviewContextSource(repository: repository).context(for: diff.files, at: head)
      // Where none of the files is known, the diff is one of another repository.
      if try await !knows(diff.files, at: head) { context = ReviewContext() }
    }
    let verdict = VerdictEngine.judge(
      files: diff.files, policy: policy, context: context, isComplete: diff.isComplete)
    return (verdict, diff.problems)
  }

  /// The same outside of a repository, by the rules alone.
  package static func judgeAlone(diff text: [UInt8]) -> (verdict: Verdict, problems: [String]) {
    let diff = UnifiedDiff(bytes: text)
    return (VerdictEngine.judge(files: diff.files, policy: ReviewPolicy(), isComplete: diff.isComplete), diff.problems)
  }

  private func knows(_ files: [FileDiff], at commit: String) async throws -> Bool {
    let old = files.filter { $0.kind != .added }
    for file in old.prefix(50) where try await repository.file(at: file.oldPath ?? file.path, in: commit) != nil {
      return true
    }
    return old.isEmpty
  }

  private var plans: String { place.loaded.settings.plans.dir }

  private func policy(at base: String) async throws -> ReviewPolicy {
    if let policyFile { return ReviewPolicySource.policy(policyFile, plansDirectory: plans) }
    let source = ReviewPolicySource(
      repository: repository, root: place.root, configFile: place.loaded.file.map { place.launch.absolute($0) },
      settings: place.loaded.settings)
    return ReviewPolicySource.policy(try await source.review(at: base), plansDirectory: plans)
  }

  /// The verdict on what `range` (`A..B`) adds to their common ancestor, by the policy of `A`.
  package func judge(range: String) async throws -> Verdict {
    let ends = range.split(separator: range.contains("...") ? "..." : "..", omittingEmptySubsequences: false).map(
      String.init)
    guard ends.count == 2, !ends[0].isEmpty else {
      throw EngineError.invalid("'\(range)' is no range of commits; write A..B, such as main..HEAD")
    }
    let base = try await commit(ends[0])
    let head = try await commit(ends[1].isEmpty ? "HEAD" : ends[1])
    let fork = try await repository.mergeBase(base, head) ?? base
    return try await judge(from: fork, to: head, policy: try await policy(at: base))
  }

  private func commit(_ name: String) async throws -> String {
    guard let id = try await repository.commitID(ofRevision: name) else {
      throw EngineError.invalid("there is no commit '\(name)'")
    }
    return id
  }

  private func judge(from base: String, to head: String, policy: ReviewPolicy) async throws -> Verdict {
    let files = try await repository.diff(from: base, to: head)
    let context = try await ReviewContextSource(repository: repository).context(for: files, at: base)
    let messages = try await repository.commits(from: base, to: head).map(\.message)
    return VerdictEngine.judge(files: files, policy: policy, context: context, messages: messages)
  }

  /// One commit of the history as it would be routed now.
  package struct Replayed: Hashable, Sendable {
    package let commit: String
    package let subject: String
    package let verdict: Verdict
    /// By the policy of the repository, when another one is tried.
    package let usual: Verdict?
    /// What the guard against lost lines says, which is no part of the verdict.
    package let lost: [Evidence]
  }

  /// The last `count` commits of the first-parent history of `ref`, newest first, by the policy that counts now.
  ///
  /// - Parameter lostLinesDays: How long what a commit brought is watched by the guard against lost lines.
  package func replay(_ count: Int, of ref: String, lostLinesDays: Int = 7) async throws -> [Replayed] {
    var next: String? = try await commit(ref)
    let policy = try await self.policy(at: try await commit(ref))
    var usual: ReviewPolicy?
    if policyFile != nil {
      let source = ReviewPolicySource(
        repository: repository, root: place.root, configFile: place.loaded.file.map { place.launch.absolute($0) },
        settings: place.loaded.settings)
      usual = ReviewPolicySource.policy(try await source.review(at: try await commit(ref)), plansDirectory: plans)
    }
    var commits: [CommitInfo] = []
    while commits.count < count, let id = next {
      let info = try await repository.commit(id)
      guard let parent = info.parents.first else { break }
      commits.append(info)
      next = parent
    }
    var window: [(time: Timestamp, landing: LostLines.Landing)] = []
    var result: [Replayed] = []
    let order = Array(commits.reversed())
    for start in stride(from: 0, to: order.count, by: Self.together) {
      let some = order[start..<min(start + Self.together, order.count)]
      for (info, judged) in zip(some, try await judge(some, policy, usual)) {
        let reach = Int64(lostLinesDays) * 86_400_000
        window.removeAll { $0.time.milliseconds + reach < info.time.milliseconds }
        let name = String(info.id.prefix(9))
        let lost = LostLines.judge(judged.change, of: name, landings: window.map(\.landing))
        window.append((info.time, LostLines.Landing(name: name, when: info.time.rfc3339, judged.change)))
        result.append(
          Replayed(
            commit: info.id, subject: info.subject, verdict: judged.verdict, usual: judged.usual, lost: lost))
      }
    }
    return result.reversed()
  }

  /// So many commits are judged side by side; their diffs are in memory for so long.
  private static let together = 16

  private struct Judged: Sendable {
    let verdict: Verdict
    let usual: Verdict?
    let change: LostLines.Change
  }

  /// In the order of `commits`; no verdict needs another one.
  private func judge(
    _ commits: ArraySlice<CommitInfo>, _ policy: ReviewPolicy, _ usual: ReviewPolicy?
  ) async throws -> [Judged] {
    try await withThrowingTaskGroup(of: (Int, Judged).self) { group in
      for (index, info) in commits.enumerated() {
        group.addTask {
          let files = try await repository.diff(from: info.parents[0], to: info.id)
          let context = try await ReviewContextSource(repository: repository).context(for: files, at: info.parents[0])
          let verdict = VerdictEngine.judge(files: files, policy: policy, context: context, messages: [info.message])
          let other = usual.map {
            VerdictEngine.judge(files: files, policy: $0, context: context, messages: [info.message])
          }
          return (index, Judged(verdict: verdict, usual: other, change: LostLines.Change(files)))
        }
      }
      let judged: [Int: Judged] = try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      return commits.indices.compactMap { judged[$0 - commits.startIndex] }
    }
  }
}
