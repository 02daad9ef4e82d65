import OrchDomain

extension Scenario {
  /// Between them they go through every transition that can be brought about; see ``Unreachable``.
  static let all = [
    chain, conflict, review, reset, claims, failures, limits, auth, chosen, stops, nameless, world, inTheWay, hands,
    takenBack,
    landedAfterAll,
    cleanedUp,
  ]
}

/// Transitions that the state machine allows and nothing can bring about, each with its reason.
///
/// Allowed all the same: an unforeseen failure has to be recorded from wherever it comes.
struct Unreachable {
  var from: Set<TaskState>
  var to: Set<TaskState>
  var reason: String

  /// Why a transition cannot be brought about; nil when it can.
  static func reason(_ from: TaskState, _ to: TaskState) -> String? {
    all.first { $0.from.contains(from) && $0.to.contains(to) }?.reason
  }

  private static let held: Set<TaskState> = [.queued, .preparing, .running, .verifying, .fixing, .publishing]
  private static let ended: Set<TaskState> = [.failed, .cancelled]

  private static let all: [Unreachable] = [
    .init(
      from: [.blocked, .ready], to: [.parked, .stuck, .failed, .cancelled],
      reason: "nothing works on it yet: stop refuses it, and taking it over goes by way of queued and preparing"),
    .init(from: held, to: [.cancelled], reason: "a reset stops it first, so it is parked by then"),
    .init(from: [.queued], to: [.failed, .blocked], reason: "nothing has been tried, and a run puts it back as ready"),
    .init(from: [.queued], to: [.stuck], reason: "beginning an attempt touches nothing but the database"),
    .init(from: [.preparing], to: [.ready], reason: "a reset parks it first"),
    .init(
      from: [.running, .fixing], to: [.ready], reason: "a new attempt waits in parked first, if only for an instant"),
    .init(
      from: [.stuck], to: [.running], reason: "what goes on after a turn goes on with another one, which is fixing"),
    .init(from: [.verifying, .fixing], to: [.running], reason: "every turn but the first is fixing"),
    .init(from: [.publishing], to: [.failed], reason: "publishing judges nothing; what it misses makes it stuck"),
    .init(from: [.publishing], to: [.fixing], reason: "nothing sends work back before its change is open"),
    .init(from: [.inReview], to: [.parked, .stuck, .failed], reason: "nobody but a person moves it"),
    .init(from: [.inReview], to: [.publishing], reason: "a new head comes by way of fixing"),
    .init(
      from: [.approved, .landing], to: [.parked, .failed], reason: "it holds no agent, and work is never thrown away"),
    .init(
      from: [.approved, .landing], to: [.inReview],
      reason: "only a base that somebody moves back brings that about, which RealRepositoryTests does"),
    .init(from: [.parked], to: [.queued, .inReview, .approved, .landing], reason: "none of these is ever parked"),
    .init(from: [.stuck], to: [.queued, .inReview], reason: "neither gets stuck"),
    .init(from: [.parked, .stuck], to: [.parked, .stuck, .failed, .cancelled], reason: "it is resumed first"),
    .init(
      from: ended, to: held.union([.inReview, .approved, .landing, .parked, .stuck, .failed, .cancelled]),
      reason: "it begins again from ready or blocked"),
  ]
}
