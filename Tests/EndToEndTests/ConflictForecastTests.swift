import Foundation
import OrchDomain
import OrchStore
import Testing

/// Conflicts that are seen before they happen, and what becomes of their repair.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ConflictForecastTests {
  /// Edits the first line of notes.txt, and waits in its first turn until the test lets it go on.
  private static func plan(_ id: String, word: String, then: String = "", repair: String = "") -> Plan {
    let name = id.replacing("/", with: "-")
    return Plan(
      id,
      script: """
        scratch=${ORCH_WORKTREE%/state/worktrees/*}
        mkdir -p "$scratch/matrix" data
        cp "${ORCH_FEEDBACK_FILE:-/dev/null}" "$scratch/matrix/\(name).$(basename "${ORCH_PROMPT_FILE%/*}")"
        if [ -z "${ORCH_FEEDBACK_FILE:-}" ]; then
          sed -i.bak "s/^one$/one \(word)/" notes.txt
          rm notes.txt.bak
          git commit --quiet --all -m "Edit for \(id)"
          touch "$scratch/matrix/\(name).here"
          while [ ! -e "$scratch/matrix/\(name).go" ]; do sleep 0.02; done
          \(then)
        else
          :
          \(repair)
        fi
        true
        """)
  }

  private static func go(_ id: String, _ shop: Workshop) throws {
    try shop.write("\(shop.scratch.path)/matrix/\(id.replacing("/", with: "-")).go", "")
  }

  @Test("Two running tasks that edit the same line are in status before either has landed, and the later one is told")
  func foreseen() async throws {
    let bad = "echo bad > data/two; git add data; git commit --quiet -m 'Not yet'"
    let repair = """
      echo ok > data/two
      git add data
      git commit --quiet -m 'Now' || true
      git merge --quiet --no-edit "$ORCH_BASE" || {
        printf 'one first second\\ntwo\\nthree\\n' > notes.txt
        git commit --quiet --all --no-edit
      }
      """
    let shop = try Workshop([
      Self.plan("one/E01", word: "first", repair: repair),
      Self.plan("two/E01", word: "second", then: bad, repair: repair),
    ])
    let run = try shop.launch(["start", "--all"])
    var seen = try JSON("{}")
    while seen["conflicts"].array.isEmpty {
      try await Task.sleep(for: .milliseconds(50))
      guard shop.exists("\(shop.state)/orchestrator.db") else { continue }
      seen = try JSON(try await shop.expect(0, "status", "--json").out)
    }
    let conflict = seen["conflicts"].array[0]
    #expect(conflict["files"].strings == ["notes.txt"], "\(conflict)")
    #expect(conflict["task"].string == "two/E01" && conflict["with"].string == "one/E01", "two began later")
    let text = try await shop.expect(0, "status")
    #expect(text.out.contains("Conflicts ahead:") && text.out.contains("with one/E01 in notes.txt"), "\(text)")
    #expect(try shop.git("show", "main:notes.txt") == "one\ntwo\nthree", "nothing has landed")
    // The one whose gate is red gets another turn while the other still works.
    try Self.go("two/E01", shop)
    let prompt = "\(shop.scratch.path)/matrix/two-E01.input-2"
    while !shop.exists(prompt) { try await Task.sleep(for: .milliseconds(20)) }
    while try shop.read(prompt).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
    let told = try shop.read(prompt)
    #expect(told.contains("- one/E01 (commit "), "\(told)")
    try Self.go("one/E01", shop)
    _ = try await run.output()
    try await shop.expectFinished(["one/E01", "two/E01"])
    let after = try JSON(try await shop.expect(0, "status", "--json").out)
    #expect(after["conflicts"].array.isEmpty)
  }

  @Test("A repair that drops the other side's lines goes to a human")
  func aRepairThatDrops() async throws {
    let repair = """
      git merge --quiet --no-edit "$ORCH_BASE" || {
        git checkout --quiet --ours -- notes.txt
        git commit --quiet --all --no-edit
      }
      """
    let shop = try Workshop(
      [Self.plan("one/E01", word: "first"), Self.plan("two/E01", word: "second", repair: repair)])
    let run = try shop.launch(["start", "--all"])
    for name in ["one-E01", "two-E01"] {
      while !shop.exists("\(shop.scratch.path)/matrix/\(name).here") { try await Task.sleep(for: .milliseconds(20)) }
    }
    try Self.go("one/E01", shop)
    while try await shop.states()["one/E01"] != "complete" { try await Task.sleep(for: .milliseconds(50)) }
    try Self.go("two/E01", shop)
    _ = try await run.output()
    #expect(try await shop.states() == ["one/E01": "complete", "two/E01": "in_review"])
    let shown = try JSON(try await shop.expect(0, "pr", "show", "two/E01", "--json").out)
    let evidence = shown["verdict"]["evidence"].array.filter { $0["rule"].string == "policy.dropped-lines" }
    #expect(evidence.first?["excerpt"].string == "the merge drops 1 lines of 'main': one first", "\(shown)")
  }
}
