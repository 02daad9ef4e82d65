/// What becomes of due times at which nothing was there to start the run.
package enum Catchup: String, Hashable, Sendable, CaseIterable {
  /// They are missed.
  case none
  /// One run makes up for all of them.
  case last
  /// Each gets a run of its own, one after the other.
  case all
}

/// What becomes of due times that pass while the run before is still going on.
package enum Overlap: String, Hashable, Sendable, CaseIterable {
  /// They are missed.
  case skip
  /// The newest of them starts once the run before has ended.
  case queue
}
