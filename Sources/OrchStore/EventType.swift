/// What an event is about. New kinds may be added by anybody; a name that was used once keeps its meaning for ever.
package struct EventType: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }
  package init(stringLiteral value: String) { rawValue = value }
  package var description: String { rawValue }

  package static let projectAdded: EventType = "project.added"
  package static let projectPaused: EventType = "project.paused"
  package static let projectResumed: EventType = "project.resumed"

  /// One plan is new, or came back after it was removed.
  package static let taskAdded: EventType = "task.added"
  /// Many plans are new at once; `tasks` names up to 500 of them. Keeps a first sync of 10,000 tasks quick.
  package static let tasksAdded: EventType = "tasks.added"
  /// A plan says something else now; `fields` names what.
  package static let taskChanged: EventType = "task.changed"
  package static let taskRemoved: EventType = "task.removed"
  /// A task went `from` one state `to` another.
  package static let taskState: EventType = "task.state"
  package static let taskPaused: EventType = "task.paused"
  package static let taskResumed: EventType = "task.resumed"
  /// A status was written to Markdown, or a person's edit was accepted.
  package static let statusWritten: EventType = "status.written"

  package static let attemptStarted: EventType = "attempt.started"
  package static let attemptEnded: EventType = "attempt.ended"
  package static let turnStarted: EventType = "turn.started"
  package static let turnEnded: EventType = "turn.ended"
  package static let gateRan: EventType = "gate.ran"

  /// An agent, or one model of it, gets no work until a moment.
  package static let cooldownSet: EventType = "cooldown.set"
  package static let cooldownCleared: EventType = "cooldown.cleared"

  package static let changeOpened: EventType = "change.opened"
  package static let changeUpdated: EventType = "change.updated"
  package static let changeState: EventType = "change.state"
  /// Something on the forge is left alone: words of a stranger (`author`), or commits that were not tested here.
  package static let changeIgnored: EventType = "change.ignored"

  /// A change went `from` one state of the merge queue `to` another.
  package static let queueState: EventType = "queue.state"

  /// The branch of a task does not merge with that of another one; neither has landed.
  package static let conflictForeseen: EventType = "conflict.foreseen"

  /// An act outside the database was decided.
  package static let intentMade: EventType = "intent.made"
  package static let intentSettled: EventType = "intent.settled"

  package static let batchStarted: EventType = "batch.started"
  package static let batchEnded: EventType = "batch.ended"
  /// `count` due times from `due` to `until` got no run.
  package static let batchMissed: EventType = "batch.missed"
  /// Whoever drove the project died after `from`, which was found out at `to`.
  package static let heartbeatLost: EventType = "heartbeat.lost"
  /// Whoever drives the project gave no sign of life between `from` and `to`.
  package static let heartbeatGap: EventType = "heartbeat.gap"
  /// `percent` of a limit are used: 80, or 100, at which work pauses.
  package static let budgetReached: EventType = "budget.reached"
  /// A task waits for a person since a long time.
  package static let taskReminder: EventType = "task.reminder"
  /// A change was decided by the link of a notice; `link` names it, and is not the link.
  package static let linkUsed: EventType = "link.used"
  /// Somebody wanted to decide by a link that was used, too old, or of another state of its change.
  package static let linkRefused: EventType = "link.refused"
  package static let tierSet: EventType = "tier.set"
  /// `steps`: what the scheduler was told since the last of these events, and what it decided.
  package static let scheduleDecided: EventType = "schedule.decided"
  /// The oldest `events` of the log are gone, counted from its beginning; `head` is the hash of the last of them.
  package static let logCompacted: EventType = "log.compacted"
  package static let requestPosted: EventType = "request.posted"
  package static let requestHandled: EventType = "request.handled"

  /// The daemon was asked for a run.
  package static let runSubmitted: EventType = "run.submitted"
  package static let runEnded: EventType = "run.ended"
  /// Somebody wrote to the agent of a task; the text itself is not in the log.
  package static let messageSent: EventType = "message.sent"
  /// It is in the prompt of a turn.
  package static let messageDelivered: EventType = "message.delivered"
  /// An agent asks a person something; the answer is a message.
  package static let questionAsked: EventType = "question.asked"
}
