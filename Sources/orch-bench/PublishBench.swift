import OrchDomain
import OrchStore

/// Lets a project have events at a steady rate, each in a transaction of its own as the engine's are.
struct PublishBench {
  let database: String
  let count: Int
  /// Events a second.
  let rate: Int

  func run() async throws {
    let store = try Store(path: database)
    guard let project = try store.projects().first?.id else { throw StoreError.missing(path: database) }
    let id = TaskID(module: "billing", prefix: "", number: 7)
    let (clock, began) = (ContinuousClock(), ContinuousClock.now)
    var last: Int64 = 0
    for number in 0..<count {
      try await clock.sleep(until: began + .seconds(1) * number / rate)
      let now = Timestamp(milliseconds: 1_780_000_000_000 + Int64(number))
      last = try store.write(project) { tx in
        try tx.appendEvent(
          .taskState, task: id, data: ["from": "running", "to": "verifying", "reason": .string("round \(number)")],
          at: now)
      }
    }
    print(Stopwatch.text((clock.now - began) / .milliseconds(1)), last - Int64(count) + 1, last)
  }
}
