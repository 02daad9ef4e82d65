/// The review category of a change with its evidence.
package struct Verdict: Hashable, Sendable, Codable {
  /// When rules of several categories match, security names the change before migrations, and those before
  /// architecture.
  package enum Category: String, Hashable, Sendable, CaseIterable, Codable {
    case security, architecture, migrations, routine
  }

  package var category: Category
  /// Whether a human must approve before the change may land.
  package var needsHuman: Bool
  package var evidence: [Evidence]
  /// The plan's acceptance criteria, in its order.
  package var criteria: [CriterionCheck]
  /// What came of a reviewer's look at the risk, for people; nil when none was wanted.
  package var secondLook: String?

  package init(
    category: Category, needsHuman: Bool, evidence: [Evidence], criteria: [CriterionCheck] = [],
    secondLook: String? = nil
  ) {
    self.category = category
    self.needsHuman = needsHuman
    self.evidence = evidence
    self.criteria = criteria
    self.secondLook = secondLook
  }

  /// Verdicts of the time before criteria and risk were looked at have none.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    category = try values.decode(Category.self, forKey: .category)
    needsHuman = try values.decode(Bool.self, forKey: .needsHuman)
    evidence = try values.decode([Evidence].self, forKey: .evidence)
    criteria = try values.decodeIfPresent([CriterionCheck].self, forKey: .criteria) ?? []
    secondLook = try values.decodeIfPresent(String.self, forKey: .secondLook)
  }
}

/// One reason for a verdict, with the place that gave it.
package struct Evidence: Hashable, Sendable, Codable {
  /// The stable name of the rule, such as `security.password`.
  package var rule: String
  package var category: Verdict.Category
  /// Empty for what a commit message or the title says.
  package var file: String
  /// Line in the new file, from 1; nil when the path alone is the evidence.
  package var line: Int?
  /// The text that matched, at most 200 characters, free of control characters.
  package var excerpt: String

  package init(rule: String, category: Verdict.Category, file: String, line: Int?, excerpt: String) {
    self.rule = rule
    self.category = category
    self.file = file
    self.line = line
    self.excerpt = excerpt
  }

  /// `src/a.go:12`, `src/a.go`, or `(message)`, for people.
  package var place: String {
    file.isEmpty ? "(message)" : SafeText.visible(file) + (line.map { ":\($0)" } ?? "")
  }
}
