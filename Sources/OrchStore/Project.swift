package import OrchDomain

/// The number of a project in one database file.
package struct ProjectID: Hashable, Sendable, Comparable {
  package let number: Int64

  package init(_ number: Int64) { self.number = number }

  package static func < (a: ProjectID, b: ProjectID) -> Bool { a.number < b.number }
}

/// A repository whose plans are kept in this file.
package struct Project: Hashable, Sendable {
  package let id: ProjectID
  /// The absolute path of its root; names the project.
  package let root: String
  package let name: String
  /// Whether nothing of it may be started.
  package let isPaused: Bool
  package let createdAt: Timestamp
}
