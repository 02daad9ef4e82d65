/// A piece of the life of tasks: commands of people, and what the world does, that end the same however often the
/// programs in between are killed.
struct Scenario: Sendable {
  enum Step: Sendable {
    /// A command that is given again when it was killed.
    case run([String])
    /// A command that is always killed at a crash point, because only that brings about what comes next.
    case killed(at: String, [String])
    case world(@Sendable (Workshop) throws -> Void)

    static let start = Step.run(["start", "--all"])
    static func orch(_ words: String...) -> Step { .run(words) }
    static func startKilled(at point: String) -> Step { .killed(at: point, ["start", "--all"]) }
  }

  var name: String
  var plans: [Plan]
  /// Committed beside the plans.
  var files: [String: String] = [:]
  /// Lines behind those of the configuration that every test has.
  var settings = ""
  var attempts = 3
  var steps: [Step]
  /// Acts of the engine that this scenario is killed behind, by the names of their crash points.
  var acts: [String] = []
  /// Whether agents may be killed: each waits for that, and there are attempts to spare.
  var hasPatientAgents = true
  /// Where each task is at the end.
  var ends: [String: String]

  func workshop() throws -> Workshop {
    try Workshop(plans, settings: settings, attempts: attempts, backoff: "0s", files: files)
  }
}

extension Plan {
  /// For the end of a script: notes its commit, and waits while the test wants the agent alive.
  static let noted = """
    scratch=${ORCH_WORKTREE%/state/worktrees/*}
    turn=${ORCH_PROMPT_FILE%/*}
    here="$scratch/matrix/$(echo "$ORCH_TASK" | tr / -).$ORCH_ATTEMPT.${turn##*input-}"
    mkdir -p "$scratch/matrix"
    git rev-parse HEAD >> "$scratch/matrix/commits"
    if [ -e "$here.hold" ]; then
      echo $$ > "$here.new"
      mv "$here.new" "$here.pid"
      while [ -e "$here.hold" ]; do sleep 0.02; done
    fi
    """

  /// Does `script` and notes what came of it.
  static func noting(_ id: String, front: String = "", _ script: String? = nil) -> Plan {
    Plan(id, front: front, script: "\(script ?? work(id))\n\(noted)")
  }

  /// `plan` with what its script did noted.
  static func noting(_ plan: Plan) -> Plan { noting(plan.id, front: plan.front, plan.script) }

  /// Work whose content tells the attempt, so that a second landing has something to land.
  static func again(_ id: String, front: String = "", before: String = "") -> Plan {
    let name = id.replacing("/", with: "-")
    return noting(
      id, front: front,
      """
      \(before)
      mkdir -p data
      echo "ok $ORCH_ATTEMPT" > data/\(name)
      git add data
      git commit --quiet -m "Do \(id) in attempt $ORCH_ATTEMPT"
      """)
  }
}
