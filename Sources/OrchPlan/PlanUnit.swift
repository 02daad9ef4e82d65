package import OrchDiagnostics
package import OrchDomain

/// What one file says, independent of all others, so that it can be kept until the file changes.
package struct PlanUnit: Hashable, Sendable {
  /// What a file is for.
  package enum Kind: UInt8, Hashable, Sendable {
    /// Describes a task; ``PlanUnit/task`` is nil only when not even an id could be found.
    case plan
    /// Describes a module.
    case overview
    /// Of no interest to the compiler.
    case other
  }

  /// A `depends_on` entry that names a task.
  package struct DeclaredDependency: Hashable, Sendable {
    package let id: TaskID
    package let range: PlanRange

    package init(id: TaskID, range: PlanRange) {
      self.id = id
      self.range = range
    }
  }

  /// Relative to the project's root.
  package var path: String
  package var kind: Kind
  /// The module that an overview describes, or that a plan belongs to, when its name is valid.
  package var module: String?
  /// The task with everything but its dependencies, which only linking can tell.
  package var task: PlanTask?
  /// Where the frontmatter gives the number; nil when the id comes from the path.
  package var idRange: PlanRange?
  /// In the order of the file; malformed entries are in ``diagnostics`` instead.
  package var dependencies: [DeclaredDependency] = []
  /// One for each of the task's `touches`.
  package var touchRanges: [PlanRange] = []
  /// The value of `status` with its quotes, empty for a value that is left out; nil without such a key.
  package var statusRange: PlanRange?
  /// The bytes of the file from the title to the next heading, without blank lines around them.
  package var description: Range<Int> = 0..<0
  package var diagnostics: [Diagnostic] = []

  package init(path: String, kind: Kind, module: String? = nil, task: PlanTask? = nil) {
    self.path = path
    self.kind = kind
    self.module = module
    self.task = task
  }

  /// Whether the file itself gives no reason to keep the task from running.
  package var isSound: Bool { !diagnostics.contains { $0.severity == .error } }
}
