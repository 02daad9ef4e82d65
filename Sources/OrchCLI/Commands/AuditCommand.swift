import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch audit`
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Prove what is recorded", subcommands: [AuditVerifyCommand.self],
    defaultSubcommand: AuditVerifyCommand.self)
}

/// `claude-orch audit verify`
struct AuditVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove that nobody changed the log, and that what landed is on the base branch as it was tested",
    discussion: """
      Computes the chain of hashes again, and reads every landed commit from the repository: it must be on the base
      branch, and its tree must be the one that passed the gate.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let project = try await options.open()
    let chain = ChainReport(status: try project.store.verifyChain(project.row))
    let landed = try await LandingAudit(project: project).run()
    if output.json {
      let findings = landed.findings.map { finding in
        JSONValue.object([
          .init("task", .string("\(finding.change.task)")), .init("number", JSONValue(finding.change.number)),
          .init("problem", .string(finding.problem)),
        ])
      }
      let result = JSONValue.object([
        .init("log", .object(chain.members)), .init("landed", JSONValue(landed.checked)),
        .init("unproven", .array(findings)),
      ])
      Terminal.standardOutput.write(result.text() + "\n")
    } else {
      (chain.isIntact ? Terminal.standardOutput : .standardError).write(chain.text + "\n")
      Terminal.standardOutput.write(
        "\(landed.checked - landed.findings.count) of \(landed.checked) landed changes are on the base branch with the "
          + "tree that was tested.\n")
      for finding in landed.findings {
        Terminal.standardError.write(
          "error: change #\(finding.change.number) of \(finding.change.task): \(SafeText.visible(finding.problem))\n")
      }
    }
    if !chain.isIntact || !landed.findings.isEmpty { throw ExitStatus.failed }
  }
}
