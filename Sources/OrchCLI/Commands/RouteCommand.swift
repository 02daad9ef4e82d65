import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch pr route`
struct PRRoute: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "route", abstract: "Explain the verdict on any diff",
    discussion: """
      With --range A..B: what B adds to the common ancestor, by the policy at A. With --diff: a file as `git diff` or \
      `git format-patch` prints it, - for standard input, by the policy of the commit that is checked out. Nothing is \
      stored or changed.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var policy: PolicyOption

  @Option(name: .long, help: ArgumentHelp("Commits", valueName: "A..B"))
  var range: String?

  @Option(name: .long, help: ArgumentHelp("A unified diff", valueName: "file"))
  var diff: String?

  func validate() throws {
    guard (range == nil) != (diff == nil) else { throw ValidationError("give either --range A..B or --diff FILE") }
  }

  func run() async throws {
    let (verdict, problems) = try await judge()
    let terminal = Terminal.standardOutput
    guard !output.json else {
      return terminal.write(JSONValue.object([.init("verdict", verdict.json)]).text() + "\n")
    }
    terminal.write(VerdictText.explanation(verdict, colour: terminal.allowsColour))
    for problem in problems { terminal.write("  not read: \(SafeText.line(problem, limit: 200))\n") }
  }

  private func judge() async throws -> (Verdict, [String]) {
    if let range { return (try await policy.review(options.place()).judge(range: range), []) }
    let bytes = try InputFile.read(diff ?? "-")
    do {
      return try await policy.review(options.place()).judge(diff: bytes)
    } catch EngineError.outsideRepository where policy.policy == nil {
      return DiffReview.judgeAlone(diff: bytes)
    }
  }
}

/// `claude-orch pr replay`
struct PRReplay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Route the repository's own history and count what would need a human",
    discussion: """
      Every commit of the first-parent history is taken for one change, judged by the policy that counts now. \
      Nothing is stored or changed.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var policy: PolicyOption

  @Option(name: .long, help: "How many commits")
  var last = 200

  @Option(name: .long, help: ArgumentHelp("Where the history ends", valueName: "commit"))
  var ref = "HEAD"

  func validate() throws {
    if !(1...100_000).contains(last) { throw ValidationError("--last must be from 1 to 100000") }
  }

  func run() async throws {
    let replay = ReplayTable(try await policy.review(options.place()).replay(last, of: ref))
    Terminal.standardOutput.write(output.json ? replay.json.text() + "\n" : replay.text)
  }
}

/// The option of commands that try a policy.
struct PolicyOption: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Judge by the [review] of this file instead", valueName: "file"))
  var policy: String?

  func review(_ place: ProjectPlace) async throws -> DiffReview {
    guard let policy else { return try await DiffReview(place, policy: nil) }
    return try await DiffReview(place, policy: (try InputFile.read(policy), policy))
  }
}
