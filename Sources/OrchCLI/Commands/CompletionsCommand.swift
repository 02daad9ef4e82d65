import ArgumentParser

/// `claude-orch completions`
struct CompletionsCommand: ParsableCommand {
  /// A shell that can be given completions.
  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish
  }

  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print the script that completes commands and options in a shell",
    discussion: """
      bash: claude-orch completions bash > ~/.local/share/bash-completion/completions/claude-orch
      zsh: claude-orch completions zsh > a directory of $fpath, as _claude-orch
      fish: claude-orch completions fish > ~/.config/fish/completions/claude-orch.fish
      """)

  @Argument(help: "bash, zsh or fish")
  var shell: Shell

  func run() throws {
    guard let known = CompletionShell(rawValue: shell.rawValue) else {
      throw ValidationError("there are no completions for \(shell.rawValue)")
    }
    Terminal.standardOutput.write(ClaudeOrch.completionScript(for: known) + "\n")
  }
}
