import OrchDomain
import OrchSchedule
import Testing

func id(_ text: String) throws -> TaskID { try #require(TaskID(text)) }

/// `module/E01` with what it waits for.
func task(
  _ text: String, after dependencies: [String] = [], _ priority: TaskPriority = .normal, touches: [String] = [],
  tier: Int = 0, phase: SchedulableTask.Phase = .waiting, weight: Int64 = 1, defect: String? = nil
) throws -> SchedulableTask {
  SchedulableTask(
    id: try id(text), priority: priority, dependencies: try dependencies.map(id), touches: touches.map(Glob.init),
    tier: tier, phase: phase, weight: weight, defect: defect)
}

@Suite struct FrontierTests {
  static func names(_ ids: [TaskID]) -> [String] { ids.map(\.description) }

  @Test("Of a chain and a single task both first ones are ready; then only the next of the chain")
  func chain() throws {
    let chain = [
      try task("tech/E00"), try task("tech/E01", after: ["tech/E00"]), try task("tech/E02", after: ["tech/E01"]),
    ]
    #expect(Self.names(Frontier(chain + [try task("billing/E00")]).ready) == ["tech/E00", "billing/E00"])
    var frontier = Frontier(chain)
    frontier.complete(try id("tech/E00"))
    #expect(Self.names(frontier.ready) == ["tech/E01"])
    #expect(try frontier.chain(of: id("tech/E01")) == 1)
  }

  @Test("Priority decides first, and a limit is a limit")
  func priority() throws {
    var frontier = Frontier([
      try task("tech/E00"), try task("billing/E00", .high), try task("pricing/E00", .low),
    ])
    #expect(Self.names(frontier.take(2)) == ["billing/E00", "tech/E00"])
    #expect(Self.names(frontier.take(5)) == ["pricing/E00"])
    #expect(frontier.take(-1).isEmpty && frontier.take(0).isEmpty)
  }

  @Test("What unblocks more goes first, also across modules")
  func unblocksMore() throws {
    var frontier = Frontier([
      try task("alpha/E00"), try task("zeta/E00"), try task("zeta/E01", after: ["zeta/E00"]),
      try task("zeta/E02", after: ["zeta/E01"]), try task("zeta/E03", after: ["zeta/E02"]),
    ])
    #expect(Self.names(frontier.take(1)) == ["zeta/E00"])
  }

  @Test("Weights make a short chain of long tasks more urgent than a long chain of short ones")
  func weights() throws {
    let frontier = Frontier([
      try task("a/E00"), try task("a/E01", after: ["a/E00"]), try task("a/E02", after: ["a/E01"]),
      try task("b/E00"), try task("b/E01", after: ["b/E00"], weight: 5),
    ])
    #expect(Self.names(frontier.ready) == ["b/E00", "a/E00"])
  }

  @Test(
    "The active tier is the lowest with incomplete work; no assignment means tier 0",
    arguments: [
      (["auth": (0, false), "billing": (1, false), "analytics": (2, false)], ["auth/E00"], 0),
      (
        ["auth": (0, true), "billing": (1, false), "reporting": (1, false), "analytics": (2, false)],
        ["billing/E00", "reporting/E00"], 1
      ),
      (
        ["auth": (0, false), "notifications": (0, false), "billing": (1, false)],
        ["auth/E00", "notifications/E00"], 0
      ),
      (["auth": (0, true), "billing": (1, true)], [], nil),
      (["auth": (-2, false), "billing": (7, false)], ["auth/E00"], -2),
    ] as [([String: (Int, Bool)], [String], Int?)])
  func tiers(modules: [String: (Int, Bool)], ready: [String], active: Int?) throws {
    let frontier = Frontier(
      try modules.map { try task("\($0.key)/E00", tier: $0.value.0, phase: $0.value.1 ? .complete : .waiting) })
    #expect(Self.names(frontier.ready) == ready)
    #expect(frontier.activeTier == active)
  }

  @Test("A tier stays closed while a task of a lower tier runs or has failed, and opens when it is complete")
  func tierLeak() throws {
    var frontier = Frontier([try task("auth/E00"), try task("billing/E00", tier: 1)])
    let auth = try id("auth/E00")
    #expect(Self.names(frontier.take(5)) == ["auth/E00"])
    #expect(frontier.take(5).isEmpty)
    frontier.hold(auth, Hold(.failed, "gate red"))
    #expect(frontier.take(5).isEmpty)
    #expect(frontier.quiescence == .waitingForHeld([auth]))
    frontier.resume(auth)
    #expect(frontier.take(5) == [auth])
    frontier.complete(auth)
    #expect(Self.names(frontier.take(5)) == ["billing/E00"])
    frontier.reopen(auth)
    #expect(frontier.activeTier == 0)
  }

  @Test("Tasks that may change the same files run one after the other; a change in review keeps its files")
  func overlap() throws {
    var frontier = Frontier([
      try task("a/E01", touches: ["src/a/**"]), try task("b/E01", touches: ["src/a/x.swift", "docs/"]),
      try task("c/E01", touches: ["src/c/**"]), try task("d/E01"),
    ])
    let first = try id("a/E01")
    #expect(Self.names(frontier.take(9)) == ["a/E01", "c/E01", "d/E01"])
    frontier.hold(first, Hold(.inReview, "waits for a human: pr approve a/E01"))
    #expect(frontier.take(9).isEmpty)
    frontier.hold(first, Hold(.failed, "rejected"))
    #expect(Self.names(frontier.take(9)) == ["b/E01"])
    frontier.resume(first)
    #expect(frontier.take(9).isEmpty)
    frontier.complete(try id("b/E01"))
    #expect(frontier.take(9) == [first])
  }

  @Test("No event makes an unknown id or a wrong state do anything")
  func nonsense() throws {
    var frontier = Frontier([try task("a/E01", after: ["a/E09"]), try task("a/E02", phase: .complete)])
    let ghost = try id("a/E09")
    for id in [ghost, try id("z/E01")] {
      frontier.complete(id)
      frontier.start(id)
      frontier.release(id)
      frontier.resume(id)
      frontier.reopen(id)
      frontier.pause(id)
      frontier.remove(id)
      frontier.hold(id, Hold(.failed, ""))
    }
    for node: Int32 in [-1, 99, .max, .min] {
      frontier.complete(at: node)
      frontier.hold(at: node, Hold(.failed, ""))
    }
    frontier.hold(try id("a/E02"), Hold(.failed, ""))
    #expect(frontier.incompleteCount == 1 && frontier.runningCount == 0 && frontier.held.isEmpty)
    #expect(frontier.quiescence == .deadlock([try id("a/E01")]))
    frontier.insert(try task("a/E09"))
    #expect(frontier.take(5) == [ghost])
  }

  @Test("Quiescence says what has to happen next")
  func quiescence() throws {
    #expect(Frontier([]).quiescence == .complete)
    let first = try id("a/E01")
    var frontier = Frontier([try task("a/E01"), try task("a/E02", after: ["a/E01"])])
    #expect(frontier.quiescence == .ready(1))
    frontier.pauseAll()
    #expect(frontier.quiescence == .paused([]))
    frontier.unpauseAll()
    frontier.pause(first)
    #expect(frontier.quiescence == .paused([first]))
    frontier.unpause(first)
    frontier.select([try id("a/E02")])
    #expect(frontier.quiescence == .notSelected([first]))
    frontier.select(nil)
    _ = frontier.take(1)
    #expect(frontier.quiescence == .running(1))
    frontier.hold(first, Hold(.parked, "until 03:00"))
    #expect(frontier.quiescence == .waitingForHeld([first]))
    frontier.complete(first)
    frontier.complete(try id("a/E02"))
    #expect(frontier.quiescence == .complete)
    let ring = Frontier([try task("a/E01", after: ["a/E02"]), try task("a/E02", after: ["a/E01"])])
    #expect(ring.quiescence == .deadlock([first, try id("a/E02")]))
  }

  @Test("A chain of 100,000 tasks is scheduled to its end")
  func longChain() {
    let count = 100_000
    var frontier = Frontier(
      (0..<count).map { number in
        SchedulableTask(
          id: TaskID(module: "m", number: number),
          dependencies: number > 0 ? [TaskID(module: "m", number: number - 1)] : [])
      })
    var taken: [Int32] = []
    for expected in 0..<Int32(count) {
      taken.removeAll(keepingCapacity: true)
      frontier.take(4, into: &taken)
      guard taken == [expected] else {
        Issue.record("took \(taken) instead of \(expected)")
        return
      }
      frontier.complete(at: expected)
    }
    #expect(frontier.quiescence == .complete)
  }
}
