package import OrchDomain

/// One step of a task from state to state.
package struct Transition: Hashable, Sendable, CustomStringConvertible {
  package let task: TaskID
  package let from: TaskState
  package let to: TaskState

  /// `running>verifying`
  package var description: String { "\(from.rawValue)>\(to.rawValue)" }
}

/// Told of every transition of a store's tasks: once within its transaction, and once behind the commit.
package struct TransitionWitness: Sendable {
  package enum Moment: String, Sendable { case before, after }

  let tell: @Sendable (Moment, Transition) -> Void

  package init(_ tell: @escaping @Sendable (Moment, Transition) -> Void) { self.tell = tell }
}
