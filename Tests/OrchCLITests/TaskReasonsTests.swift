@testable import OrchCLI
import OrchDomain
@testable import OrchSchedule
@testable import OrchStore
import Testing

@Suite struct TaskReasonsTests {
  private func reason(
    _ obstacle: Obstacle, of task: StoredTask, isDriven: Bool = false, others: [StoredTask] = []
  ) -> TaskReasons.Reason {
    TaskReasons.Reason(obstacle, of: task, nil, isDriven: isDriven) { id in others.first { $0.id == id } }
  }

  @Test(arguments: [
    (TaskState.inReview, "pr show a/E01"), (.parked, "resume a/E01"), (.stuck, "resume a/E01"),
    (.failed, "logs a/E01"), (.cancelled, "retry a/E01"), (.approved, "pr merge a/E01"), (.running, "start"),
    (.ready, "start a/E01"), (.blocked, "why a/E01"),
  ])
  func everyStateThatDoesNotGoOnHasACommand(state: TaskState, command: String) {
    #expect(Advice(storedTask("a/E01", state), isDriven: false)?.command == "claude-orch \(command)")
  }

  @Test func workThatGoesOnByItselfNeedsNobody() {
    #expect(Advice(storedTask("a/E01", .complete), isDriven: true) == nil)
    #expect(Advice(storedTask("a/E01", .landing), isDriven: true) == nil)
    #expect(Advice(storedTask("a/E01", .parked, until: noon), isDriven: true) == nil)
    #expect(Advice(storedTask("a/E01", .parked, until: noon), isDriven: false) != nil)
    #expect(Advice(storedTask("a/E01", .running), isDriven: true)?.command == "claude-orch logs a/E01 -f")
  }

  @Test func aCheckoutInTheWayIsToldWithItsReason() {
    let task = storedTask("a/E01", .approved, reason: "README.md has edits that are not committed")
    let found = reason(.held(Hold(.inReview, task.reason ?? "")), of: task)
    #expect(found.kind == "approved")
    #expect(found.text == "is approved: README.md has edits that are not committed")
    #expect(found.advice?.command == "claude-orch pr merge a/E01")
  }

  @Test func aTaskAtWorkSaysWhatItDoesAndThatNobodyDrivesIt() {
    var turn = attempt("a/E01", 2, from: 0, to: nil)
    turn.turn = 3
    let task = storedTask("a/E01", .fixing, reason: "the gate is red")
    #expect(
      TaskReasons.Reason.activity(task, turn, isDriven: true)
        == "is fixing: attempt 2 with script, turn 3, because the gate is red")
    #expect(TaskReasons.Reason.activity(task, turn, isDriven: false).hasSuffix("; no process drives it now"))
  }

  @Test func aDependencyLeadsToTheTaskThatHoldsEverythingUp() {
    let cause = storedTask("b/E01", .inReview, reason: "needs a human")
    let root = Obstacle.Root(task: cause.id, obstacle: .held(Hold(.inReview, "needs a human")), distance: 2)
    let found = reason(.dependency(id("a/E02"), root), of: storedTask("a/E03", .blocked), others: [cause])
    #expect(found.kind == "dependency")
    #expect(found.task == cause.id)
    #expect(found.advice?.command == "claude-orch pr show b/E01")
  }

  @Test func aDependencyBehindAClosedTierIsNotToBeStarted() {
    let cause = storedTask("b/E01", .ready)
    func command(_ obstacle: Obstacle?) -> String? {
      let root = Obstacle.Root(task: cause.id, obstacle: obstacle, distance: 0)
      return reason(.dependency(cause.id, root), of: storedTask("a/E03", .blocked), others: [cause]).advice?.command
    }
    #expect(command(nil) == "claude-orch start b/E01")
    #expect(command(.closedTier(1, open: 0, keptClosedBy: [id("c/E01")], count: 1)) == "claude-orch why c/E01")
    #expect(command(.paused(everything: false)) == "claude-orch resume b/E01")
  }

  @Test func everyKindOfObstacleThatAPersonCausedHasACommand() {
    let task = storedTask("a/E01", .blocked)
    let expected: [(Obstacle, String, String)] = [
      (.defect("P007"), "plan_errors", "check docs/plans/x.md"), (.cycle([task.id, id("a/E02")]), "cycle", "check"),
      (.unknownDependency(id("z/E01")), "unknown_dependency", "check docs/plans/x.md"),
      (.tierInversion(id("b/E01"), tier: 2, own: 1), "tier_inversion", "groups set b 1"),
      (.paused(everything: true), "project_paused", "resume"), (.paused(everything: false), "paused", "resume a/E01"),
      (.notSelected, "not_selected", "start a/E01"),
      (.closedTier(2, open: 1, keptClosedBy: [id("b/E03")], count: 1), "closed_tier", "why b/E03"),
    ]
    for (obstacle, kind, command) in expected {
      let found = reason(obstacle, of: task)
      #expect(found.kind == kind)
      #expect(found.advice?.command == "claude-orch \(command)")
    }
  }

  @Test func theLandingQueueIsAReasonOnlyWhenItIsFull() {
    let queue = [storedTask("a/E01", .approved), storedTask("a/E02", .approved, reason: "checkout in the way")]
    #expect(TaskReasons.Reason(landingQueue: queue, depth: 3) == nil)
    let full = TaskReasons.Reason(landingQueue: queue, depth: 2)
    #expect(full?.kind == "landing_queue")
    #expect(full?.task == id("a/E02"), "the one that cannot land by itself")
  }

  @Test func textAndJSONSayTheSame() {
    let task = storedTask("a/E01", .blocked, title: "Evil \u{1B}[31m")
    let reasons = [reason(.paused(everything: true), of: task), reason(.paused(everything: false), of: task)]
    let view = TaskReasons(task: task, reasons: reasons, place: nil, slots: (0, 3), isDriven: false)
    #expect(
      view.text == """
        a/E01: Evil \\u{1b}[31m
          1. waits because everything is paused
             -> claude-orch resume  (let it go on)
          2. is paused
             -> claude-orch resume a/E01  (let it go on)

        """)
    #expect(
      view.json.text()
        == #"{"task":"a/E01","state":"blocked","ready":false,"position":null,"ready_tasks":null,"obstacles":["#
        + #"{"kind":"project_paused","text":"waits because everything is paused","command":"claude-orch resume"},"#
        + #"{"kind":"paused","text":"is paused","command":"claude-orch resume a/E01"}]}"#)
  }

  @Test func aReadyTaskSaysWhereItStands() {
    let task = storedTask("a/E01", .ready)
    let free = TaskReasons(task: task, reasons: [], place: (2, 5), slots: (1, 3), isDriven: true)
    #expect(free.isReady)
    #expect(free.text.contains("is ready, number 2 of 5 that may start now; 2 slots free"))
    let full = TaskReasons(task: task, reasons: [], place: (1, 5), slots: (3, 3), isDriven: true)
    #expect(full.text.contains("all 3 slots are taken"))
  }
}
