import ArgumentParser
import OrchConfig
import OrchDiagnostics
import OrchDomain
import OrchEngine

/// `claude-orch doctor`
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look at everything that work depends on",
    discussion: "Exit status: 0 all is well or can wait; 1 something has to be put right; 69 a tool is missing.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Put right first what loses nothing; refused while a run goes on")
  var fix = false

  func run() async throws {
    let launch = try options.launch()
    let place: ProjectPlace
    do {
      place = try ProjectPlace(launch)
    } catch {
      // Outside of a project the tools can be looked at all the same.
      try await toolsAlone(launch, error)
      return
    }
    let shown = place.loaded.diagnostics.filter { $0.severity > .note }
    if !shown.isEmpty { BatchText.show(shown) }
    if fix {
      let done = try await DoctorRepair(place: place).run()
      let text = done.isEmpty ? "Nothing to fix.\n" : done.map { "Fixed: \(SafeText.line($0, limit: 500))\n" }.joined()
      (output.json ? Terminal.standardError : Terminal.standardOutput).write(text)
    }
    let findings = await Doctor(place: place).examine()
    let values = place.loaded.effectiveValues(paths: place.config)
    Terminal.standardOutput.write(output.json ? Self.json(findings, values).text() + "\n" : text(findings, values))
    try end(findings)
  }

  private func toolsAlone(_ launch: LaunchContext, _ error: any Error) async throws {
    let tools = ToolCheck(environment: launch.environment)
    let findings = await tools.basics() + [Finding("project", .unavailable, "\(error)")]
    Terminal.standardOutput.write(output.json ? Self.json(findings, []).text() + "\n" : text(findings, []))
    try end(findings)
  }

  private func end(_ findings: [Finding]) throws {
    if findings.contains(where: { $0.level == .unavailable }) { throw ExitStatus.unavailable }
    if findings.contains(where: { $0.level == .error }) { throw ExitStatus.failed }
  }

  private func text(_ findings: [Finding], _ values: [EffectiveValue]) -> String {
    var text = findings.map(FindingText.line).joined()
    guard !values.isEmpty else { return text }
    text += "\nSettings:\n"
    for value in values {
      let unused = value.isUsed ? "" : " (accepted, not used yet)"
      text +=
        "  \(value.key) = \(SafeText.line(value.value, limit: 300))  # \(SafeText.visible(value.origin))\(unused)\n"
    }
    return text
  }

  static func json(_ findings: [Finding], _ values: [EffectiveValue]) -> JSONValue {
    .object([.init("findings", .array(findings.map(\.json))), .init("settings", json(values))])
  }

  /// The effective settings. Secrets are masked already.
  static func json(_ values: [EffectiveValue]) -> JSONValue {
    .array(
      values.map { value in
        .object([
          .init("key", .string(value.key)), .init("value", .string(value.value)),
          .init("origin", .string(value.origin)), .init("used", .bool(value.isUsed)),
        ])
      })
  }
}
