import OrchConfig
import OrchDomain
import OrchNotify
import OrchStore
import OrchWeb
import Synchronization
import Testing

@testable import OrchEngine

@Suite("The desk of notices")
struct NoticeDeskTests {
  private static let noon = Timestamp(milliseconds: 1_700_000_000_000)
  private let scratch = "/tmp/orch-desk-\(randomUUID())"

  private func desk(
    _ settings: String, _ environment: [String: String], at now: Timestamp = noon,
    send: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> (desk: NoticeDesk, view: ProjectView) {
    let root = "\(scratch)/repo"
    try FileTree.makeDirectories("\(root)/.git")
    try FileTree.write(
      "\(root)/.claude-orchestrator.toml", Array(("[notifications]\ndesktop = false\n" + settings).utf8))
    let place = try ProjectPlace(
      LaunchContext(
        configFlag: nil, projectFlag: nil,
        environment: environment.merging(["CLAUDE_ORCH_HOME": "\(scratch)/home"]) { $1 }, currentDirectory: root,
        home: scratch))
    let (store, project) = try place.openStore(now: now)
    let view = ProjectView(place: place, store: store, row: project.id)
    let clock = EngineClock(now: { now }, sleep: EngineClock.system.sleep)
    let transport = HTTPTransport { call throws(HTTPFailure) in
      send(String(decoding: call.body ?? [], as: UTF8.self))
      return HTTPAnswer(status: 200)
    }
    return (NoticeDesk(view, environment: environment, clock: clock, transport: transport), view)
  }

  @Test("A channel whose secret is only missing here is told later, by a process that has it")
  func missingSecret() async throws {
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(scratch) } }
    let settings = "slack_webhook = \"$HOOK\"\n[notifications.ntfy]\nurl = \"https://ntfy.example/topic\"\n"
    let here = try desk(settings, [:])
    try here.desk.tell(.needsYou, key: "one", title: "One", body: "")
    #expect(try await here.desk.deliver() == [])
    let sent = Mutex<[String]>([])
    let there = try desk(settings, ["HOOK": "https://hooks.example/secret"]) { text in sent.withLock { $0.append(text) }
    }
    #expect(try await there.desk.deliver() == [])
    #expect(sent.withLock { $0 }.count == 1 && sent.withLock { $0 }.allSatisfy { $0.contains("One") })
  }

  @Test("What does not fit into one message goes with the next, whole")
  func fits() async throws {
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(scratch) } }
    let settings = "slack_webhook = \"https://hooks.example/secret\"\ndigest = \"1m\"\nmax_per_hour = 100\n"
    let first = try desk(settings, [:])
    for number in 1...40 {
      try first.desk.tell(
        .needsYou, key: "\(number)", title: "Task \(number)",
        body: String(repeating: "x", count: 300) + " end-\(number).")
    }
    let sent = Mutex<[String]>([])
    let later = try desk(settings, [:], at: Self.noon.advanced(by: .seconds(120))) { text in
      sent.withLock { $0.append(text) }
    }
    #expect(try await later.desk.deliver() == [])
    let messages = sent.withLock { $0 }
    #expect(messages.count > 1 && messages.count < 10)
    for number in 1...40 {
      #expect(messages.contains { $0.contains("Task \(number): x") && $0.contains("end-\(number).") }, "\(number)")
    }
  }
}
