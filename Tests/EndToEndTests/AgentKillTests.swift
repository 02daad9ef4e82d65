import Foundation
import OrchDomain
import OrchStore
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Agents, their supervisors and gates that are killed, or that outlive who started them.
@Suite(.serialized, .timeLimit(.minutes(15))) struct AgentKillTests {
  /// A task whose agent waits for the test.
  static func waiting(_ scratch: String) -> Plan {
    Plan(
      "core/E01",
      script: """
        echo $$ > \(scratch)/agent.pid
        while [ ! -e \(scratch)/go ]; do sleep 0.02; done
        echo once >> \(scratch)/ran
        \(Plan.work("core/E01"))
        """)
  }

  /// A workshop with a task that waits and says so in its plan, a run of it, and the process of the agent.
  static func withWaitingAgent() async throws -> (shop: Workshop, run: Running, agent: pid_t) {
    let shop = try Workshop([])
    let plan = waiting(shop.scratch.path)
    try shop.write(plan.path, plan.text)
    try shop.write("README.md", Plan.overview([plan]))
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Add a plan")
    let isWritten = Mutex(false)
    let run = try shop.launch(["start", "--all", "--json"]) { line, _ in
      if line.contains(#""type":"status.written""#) { isWritten.withLock { $0 = true } }
    }
    let file = "\(shop.scratch.path)/agent.pid"
    while true {
      if isWritten.withLock({ $0 }), shop.exists(file),
        let pid = pid_t(try shop.read(file).trimmingCharacters(in: .whitespacesAndNewlines))
      {
        return (shop, run, pid)
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test func anAgentOutlivesStartAndIsAdopted() async throws {
    let (shop, run, agent) = try await Self.withWaitingAgent()
    kill(run.pid, SIGKILL)
    #expect(try await run.output().status == -SIGKILL)
    #expect(kill(agent, 0) == 0, "the agent died with start")
    let second = try shop.launch(["start", "--all", "--json"])
    try shop.write("\(shop.scratch.path)/go", "")
    #expect(try await second.output().status == 0)
    #expect(try shop.read("\(shop.scratch.path)/ran") == "once\n", "the agent was started a second time")
    #expect(try shop.turns("core/E01").count == 1)
    try await shop.expectFinished(["core/E01"])
  }

  @Test func anAgentThatEndsWhileNobodyLooksIsNotRunAgain() async throws {
    let (shop, run, agent) = try await Self.withWaitingAgent()
    kill(run.pid, SIGKILL)
    _ = try await run.output()
    try shop.write("\(shop.scratch.path)/go", "")
    while kill(agent, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    try await shop.expect(0, "start", "--all")
    #expect(try shop.read("\(shop.scratch.path)/ran") == "once\n")
    try await shop.expectFinished(["core/E01"])
  }

  @Test func aKilledAgentIsAFailureThatIsKept() async throws {
    let (shop, run, agent) = try await Self.withWaitingAgent()
    kill(agent, SIGKILL)
    let output = try await run.output()
    #expect(output.status == 1, "\(output)")
    #expect(try await shop.states() == ["core/E01": "failed"])
    #expect(try shop.git("show", "main:README.md").contains("🔴"))
    #expect(try await shop.strays() == [])
  }

  @Test func aKilledSupervisorLeavesNoAgentBehind() async throws {
    let (shop, run, _) = try await Self.withWaitingAgent()
    let turn = try #require(try shop.turns("core/E01").first?.runDirectory)
    let record = try shop.read("\(turn)/pid")
    let line = try #require(record.split(separator: "\n").first { $0.hasPrefix("shim ") })
    let shim = try #require(line.split(separator: " ").dropFirst().first.flatMap { pid_t($0) })
    kill(shim, SIGKILL)
    let output = try await run.output()
    #expect(output.status == 1, "\(output)")
    #expect(try await shop.states() == ["core/E01": "failed"])
    #expect(try await shop.strays() == [])
  }

  @Test func startAndSupervisorKilledTogether() async throws {
    let (shop, run, _) = try await Self.withWaitingAgent()
    let turn = try #require(try shop.turns("core/E01").first?.runDirectory)
    let line = try #require(try shop.read("\(turn)/pid").split(separator: "\n").first { $0.hasPrefix("shim ") })
    let shim = try #require(line.split(separator: " ").dropFirst().first.flatMap { pid_t($0) })
    kill(run.pid, SIGKILL)
    kill(shim, SIGKILL)
    _ = try await run.output()
    try await shop.expect(1, "start", "--all")
    #expect(try await shop.strays() == [])
  }

  @Test func aKilledGateLeavesNothingBehind() async throws {
    let shop = try Workshop([Plan("core/E01")], gate: "sh gate.sh")
    let scratch = shop.scratch.path
    try shop.write(
      "gate.sh", "echo $$ > \(scratch)/gate.pid\nif [ -e \(scratch)/go ]; then exit 0; fi\nsleep 600 &\nwait\n")
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Add a gate")
    let run = try shop.launch(["start", "--all"])
    while !shop.exists("\(scratch)/gate.pid") { try await Task.sleep(for: .milliseconds(5)) }
    kill(run.pid, SIGKILL)
    _ = try await run.output()
    #expect(try await shop.strays() == [], "a gate dies with its orchestrator")
    try shop.write("\(scratch)/go", "")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
  }
}
