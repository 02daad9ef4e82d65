import Foundation
import OrchDomain
import OrchStore
import Synchronization
import Testing

@testable import OrchEngine

/// The keys of links, and what a link may do in a real store.
@Suite("Links that decide")
struct DecisionLinkTests {
  private static let secret = Array(String(repeating: "ab", count: 32).utf8)
  private static let head = String(repeating: "1", count: 40)

  private static func link(
    wait: Int64 = 7, head: String = head, channel: String = "ntfy", until: Int64 = 1000
  ) -> DecisionLink {
    DecisionLink(
      project: "p-1a2b3c4d", number: 1, head: head, wait: wait, channel: channel,
      until: Timestamp(milliseconds: until))
  }

  /// A store with a change that waits for a review.
  private final class Desk: Sendable {
    let directory: URL
    let store: Store
    let row: ProjectID
    let task = TaskID(module: "a", number: 1)

    init() throws {
      directory = FileManager.default.temporaryDirectory.appending(path: "links-\(UUID().uuidString.prefix(8))")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      store = try Store(path: directory.appending(path: "x.db").path)
      row = try store.project(root: "/p", name: "p", at: Timestamp(milliseconds: 0)).id
      let plan = PlanTask(id: task, title: "T", path: "docs/plans/a/E01.md", status: .notStarted, dependencies: [])
      let states: [TaskState] = [.queued, .preparing, .running, .verifying, .publishing, .inReview]
      try write { [task] tx in
        _ = try tx.applyCompilation(
          Compilation(tasks: [CompiledTask(plan)], brokenPaths: []), at: Timestamp(milliseconds: 1))
        if try tx.task(task)?.state == .blocked {
          try tx.transition(task, from: [.blocked], to: .ready, at: Timestamp(milliseconds: 1))
        }
        _ = try tx.beginAttempt(task, agent: "x", at: Timestamp(milliseconds: 2))
        for state in states {
          try tx.transition(task, from: Set(TaskState.allCases), to: state, at: Timestamp(milliseconds: 3))
        }
        _ = try tx.createChange(task, attempt: 1, forge: "local", at: Timestamp(milliseconds: 4)) {
          $0.headCommit = DecisionLinkTests.head
        }
      }
    }

    deinit { do { try FileManager.default.removeItem(at: directory) } catch { print("\(error)") } }

    func write(_ store: Store? = nil, _ body: (borrowing StoreTransaction) throws -> Void) throws {
      _ = try (store ?? self.store).write(row) { tx -> Bool in
        try body(tx)
        return true
      }
    }

    /// A link for the wait that goes on.
    func link(channel: String = "ntfy", until: Int64 = 1000) throws -> DecisionLink {
      let wait = try store.read(row) { tx in try DecisionLink.wait(of: task, tx) }
      return DecisionLinkTests.link(wait: try #require(wait), channel: channel, until: until)
    }

    func refusal(of link: DecisionLink, at now: Int64 = 500) throws -> DecisionLink.Refusal? {
      try store.read(row) { tx in try link.refusal(tx, at: Timestamp(milliseconds: now)) }
    }

    /// What a decision does in its transaction.
    func decide(_ link: DecisionLink, _ action: DecisionLink.Action, over store: Store? = nil) throws {
      let now = Timestamp(milliseconds: 500)
      try write(store) { tx in
        try DecisionLink.Use(link, tree: "t").record(action, tx, at: now)
        try tx.updateChange(1, from: [.open], to: action == .approve ? .approved : .rejected, at: now)
        try tx.transition(task, from: [.inReview], to: action == .approve ? .approved : .fixing, at: now)
      }
    }

    func waitAgain() throws {
      let now = Timestamp(milliseconds: 600)
      try write { tx in
        try tx.updateChange(1, from: [.rejected, .approved, .closed], to: .open, at: now)
        for state in [TaskState.verifying, .publishing, .inReview] {
          try tx.transition(task, from: Set(TaskState.allCases), to: state, at: now)
        }
      }
    }

    func events(_ type: EventType) throws -> [JSONFields] {
      try store.read(row) { tx in try tx.events(type, of: task) }.map { JSONFields($0.data) }
    }
  }

  @Test("A key is read as it was written, and with one character changed, missing or more it is none of ours")
  func keys() throws {
    let link = Self.link()
    let key = link.key(secret: Self.secret)
    #expect(DecisionLink(key: key, secret: Self.secret) == link)
    #expect(DecisionLink.project(in: key) == "p-1a2b3c4d")
    let characters = Array(key)
    for index in characters.indices {
      for other in ["0", "1", "a", ".", "-", "+"] where String(characters[index]) != other {
        let forged = String(characters[..<index]) + other + String(characters[(index + 1)...])
        #expect(DecisionLink(key: forged, secret: Self.secret) == nil, "\(forged)")
      }
      let short = String(characters[..<index]) + String(characters[(index + 1)...])
      #expect(DecisionLink(key: short, secret: Self.secret) == nil, "\(short)")
      #expect(DecisionLink(key: String(characters[..<index]), secret: Self.secret) == nil)
    }
    for more in [key + "0", key + ".", key + ".0", "0" + key, key.replacing(".7.", with: ".+7."), ""] {
      #expect(DecisionLink(key: more, secret: Self.secret) == nil, "\(more)")
    }
    #expect(DecisionLink(key: key, secret: Self.secret.reversed()) == nil)
    #expect(!key.contains(link.name), "the log's name of a link is no part of it")
  }

