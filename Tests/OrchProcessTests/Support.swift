@testable import OrchProcess
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A directory of its own for one test, removed with everything in it.
final class Scratch: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/orch-process-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw ProcessError.systemCall(operation: "mkdtemp", path: nil, errno: errno)
    }
    path = string(of: template)
  }

  deinit { Scratch.remove(path) }

  func directory(_ name: String) -> String {
    let result = "\(path)/\(name)"
    mkdir(result, 0o700)
    return result
  }

  func file(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws -> String {
    let result = "\(path)/\(name)"
    try append(bytes, to: result, mode: mode)
    return result
  }

  private static func remove(_ path: String) {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { remove("\(path)/\(name)") }
      }
      closedir(folder)
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}

func append(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws {
  let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: mode)
  var rest = bytes[...]
  while !rest.isEmpty {
    guard case .bytes(let count) = file.write(rest) else {
      throw ProcessError.systemCall(operation: "write", path: path, errno: ENOSPC)
    }
    rest = rest.dropFirst(count)
  }
}

func contents(_ path: String) throws -> [UInt8] {
  let file = try Descriptor.open(path, O_RDONLY)
  var bytes: [UInt8] = []
  while case .bytes = file.read(into: &bytes, limit: 1 << 20) { continue }
  return bytes
}

func text(_ path: String) throws -> String { String(decoding: try contents(path), as: UTF8.self) }

let path = "/usr/local/bin:/usr/bin:/bin"

/// The shim that was built with these tests, whatever the package is called and wherever it is built.
func builtShim() throws -> String {
  var buffer = [CChar](repeating: 0, count: 4096)
  var starts = [string(of: buffer)]
  if readlink("/proc/self/exe", &buffer, buffer.count - 1) > 0 { starts.append(string(of: buffer)) }
  starts += CommandLine.arguments.filter { $0.hasPrefix("/") }
  for start in starts {
    var folder = start[...]
    for _ in 0..<5 {
      guard let slash = folder.lastIndex(of: "/") else { break }
      folder = folder[..<slash]
      if access("\(folder)/orch-shim", X_OK) == 0 { return "\(folder)/orch-shim" }
    }
  }
  throw ProcessError.shimNotFound(searched: starts)
}

/// One run of a shell script under the supervisor.
struct TestRun {
  let scratch: Scratch
  let supervisor: Supervisor
  let directory: String
  let runID: String

  init() throws {
    scratch = try Scratch()
    supervisor = Supervisor(shimPath: try builtShim())
    directory = scratch.directory("run")
    runID = "test-\(UInt64.random(in: .min ... .max))"
  }

  func request(_ script: String) -> Supervisor.Request {
    Supervisor.Request(
      runDirectory: directory, runID: runID, executable: "sh", arguments: ["-c", script], directory: scratch.path,
      environment: ["PATH": path], grace: .milliseconds(200))
  }

  func start(_ script: String, _ change: (inout Supervisor.Request) -> Void = { _ in }) async throws -> SupervisedRun {
    var request = request(script)
    change(&request)
    return try await supervisor.start(request)
  }

  /// The record of the finished run.
  func record(
    of script: String, _ change: (inout Supervisor.Request) -> Void = { _ in }
  ) async throws -> ExitRecord {
    let run = try await start(script, change)
    return try ended(await supervisor.wait(for: run))
  }

  func ended(_ state: RunState) throws -> ExitRecord {
    guard case .ended(let record) = state else {
      Issue.record("not ended: \(state)")
      throw ProcessError.cancelled
    }
    return record
  }

  var output: String { get throws { try text(RunFiles.stdout(in: directory)) } }
  var errors: String { get throws { try text(RunFiles.stderr(in: directory)) } }

  /// The first lines that the script prints, as they come.
  func lines(_ count: Int) async throws -> [String] {
    var result: [String] = []
    let tail = FileTail(path: RunFiles.stdout(in: directory))
    let hasEnded: @Sendable () -> Bool = { [supervisor, directory] in
      if case .ended = supervisor.state(in: directory) { true } else { false }
    }
    for try await line in FollowedLines(
      tail, clock: ContinuousClock(), interval: .milliseconds(2), hasEnded: hasEnded)
    {
      result.append(line.text)
      if result.count == count { break }
    }
    return result
  }

  /// The identities of the processes whose numbers the script prints first.
  func printedProcesses(_ count: Int) async throws -> [ProcessIdentity] {
    try await lines(count).map { line in
      let pid = try #require(Int32(line))
      return ProcessIdentity(pid: pid, start: try #require(ProcessIdentity.startTime(of: pid)))
    }
  }

  /// How many living processes carry the mark of the run: seen by other means than those of the shim.
  func markedProcesses() throws -> [Int32] {
    let folder = try #require(opendir("/proc"))
    defer { closedir(folder) }
    var result: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let pid = Int32(name) else { continue }
      // A process may end between the two lines; then it does not count.
      guard let bytes = try? contents("/proc/\(pid)/environ") else { continue }
      let entries = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      if entries.contains("ORCH_RUN_ID=\(runID)") { result.append(pid) }
    }
    return result
  }
}
