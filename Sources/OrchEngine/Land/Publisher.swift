import OrchConfig
import OrchGit
package import OrchDomain
import OrchReview
import OrchStore

/// Turns proven work into a change with a verdict.
struct Publisher: Sendable {
  let project: OpenProject

  /// Records the change; a repeated call for the same head changes nothing.
  func publish(_ task: StoredTask) async throws {
    let id = task.id
    guard let attempt = try project.attempt(id) else {
      throw EngineError.invalid("\(id) has no attempt to publish; `claude-orch reset \(id)`")
    }
    let repository = project.repository
    guard let head = try await repository.commitID(ofRef: "refs/heads/\(attempt.branch)") else {
      try project.setStuck(id, reason: "branch '\(attempt.branch)' is gone", failure: .environment)
      return
    }
    let rules = try await RuleReview.judge(task, attempt, head: head, in: project)
    guard rules.secrets.isEmpty else {
      return try SecretGuard(project: project).sendBack(task, attempt, rules.secrets)
    }
    let patch = try await repository.patch(from: rules.fork, to: head, limit: 32 << 20)
    let run = project.paths.run(id, attempt: attempt.number)
    try FileTree.write("\(run)/diff.patch", Array(patch.utf8))

    var verdict = rules.verdict
    let opinion = try await Look(project: project, task: task, attempt: attempt, head: head).known(rules)
    SecondLook.apply(opinion.risk, isRequired: rules.secondLook == .required, rules.policy, to: &verdict)
    let mode = project.settings.verify.acceptance
    AcceptancePolicy.apply(
      opinion.checks, weight: mode == .off ? nil : mode == .required ? .required : .advice, silence: opinion.silence,
      planPath: task.plan.path, to: &verdict)
    try FileTree.write("\(run)/verdict.json", Array(verdict.json.text(pretty: true).utf8))

    let plan = try FileTree.read("\(run)/plan.md")
    let stages = project.gate(task)
    let outline = PlanText.outline(plan, path: task.plan.path, root: project.settings.plans.dir)
    let tree = try await repository.treeID(ofCommit: head)
    let isProven = try project.isProven(tree: tree, by: stages)
    let checks = try stages.map { stage in
      ChangeText.Check(
        stage: stage.name, commands: stage.commands, passed: true,
        duration: try project.result(of: stage, on: tree)?.duration)
    }
    let text = ChangeText(
      task: id, taskTitle: task.plan.title, summary: outline.description, planPath: task.plan.path,
      criteria: opinion.checks, secondLook: verdict.secondLook, files: rules.files, checks: checks,
      testedTree: isProven ? tree : nil, issue: task.plan.githubIssue, agent: attempt.record.agent,
      cost: attempt.record.usage.cost)
    do {
      let place = try await project.forge.publish(
        ChangeDraft(
          task: id, branch: attempt.branch, head: head, title: text.title, body: text.body, verdict: verdict,
          testedTree: isProven && stages.contains { !$0.isSetup } ? tree : nil))
      try project.publishChange(
        task, attempt, title: text.title, body: text.body, base: rules.fork, head: head, verdict: verdict, at: place)
    } catch let trouble as ForgeTrouble {
      try await project.setAside(id, trouble)
    }
  }
}

extension Verdict {
  /// The `verdict` of `pr show --json` (product.md, section 5).
  package var json: JSONValue {
    .object([
      .init("category", .string(category.rawValue)), .init("needs_human", .bool(needsHuman)),
      .init(
        "evidence",
        .array(
          evidence.map { item in
            .object([
              .init("rule", .string(item.rule)), .init("category", .string(item.category.rawValue)),
              .init("file", item.file.isEmpty ? .null : .string(item.file)),
              .init("line", item.line.map { .int(Int64($0)) } ?? .null),
              .init("excerpt", .string(item.excerpt)),
            ])
          })),
    ])
  }

  /// The `criteria` of `pr show --json`.
  package var criteriaJSON: JSONValue {
    .array(
      criteria.map { check in
        .object([
          .init("criterion", .string(check.criterion)), .init("finding", .string(check.finding.rawValue)),
          .init(
            "evidence",
            .array(
              check.evidence.map { proof in
                .object([
                  .init("file", JSONValue(proof.file)), .init("line", JSONValue(proof.line)),
                  .init("text", .string(proof.text)),
                ])
              })),
        ])
      })
  }
}
