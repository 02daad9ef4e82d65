#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a program could not be run, or what went wrong around it.
package enum ProcessError: Error, Hashable, Sendable {
  case commandNotFound(name: String, searched: [String])
  case notExecutable(path: String, errno: Int32)
  /// The working directory.
  case directoryUnusable(path: String, errno: Int32)
  /// `what` names the argument, variable or option that no program can be given.
  case badRequest(what: String)
  case shimNotFound(searched: [String])
  /// The run directory has, or had, a run already.
  case runDirectoryUsed(path: String)
  case runDirectoryUnusable(path: String, errno: Int32)
  /// `step` is the last thing tried, as a word of the exit record: `exec`, `fork`, `input`, ...
  case startFailed(executable: String, step: String, errno: Int32)
  /// The supervisor went away or answered nothing that makes sense.
  case shimFailed(reason: String)
  case stillSupervised(runDirectory: String)
  /// Processes that even KILL did not end: another user's, or stuck in the kernel.
  case survivors(count: Int, runID: String)
  case systemCall(operation: String, path: String?, errno: Int32)
  case timedOut(what: String, after: Duration)
  /// A conversation with a program that has ended; `detail` is the end of what it wrote to standard error.
  case ended(program: String, detail: String)
  case cancelled
}

extension ProcessError {
  /// Whether a program was not started because of it, its directory or that of its run, so that nothing runs.
  package var isAboutTheStart: Bool {
    switch self {
    case .commandNotFound, .notExecutable, .directoryUnusable, .runDirectoryUnusable, .startFailed: true
    default: false
    }
  }
}

extension ProcessError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .commandNotFound(let name, let searched):
      searched.isEmpty
        ? "'\(name)' was not found: PATH is empty; set PATH or give the full path"
        : "'\(name)' was not found in \(searched.joined(separator: ":")); install it or give the full path"
    case .notExecutable(let path, let code):
      "'\(path)' cannot be run: \(systemText(code))"
    case .directoryUnusable(let path, let code):
      "the working directory '\(path)' cannot be entered: \(systemText(code))"
    case .badRequest(let what): "\(what) cannot be given to a program"
    case .shimNotFound(let searched):
      "the supervisor 'orch-shim' was not found (\(searched.joined(separator: ", "))); "
        + "it is installed beside claude-orch: install again, or set ORCH_SHIM to its path"
    case .runDirectoryUsed(let path):
      "'\(path)' holds a run already; every run needs a directory of its own"
    case .runDirectoryUnusable(let path, let code):
      "the run directory '\(path)' cannot be used: \(systemText(code))"
    case .startFailed(let executable, let step, let code):
      Self.startText(executable: executable, step: step, code: code)
    case .shimFailed(let reason): "the supervisor 'orch-shim' failed: \(reason)"
    case .stillSupervised(let path): "the run in '\(path)' is still supervised; stop it instead"
    case .survivors(let count, let runID):
      "\(count) processes of run \(runID) could not be killed; "
        + "look for ORCH_RUN_ID=\(runID) in /proc/*/environ and end them as their owner"
    case .systemCall(let operation, let path, let code):
      "\(operation)\(path.map { " '\($0)'" } ?? "") failed: \(systemText(code))"
    case .timedOut(let what, let limit): "\(what) gave no answer within \(limit)"
    case .ended(let program, let detail):
      "'\(program)' ended before it answered" + (detail.isEmpty ? "" : ": \(detail)")
    case .cancelled: "cancelled"
    }
  }

  private static func startText(executable: String, step: String, code: Int32) -> String {
    switch (step, code) {
    case ("exec", ENOENT):
      "'\(executable)' cannot be started: it, or the interpreter that its first line names, does not exist"
    case ("exec", ENOEXEC):
      "'\(executable)' cannot be started: neither a program for this machine nor a script with a '#!' line"
    case ("exec", E2BIG): "'\(executable)' cannot be started: its arguments and environment are too long"
    case ("exec", _): "'\(executable)' cannot be started: \(systemText(code))"
    case ("chdir", _): "'\(executable)' cannot be started: its working directory: \(systemText(code))"
    case ("input", _): "'\(executable)' cannot be started: its standard input cannot be opened: \(systemText(code))"
    default: "'\(executable)' cannot be started (\(step)): \(systemText(code))"
    }
  }
}

/// What the system says about an error number.
func systemText(_ code: Int32) -> String {
  guard let text = strerror(code) else { return "error \(code)" }
  return String(cString: text)
}
