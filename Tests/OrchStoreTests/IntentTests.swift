import OrchDomain
import OrchStore
import Synchronization
import Testing

@Suite("Intents")
struct IntentTests {
  @Test("An intent is there once, until it is settled, and both are told by events")
  func onceUntilSettled() throws {
    let scratch = try Scratch()
    let (store, project, task) = try StateTests.prepared(scratch)
    try store.write(project) { tx throws in
      _ = try tx.beginAttempt(task, agent: "a", at: .t(2))
      try tx.makeIntent(.retire, task, attempt: 1, at: .t(3))
      try tx.makeIntent(.retire, task, attempt: 1, at: .t(4))
    }
    let open = try store.read(project) { try $0.intents() }
    #expect(open.map(\.key) == ["\(task)/1"] && open.map(\.madeAt) == [.t(3)] && open.map(\.attempt) == [1])
    #expect(try store.read(project) { try $0.intents(of: task) } == open)
    let intent = try #require(open.first)
    for _ in 0..<2 { try store.write(project) { tx throws in try tx.settleIntent(intent, at: .t(5)) } }
    #expect(try store.read(project) { try $0.intents() } == [])
    let types = try store.events(project, after: 0, limit: 100).map(\.type)
    #expect(types.count { $0 == .intentMade } == 1 && types.count { $0 == .intentSettled } == 1)
  }

  @Test("A witness sees each transition within its transaction and behind the commit, and none that is taken back")
  func witness() throws {
    let scratch = try Scratch()
    let (first, project, task) = try StateTests.prepared(scratch)
    try first.close()
    let seen = Seen()
    let store = try Store(
      path: scratch.path, witness: TransitionWitness { moment, step in seen.add("\(moment.rawValue) \(step)") })
    try store.write(project) { _ = try $0.transition(task, from: [.blocked], to: .ready, at: .t(3)) }
    #expect(throws: StoreError.abandoned("no")) {
      try store.write(project) { tx throws in
        try tx.transition(task, from: [.ready], to: .queued, at: .t(4))
        throw StoreError.abandoned("no")
      }
    }
    #expect(seen.all == ["before blocked>ready", "after blocked>ready"])
  }
}

/// What a witness was told.
private final class Seen: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}
