import OrchDomain
import OrchEngine
import Testing

/// The three-way decision, for every combination that can exist.
@Suite struct StatusReconcilerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var written: TaskStatus?
    var markdown: TaskStatus
    var state: TaskState
    var held: TaskState?
    var testDescription: String {
      "written \(written?.rawValue ?? "-"), file \(markdown.rawValue), \(state.rawValue) of \(held?.rawValue ?? "-")"
    }
  }

  /// What the state of a task is called in Markdown (product.md, section 4), written out once more.
  static func status(_ state: TaskState, _ held: TaskState?) -> TaskStatus {
    let active = ["preparing", "running", "verifying", "fixing", "publishing", "in_review", "approved", "landing"]
    switch state.rawValue {
    case "complete": return .complete
    case "parked", "stuck": return held.map { active.contains($0.rawValue) } == true ? .inProgress : .notStarted
    default: return active.contains(state.rawValue) ? .inProgress : .notStarted
    }
  }

  static let cases: [Case] = {
    var all: [Case] = []
    for written in [nil] + TaskStatus.allCases.map(Optional.some) {
      for markdown in TaskStatus.allCases {
        for state in TaskState.allCases {
          let holdable = state == .parked || state == .stuck
          for held in holdable ? [nil] + TaskState.allCases.map(Optional.some) : [nil] {
            all.append(Case(written: written, markdown: markdown, state: state, held: held))
          }
        }
      }
    }
    return all
  }()

  static let requests: [TaskStatus: StatusReconciler.Request] = [
    .complete: .markComplete, .notStarted: .reset, .inProgress: .takeOver,
  ]

  @Test(arguments: [false, true]) func wholeTable(hasOpenAttempt: Bool) throws {
    #expect(Self.cases.count == 4 * 3 * (14 + 2 * 17))
    for item in Self.cases {
      let implied = Self.status(item.state, item.held)
      let decision = StatusReconciler.decide(
        written: item.written, markdown: item.markdown, state: item.state, held: item.held,
        hasOpenAttempt: hasOpenAttempt)
      let fileChanged = item.written != item.markdown
      let stateMoved = item.written != implied
      let name = Comment(rawValue: item.testDescription)
      if implied == item.markdown {
        #expect(decision == .agree, name)
      } else if item.written == nil {
        #expect(decision == .request(try #require(Self.requests[item.markdown])), name)
      } else if !fileChanged {
        #expect(decision == .write(implied), name)
      } else if stateMoved {
        guard case .conflict(let why) = decision, why.contains("both changed") else {
          Issue.record("\(item.testDescription): \(decision)")
          continue
        }
      } else if hasOpenAttempt {
        // The edit alone changed, but an attempt is under way: never carried out without being asked.
        guard case .conflict(let why) = decision, why.contains("under way") else {
          Issue.record("\(item.testDescription): \(decision)")
          continue
        }
      } else {
        #expect(decision == .request(try #require(Self.requests[item.markdown])), name)
      }
    }
  }

  @Test(arguments: [
    // A person finishes a task by hand, hands one over, takes one back.
    (TaskStatus.notStarted, TaskStatus.complete, TaskState.ready, StatusReconciler.Decision.request(.markComplete)),
    (.notStarted, .inProgress, .ready, .request(.takeOver)),
    (.complete, .notStarted, .complete, .request(.reset)),
    (.notStarted, .complete, .failed, .request(.markComplete)),
    // The work went on, and nobody touched the file.
    (.notStarted, .notStarted, .running, .write(.inProgress)),
    (.inProgress, .inProgress, .complete, .write(.complete)),
    (.inProgress, .inProgress, .failed, .write(.notStarted)),
    // The person was quicker than we were.
    (.inProgress, .complete, .complete, .agree),
  ])
  func examples(
    _ written: TaskStatus, _ markdown: TaskStatus, _ state: TaskState, _ expected: StatusReconciler.Decision
  ) {
    let decision = StatusReconciler.decide(
      written: written, markdown: markdown, state: state, held: nil, hasOpenAttempt: false)
    #expect(decision == expected)
  }
}

@Suite struct StatusCommitMessageTests {
  @Test func oneChangeIsTheSubject() throws {
    let id = try #require(TaskID("billing/E05"))
    #expect(StatusCommitMessage.text([(id, .complete)]) == "chore: update billing/E05 status to complete\n")
  }

  @Test func severalAreListed() throws {
    let first = try #require(TaskID("billing/E05"))
    let second = try #require(TaskID("core/CLI02"))
    #expect(
      StatusCommitMessage.text([(first, .inProgress), (second, .notStarted)]) == """
        chore: update billing/E05 status to in_progress and 1 more

        - billing/E05: in_progress
        - core/CLI02: not_started

        """)
  }

  @Test func noneIsNoCrash() {
    #expect(StatusCommitMessage.text([]) == "chore: update statuses")
  }
}
