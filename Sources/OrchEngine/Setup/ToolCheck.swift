import OrchAgents
package import OrchConfig
package import OrchDomain
import OrchGit
import OrchProcess

/// One thing that was looked at, and what to do about it.
package struct Finding: Hashable, Sendable {
  package enum Level: String, Hashable, Sendable, CaseIterable {
    case ok, note, warning
    /// Something is wrong that a person has to put right.
    case error
    /// A tool without which work cannot go on.
    case unavailable
  }

  /// What it is about: `git`, `database`.
  package var subject: String
  package var level: Level
  /// One sentence; for trouble with what to do.
  package var text: String

  package init(_ subject: String, _ level: Level, _ text: String) {
    self.subject = subject
    self.level = level
    self.text = text
  }

  package var json: JSONValue {
    .object([.init("subject", .string(subject)), .init("level", .string(level.rawValue)), .init("text", .string(text))])
  }
}

/// Looks for the programs that work needs.
package struct ToolCheck: Sendable {
  /// The environment in which they would be started.
  private let environment: [String: String]
  private var path: String { environment["PATH"] ?? "" }
  private static let patience = Duration.seconds(10)

  package init(environment: [String: String]) { self.environment = environment }

  /// git, and the shim that agents run under.
  package func basics() async -> [Finding] { [await git(), await shim()] }

  private func git() async -> Finding {
    guard let file = ProgramSearch.find("git", path: path) else {
      return Finding("git", .unavailable, GitError.gitMissing(searchPath: path).description)
    }
    guard let text = await firstLine(file, ["version"]), let version = GitVersion(output: text) else {
      return Finding("git", .unavailable, "\(file) does not tell its version; repair the installation")
    }
    guard version >= .minimum else {
      return Finding("git", .unavailable, GitError.gitTooOld(found: text).description)
    }
    return Finding("git", .ok, "\(SafeText.line(text, limit: 80)) (\(file))")
  }

  /// Starts a program under it, because one that is only there may be of another version.
  private func shim() async -> Finding {
    do {
      let path = try Supervisor.locateShim(override: environment["ORCH_SHIM"])
      let directory = "\(environment["TMPDIR"] ?? "/tmp")/orch-doctor-\(randomUUID())"
      try FileTree.makeDirectories(directory)
      defer { removeQuietly(directory) }
      let supervisor = Supervisor(shimPath: path)
      let run = try await supervisor.start(
        Supervisor.Request(
          runDirectory: directory, runID: randomUUID(), executable: "/bin/sh", arguments: ["-c", "exit 0"],
          directory: "/", environment: [:], deadline: Self.patience, dieWithParent: true))
      guard case .ended(let record) = await supervisor.wait(for: run), record.outcome == .exited(0) else {
        return Finding("orch-shim", .unavailable, "\(path) cannot run a program; install it and claude-orch anew")
      }
      return Finding("orch-shim", .ok, path)
    } catch {
      return Finding("orch-shim", .unavailable, "\(error)")
    }
  }

  /// The programs of the agents that the configuration names.
  package func agents(_ settings: Settings, absolute: @escaping @Sendable (String) -> String) async -> [Finding] {
    let inventory = AgentInventory(environment: environment, settings: settings, absolute: absolute)
    return await inventory.configured().map { report in
      let subject = "agent \(report.name)"
      if let problem = report.problem {
        // Without the one that works when nothing names another, nothing can.
        return Finding(
          subject, report.isDefault ? .unavailable : .warning,
          "\(problem), or set [agents.\(report.name)] command or [general] agent")
      }
      var text = report.path ?? ""
      if let version = report.version { text += ", \(version)" }
      if report.facts?.proof.isProven == false { text += ", an unproven adapter" }
      return Finding(subject, .ok, text + (report.isDefault ? ", the default" : ""))
    }
  }

  private func firstLine(_ program: String, _ arguments: [String]) async -> String? {
    do {
      let result = try await CommandRunner().run(
        Command(
          executable: program, arguments: arguments,
          environment: OrchProcess.AgentEnvironment.base(from: environment, allow: []), timeout: Self.patience,
          outputLimit: 1 << 16))
      guard case .code(0) = result.exit else { return nil }
      return result.text.split(whereSeparator: \.isNewline).first.map(String.init)
    } catch {
      return nil
    }
  }

  /// A directory of ours in the directory for temporary files; what stays is the system's to remove.
  private func removeQuietly(_ directory: String) {
    switch Result(catching: { try FileTree.removeIfPresent(directory) }) {
    case .success, .failure: break
    }
  }
}
