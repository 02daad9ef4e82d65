import OrchEngine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program that goes on when the one that started it has ended, in a session of its own.
enum DetachedProgram {
  /// `POSIX_SPAWN_SETSID`, which glibc hides behind a feature test.
  #if canImport(Glibc)
    private static let newSession: Int16 = 0x80
  #else
    private static let newSession = Int16(POSIX_SPAWN_SETSID)
  #endif

  /// - Parameter log: Standard output and standard error, appended.
  /// - Returns: Its process id.
  static func start(_ arguments: [String], log: String) throws -> Int32 {
    guard let program = arguments.first else { throw EngineError.invalid("no program is named") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, newSession)
    // Whoever started this program may have left descriptors open in it, and waits for their other ends.
    for descriptor in 3..<Int32(clamping: min(sysconf(Int32(_SC_OPEN_MAX)), 4096)) {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, program, &actions, &attributes, &words, environ)
    guard code == 0 else {
      throw EngineError.unavailable("\(program) cannot be started: \(String(cString: strerror(code)))")
    }
    return pid
  }

  /// Whether a child of this process has ended; it is not waited for again.
  static func hasEnded(_ pid: Int32) -> Bool {
    var status: Int32 = 0
    return waitpid(pid, &status, WNOHANG) != 0
  }
}
