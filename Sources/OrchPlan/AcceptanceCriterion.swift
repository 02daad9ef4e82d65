/// One check box under *Acceptance Criteria*.
package struct AcceptanceCriterion: Hashable, Sendable {
  package let text: String
  /// Whether the box is ticked in the file. A claim, never proof.
  package let isChecked: Bool
  package let line: Int

  package init(text: String, isChecked: Bool, line: Int) {
    self.text = text
    self.isChecked = isChecked
    self.line = line
  }

  /// Whether the text says nothing that could be checked, such as "TBD", "works" or "…".
  package static func isVacuous(_ text: some StringProtocol) -> Bool {
    // Longer texts are left to people: they may be weak, but they are not placeholders.
    guard text.utf8.count <= 32 else { return false }
    let words = PlainText.words(text)
    return words.isEmpty || placeholders.contains(words)
  }

  private static let placeholders: Set<String> = [
    "tbd", "to be done", "to be defined", "to be decided", "to be determined", "todo", "to do", "tba", "fixme", "xxx",
    "n a", "na", "none", "nothing", "placeholder", "criterion", "criteria", "criterion 1", "criterion 2", "criterion 3",
    "works", "it works", "works as expected", "it works as expected", "everything works", "all works", "works fine",
    "feature works", "the feature works", "code works", "the code works", "works correctly", "it works correctly",
    "done", "is done", "it is done", "everything is done", "all done", "complete", "completed", "is complete",
    "implemented", "is implemented", "feature is implemented", "the feature is implemented", "finished", "ok", "okay",
    "good", "looks good", "lgtm", "fine", "yes", "correct", "test", "tests", "tested", "as described", "see above",
  ]
}
