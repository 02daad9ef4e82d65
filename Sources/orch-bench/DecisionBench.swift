import OrchDomain
import OrchRandom
import OrchSchedule

/// One decision: a task is complete, its dependents are told, and the next task is chosen.
struct DecisionBench {
  let count: Int

  func run() {
    var generator = SplitMix64(seed: 42)
    let modules = max(1, count / 100)
    let ids = (0..<count).map { TaskID(module: "module-\($0 % modules)", number: $0 / modules) }
    let build = Stopwatch()
    var frontier = Frontier(
      ids.indices.map { place in
        // Two edges for a task, as in the corpora; always to an earlier one.
        let earlier = place == 0 ? [] : (0..<2).map { _ in ids[Int(generator.next() % UInt64(place))] }
        return SchedulableTask(id: ids[place], dependencies: earlier)
      })
    let built = build.milliseconds
    var running: [Int32] = []
    frontier.take(8, into: &running)
    let decisions = min(count - 8, 200_000)
    let watch = Stopwatch()
    var head = 0
    for _ in 0..<decisions {
      guard head < running.count else { break }
      frontier.complete(at: running[head])
      head += 1
      frontier.take(1, into: &running)
    }
    let nanoseconds = watch.elapsed / .nanoseconds(1) / Double(max(1, head))
    print(Stopwatch.text(nanoseconds), head, Stopwatch.text(built))
  }
}
