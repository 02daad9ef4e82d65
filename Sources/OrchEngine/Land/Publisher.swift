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
    let base = try await project.baseCommit()
    let fork = try await repository.mergeBase(base, head) ?? attempt.baseCommit
    let secrets = SecretGuard(project: project)
    let allowed = try await ReviewPolicySource(project: project).allowedSecrets(at: base)
    let found = try await secrets.findings(from: fork, to: head, allowed: allowed)
    guard found.isEmpty else { return try secrets.sendBack(task, attempt, found) }
    let files = try await repository.diff(from: fork, to: head)
    let patch = try await repository.patch(from: fork, to: head, limit: 32 << 20)
    let run = project.paths.run(id, attempt: attempt.number)
    try FileTree.write("\(run)/diff.patch", Array(patch.utf8))

    let policy = try await ReviewPolicySource(project: project).policy(for: task, at: base)
    let context = try await ReviewContextSource(repository: repository).context(for: files, at: base)
    let messages = try await repository.commits(from: fork, to: head).map(\.message) + [task.plan.title]
    var verdict = VerdictEngine.judge(files: files, policy: policy, context: context, messages: messages)
    verdict.add(
      try await LandedWork(project: project).lostLines(in: files, of: task, at: base, plan: "\(run)/plan.md"), policy)
    verdict.add(try await dropped(id, head: head, fork: fork, files), policy)
    let stages = project.gate(task)
    if !stages.contains(where: { !$0.isSetup }) {
      verdict.needsHuman = true
      verdict.evidence.append(
        Evidence(
          rule: "policy.no-gate", category: verdict.category, file: task.plan.path, line: nil,
          excerpt: "no stage in [verify] and no 'verify' in the plan: nothing proves this work"))
    }
    if let hash = attempt.record.planHash, hash != task.plan.contentHash {
      verdict.needsHuman = true
      verdict.evidence.append(
        Evidence(
          rule: "policy.plan-changed", category: verdict.category, file: task.plan.path, line: nil,
          excerpt: "P017: the plan changed while the attempt was under way"))
    }
    let provided = Set(WorktreeContents.providedPaths(project.settings.worktree))
    for file in files
    where file.oldMode == nil && provided.contains(where: { file.path == $0 || file.path.hasPrefix("\($0)/") }) {
      verdict.needsHuman = true
      verdict.evidence.append(
        Evidence(
          rule: "policy.provided-file", category: verdict.category, file: file.path, line: nil,
          excerpt: "[worktree] put it into the worktree, and the change would make it part of the repository"))
    }
    for command in try VacuityCheck(project: project).greenBefore(attempt) where task.plan.verify.contains(command) {
      verdict.needsHuman = true
      verdict.evidence.append(
        Evidence(
          rule: "gate.vacuous", category: verdict.category, file: task.plan.path, line: nil,
          excerpt: SafeText.line("green before the work began, so it proves nothing of it: \(command)", limit: 200)))
    }
    let opinion = try await Acceptance(project: project, task: task, attempt: attempt, head: head).known()
    let mode = project.settings.verify.acceptance
    AcceptancePolicy.apply(
      opinion.checks, weight: mode == .off ? nil : mode == .required ? .required : .advice, silence: opinion.silence,
      planPath: task.plan.path, to: &verdict)
    try FileTree.write("\(run)/verdict.json", Array(verdict.json.text(pretty: true).utf8))

    let plan = try FileTree.read("\(run)/plan.md")
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
      criteria: opinion.checks, files: files,
      checks: checks,
      testedTree: isProven ? tree : nil, issue: task.plan.githubIssue, agent: attempt.record.agent,
      cost: attempt.record.usage.cost)
    do {
      let place = try await project.forge.publish(
        ChangeDraft(
          task: id, branch: attempt.branch, head: head, title: text.title, body: text.body, verdict: verdict,
          testedTree: isProven && stages.contains { !$0.isSetup } ? tree : nil))
      try project.publishChange(
        task, attempt, title: text.title, body: text.body, base: fork, head: head, verdict: verdict, at: place)
    } catch let trouble as ForgeTrouble {
      try await project.setAside(id, trouble)
    }
  }

  /// What a branch has lost that took the base in since it was published last, which is how agents repair conflicts.
  private func dropped(
    _ id: TaskID, head: String, fork: String, _ files: [FileDiff]
  ) async throws -> [Evidence] {
    let repository = project.repository
    guard let before = try project.unfinishedChange(of: id), before.baseCommit != fork, before.headCommit != head,
      try await repository.isAncestor(before.baseCommit, of: fork),
      try await repository.commitID(ofRef: before.headCommit) != nil
    else { return [] }
    return DroppedLines.judge(
      theirs: try await repository.diff(from: before.baseCommit, to: fork),
      ours: try await repository.diff(from: before.baseCommit, to: before.headCommit),
      sinceTheirs: files, sinceOurs: try await repository.diff(from: before.headCommit, to: head),
      base: project.baseBranch)
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
              .init("file", .string(item.file)), .init("line", item.line.map { .int(Int64($0)) } ?? .null),
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
