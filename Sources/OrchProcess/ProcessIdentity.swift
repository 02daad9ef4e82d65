import CPosix

/// A process that cannot be mistaken for a later one with the same number, within one boot of the machine.
package struct ProcessIdentity: Hashable, Sendable {
  package let pid: Int32
  /// Comparable only: clock ticks since boot on Linux, microseconds since 1970 on macOS.
  package let start: UInt64

  package init(pid: Int32, start: UInt64) {
    self.pid = pid
    self.start = start
  }

  /// Whether it runs now. A zombie does not.
  package var isAlive: Bool { Self.startTime(of: pid) == start }

  /// Sends the signal unless the number belongs to another process by now; false when nobody was signalled.
  @discardableResult
  package func send(signal: Int32) -> Bool { cposix_signal_identified(pid, start, signal) == 0 }

  /// When the process started; nil when there is none, or only a zombie.
  package static func startTime(of pid: Int32) -> UInt64? {
    guard pid > 0 else { return nil }
    var start: UInt64 = 0
    return cposix_start_time(pid, &start) == 0 ? start : nil
  }

  /// CPU time that the process and everything below it have used; nil when it is gone, or where nobody tells.
  ///
  /// Starts nothing and looks at no process outside of the tree.
  package var treeTime: Duration? {
    var milliseconds: UInt64 = 0
    guard isAlive, cposix_tree_cpu(pid, &milliseconds) == 0 else { return nil }
    return .milliseconds(Int64(clamping: milliseconds))
  }

  /// Names the running boot of this machine; `unknown` where the system has no such name.
  package static let bootID: String = {
    var text = [CChar](repeating: 0, count: 128)
    return cposix_boot_id(&text, text.count) == 0 ? string(of: text) : "unknown"
  }()
}

/// How the end of a process is noticed.
enum ExitNotice {
  /// Makes this task behave as on a system that has no descriptor for it; for tests of the way round.
  @TaskLocal static var isUnavailable = false

  /// A descriptor that is readable once the process has ended; closed where there is no such thing.
  static func descriptor(of pid: Int32) -> Int32 { isUnavailable ? -1 : max(-1, cposix_exit_descriptor(pid)) }
}

/// The text up to the terminating zero.
func string(of text: [CChar]) -> String {
  String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
