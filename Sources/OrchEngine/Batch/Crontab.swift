import OrchProcess

/// The crontab of the user, by the `crontab` program, which checks what it is given.
package struct Crontab: Sendable {
  let environment: [String: String]

  package init(environment: [String: String]) { self.environment = environment }

  /// Empty when there is none.
  package func read() async throws -> String {
    let result = try await run(["-l"])
    if result.exit == .code(0) { return result.text }
    // cron has no other way of saying so: Debian's prints it and ends with 1.
    if result.exit == .code(1), result.errorText.contains("no crontab for") { return "" }
    throw EngineError.unavailable("`crontab -l` failed: \(result.errorText)")
  }

  package func write(_ text: String) async throws {
    let result = try await run(["-"], input: Array(text.utf8))
    guard result.exit == .code(0) else {
      throw EngineError.unavailable("`crontab -` did not take the new lines: \(result.errorText)")
    }
  }

  private func run(_ arguments: [String], input: [UInt8]? = nil) async throws -> CommandResult {
    let path = environment["PATH"] ?? "/usr/bin:/bin"
    guard let program = ProgramSearch.find("crontab", path: path) else {
      throw EngineError.unavailable("there is no `crontab` program; install cron, or take --systemd or --dry-run")
    }
    return try await CommandRunner().run(
      Command(
        executable: program, arguments: arguments,
        environment: environment.filter { ["PATH", "HOME", "USER", "LOGNAME", "LANG"].contains($0.key) }, input: input,
        timeout: .seconds(30), outputLimit: 1 << 20))
  }
}
