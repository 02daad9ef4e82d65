/// One event, ready to be sent.
package struct EventFrame: Sendable {
  package var seq: Int64
  package var type: String
  package var project: String
  package var task: String?
  /// One line of JSON.
  package var data: String

  package init(seq: Int64, type: String, project: String, task: String?, data: String) {
    self.seq = seq
    self.type = type
    self.project = project
    self.task = task
    self.data = data
  }

  /// The lines of `text/event-stream`.
  func text(isNamed: Bool) -> String {
    isNamed ? "id: \(seq)\nevent: \(type)\ndata: \(data)\n\n" : "id: \(seq)\ndata: \(data)\n\n"
  }
}

/// Which events a reader wants, and how it wants them written.
package struct EventFilter: Hashable, Sendable {
  package var project: String?
  package var task: String?
  /// Of these kinds, or of kinds that begin with one of them and a dot; empty for all.
  package var types: [String]
  /// Whether each event has a name of its own, for `addEventListener`; without one all arrive at `onmessage`.
  package var isNamed: Bool

  package init(project: String? = nil, task: String? = nil, types: [String] = [], isNamed: Bool = false) {
    self.project = project
    self.task = task
    self.types = types
    self.isNamed = isNamed
  }

  func wants(_ frame: EventFrame) -> Bool {
    if let project, frame.project != project { return false }
    if let task, frame.task != task { return false }
    return types.isEmpty || types.contains { frame.type == $0 || frame.type.hasPrefix("\($0).") }
  }

  /// What such a reader gets of `frames`, of which it has all up to `position`.
  func text(of frames: some Sequence<EventFrame>, after position: Int64) -> String {
    frames.lazy.filter { $0.seq > position && wants($0) }.map { $0.text(isNamed: isNamed) }.joined()
  }
}

/// What a reader of events asks for.
package struct EventSubscription: Sendable {
  package var broadcast: EventBroadcast
  /// Only events behind this one; nil for those that come from now on.
  package var after: Int64?
  package var filter: EventFilter

  package init(broadcast: EventBroadcast, after: Int64? = nil, filter: EventFilter = EventFilter()) {
    self.broadcast = broadcast
    self.after = after
    self.filter = filter
  }
}
