import OrchConfig
package import OrchDomain
import OrchStore

/// Where changes are while people look at them, and whose base branch counts.
///
/// Every act may be repeated: a process that was killed, or an answer that was lost, leaves it unknown whether the act
/// was done, and the next one looks first.
protocol Forge: Sendable {
  var kind: ForgeSettings.Kind { get }
  /// How long a landing waits before it is tried again.
  var patience: Duration { get }

  /// Makes work known where people look at it, or brings what is there up to date.
  func publish(_ draft: ChangeDraft) async throws -> PublishedChange
  /// The commit that the next landing builds on.
  func base() async throws -> String
  /// Why a change may not land now; nil when nothing is in the way.
  func hold(on change: Change) async throws -> LandingHold?
  /// Puts a merge on a change's own branch, where the forge merges only what needs no settling.
  ///
  /// - Parameters:
  ///   - base: The base, or the tip of the changes before this one.
  ///   - tree: What settles the conflict with it.
  /// - Returns: What the change waits for then; nil where any tree can land.
  func settle(_ change: Change, with base: String, tree: String) async throws -> LandingHold?
  /// Moves the base branch from `base` to the tree that was proven.
  func land(_ change: Change, commit: String, from base: String) async throws -> LandingStep
  /// Whether a change is on the base branch, or on its way into ours, whatever the record says. Only looks.
  func hasLanded(_ change: Change) async throws -> Bool
  /// The commit under which a change has landed that is not recorded as landed; the base branch here has it then.
  ///
  /// - Throws: ``ForgeTrouble`` when it has landed and the base branch here cannot follow.
  func landedCommit(of change: Change) async throws -> String?
  /// Tells where people look that the gate is red on the merged tree. Trouble is told and left.
  func tellRed(_ change: Change, _ summary: String) async
  /// Tidies up behind a change that is recorded as landed, as often as it takes.
  ///
  /// - Returns: false when it has to be done again later; other trouble is told and left.
  func tidy(_ change: Change) async -> Bool
}

/// What is published of a task's work.
struct ChangeDraft: Sendable {
  var task: TaskID
  var branch: String
  var head: String
  var title: String
  var body: String
  var verdict: Verdict
  /// The tree of `head` when it has passed the gate.
  var testedTree: String?
}

/// Where a change can be found.
struct PublishedChange: Hashable, Sendable {
  var forge: ForgeSettings.Kind
  /// On the forge; nil on this machine.
  var number: Int?
  var url: String?
}

/// What became of moving the base branch.
enum LandingStep: Hashable, Sendable {
  case moved(commit: String)
  /// Somebody else moved it first; nothing has changed.
  case raced
  case waiting(LandingHold)
}

/// Why a change does not land now.
struct LandingHold: Hashable, Sendable {
  var reason: String
  /// Whether it passes by itself soon, because of something that was just done about it: a run stays for that.
  var passes = false
}

/// Why a forge did not do what it was asked, as it concerns one task.
package enum ForgeTrouble: Error, Hashable, Sendable, CustomStringConvertible {
  /// It may work by itself after that time.
  case later(String, until: Timestamp)
  /// A person has to put it right.
  case person(String)
  /// A person has closed the change there.
  case closed(String)

  package var description: String {
    switch self {
    case .later(let text, _), .person(let text), .closed(let text): text
    }
  }
}

extension OpenProject {
  var forge: any Forge {
    if let connection { return GitHubForge(project: self, connection: connection) }
    return LocalForge(project: self)
  }

  /// Records what a forge's trouble means for a task.
  func setAside(_ id: TaskID, _ trouble: ForgeTrouble) async throws {
    switch trouble {
    case .later(let reason, let until): try park(id, reason: reason, until: until, failure: .environment)
    case .person(let reason): try setStuck(id, reason: reason, failure: .environment)
    case .closed(let reason): try await Controls(project: self).cancel(id, reason: reason)
    }
  }
}
