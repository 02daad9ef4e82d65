/// Elapsed time on a clock that nobody can set.
struct Stopwatch {
  private let start = ContinuousClock.now

  var elapsed: Duration { ContinuousClock.now - start }

  var milliseconds: Double { elapsed / .milliseconds(1) }

  /// With three decimals, as the probes of Benchmarks/floor.c print theirs.
  static func text(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.utf8.count) + digits
  }
}
