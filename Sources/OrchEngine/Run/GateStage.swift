import OrchConfig
import OrchGit
import OrchDomain
package import OrchStore

/// One step of the gate of one task.
struct GateStage: Hashable, Sendable {
  var name: String
  var commands: [String]
  /// Longest time of one command.
  var commandTimeout: Duration
  /// Longest time of all commands together; nil when only ``commandTimeout`` counts.
  var timeout: Duration?

  /// Whether it makes the checkout ready. Its work is in the directory and not in the tree, so it is done again in
  /// every checkout in which another stage has to run, and when it is red the work is not to blame.
  var isSetup: Bool { name == VerifySettings.setupStage }
}

extension OpenProject {
  /// The stages that the task's work has to pass, in the order in which they run: those of the configuration, and the
  /// plan's own commands behind them.
  func gate(_ task: StoredTask) -> [GateStage] {
    let own = VerifySettings.planStage
    let all =
      settings.verify.allStages + (task.plan.verify.isEmpty ? [] : [VerifyStage(own, task.plan.verify)])
    return all.map {
      GateStage(
        name: $0.name, commands: $0.commands, commandTimeout: settings.verify.timeout, timeout: $0.timeout)
    }
  }

  /// Names a stage by its commands, by those that make a worktree ready, and by the programs that these start: other
  /// commands, or other programs, prove another thing.
  func gateKey(_ commands: [String]) -> String {
    let all = settings.worktree.setup + commands
    let programs = Toolchain.fingerprint(of: all, path: environment["PATH"] ?? "")
    return SHA256.hex((all + [""] + programs).joined(separator: "\u{0}").utf8)
  }

  /// What a stage said about a tree; nil when it never ran on it.
  func result(of stage: GateStage, on tree: String) throws -> GateResult? {
    let key = gateKey(stage.commands)
    return try store.read(row) { tx throws(StoreError) in try tx.gateResult(tree: tree, gate: key) }
  }

  /// Whether the tree has passed every stage.
  func isProven(tree: String, by gate: [GateStage]) throws -> Bool {
    try gate.allSatisfy { try result(of: $0, on: tree)?.passed == true }
  }
}

/// One stage of the gate with what it said about a tree.
package struct StageCheck: Hashable, Sendable {
  package var stage: String
  package var commands: [String]
  package var result: GateResult
}

extension OpenProject {
  /// What the gate said about the trees of a change: its own, and the merged one.
  package func checks(of change: Change) async throws -> [StageCheck] {
    let stages = gate(try task(change.task))
    let own = try await repository.treeID(ofCommit: change.headCommit)
    var trees: [String] = []
    for tree in [own, change.testedTree, change.landedTree].compactMap(\.self) where !trees.contains(tree) {
      trees.append(tree)
    }
    return try trees.flatMap { tree in
      try stages.compactMap { stage in
        try result(of: stage, on: tree).map { StageCheck(stage: stage.name, commands: stage.commands, result: $0) }
      }
    }
  }
}
