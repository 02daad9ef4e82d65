import OrchDomain
import OrchProcess

/// Runs the program of a job under a supervisor of its own, so that nothing of it is left when this process dies.
package struct JobRunner: Sendable {
  private let project: OpenProject
  /// A job that prints more than this is stopped, so that it cannot fill the disk.
  private static let outputLimit = 256 << 20

  package init(project: OpenProject) { self.project = project }

  /// - Parameters:
  ///   - command: The program and its arguments; no shell is involved.
  ///   - directory: For its streams; made.
  /// - Returns: Why it went wrong; nil for exit status 0.
  package func run(_ command: [String], limit: Duration, directory: String) async throws -> String? {
    guard let program = command.first else { return "it has no program" }
    try FileTree.makeDirectories(directory)
    let run = try await project.supervisor.start(
      Supervisor.Request(
        runDirectory: directory, runID: project.makeUUID(), executable: project.place.launch.absoluteProgram(program),
        arguments: Array(command.dropFirst()), directory: project.root, environment: project.environment,
        deadline: limit, grace: .seconds(10), dieWithParent: true, outputLimit: Self.outputLimit))
    let state = await project.supervisor.wait(for: run)
    try MaskedFile.maskStreams(in: directory, project.mask)
    if Task.isCancelled {
      _ = await project.supervisor.stop(run, grace: .seconds(2))
      throw CancellationError()
    }
    return GateRunner.redness(state, timeout: limit)
  }

  /// The end of what the program printed, both streams.
  package func output(in directory: String) throws -> String {
    try [RunFiles.stdout(in: directory), RunFiles.stderr(in: directory)].map { path in
      try FileTree.tail(path, limit: 16_000)
    }.filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
