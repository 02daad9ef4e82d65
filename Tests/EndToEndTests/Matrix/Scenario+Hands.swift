import Foundation

// What people bring about by editing plans.
extension Scenario {
  static let hands = Scenario(
    name: "hands",
    plans: [
      Plan("done/E01"), Plan("done/E02"),
      Plan("skip/E01"), Plan("skip/E02"),
      Plan("mine/E01"), Plan("mine/E02"), Plan("mine/E03"),
      Plan("taken/E01"),
      Plan("edge/E01"), Plan("wait/E01", front: "needs_review: true"),
    ],
    steps: [
      .orch("sync"),
      .world { shop in
        try shop.setStatus("done/E01", "complete")  // ready, and opens the next
        try shop.setStatus("skip/E02", "complete")  // blocked
        try shop.setStatus("mine/E01", "in_progress")  // ready
        try shop.setStatus("mine/E02", "in_progress")  // blocked
        try shop.setStatus("taken/E01", "in_progress")
      },
      .orch("sync"),
      .world { shop in
        try shop.setStatus("done/E01", "not_started")  // complete, nothing before it
        try shop.setStatus("skip/E02", "not_started")  // complete, with something before it
        try shop.setStatus("mine/E01", "not_started")  // parked, nothing before it
        try shop.setStatus("mine/E02", "not_started")  // parked, with something before it
        try shop.setStatus("taken/E01", "complete")  // parked
        let edge = Plan("edge/E01")
        try shop.write(
          edge.path, try shop.read(edge.path).replacing("---\n# ", with: "depends_on: mine/E03\n---\n# "))
      },
      .orch("sync"),
      .orch("start", "wait/E01"),
      // Both sides changed, so the person has to insist.
      .world { shop in try shop.setStatus("wait/E01", "complete") }, .orch("sync", "--theirs"),
    ],
    ends: [
      "done/E01": "ready", "done/E02": "ready", "skip/E01": "ready", "skip/E02": "blocked", "mine/E01": "ready",
      "mine/E02": "blocked", "mine/E03": "blocked", "taken/E01": "complete", "edge/E01": "blocked",
      "wait/E01": "complete",
    ])

  /// Work that waits for a review when what it was built on is taken back; and stuck work that somebody finishes.
  static let takenBack = Scenario(
    name: "taken back",
    plans: [
      .again("core/E01"), .again("core/E02", front: "needs_review: true"), Plan("lost/E01", front: "agent: gone"),
    ],
    settings: "[agents.gone]\nadapter = \"command\"\ncommand = [\"sh\", \"-c\", \"exit 127\"]",
    steps: [
      .start, .orch("reset", "core/E01"), .orch("reset", "core/E02"),
      .world { shop in try shop.setStatus("lost/E01", "complete") }, .orch("sync", "--theirs"),
      .start, .orch("pr", "approve", "core/E02"), .start,
    ],
    ends: ["core/E01": "complete", "core/E02": "complete", "lost/E01": "complete"])
}

extension Workshop {
  /// Edits the status of a plan in the user's checkout, as a person would.
  func setStatus(_ id: String, _ status: String) throws {
    let path = Plan(id).path
    let lines = try read(path).split(separator: "\n", omittingEmptySubsequences: false)
    try write(path, lines.map { $0.hasPrefix("status: ") ? "status: \(status)" : $0 }.joined(separator: "\n"))
  }
}
