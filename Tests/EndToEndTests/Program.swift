import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a program came to.
struct Output: Sendable, CustomStringConvertible {
  /// The exit status, or the negative number of the signal that ended it.
  var status: Int32
  var out: String
  var err: String
  var description: String { "status \(status)\n-- out\n\(out.suffix(4000))\n-- err\n\(err.suffix(4000))" }
  var lines: [String] { out.split(separator: "\n").map(String.init) }
}

/// A program that runs, with its lines as they come.
final class Running: Sendable {
  let pid: pid_t
  private let result: Task<Output, any Error>

  /// - Parameter onLine: Called on the thread that reads, at once, for every line of standard output.
  init(
    _ executable: String, _ arguments: [String], in directory: String, _ environment: [String: String],
    onLine: @escaping @Sendable (String, pid_t) -> Void = { _, _ in }
  ) throws {
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: directory)
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    let (out, err) = (Pipe(), Pipe())
    process.standardOutput = out
    process.standardError = err
    try process.run()
    let pid = process.processIdentifier
    self.pid = pid
    let handles = Handles(process: process, out: out, err: err)
    let (text, errors, status) = (Promise<Data>(), Promise<Data>(), Promise<Int32>())
    // Threads of their own from the first moment: Swift's pool may be busy for seconds with other tests, and a line
    // that is to be acted on at once cannot wait for it.
    Thread.detachNewThread { errors.fulfil(handles.err.fileHandleForReading.everything()) }
    Thread.detachNewThread {
      var all = Data()
      var rest = Data()
      while true {
        let part = handles.out.fileHandleForReading.nextPart()
        if part.isEmpty { break }
        all += part
        rest += part
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          onLine(String(decoding: rest[rest.startIndex..<end], as: UTF8.self), pid)
          rest = Data(rest[(end + 1)...])
        }
      }
      text.fulfil(all)
    }
    Thread.detachNewThread {
      // On a thread without a run loop Foundation asks without rest; the kernel tells when there is something to ask.
      var info = siginfo_t()
      while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
      handles.process.waitUntilExit()
      let code = handles.process.terminationStatus
      status.fulfil(handles.process.terminationReason == .uncaughtSignal ? -code : code)
    }
    result = Task {
      let (out, err) = (await text.value, await errors.value)
      return Output(
        status: await status.value, out: String(decoding: out, as: UTF8.self),
        err: String(decoding: err, as: UTF8.self))
    }
  }

  func output() async throws -> Output { try await result.value }

  /// Foundation's objects, each used by one thread at a time.
  private struct Handles: @unchecked Sendable {
    let process: Process
    let out: Pipe
    let err: Pipe
  }
}

/// A value that a thread will have one day.
final class Promise<Value: Sendable>: Sendable {
  private enum State {
    case open([CheckedContinuation<Value, Never>])
    case kept(Value)
  }

  private let state = Mutex(State.open([]))

  func fulfil(_ value: Value) {
    let waiting = state.withLock { state in
      guard case .open(let waiting) = state else { return [CheckedContinuation<Value, Never>]() }
      state = .kept(value)
      return waiting
    }
    for continuation in waiting { continuation.resume(returning: value) }
  }

  var value: Value {
    get async {
      await withCheckedContinuation { continuation in
        let known: Value? = state.withLock { state in
          switch state {
          case .kept(let value): return value
          case .open(let waiting):
            state = .open(waiting + [continuation])
            return nil
          }
        }
        if let known { continuation.resume(returning: known) }
      }
    }
  }
}

/// The programs that were built together with these tests.
enum Built {
  static let directory: String = {
    #if os(Linux)
      let start = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    #else
      let start = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL ?? Bundle.main.bundleURL
    #endif
    var folder = start
    while folder.path != "/", !FileManager.default.isExecutableFile(atPath: folder.path + "/claude-orch") {
      folder.deleteLastPathComponent()
    }
    return folder.path
  }()

  static var orch: String { "\(directory)/claude-orch" }
}

/// Processes of this machine that have to do with a directory.
enum Strays {
  /// One line for each process that names `path` in its environment, its command line or as its directory.
  static func list(below path: String) -> [String] {
    let files = FileManager.default
    guard let entries = try? files.contentsOfDirectory(atPath: "/proc") else { return [] }
    return entries.compactMap { entry in
      guard let pid = pid_t(entry), pid != getpid() else { return nil }
      let parts = ["environ", "cmdline"].map { files.contents(atPath: "/proc/\(pid)/\($0)") ?? Data() }
      let place = (try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) ?? ""
      let text = parts.map { String(decoding: $0, as: UTF8.self) }
      guard text.contains(where: { $0.contains(path) }) || place.hasPrefix(path) else { return nil }
      let state = files.contents(atPath: "/proc/\(pid)/stat").map { String(decoding: $0, as: UTF8.self) } ?? ""
      // A zombie holds nothing any more.
      if state.split(separator: ")").last?.hasPrefix(" Z") != false { return nil }
      return "\(pid) \(text[1].replacingOccurrences(of: "\0", with: " ")) in \(place)"
    }
  }
}
