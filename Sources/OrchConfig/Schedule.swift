package import OrchDiagnostics

/// The batches of a schedule file.
package struct Schedule: Hashable, Sendable {
  /// In the order of the file; names are unique.
  package var batches: [BatchEntry] = []

  package init() {}
}

/// `[[batch]]`: one run that starts by the clock.
package struct BatchEntry: Hashable, Sendable {
  package var name = ""
  /// Five fields, separated by one space each. Only their number is checked here.
  package var cron = ""
  package var maxTasks = 10
  package var maxDuration: Duration = .seconds(4 * 3600)
  package var notifyOnComplete = false
  package var location: SourceLocation
  /// The place of ``cron``, for what is wrong inside it.
  package var cronLocation: SourceLocation

  package init(location: SourceLocation) {
    self.location = location
    cronLocation = location
  }
}

extension TextRule {
  static let cron = TextRule(expected: "five fields such as \"0 22 * * *\"") { text in
    text.split(whereSeparator: \.isWhitespace).count == 5
  }
}
