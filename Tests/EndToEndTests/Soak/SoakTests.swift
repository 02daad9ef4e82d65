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

/// A night of agents that misbehave in every way we know, under kills of the orchestrator.
///
/// `./scripts/soak` runs the long form; it sets `ORCH_SOAK`, as `tasks,seed,kills`.
@Suite(.serialized, .timeLimit(.minutes(60))) struct SoakTests {
  @Test func everyTaskEndsInItsOneState() async throws {
    let wanted = (ProcessInfo.processInfo.environment["ORCH_SOAK"] ?? "12,4,3").split(separator: ",")
    let numbers = wanted.compactMap { UInt64($0) }
    try #require(numbers.count == 3, "ORCH_SOAK is TASKS,SEED,KILLS")
    let plan = SoakPlan(tasks: Int(numbers[0]), seed: numbers[1], kills: Int(numbers[2]))
    let began = ContinuousClock.now
    let shop = try Workshop(
      plan.plans, settings: plan.settings, parallel: 6, attempts: 2, backoff: "1s", files: plan.files, turns: 2)
    var kills = 0
    for events in plan.kills where try await isKilled(shop, after: events) { kills += 1 }
    var runs = 0
    // Some failures end a run early, and the next one goes on.
    repeat {
      runs += 1
      let output = try await shop.orch("start", "--all")
      #expect([0, 1, 75].contains(output.status), "\(output)")
    } while try await shop.states() != plan.states && runs < 5 + plan.items.count
    try await expectEnded(shop, plan)
    print(
      "soak: \(plan.items.count) tasks, seed \(numbers[1]), \(kills) kills, \(runs) runs to the end, "
        + "\((ContinuousClock.now - began).components.seconds) s")
  }

  /// Runs `start` and kills it behind so many events, if it gets that far.
  private func isKilled(_ shop: Workshop, after events: Int) async throws -> Bool {
    let seen = Mutex(0)
    let run = try shop.launch(["start", "--all", "--json"]) { _, pid in
      let count = seen.withLock { count in
        count += 1
        return count
      }
      if count == events { kill(pid, SIGKILL) }
    }
    return try await run.output().status == -SIGKILL
  }

  private func expectEnded(_ shop: Workshop, _ plan: SoakPlan) async throws {
    let states = try await shop.states()
    for item in plan.items {
      let attempts = try shop.attempts(item.id)
      let ends = attempts.map { "\($0.failureClass.map { "\($0)" } ?? "none"): \($0.failureDetail ?? "")" }
      #expect(states[item.id] == item.ends, "\(item.id), \(item.kind): \(ends)")
      #expect(
        attempts.count == (item.ends == "blocked" ? 0 : item.kind.attempts), "\(item.id), \(item.kind): \(ends)")
    }
    #expect(try await shop.strays() == [])
    let chain = try shop.inStore { store, project in try store.verifyChain(project) }
    guard case .intact = chain else {
      Issue.record("\(chain)")
      return
    }
    try expectNothingLost(shop)
    try expectProven(shop, plan)
  }

  private func expectNothingLost(_ shop: Workshop) throws {
    let reachable = Set(try shop.git("rev-list", "--all").split(separator: "\n"))
    let made = try shop.read("\(shop.scratch.path)/matrix/commits").split(separator: "\n")
    #expect(made.filter { !reachable.contains($0) } == [], "commits are lost")
    #expect(try shop.uncommitted() == [])
  }

  /// One landed change for each complete task, with the tree that was tested, and 🟢 for those tasks alone.
  private func expectProven(_ shop: Workshop, _ plan: SoakPlan) throws {
    let complete = plan.items.filter { $0.ends == "complete" }.map(\.id).sorted()
    let merged = try shop.changes().filter { $0.state == .merged }
    #expect(merged.map(\.task.description).sorted() == complete)
    for change in merged {
      let (commit, tested) = (try #require(change.landingCommit), try #require(change.testedTree))
      #expect(try shop.tree(commit) == tested && shop.git("merge-base", commit, "main") == commit, "\(change.task)")
    }
    for item in plan.items {
      let text = try shop.git("show", "main:\(Plan(item.id).path)")
      #expect(text.contains("status: complete\n") == (item.ends == "complete"), "\(item.id)")
      let file = "main:data/\(item.id.replacing("/", with: "-"))"
      let work = try shop.git("show", file, accepted: [0, 128])
      #expect((work == "ok \(item.id)") == (item.ends == "complete"), "\(item.id): \(work)")
    }
    #expect(try shop.git("show", "main:README.md").count { $0 == "🟢" } == complete.count)
  }
}

extension SoakPlan {
  var states: [String: String] { Dictionary(uniqueKeysWithValues: items.map { ($0.id, $0.ends) }) }
}
