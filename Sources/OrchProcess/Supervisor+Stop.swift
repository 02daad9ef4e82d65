import OrchDomain

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Supervisor {
  /// What the shim needs beyond the grace: killing, reaping, writing the record on a slow disk.
  static let stopMargin = Duration.seconds(30)

  /// Asks the whole tree to end, kills what is left after `grace`, and returns what came of it.
  ///
  /// The request stays in force when the task is cancelled. `.running` is returned when the shim itself is stuck.
  package func stop(_ run: SupervisedRun, grace: Duration) async -> RunState {
    guard case .running(let found) = state(in: run.runDirectory), found.shim == run.shim else {
      return state(in: run.runDirectory)
    }
    let milliseconds = max(0, grace.wholeMilliseconds)
    do throws(ProcessError) {
      try RunFiles.replace(RunFiles.stop(in: run.runDirectory), with: "\(milliseconds)\n")
    } catch {
      // On a full disk the grace of the request holds: a wrong grace is better than a run that cannot be stopped.
    }
    run.shim.send(signal: SIGTERM)
    run.shim.send(signal: SIGCONT)
    return await wait(for: run, until: ContinuousClock.now.advanced(by: grace + Self.stopMargin))
  }

  /// Ends what is left of a run whose shim died, found by the mark in its environment and by its record.
  ///
  /// - Parameter grace: Time between TERM and KILL.
  /// - Returns: How many processes there were.
  /// - Throws: `.stillSupervised` when the shim lives; then ``stop(_:grace:)`` is the way.
  package func sweep(
    runID: String, runDirectory: String, grace: Duration = .seconds(2)
  ) async throws(ProcessError) -> Int {
    guard ShimMessage.isRunID(runID) else { throw .badRequest(what: "the run id '\(runID)'") }
    let milliseconds = max(0, grace.wholeMilliseconds)
    let result = try await CommandRunner().run(
      Command(
        executable: shimPath, arguments: ["--sweep", runDirectory, runID, "\(milliseconds)"],
        timeout: grace + Self.stopMargin, outputLimit: 4096))
    guard result.exit != .code(EX_TEMPFAIL) else { throw .stillSupervised(runDirectory: runDirectory) }
    let counts = result.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard result.exit.isSuccess, counts.count == 2 else {
      throw .shimFailed(reason: "sweeping run \(runID) ended with \(result.exit)")
    }
    guard counts[1] == 0 else { throw .survivors(count: counts[1], runID: runID) }
    return counts[0]
  }
}
