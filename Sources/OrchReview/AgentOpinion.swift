package import OrchDomain

/// What the author of a change says about it himself. It may raise a verdict, and never lowers one.
package enum AgentOpinion {
  /// The trailer in a commit message: `Needs-Review: why`, or `Needs-Review: security: why`.
  package static let trailer = "Needs-Review"

  /// - Parameter messages: Those of the commits of the change.
  package static func raise(_ verdict: Verdict, by messages: [String], _ policy: ReviewPolicy) -> Verdict {
    var verdict = verdict
    for message in messages {
      for line in message.split(whereSeparator: \.isNewline) where line.lowercased().hasPrefix("needs-review:") {
        let reason = line.dropFirst(trailer.count + 1).drop { $0 == " " }
        guard !reason.isEmpty else { continue }
        let named = Verdict.Category.allCases.first { reason.lowercased().hasPrefix("\($0.rawValue):") }
        verdict.add(
          [
            Evidence(
              rule: ReviewRule.opinion.name, category: named ?? .routine, file: policy.planPath, line: nil,
              excerpt: SafeText.line(reason, limit: 200))
          ], policy)
      }
    }
    return verdict
  }
}

extension Verdict {
  /// Adds evidence of rules that count; the verdict never becomes milder by it.
  package mutating func add(_ more: [Evidence], _ policy: ReviewPolicy) {
    let more = more.filter { !policy.isDisabled($0.rule) && !evidence.contains($0) }
    guard !more.isEmpty else { return }
    evidence += more
    needsHuman = true
    let rank = { (category: Category) in VerdictEngine.ranking.firstIndex(of: category) ?? VerdictEngine.ranking.count }
    category = (evidence.map(\.category) + [category]).min { rank($0) < rank($1) } ?? category
  }
}