  @Test("A link decides while its change waits with its head, up to its last millisecond")
  func refusals() throws {
    let desk = try Desk()
    let link = try desk.link()
    #expect(try desk.refusal(of: link) == nil)
    #expect(try desk.refusal(of: link, at: 999) == nil)
    #expect(try desk.refusal(of: link, at: 1000) == .expired)
    #expect(try desk.refusal(of: Self.link(wait: link.wait, head: String(repeating: "2", count: 40))) == .moved)
    #expect(try desk.refusal(of: Self.link(wait: link.wait - 1)) == .superseded)
    try desk.decide(link, .approve)
    #expect(try desk.refusal(of: link) == .used)
    #expect(try desk.refusal(of: Self.link(wait: link.wait, channel: "slack")) == .decided)
    let used = try #require(try desk.events(.linkUsed).first)
    #expect(used.string("channel") == "ntfy" && used.string("tree") == "t" && used.string("head") == Self.head)
    #expect(used.string("action") == "approve" && used.string("link") == link.name)
  }

  @Test("After a change was sent back and waits again with the same commits, no link of before decides")
  func waitsAgain() throws {
    let desk = try Desk()
    let (link, other) = (try desk.link(), try desk.link(channel: "slack"))
    try desk.decide(link, .reject)
    #expect(try desk.refusal(of: other) == .decided)
    try desk.waitAgain()
    #expect(try desk.refusal(of: link) == .used)
    #expect(try desk.refusal(of: other) == .superseded)
    #expect(throws: StoreError.self) { try desk.decide(other, .approve) }
    #expect(try desk.refusal(of: try desk.link()) == nil)
  }

  @Test("A link that the log has forgotten is not good for a second time")
  func forgotten() throws {
    let desk = try Desk()
    let link = try desk.link()
    try desk.decide(link, .reject)
    try desk.write { tx in
      let now = Timestamp(milliseconds: 550)
      try tx.updateChange(1, from: [.rejected], to: .closed, at: now)
      try tx.transition(desk.task, from: [.fixing], to: .cancelled, at: now)
      #expect(try tx.compactEvents(before: Timestamp(milliseconds: 560), at: now) > 0)
    }
    #expect(try desk.events(.linkUsed).isEmpty)
    try desk.waitAgain()
    #expect(try desk.refusal(of: link) == .superseded)
    #expect(throws: StoreError.self) { try desk.decide(link, .approve) }
  }

  @Test("Of many who decide at once, by links and connections of their own, one does")
  func once() throws {
    for _ in 0..<5 {
      let desk = try Desk()
      let links = try ["ntfy", "slack", "email"].map { try desk.link(channel: $0) }
      let done = Mutex(0)
      DispatchQueue.concurrentPerform(iterations: 9) { index in
        do {
          let store = try Store(path: desk.store.path, busyTimeout: .seconds(60))
          try desk.decide(links[index % 3], index % 2 == 0 ? .approve : .reject, over: store)
          done.withLock { $0 += 1 }
        } catch StoreError.staleChange {
          // Too late.
        } catch { Issue.record("\(error)") }
      }
      #expect(done.withLock { $0 } == 1)
      #expect(try desk.events(.linkUsed).count == 1)
    }
  }

  @Test("A refusal is recorded once for each reason, however often somebody tries")
  func refusalsAreRecordedOnce() throws {
    let desk = try Desk()
    let link = try desk.link()
    for reason in DecisionLink.Refusal.allCases + DecisionLink.Refusal.allCases {
      try desk.write { tx in try link.record(reason, tx, at: Timestamp(milliseconds: 1)) }
    }
    let told = try desk.events(.linkRefused).compactMap { $0.string("why") }
    #expect(told.sorted() == DecisionLink.Refusal.allCases.map(\.rawValue).sorted())
  }

  @Test("The secret is made once, whoever makes it, is for its owner only, and is no link of somebody else's")
  func secretFile() throws {
    let home = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    defer { do { try FileManager.default.removeItem(atPath: home) } catch { print("\(error)") } }
    #expect(try LinkSecret.read(home) == nil)
    let found = Mutex<Set<[UInt8]>>([])
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      do {
        let secret = try LinkSecret.make(home)
        found.withLock { _ = $0.insert(secret) }
      } catch { Issue.record("\(error)") }
    }
    let secrets = found.withLock { $0 }
    #expect(secrets.count == 1 && secrets.first?.count == 64)
    let file = "\(home)/link.key"
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    try Data("short".utf8).write(to: URL(filePath: file))
    #expect(throws: EngineError.self) { try LinkSecret.read(home) }
    try FileManager.default.removeItem(atPath: file)
    try Data(String(repeating: "0", count: 64).utf8).write(to: URL(filePath: "\(home)/theirs"))
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "\(home)/theirs")
    #expect(throws: (any Error).self) { try LinkSecret.read(home) }
  }
}
