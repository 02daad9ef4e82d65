import OrchConfig
import OrchDiagnostics
import OrchDomain
import OrchEngine
import OrchGit
import OrchPlan

/// The steps of `onboard`.
struct OnboardRun: Sendable {
  let options: ProjectOptions
  let asks: Bool

  private var output: Terminal { .standardOutput }

  func execute() async throws {
    let place = try options.place()
    let repository = try await GitRepository.open(
      place.root, options: GitOptions(environment: place.launch.environment, ownedDirectories: []))
    let base = try await baseBranch(place, repository)
    let check = ToolCheck(environment: place.launch.environment)
    let findings = await check.basics()
    for finding in findings { output.write(FindingText.line(finding)) }
    if findings.contains(where: { $0.level == .unavailable }) { throw ExitStatus.unavailable }

    let setup = ProjectSetup(root: place.root, plansDirectory: place.loaded.settings.plans.dir)
    let frameworks = try setup.detect()
    var answers = ProjectSetup.proposal(frameworks)
    answers.baseBranch = base
    answers.copyFiles = try await setup.filesToCopy(in: repository)
    tell(place, frameworks, answers)
    if setup.hasConfig {
      output.write("\(ProjectSetup.configFile) is there already and stays as it is.\n")
      answers.agent = place.loaded.settings.general.agent
      answers.verifyCommands = place.loaded.settings.verify.allStages.flatMap(\.commands)
    } else if asks {
      ask(&answers)
    }
    let withSample = !asks || Prompt.confirm("Write a sample plan?")
    let files = try setup.write(answers, withSample: withSample)
    for file in files { output.write("\(file.isNew ? "Wrote" : "Kept ") \(SafeText.visible(file.path))\n") }
    try await finish(place, answers, files, check)
  }

  /// What was found, and what shows it.
  private func tell(_ place: ProjectPlace, _ frameworks: [DetectedFramework], _ answers: SetupAnswers) {
    output.write("Project: \(SafeText.visible(place.root))\n")
    if frameworks.isEmpty { output.write("Kind: not recognised\n") }
    for framework in frameworks {
      let reason = framework.because.isEmpty ? "" : ", because of \(framework.because.joined(separator: ", "))"
      output.write("Kind: \(SafeText.line("\(framework.name)\(reason)", limit: 300))\n")
      for remark in framework.remarks { output.write("  \(remark)\n") }
    }
    for directory in answers.symlinkDirs { output.write("Shared with worktrees: \(directory)\n") }
    for file in answers.copyFiles { output.write("Copied into worktrees: \(file), because git ignores it\n") }
  }

  /// Outside of a repository, and before the first commit, nothing can be worked on.
  private func baseBranch(_ place: ProjectPlace, _ repository: GitRepository) async throws -> String {
    guard repository.location.workTree != nil else {
      throw EngineError.invalid("\(place.root) is a bare repository; run onboard in a clone of it, then push the files")
    }
    let name = try await repository.defaultBranch()
    guard let name, try await repository.commitID(ofRef: "refs/heads/\(name)") != nil else {
      throw EngineError.unavailable(
        "the repository has no commit yet; make one first, such as: git commit --allow-empty -m \"Start\"")
    }
    return name
  }

  private func ask(_ answers: inout SetupAnswers) {
    output.write("\nAn empty line takes the answer in brackets.\n")
    answers.agent = Prompt.text("Agent", default: answers.agent) {
      $0.contains(where: \.isWhitespace) ? "one word" : nil
    }
    answers.baseBranch = Prompt.text("Branch that work starts from and lands on", default: answers.baseBranch ?? "main")
    let parallel = Prompt.text("Agents at the same time", default: String(answers.maxParallelAgents)) {
      Int($0).map { (1...64).contains($0) } == true ? nil : "a number from 1 to 64"
    }
    answers.maxParallelAgents = Int(parallel) ?? answers.maxParallelAgents
    if !answers.lint.isEmpty {
      answers.lint = Prompt.list("Commands of the stage `lint`, which runs first", default: answers.lint)
    }
    answers.verifyCommands = Prompt.list(
      "Commands that must pass before work counts", default: answers.verifyCommands)
    if !answers.setup.isEmpty {
      answers.setup = Prompt.list("Commands that make a fresh checkout ready", default: answers.setup)
    }
    if !answers.symlinkDirs.isEmpty {
      answers.symlinkDirs = Prompt.list(
        "Directories that worktrees share with this checkout", default: answers.symlinkDirs)
    }
    if !answers.copyFiles.isEmpty {
      answers.copyFiles = Prompt.list("Files to copy into worktrees", default: answers.copyFiles)
    }
  }

  private func finish(
    _ place: ProjectPlace, _ answers: SetupAnswers, _ files: [ProjectSetup.File], _ check: ToolCheck
  ) async throws {
    let written = try ProjectPlace(place.launch)
    for finding in await check.agents(written.loaded.settings, absolute: { place.launch.absolute($0) }) {
      output.write(FindingText.line(finding))
    }
    let folder = try PlanCheck.read(root: place.root, directory: written.loaded.settings.plans.dir)
    let compilation = PlanCompiler.link(folder.units)
    let errors = compilation.diagnostics.count { $0.severity == .error }
    output.write("\(compilation.tasks.count.counted("task")), \(errors == 0 ? "no errors" : errors.counted("error"))\n")
    if errors > 0 { output.write("`claude-orch check` shows them.\n") }
    if answers.verifyCommands.isEmpty {
      output.write("No gate: add [verify] commands to \(ProjectSetup.configFile), or nothing is proven.\n")
    }
    let new = files.filter(\.isNew).map(\.path)
    output.write("\nNext:\n")
    if new.contains(where: { $0.contains("/sample/") }) {
      output.write("  write your first plan: \(new.first { $0.contains("/sample/") } ?? "")\n")
    }
    if !new.isEmpty {
      output.write("  git add \(new.joined(separator: " ")) && git commit -m \"Plan with claude-orch\"\n")
    }
    output.write("  claude-orch check && claude-orch sync && claude-orch start\n")
    if errors > 0 { throw ExitStatus.failed }
  }
}
