import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The merge queue, with the real program.
@Suite(.serialized, .timeLimit(.minutes(15))) struct QueueTests {
  /// Red on a tree that has the work of both m1 and m3, unless m3 has been told.
  private static let quarrel = """
    sh test.sh
    if [ -e data/m1-E01 ] && [ -e data/m3-E01 ]; then grep -q told data/m3-E01; fi

    """

  /// Changes that are approved and wait for the next start. Each task is the only one of its module.
  static func approved(
    _ plans: [Plan], settings: String = "", gate: String = "sh test.sh", files: [String: String] = [:]
  ) async throws -> Workshop {
    let shop = try Workshop(plans, settings: settings, gate: gate, files: files)
    try await shop.expect(0, "start", "--all")
    for plan in plans { try await shop.expect(0, "pr", "approve", plan.id) }
    return shop
  }

  static func plans(_ count: Int) -> [Plan] { (1...count).map { Plan("m\($0)/E01", front: "needs_review: true") } }

  static func entries(_ shop: Workshop, _ list: String = "entries") async throws -> [String: JSON] {
    let queue = try JSON(try await shop.expect(0, "pr", "queue", "--all", "--json").out)
    return Dictionary(queue[list].array.map { ($0["task"].string, $0) }) { first, _ in first }
  }

  /// Runs of the gate on merged trees, as the gate itself has noted them.
  static let noting = "basename $ORCH_WORKTREE >> $(git rev-parse --git-common-dir)/ran"
  static func gateRuns(_ shop: Workshop) throws -> Int {
    try shop.read(".git/ran").split(separator: "\n").count { $0.hasPrefix("_gate") }
  }

  @Test("A red base sends nobody back, costs no turn, is named, and what waited for it lands when it is repaired")
  func redBase() async throws {
    let plans = Self.plans(2)
    let shop = try await Self.approved(plans, gate: "\(Self.noting) && sh test.sh")
    try shop.write("data/broken", "bad\n")
    try shop.git("add", "data")
    try shop.git("commit", "--quiet", "-m", "Break the base")
    let run = try await shop.expect(1, "start", "--all")
    #expect(run.out.contains("the gate is red on 'main' itself"), "\(run)")
    #expect(try Self.gateRuns(shop) == 5, "twice with the first change, twice without, once with the second")
    for (id, entry) in try await Self.entries(shop) {
      #expect(entry["state"].string == "red_inherited", "\(id)")
      #expect(entry["waits_for"].string.contains("`basename") && entry["waits_for"].string.contains("ended with exit"))
    }
    #expect(try await Self.entries(shop).count == 2)
    let text = try await shop.expect(0, "pr", "queue")
    #expect(text.out.contains("TASK") && text.out.contains("red_inherited") && text.out.contains("sh test.sh"))
    for plan in plans { #expect(try shop.turns(plan.id).map(\.purpose) == ["start"]) }
    try shop.write("data/broken", "ok\n")
    try shop.git("commit", "--quiet", "--all", "-m", "Repair the base")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(plans.map(\.id))
    #expect(try await Self.entries(shop, "past").values.allSatisfy { $0["state"].string == "landed" })
  }

  @Test("A change that repairs a red base lands, and then those that waited for it, in the same run")
  func theRepairIsAChange() async throws {
    var plans = Self.plans(2)
    plans.append(
      Plan(
        "m3/E01", front: "needs_review: true\npriority: low",
        script: Plan.work("m3/E01") + "\necho x > repair\ngit add repair\ngit commit --quiet -m Repair"))
    let shop = try await Self.approved(plans, gate: "sh test.sh && if [ -e broken ]; then test -e repair; fi")
    try shop.write("broken", "x\n")
    try shop.git("add", "broken")
    try shop.git("commit", "--quiet", "-m", "Break the base")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(plans.map(\.id))
    for plan in plans { #expect(try shop.turns(plan.id).map(\.purpose) == ["start"]) }
  }

  @Test("A gate that is green on the second run of one tree marks the entry as flaky and lands it once")
  func flaky() async throws {
    let once = """
      case $ORCH_WORKTREE in
        *_gate*) seen=$(git rev-parse --git-common-dir)/seen; [ -e "$seen" ] || { touch "$seen"; exit 1; } ;;
      esac

      """
    let shop = try Workshop([Plan("core/E01")], gate: "sh test.sh && sh once.sh", files: ["once.sh": once])
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start"], "no agent was asked")
    let entry = try #require(try await Self.entries(shop, "past")["core/E01"])
    #expect(entry["state"].string == "landed" && entry["flaky"].bool == true, "\(entry)")
    let events = try shop.inStore { store, project in
      try store.events(project, after: 0, limit: 10_000).filter { $0.type == .queueState }.map(\.data)
    }
    #expect(events.contains { $0.contains("\"to\":\"flaky\"") })
  }

  @Test("Of a stack that is red only the change at fault goes back; the others land without another run of their gate")
  func bisection() async throws {
    var plans = Self.plans(5)
    plans[2].script = """
      word=ok
      if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then word="ok told"; fi
      mkdir -p data
      echo "$word" > data/m3-E01
      git add data
      git commit --quiet -m "Do m3"
      """
    let shop = try await Self.approved(
      plans, settings: "[landing]\nprove = \"stack\"\ndepth = 8", gate: "\(Self.noting) && sh -e quarrel.sh",
      files: ["quarrel.sh": Self.quarrel])
    try await shop.expect(0, "start", "--all")
    let states = try await shop.states()
    #expect(states["m3/E01"] == "in_review" && states.values.count { $0 == "complete" } == 4, "\(states)")
    // The whole stack, at most ceil(log2 5) + 1 to find it, and one for those that were behind it.
    let runs = try Self.gateRuns(shop)
    #expect(runs <= 6, "\(runs) runs")
    for plan in plans {
      let expected = plan.id == "m3/E01" ? ["start", "landing_gate"] : ["start"]
      #expect(try shop.turns(plan.id).map(\.purpose) == expected, "\(plan.id)")
    }
    #expect(try await Self.entries(shop, "past")["m3/E01"]?["state"].string == "red_own")
    try await shop.expect(0, "pr", "approve", "m3/E01")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(plans.map(\.id))
  }

  @Test("A stack that is proven as a whole moves the base once, to the tree that was tested")
  func oneMove() async throws {
    let plans = Self.plans(4)
    let shop = try await Self.approved(
      plans, settings: "[landing]\nprove = \"stack\"\ndepth = 4", gate: "\(Self.noting) && sh test.sh")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(plans.map(\.id))
    #expect(try Self.gateRuns(shop) == 1)
    #expect(try Set(shop.changes().map(\.landingTip)).count == 1, "all stand below one tip")
    let moves = try shop.git("reflog", "show", "--format=%gs", "main").split(separator: "\n")
    #expect(moves.count { $0.hasPrefix("claude-orch: land ") } == 1, "\(moves)")
  }

  @Test("Gates of several merged trees run at the same time, each in a checkout of its own")
  func parallelGates() async throws {
    let meet = """
      case $ORCH_WORKTREE in
        *_gate*)
          place=$(git rev-parse --git-common-dir)/meet
          mkdir -p "$place"
          touch "$place/$(basename "$ORCH_WORKTREE")"
          n=0
          until [ "$(ls "$place" | wc -l)" -ge 3 ]; do n=$((n+1)); [ $n -lt 1500 ] || exit 1; sleep 0.04; done ;;
      esac

      """
    let plans = Self.plans(3)
    let shop = try await Self.approved(
      plans, settings: "[landing]\ngates = 3", gate: "sh test.sh && sh meet.sh", files: ["meet.sh": meet])
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(plans.map(\.id))
    #expect(try shop.git("worktree", "list").contains("/_gate-2"))
    let cleaned = try await shop.expect(0, "cleanup", "worktrees", "--all")
    #expect(try !shop.git("worktree", "list").contains("/_gate"), "\(cleaned)")
  }

  @Test("Changes land by priority, and one that has waited too long goes before all")
  func order() async throws {
    let plans = [
      Plan("a/E01", front: "needs_review: true\npriority: low"), Plan("b/E01", front: "needs_review: true"),
      Plan("c/E01", front: "needs_review: true\npriority: high"),
    ]
    for (settings, expected) in [("", ["c/E01", "b/E01", "a/E01"]), ("starved_after = \"1s\"", plans.map(\.id))] {
      let shop = try await Self.approved(plans, settings: "[landing]\ndepth = 1\n\(settings)")
      if !settings.isEmpty {
        var states: [String] = []
        while states.count(where: { $0 == "starved" }) < 3 {
          states = try await Self.entries(shop).values.map { $0["state"].string }
        }
      }
      let listed = try JSON(try await shop.expect(0, "pr", "queue", "--json").out)["entries"].array
      #expect(listed.map { $0["task"].string } == expected)
      try await shop.expect(0, "start", "--all")
      try await shop.expectFinished(plans.map(\.id))
      let landed = try shop.inStore { store, project in
        try store.events(project, after: 0, limit: 10_000).filter {
          $0.type == .queueState && $0.data.contains("\"to\":\"landed\"")
        }.compactMap { $0.task?.description }
      }
      #expect(landed == expected)
    }
  }

  @Test(
    "Killed at any point of a stack, what has landed is proven, and the next start goes on",
    arguments: [
      "after approved>landing m2/E01", "act landing.intended", "act base.moved", "before landing>complete m2/E01",
      "after landing>complete m1/E01",
    ])
  func killed(_ point: String) async throws {
    for proof in ["each", "stack"] {
      let plans = Self.plans(3)
      let shop = try await Self.approved(plans, settings: "[landing]\nprove = \"\(proof)\"\ngates = 2")
      let run = try await shop.orch("start", "--all", adding: ["ORCH_CRASH_AT": point])
      #expect(run.status == -SIGKILL, "\(run)")
      for (_, entry) in try await Self.entries(shop) { #expect(["waiting"].contains(entry["state"].string)) }
      try await shop.expect(0, "start", "--all")
      try await shop.expectFinished(plans.map(\.id))
    }
  }

  @Test("With the strategy rebase, the branch's own commits are on the base, in order and without a merge")
  func rebase() async throws {
    let script = """
      mkdir -p data
      for word in first second; do
        echo "ok $word $ORCH_TASK" > "data/$(echo "$ORCH_TASK" | tr / -)"
        git add data
        git commit --quiet -m "The $word of $ORCH_TASK"
      done
      """
    let plans = ["m1/E01", "m2/E01"].map { Plan($0, front: "needs_review: true", script: script) }
    let shop = try await Self.approved(plans, settings: "[landing]\nstrategy = \"rebase\"")
    try await shop.expect(0, "start", "--all")
    #expect(try await Set(shop.states().values) == ["complete"])
    #expect(try shop.git("rev-list", "--merges", "main").isEmpty)
    let subjects = try shop.git("log", "--reverse", "--format=%s", "main").split(separator: "\n").filter {
      $0.hasPrefix("The ")
    }
    #expect(
      subjects == [
        "The first of m1/E01", "The second of m1/E01", "The first of m2/E01", "The second of m2/E01",
      ])
    for change in try shop.changes() {
      let commit = try #require(change.landingCommit)
      #expect(try shop.tree(commit) == change.testedTree)
      #expect(change.landedTree == change.testedTree)
    }
  }

  @Test("A change log unites and a lock file is made again, where that is configured, and no agent is asked")
  func typedMerges() async throws {
    let script = """
      mkdir -p data
      name=$(echo "$ORCH_TASK" | tr / -)
      echo "ok $name" > "data/$name"
      echo "- $name" >> CHANGES
      ls data > data.lock
      git add --all
      git commit --quiet -m "Do $name"
      """
    let plans = (1...3).map { Plan("m\($0)/E01", front: "needs_review: true", script: script) }
    let files = ["CHANGES": "- start\n", "data.lock": ""]
    let lock = "sh test.sh && ls data | cmp - data.lock"
    let shop = try await Self.approved(
      plans,
      settings: """
        [landing]
        unite = ["CHANGES"]
        regenerate = ["*.lock"]
        regenerate_commands = ["ls data > data.lock"]
        """, gate: lock, files: files)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(plans.map(\.id))
    for plan in plans { #expect(try shop.turns(plan.id).map(\.purpose) == ["start"]) }
    #expect(try shop.read("CHANGES") == "- start\n- m1-E01\n- m2-E01\n- m3-E01\n")
    #expect(try shop.read("data.lock") == "m1-E01\nm2-E01\nm3-E01\n")
  }

  @Test("Killed while the gates of a stack run, nothing has landed")
  func killedWhileTesting() async throws {
    let plans = Self.plans(3)
    let hold = """
      case $ORCH_WORKTREE in
        *_gate*)
          place=$(git rev-parse --git-common-dir)
          [ -e "$place/go" ] || { touch "$place/here"; while [ ! -e "$place/go" ]; do sleep 0.02; done; } ;;
      esac

      """
    let shop = try await Self.approved(
      plans, settings: "[landing]\nprove = \"stack\"", gate: "sh test.sh && sh hold.sh", files: ["hold.sh": hold])
    let before = try shop.tree()
    let run = try shop.launch(["start", "--all"])
    while !shop.exists(".git/here") { try await Task.sleep(for: .milliseconds(5)) }
    let seen = try await Self.entries(shop)
    #expect(seen.values.allSatisfy { $0["state"].string == "testing" }, "\(seen)")
    kill(run.pid, SIGKILL)
    _ = try await run.output()
    #expect(try shop.tree() == before)
    try shop.write(".git/go", "")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(plans.map(\.id))
  }
}
