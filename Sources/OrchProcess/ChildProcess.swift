import CPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A running child of this process, leader of its own session. Killed and reaped when its owner drops it.
struct ChildProcess: ~Copyable {
  let pid: Int32
  /// Readable once the child has ended; closed where the system has no such thing, and then one has to ask.
  let exit: Descriptor
  private let loop: EventLoop
  private var isReaped = false

  /// The ends that the child gets; the owner keeps and closes its own.
  struct Streams {
    var input: Int32
    var output: Int32
    var error: Int32
    /// Becomes descriptor 3.
    var extra: Int32 = -1
  }

  /// - Parameter path: Used as it is.
  init(
    path: String, words: [String], environment: [String: String], directory: String?, streams: Streams
  ) throws(ProcessError) {
    let loop = try EventLoop.shared()
    var pid: Int32 = 0
    let code = try Self.spawn(path, words, environment, directory, streams, &pid)
    guard code == 0 else { throw Self.failure(-code, path: path, directory: directory) }
    self.loop = loop
    self.pid = pid
    exit = Descriptor(ExitNotice.descriptor(of: pid))
  }

  deinit {
    guard !isReaped else { return }
    kill(-pid, SIGKILL)
    Self.reapLater(pid, holding: [], on: loop)
  }

  /// Whether it has ended. Its number stays taken until ``reap()``.
  var hasEnded: Bool { cposix_peek_exit(pid) != 0 }

  /// Signals the child and whoever is in its group. Not after ``reap()``, when the number may mean somebody else.
  func signalGroup(_ signal: Int32) { if !isReaped { kill(-pid, signal) } }

  /// How it ended; nil while it runs.
  mutating func reap() throws(ProcessError) -> ProcessExit? {
    var value: Int32 = 0
    switch cposix_reap(pid, &value) {
    case cposix_exited:
      isReaped = true
      return .code(value)
    case cposix_signalled:
      isReaped = true
      return .signal(value)
    case cposix_not_a_child:
      // The host program ignores SIGCHLD, or waits for children that are not its own.
      isReaped = true
      throw .systemCall(operation: "reading the exit status of a program", path: nil, errno: ECHILD)
    default: return nil
    }
  }

  /// Leaves it running for ever; it is only reaped when it ends. `holding` is closed then.
  mutating func detach(holding: [Int32]) {
    isReaped = true
    Self.reapLater(pid, holding: holding, on: loop)
  }

  private static func reapLater(_ pid: Int32, holding: [Int32], on loop: EventLoop) {
    let descriptor = ExitNotice.descriptor(of: pid)
    // Where nothing tells, ask; seldom, because nobody waits for the answer.
    let next = descriptor >= 0 ? nil : ContinuousClock.now.advanced(by: .milliseconds(100))
    loop.whenReady([EventLoop.Interest(descriptor: descriptor)], until: next) {
      var value: Int32 = 0
      if descriptor >= 0 { close(descriptor) }
      if cposix_reap(pid, &value) == cposix_still_running {
        reapLater(pid, holding: holding, on: loop)
      } else {
        for held in holding { close(held) }
      }
    }
  }

  private static func spawn(
    _ path: String, _ words: [String], _ environment: [String: String], _ directory: String?, _ streams: Streams,
    _ pid: inout Int32
  ) throws(ProcessError) -> Int32 {
    for word in [path, directory ?? ""] + words where word.utf8.contains(0) {
      throw .badRequest(what: "an argument with a zero byte")
    }
    let entries = try environmentEntries(environment)
    var code: Int32 = 0
    withCStrings(words) { arguments in
      withCStrings(entries) { variables in
        path.withCString { path in
          withOptionalCString(directory) { directory in
            var request = cposix_spawn_request(
              path: path, arguments: arguments, environment: variables, directory: directory,
              standard_input: streams.input, standard_output: streams.output, standard_error: streams.error,
              extra: streams.extra)
            code = cposix_spawn(&request, &pid)
          }
        }
      }
    }
    return code
  }

  /// `NAME=value` in the order of the names, so that equal requests are equal in every byte.
  static func environmentEntries(_ environment: [String: String]) throws(ProcessError) -> [String] {
    for (name, value) in environment {
      guard !name.isEmpty, !name.utf8.contains(0), !name.utf8.contains(UInt8(ascii: "=")), !value.utf8.contains(0)
      else { throw .badRequest(what: "the environment variable '\(name)'") }
    }
    return environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  private static func failure(_ code: Int32, path: String, directory: String?) -> ProcessError {
    if let directory {
      var status = stat()
      let missing = stat(directory, &status) != 0
      if missing || status.st_mode & S_IFMT != S_IFDIR {
        return .directoryUnusable(path: directory, errno: missing ? errno : ENOTDIR)
      }
    }
    return .startFailed(executable: path, step: "exec", errno: code)
  }
}

/// Calls `body` with a null-terminated array of C strings that lives for the call.
private func withCStrings(_ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Void) {
  var bytes: [CChar] = []
  var offsets: [Int] = []
  for string in strings {
    offsets.append(bytes.count)
    bytes += string.utf8.map { CChar(bitPattern: $0) } + [0]
  }
  bytes.withUnsafeMutableBufferPointer { buffer in
    var pointers: [UnsafeMutablePointer<CChar>?] = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
    pointers.append(nil)
    pointers.withUnsafeBufferPointer { pointers in
      if let base = pointers.baseAddress { body(base) }
    }
  }
}

private func withOptionalCString(_ string: String?, _ body: (UnsafePointer<CChar>?) -> Void) {
  guard let string else { return body(nil) }
  string.withCString { body($0) }
}
