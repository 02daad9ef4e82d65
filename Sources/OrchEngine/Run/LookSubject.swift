import OrchAgents
import OrchDomain
import OrchReview
import OrchStore

/// What a look is asked, and about which files: what is said of others counts for nothing.
struct LookSubject: Hashable, Sendable {
  /// Of the commit that is looked at.
  var tree: String
  /// Digest of the criteria; empty when nothing is asked about them.
  var criteria = ""
  /// The tree that the change began from; empty when nothing is asked about its risk.
  var start = ""

  var asksNothing: Bool { criteria.isEmpty && start.isEmpty }

  /// The JSON schema of the answer.
  var schema: String {
    let parts = [("criteria", criteria, AcceptanceReport.schema), ("risk", start, RiskReport.schema)].filter {
      !$0.1.isEmpty
    }
    let members = parts.map { "\"\($0.0)\":\($0.2)" }.joined(separator: ",")
    let names = parts.map { "\"\($0.0)\"" }.joined(separator: ",")
    return "{\"type\":\"object\",\"properties\":{\(members)},\"required\":[\(names)]}"
  }

  // MARK: In a file beside the turn

  static let file = "subject"

  var bytes: [UInt8] { Array("\(tree)\n\(criteria)\n\(start)\n".utf8) }

  /// What a turn was asked; nil for a turn that was no look.
  init?(of turn: Turn, _ paths: ProjectPaths) throws {
    guard turn.isAcceptance else { return nil }
    let inputs = paths.input(turn.task, attempt: turn.attempt, turn: turn.number)
    let lines = try FileTree.read("\(inputs)/\(Self.file)").split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    )
    .map { String(decoding: $0, as: UTF8.self) }
    // Looks of the time before risk was looked at have two lines.
    self.init(tree: lines[0], criteria: lines.count > 1 ? lines[1] : "", start: lines.count > 2 ? lines[2] : "")
  }

  init(tree: String, criteria: String = "", start: String = "") {
    self.tree = tree
    self.criteria = criteria
    self.start = start
  }
}
