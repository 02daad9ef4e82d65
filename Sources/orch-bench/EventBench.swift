import OrchDomain
import OrchStore

/// How fast events are appended durably in batches, how much room they take, and how fast the chain is proved.
struct EventBench {
  let database: String
  let count: Int
  /// Events in one transaction that is synced to the disk.
  private static let batch = 100

  func run() throws {
    let store = try Store(path: database)
    let now = Timestamp(milliseconds: 1_780_000_000_000)
    let project = try store.project(root: "/bench", name: "bench", at: now).id
    let id = TaskID(module: "billing", prefix: "", number: 7)
    let appending = Stopwatch()
    for start in stride(from: 0, to: count, by: Self.batch) {
      try store.write(project, durability: .full) { tx in
        for number in start..<min(start + Self.batch, count) {
          try tx.appendEvent(
            .taskState, task: id, data: ["from": "running", "to": "verifying", "reason": .string("round \(number)")],
            at: now.advanced(by: .milliseconds(number)))
        }
      }
    }
    let appended = appending.milliseconds
    let verifying = Stopwatch()
    let status = try store.verifyChain(project)
    let verified = verifying.milliseconds
    guard case .intact = status else { throw Problem(status: status) }
    print(Stopwatch.text(appended), Stopwatch.text(verified), count)
  }

  struct Problem: Error {
    let status: ChainStatus
  }
}
