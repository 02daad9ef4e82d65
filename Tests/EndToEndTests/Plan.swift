/// A plan whose block the `script` agent runs.
struct Plan: Sendable {
  /// `billing/E01`
  var id: String
  var title: String
  /// Lines of the front matter behind `status:`.
  var front: String
  var script: String

  init(_ id: String, _ title: String? = nil, front: String = "", script: String? = nil) {
    self.id = id
    self.title = title ?? "Task \(id)"
    self.front = front
    self.script = script ?? Plan.work(id)
  }

  /// Makes one file of its own, in one commit.
  static func work(_ id: String, word: String = "ok") -> String {
    let name = id.replacing("/", with: "-")
    return """
      mkdir -p data
      echo "\(word) \(id)" > data/\(name)
      git add data
      git commit --quiet -m "Do \(id)"
      """
  }

  /// Red in the first turn, green in the second.
  static func fixing(_ id: String) -> Plan {
    let name = id.replacing("/", with: "-")
    return Plan(
      id,
      script: """
        word=bad
        if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then word=ok; fi
        mkdir -p data
        echo "$word \(id)" > data/\(name)
        git add data
        git commit --quiet -m "Do \(id)"
        """)
  }

  /// Waits until another task has its worktree, so that the two start from the same commit.
  static func meet(_ id: String) -> String {
    """
    if [ -z "${ORCH_FEEDBACK_FILE:-}" ]; then
      until [ -e "$ORCH_WORKTREE/../\(id.replacing("/", with: "-"))-1/.git" ] ||
        git show-ref --verify --quiet refs/orch/attempts/\(id)/1; do
        sleep 0.02
      done
    fi
    """
  }

  /// Changes the one line of `words`, so that two of these conflict; the second turn merges.
  static func word(_ id: String, _ word: String, meeting other: String? = nil, front: String = "") -> Plan {
    Plan(
      id, front: front,
      script: """
        \(other.map(meet) ?? "")
        if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then
          git merge --quiet --no-edit "$ORCH_BASE" || git checkout --quiet --theirs -- words
        fi
        { tr ' ' '\\n' < words; echo \(word); } | sort -u | tr '\\n' ' ' | sed 's/ $//' > words.new
        echo >> words.new
        mv words.new words
        git add words
        git commit --quiet -m "Add the word \(word)"
        """)
  }

  var module: String { String(id.prefix { $0 != "/" }) }

  /// `docs/plans/billing/epic-01-task.md`, `docs/plans/core/epic-reg-02-task.md`
  var path: String {
    let code = id.drop { $0 != "/" }.dropFirst()
    let prefix = code.prefix { !$0.isNumber }
    let number = code.dropFirst(prefix.count)
    let name = prefix == "E" ? "epic-\(number)" : "epic-\(prefix.lowercased())-\(number)"
    return "docs/plans/\(module)/\(name)-task.md"
  }

  var text: String {
    """
    ---
    status: not_started
    \(front.isEmpty ? "" : front + "\n")---
    # \(title)

    Does one thing.

    ## Acceptance Criteria
    - [ ] The gate is green

    ```bash run
    \(script)
    ```

    """
  }

  static func overview(_ plans: [Plan]) -> String {
    "# Ledger\n\n| Plan | Status |\n|:-----|:------:|\n"
      + plans.map { "| [\($0.id)](\($0.path)) | 🔴 |\n" }.joined()
  }
}
