/// How a running `start` is asked to end: once to finish what runs, twice to stop it, resumable.
package actor StopSwitch {
  package enum Level: Int, Comparable, Sendable {
    case none, drain, stop
    package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  package private(set) var level = Level.none

  package init() {}

  /// The next level; a third request changes nothing.
  package func press() -> Level {
    level = level == .none ? .drain : .stop
    return level
  }

  /// Goes to the last level at once.
  package func stop() { level = .stop }
}
