import OrchDomain
package import OrchStore
import Synchronization

/// Hands the events of the log on to whoever watches, each once and in order, also those of other processes.
package final class EventFeed: Sendable {
  private let position: Mutex<Int64>

  /// - Parameter position: The number of the last event that nobody needs to be told about.
  package init(after position: Int64) { self.position = Mutex(position) }

  package func publish(from store: Store, _ project: ProjectID, to observer: @Sendable (Observation) -> Void) throws {
    try position.withLock { position in
      while true {
        let events = try store.events(project, after: position, limit: 200)
        for event in events {
          position = event.seq
          // What the scheduler knew is there to be replayed, not to be watched.
          if event.type != .scheduleDecided { observer(.event(event)) }
        }
        if events.count < 200 { return }
      }
    }
  }
}
