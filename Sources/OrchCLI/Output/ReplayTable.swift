import OrchDomain
import OrchEngine

/// How often each rule would have asked for a human.
struct ReplayTable {
  /// What one rule did.
  struct Row: Hashable {
    let rule: String
    /// Commits with evidence of it.
    var commits = 0
    /// Commits for which no other rule asked.
    var alone = 0
  }

  let commits: [DiffReview.Replayed]
  /// Most frequent first.
  let rows: [Row]

  init(_ commits: [DiffReview.Replayed]) {
    self.commits = commits
    var rows: [String: Row] = [:]
    for commit in commits {
      let rules = Set(commit.verdict.evidence.map(\.rule))
      for rule in rules {
        rows[rule, default: Row(rule: rule)].commits += 1
        if rules.count == 1 { rows[rule]?.alone += 1 }
      }
    }
    self.rows = rows.values.sorted { ($1.commits, $0.rule) < ($0.commits, $1.rule) }
  }

  private var humans: Int { commits.count { $0.verdict.needsHuman } }
  private var lost: [DiffReview.Replayed] { commits.filter { !$0.lost.isEmpty } }
  private var changed: [DiffReview.Replayed] {
    commits.filter { commit in commit.usual.map { $0.needsHuman != commit.verdict.needsHuman } ?? false }
  }

  private func rate(_ count: Int) -> Double {
    commits.isEmpty ? 0 : Double(count * 1000 / commits.count) / 10
  }

  var text: String {
    var text = "\(commits.count) commits: \(humans) need a human (\(rate(humans)) %), "
    text += "\(commits.count - humans) land by themselves\n"
    var table = TextTable(header: ["RULE", "COMMITS", "%", "ALONE"])
    for row in rows { table.add([row.rule, String(row.commits), "\(rate(row.commits))", String(row.alone)]) }
    if !rows.isEmpty { text += "\n" + table.text(width: nil) }
    text += "\nGuard against lost lines: \(lost.count) commits (\(rate(lost.count)) %)\n"
    for commit in lost.prefix(20) {
      text += "  \(commit.commit.prefix(9)) \(SafeText.line(commit.lost[0].excerpt, limit: 150))\n"
    }
    if commits.contains(where: { $0.usual != nil }) {
      text += "\nRouted differently by this policy: \(changed.count)\n"
      for commit in changed.prefix(50) {
        let now = commit.verdict.needsHuman ? "now a human" : "now by itself"
        text += "  \(commit.commit.prefix(9)) \(now): \(SafeText.line(commit.subject, limit: 80))\n"
      }
    }
    return text
  }

  var json: JSONValue {
    .object([
      .init("commits", JSONValue(commits.count)), .init("humans", JSONValue(humans)),
      .init("human_rate", .double(commits.isEmpty ? 0 : Double(humans) / Double(commits.count))),
      .init(
        "rules",
        .array(
          rows.map { row in
            .object([
              .init("rule", .string(row.rule)), .init("commits", JSONValue(row.commits)),
              .init("alone", JSONValue(row.alone)),
            ])
          })),
      .init("lost_lines", .array(lost.map { .string($0.commit) })),
      .init("routed_differently", .array(changed.map { .string($0.commit) })),
      .init(
        "history",
        .array(
          commits.map { commit in
            .object([
              .init("commit", .string(commit.commit)), .init("subject", .string(commit.subject)),
              .init("verdict", commit.verdict.json),
            ])
          })),
    ])
  }
}
