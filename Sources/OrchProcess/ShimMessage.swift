import OrchDomain

/// The message by which orch-shim learns what to run; `Sources/orch-shim/spec.c` reads it.
enum ShimMessage {
  private static let limit = 16 << 20

  static func bytes(for request: Supervisor.Request) throws(ProcessError) -> [UInt8] {
    guard isRunID(request.runID) else { throw .badRequest(what: "the run id '\(request.runID)'") }
    guard request.directory.hasPrefix("/") else {
      throw .badRequest(what: "the working directory '\(request.directory)', which is not absolute,")
    }
    if let file = request.stdinFile, !file.hasPrefix("/") {
      throw .badRequest(what: "the input file '\(file)', which is not absolute,")
    }
    // Also for a program in a sandbox, where a missing one could not be told from one that ended with status 1.
    var executable = try ExecutableLookup.find(
      request.executable, path: request.environment["PATH"], directory: request.directory)
    var words = [request.executable] + request.arguments
    if let sandbox = request.sandbox {
      words = sandbox.command(
        [executable] + request.arguments, in: request.directory, diesWithParent: request.dieWithParent)
      executable = words[0]
    }
    var entries = ["run_id=\(request.runID)", "executable=\(executable)", "directory=\(request.directory)"]
    if let file = request.stdinFile { entries.append("input=\(file)") }
    // Zero means "no limit" to the shim, so a limit is at least one.
    if let deadline = request.deadline { entries.append("deadline_ms=\(max(1, deadline.wholeMilliseconds))") }
    if let limit = request.outputLimit { entries.append("output_limit=\(max(1, limit))") }
    entries.append("grace_ms=\(max(0, request.grace.wholeMilliseconds))")
    entries.append("die_with_parent=\(request.dieWithParent ? 1 : 0)")
    entries += words.map { "arg=\($0)" }
    entries += try ChildProcess.environmentEntries(request.environment).map { "env=\($0)" }
    return try framed(entries)
  }

  private static func framed(_ entries: [String]) throws(ProcessError) -> [UInt8] {
    var payload: [UInt8] = []
    for entry in entries {
      guard !entry.utf8.contains(0) else { throw .badRequest(what: "an argument with a zero byte") }
      payload += entry.utf8
      payload.append(0)
    }
    guard payload.count <= limit else { throw .badRequest(what: "more than \(limit >> 20) MB of arguments") }
    let size = (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
    return Array("ORC1".utf8) + size + payload
  }

  static func isRunID(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
