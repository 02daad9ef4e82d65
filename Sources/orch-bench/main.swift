import OrchDomain

// What `scripts/bench` cannot measure from outside: our own parts, driven as the engine drives them.
let words = Array(CommandLine.arguments.dropFirst())
switch (words.first, words.count) {
case ("graph", 2): try GraphText.write(database: words[1])
case ("dispatch", 3): try await DispatchBench(database: words[1], program: words[2]).run()
case ("decisions", 2): DecisionBench(count: Int(words[1]) ?? 0).run()
case ("events", 3): try EventBench(database: words[1], count: Int(words[2]) ?? 0).run()
case ("publish", 4):
  try await PublishBench(database: words[1], count: Int(words[2]) ?? 0, rate: max(1, Int(words[3]) ?? 1)).run()
case ("approve", 4): try QueueBench(database: words[1]).approveAll(base: words[2], heads: words[3])
case ("forecast", 3): try await ForecastBench(repository: words[1], branches: Int(words[2]) ?? 0).run()
case ("landing", 3): try await LandingBench(repository: words[1], prefix: words[2]).run()
default:
  print(
    """
    usage: orch-bench graph DB              the open tasks of a store, one line each: number, then dependencies
           orch-bench dispatch DB PROGRAM   drives every open task to complete; prints milliseconds, tasks and events
           orch-bench decisions N           prints nanoseconds per decision with N tasks
           orch-bench events DB N           appends N events and proves the chain; prints milliseconds of both
           orch-bench publish DB N RATE     appends N events, RATE a second; prints milliseconds, first and last number
           orch-bench approve DB BASE HEADS gives every open task an approved change; HEADS as `for-each-ref` has them
           orch-bench forecast REPO N       compares N branches that edit one line; prints milliseconds, conflicts, and
                                            milliseconds for one new commit
           orch-bench landing REPO PREFIX   lands every branch below PREFIX on main; prints milliseconds and landings
    """)
}
