import OrchDomain
import OrchStore

/// Proves one tree: its stages run in order in a checkout of that tree, and the first red one ends it.
///
/// What a stage says is kept for the tree and the stage's commands, so that a stage which that very tree has passed
/// does not run again, wherever the tree is tested next.
struct Gate: Sendable {
  let project: OpenProject
  let task: TaskID
  let stages: [GateStage]

  /// Where the gate runs.
  struct Place: Sendable {
    var directory: String
    /// The commit that the work started from, for the commands' environment.
    var base: String
    /// Gets one directory for each stage that runs.
    var logDirectory: String
    var runID: String
    /// The attempt whose worktree it is; nil for a checkout of the gate's own.
    var attempt: Int?
    /// Whether exactly the tree is checked out, so that the results can be kept.
    var isExact = true
  }

  /// The stage that ended the gate.
  struct Red: Hashable, Sendable {
    var stage: GateStage
    var result: GateRunner.Result

    /// ``stage`` and what was wrong, for people and agents.
    var summary: String { "stage '\(stage.name)': \(result.summary)" }
    var failure: FailureClass { stage.isSetup ? .environment : .gate }
  }

  /// The stages that have to run before the tree is proven.
  func pending(on tree: String) throws -> [GateStage] {
    let open = try stages.filter { try project.result(of: $0, on: tree)?.passed != true }
    return open.isEmpty ? [] : stages.filter { $0.isSetup || open.contains($0) }
  }

  /// Runs what is pending.
  ///
  /// - Returns: The stage that is red; nil when the tree has passed all.
  func prove(_ tree: String, in place: Place) async throws -> Red? {
    let environment = try project.gateEnvironment(for: task, worktree: place.directory, base: place.base)
    let pending = try pending(on: tree)
    for (index, stage) in stages.enumerated() where pending.contains(stage) {
      let log = GateFiles.directory(of: stage.name, number: index + 1, in: place.logDirectory)
      try FileTree.removeIfPresent(log)
      let result = try await AttemptSandbox(project: project).run(
        GateRunner.Request(
          commands: stage.commands, directory: place.directory, environment: environment,
          timeout: stage.commandTimeout, totalTimeout: stage.timeout, logDirectory: log,
          runID: "\(place.runID)-\(stage.name)"))
      try record(stage, result, tree: tree, in: place)
      if !result.passed { return Red(stage: stage, result: result) }
    }
    return nil
  }

  private func record(_ stage: GateStage, _ result: GateRunner.Result, tree: String, in place: Place) throws {
    let now = project.clock.now()
    let evidence = GateResult(
      tree: tree, gate: project.gateKey(stage.commands), passed: result.passed, ranAt: now, duration: result.duration,
      logPath: result.logDirectory, detail: result.passed ? nil : result.summary)
    try project.write { tx throws(StoreError) in
      try tx.recordGate(
        evidence, stage: stage.name, isEvidence: place.isExact, task: task, attempt: place.attempt, at: now)
    }
  }
}
