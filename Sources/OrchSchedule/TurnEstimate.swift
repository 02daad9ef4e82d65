package import OrchDomain

/// What the next turn of an agent will probably use.
package enum TurnEstimate {
  package static let fewestSamples = 3

  /// The upper quartile of each measure over the turns of the past; `floor` while there are too few.
  ///
  /// Not the median: what is set aside keeps turns that begin at the same time from spending one amount twice.
  package static func amount(from turns: [Usage], floor: BudgetAmount) -> BudgetAmount {
    guard turns.count >= fewestSamples else { return floor }
    let amounts = turns.map { BudgetAmount($0) }
    var result = BudgetAmount.zero
    for measure in BudgetMeasure.allCases {
      let sorted = amounts.map { $0[measure] }.sorted()
      result[measure] = max(0, sorted[(sorted.count * 3 - 1) / 4])
    }
    return result
  }
}
