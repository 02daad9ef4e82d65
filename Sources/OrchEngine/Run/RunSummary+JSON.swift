package import OrchDomain

extension RunSummary {
  /// The last line of `start --json`, and what is kept of a run that was submitted to the daemon.
  package var json: JSONValue {
    let ids = { (ids: [TaskID]) in JSONValue.array(ids.map { .string($0.description) }) }
    return .object([
      .init("type", "summary"), .init("started", ids(started)), .init("complete", ids(complete)),
      .init("in_review", ids(inReview)), .init("parked", ids(parked)),
      .init("stuck", ids(stuck)), .init("failed", ids(failed)),
      .init("cost_usd", .double(cost.usd)), .init("tokens", tokens.json),
      .init("duration_seconds", .double(duration.inSeconds)),
      .init("ended_early", JSONValue(endedEarly)),
    ])
  }
}

extension RunSummary {
  /// What ``json`` tells of a run; what is missing there is as in a run that did nothing.
  package init(_ json: JSONValue) {
    self.init()
    let ids = { (name: String) -> [TaskID] in (json[name]?.array ?? []).compactMap { $0.string.flatMap { TaskID($0) } }
    }
    (started, complete, inReview) = (ids("started"), ids("complete"), ids("in_review"))
    (parked, stuck, failed) = (ids("parked"), ids("stuck"), ids("failed"))
    cost = MicroUSD(usd: json["cost_usd"]?.double ?? 0)
    let count = { (name: String) in json["tokens"]?[name]?.int ?? 0 }
    tokens = TokenUsage(
      input: count("input"), cacheWrite: count("cache_write"), cacheRead: count("cache_read"), output: count("output"))
    duration = .milliseconds(Int64((json["duration_seconds"]?.double ?? 0) * 1000))
    endedEarly = json["ended_early"]?.string
  }
}

extension TokenUsage {
  /// The four classes and their sum.
  package var json: JSONValue {
    .object([
      .init("input", JSONValue(input)), .init("cache_write", JSONValue(cacheWrite)),
      .init("cache_read", JSONValue(cacheRead)), .init("output", JSONValue(output)), .init("total", JSONValue(total)),
    ])
  }
}
