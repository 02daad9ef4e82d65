/// What is known about one acceptance criterion of a plan.
package struct CriterionCheck: Hashable, Sendable, Codable {
  package enum Finding: String, Hashable, Sendable, CaseIterable, Codable {
    case met, unmet
    /// Somebody looked, and could not tell.
    case unknown
    /// Nobody looked.
    case notCovered = "not_covered"

    /// For people: `not covered`.
    package var text: String { self == .notCovered ? "not covered" : rawValue }
  }

  /// One thing that shows it.
  package struct Proof: Hashable, Sendable, Codable {
    /// Relative to the top of the repository; nil for the output of a command.
    package var file: String?
    /// From 1.
    package var line: Int?
    /// What is there, or what a command printed: one line, free of control characters.
    package var text: String

    package init(file: String?, line: Int?, text: String) {
      self.file = file
      self.line = line
      self.text = text
    }

    /// `src/a.swift:12: adds the total`.
    package var summary: String {
      guard let file else { return text }
      let place = file + (line.map { ":\($0)" } ?? "")
      return text.isEmpty ? place : "\(place): \(text)"
    }
  }

  /// As the plan says it.
  package var criterion: String
  package var finding: Finding
  package var evidence: [Proof]

  package init(_ criterion: String, _ finding: Finding, evidence: [Proof] = []) {
    self.criterion = criterion
    self.finding = finding
    self.evidence = evidence
  }
}
