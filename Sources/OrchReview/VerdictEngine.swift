package import OrchDomain

/// Judges what a change is about and whether a human has to see it.
///
/// Looks at parsed hunks and paths, and at what is known about the base commit; of contents, at added and removed code.
/// It finds what is careless or open, and
/// makes hiding harder; it is no proof against an author who means harm: that is for the sandbox and the gate.
package enum VerdictEngine {
  /// The order in which a category names a change that has evidence of several.
  package static let ranking: [Verdict.Category] = [.security, .migrations, .architecture, .routine]

  /// The verdict on `files`; the same for every order of them.
  ///
  /// - Parameters:
  ///   - context: What the base commit says about owners and packages.
  ///   - messages: What the author says: the commit messages of the change, and the title of its plan.
  ///   - isComplete: Whether `files` is everything; false when the diff was cut off or could not be parsed.
  package static func judge(
    files: [FileDiff], policy: ReviewPolicy, context: ReviewContext = ReviewContext(), messages: [String] = [],
    isComplete: Bool = true
  ) -> Verdict {
    var evidence = EvidenceCollector(policy)
    if !isComplete || files.isEmpty {
      let reason = files.isEmpty ? "the change has no readable file" : "the diff was cut off or could not be parsed"
      evidence.add(.unreadable, policy.planPath, nil, reason)
    }
    if policy.needsReview { evidence.add(.needsReview, policy.planPath, nil, "needs_review: true") }
    var lines: [(file: FileDiff, lines: [ScannedLine])] = []
    for file in files {
      let role = FileRole(file.path)
      DependencyRules.judge(file, among: files, &evidence)
      var saysNothing = false
      if role.isProse || isPlan(file.path, policy) {
        PlanRules.judge(file, policy, &evidence)
        ProseRules.judge(file, &evidence)
      } else {
        let changed = ContentRules.judge(file, policy, context, &evidence)
        // Directives of migration tools are comments of SQL.
        saysNothing =
          file.kind == .modified && !file.hunks.isEmpty && role.language != .sql && changed.allSatisfy(\.isComment)
        lines.append((file, changed))
      }
      PathRules.judge(file, policy, context, saysNothing: saysNothing, &evidence)
    }
    TestRules.judge(lines, &evidence)
    LoosenedProtections.judgeGuards(lines, &evidence)
    Promises.judge(lines, context, &evidence)
    Refusals.judge(lines, context, &evidence)
    ToldRules.judge(messages, lines, policy, &evidence)
    ToldRules.judge(changesets: files, &evidence)
    judgeSize(files, policy, &evidence)
    let all = evidence.evidence(ranking: ranking)
    let category = all.map(\.category).min { rank($0) < rank($1) } ?? .routine
    let verdict = Verdict(
      category: category, needsHuman: !all.isEmpty || !policy.autoMerge || policy.needsReview, evidence: all)
    return AgentOpinion.raise(verdict, by: messages, policy)
  }

  private static func rank(_ category: Verdict.Category) -> Int { ranking.firstIndex(of: category) ?? ranking.count }

  static func isPlan(_ path: String, _ policy: ReviewPolicy) -> Bool {
    path == policy.planPath || (path.hasPrefix(policy.plansDirectory + "/") && path.hasSuffix(".md"))
  }

  private static func judgeSize(_ files: [FileDiff], _ policy: ReviewPolicy, _ evidence: inout EvidenceCollector) {
    var total = 0
    var largest: (path: String, lines: Int)?
    for file in files {
      let lines = file.hunks.reduce(0) { $0 + $1.lines.count { $0.origin != .context } }
      total += lines
      if largest.map({ (lines, $0.path) > ($0.lines, file.path) }) ?? true { largest = (file.path, lines) }
    }
    guard let largest, total > policy.largeChangeLines || files.count > policy.largeChangeFiles else { return }
    evidence.add(.size, largest.path, nil, "\(total) changed lines in \(files.count) files")
  }
}
