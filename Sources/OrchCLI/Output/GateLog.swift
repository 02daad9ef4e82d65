import OrchDomain
import OrchEngine
import OrchProcess

/// What the gate said behind one turn, as its run directories tell.
struct GateLog: Hashable {
  /// How the last command that ran ended.
  enum Ending: Hashable {
    case green
    /// - Parameter how: `stage lint, command 2 ended with exit status 1`.
    case red(how: String)
    case unfinished
  }

  let ending: Ending
  /// The end of what the red command printed; empty otherwise.
  let output: String

  private static let tail = 16 << 10

  /// - Parameter directory: As ``GateFiles`` describes it.
  /// - Returns: nil when the gate did not run.
  static func read(_ directory: String, _ supervisor: Supervisor) throws -> GateLog? {
    var last: (name: String, run: String, state: RunState)?
    for stage in try GateFiles.stages(in: directory) {
      for number in 1... {
        let run = "\(stage.directory)/\(number)"
        let state = supervisor.state(in: run)
        if case .notStarted = state { break }
        last = ("stage \(stage.name), command \(number)", run, state)
      }
    }
    guard let last else { return nil }
    let ending: Ending
    switch last.state {
    case .ended(let record): ending = how(record).map { .red(how: "\(last.name) \($0)") } ?? .green
    case .lost(let why): ending = .red(how: "\(last.name) was lost: \(why)")
    case .running, .notStarted: ending = .unfinished
    }
    guard case .red = ending else { return GateLog(ending: ending, output: "") }
    let run = last.run
    let parts = try [RunFiles.stdout(in: run), RunFiles.stderr(in: run)].map { try OutputTail.read($0, limit: tail) }
    return GateLog(ending: ending, output: parts.filter { !$0.isEmpty }.joined(separator: "\n"))
  }

  /// Why a command was red; nil when it was green.
  private static func how(_ record: ExitRecord) -> String? {
    switch record.outcome {
    case .exited(0): nil
    case .exited(let code): "ended with exit status \(code)"
    case .signalled(let signal): "was ended by signal \(signal)"
    case .deadline: "did not end in time"
    case .stopped: "was stopped"
    case .outputLimit: "printed too much"
    case .spawnFailed(let code): "could not be started (error \(code))"
    }
  }
}
