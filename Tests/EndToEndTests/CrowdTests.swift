import Foundation
import OrchDomain
import OrchStore
import Synchronization
import Testing

/// As many agents at once as a large machine may be asked for. `scripts/test` runs it by itself, because nothing else
/// gets a processor meanwhile.
@Suite(.serialized, .timeLimit(.minutes(60))) struct CrowdTests {
  @Test func threeHundredAgentsAtOnce() async throws {
    let count = 300
    let work = """
      mkdir -p data
      echo ok > "data/$(echo "$ORCH_TASK" | tr / -)"
      git add data
      git commit --quiet -m "Do $ORCH_TASK"

      """
    let plans = (0..<count).map { Plan("many-\($0)/E01", front: $0 % 10 == 0 ? "agent: busy" : "agent: idle") }
    let shop = try Workshop(
      plans,
      settings: """
        [agents.idle]
        adapter = "command"
        command = ["true"]
        [agents.busy]
        adapter = "command"
        command = ["sh", "work.sh"]
        """, gate: "true", files: ["work.sh": work], turns: 1)
    let peak = Mutex(0)
    let run = try shop.launch(["start", "--all", "--max-parallel", "\(count)", "--json"]) { _, pid in
      let status = FileManager.default.contents(atPath: "/proc/\(pid)/status") ?? Data()
      let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      let kilobytes = line.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
      peak.withLock { $0 = max($0, kilobytes) }
    }
    let output = try await run.output()
    for word in ["lock", "busy"] {
      #expect(!output.err.lowercased().contains(word), "\(output.err.suffix(2000))")
    }
    let states = try await shop.states()
    #expect(states.values.count { $0 == "complete" } == count / 10)
    #expect(states.values.count { $0 == "failed" } == count - count / 10, "\(output)")
    #expect(try await shop.strays() == [])
    let chain = try shop.inStore { store, project in try store.verifyChain(project) }
    guard case .intact = chain else {
      Issue.record("\(chain)")
      return
    }
    let megabytes = peak.withLock { $0 } / 1024
    print("300 agents: at most \(megabytes) MB resident")
    #expect(megabytes < 600)
  }
}
