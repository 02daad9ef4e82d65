import ArgumentParser

/// `claude-orch onboard`
struct OnboardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "onboard", abstract: "Make a repository ready: check tools, write a configuration and a sample plan",
    discussion: """
      Asks a few questions, each with a default that an empty line takes. Nothing that is there already is changed, \
      and nothing is committed.
      """, aliases: ["init"])

  @OptionGroup var options: ProjectOptions

  @Flag(name: .long, help: "Ask nothing, take all defaults")
  var yes = false

  func validate() throws {
    if !yes && !Terminal.standardInput.isInteractive {
      throw ValidationError("there is no terminal to ask questions on; with --yes all defaults are taken")
    }
  }

  func run() async throws { try await OnboardRun(options: options, asks: !yes).execute() }
}
