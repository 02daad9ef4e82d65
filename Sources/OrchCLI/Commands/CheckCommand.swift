import ArgumentParser
import OrchDiagnostics
import OrchEngine
import OrchPlan

/// `claude-orch check`
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Compile the plans and report every problem; change nothing")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "Report only what concerns these files or directories; all plans are compiled all the same")
  var paths: [String] = []

  @Option(name: .long, help: "How to report: text, json, sarif or github")
  var format: DiagnosticFormat = .text

  @Flag(name: .long, help: "Treat warnings as errors")
  var strict = false

  @Option(name: .long, help: ArgumentHelp("Explain a diagnostic and end", valueName: "code"))
  var explain: String?

  func run() async throws {
    if let explain {
      guard let entry = DiagnosticCatalog.entry(explain.uppercased()) else {
        let known = DiagnosticCatalog.entries.map(\.code).joined(separator: ", ")
        throw ValidationError("there is no diagnostic '\(explain)'; known codes: \(known)")
      }
      Terminal.standardOutput.write(entry.page + "\n")
      return
    }
    try CheckRun(place: try options.place(), format: output.json ? .json : format, paths: paths, strict: strict)
      .execute()
  }
}

extension DiagnosticFormat: ExpressibleByArgument {}
