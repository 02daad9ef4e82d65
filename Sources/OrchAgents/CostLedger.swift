package import OrchDomain

/// Turns the cumulative cost that a resumable session names into what each run of it cost.
package struct CostLedger: Hashable, Sendable, Codable {
  private var named: [String: MicroUSD] = [:]
  /// Everything that was spent.
  package private(set) var total: MicroUSD = .zero

  package init() {}

  /// Books one run.
  ///
  /// - Parameter session: nil for an agent without sessions, whose cost is its own.
  /// - Returns: What this run cost. A session that names less than before has forgotten a run; then all that it names
  ///   is counted, because too much holds a budget and too little breaks it.
  package mutating func book(session: String?, cumulative: MicroUSD?) -> MicroUSD {
    guard let cumulative, cumulative > .zero else { return .zero }
    var spent = cumulative
    if let session {
      if let before = named[session], cumulative >= before { spent = cumulative - before }
      named[session] = cumulative
    }
    let (sum, overflow) = total.amount.addingReportingOverflow(spent.amount)
    total = MicroUSD(overflow ? Int64.max : sum)
    return spent
  }
}
