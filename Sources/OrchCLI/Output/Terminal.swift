import OrchDomain
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One of the process's standard streams.
struct Terminal: Sendable {
  let descriptor: Int32

  static let standardInput = Terminal(descriptor: 0)
  static let standardOutput = Terminal(descriptor: 1)
  static let standardError = Terminal(descriptor: 2)

  /// Whether a person looks at it.
  var isInteractive: Bool { isatty(descriptor) == 1 }

  /// Whether colour is welcome: a terminal, no `NO_COLOR`, and not `TERM=dumb`.
  var allowsColour: Bool {
    isInteractive && !PrintedCopy.isActive && getenv("NO_COLOR") == nil
      && getenv("TERM").map { String(cString: $0) } != "dumb"
  }

  /// Columns, 80 when unknown.
  var width: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Whether the program has more to do than to print: a run goes on when nobody reads what it prints, or can.
  static let outlivesItsOutput = Atomic(false)
  /// Why a part of what was to be printed could not be: the disk is full, and what stands there is not all of it.
  static let lostOutput = Atomic<Int32>(0)

  /// Writes all of `text`; a reader that has gone away ends the program quietly, as it does for other Unix tools.
  func write(_ text: String) {
    PrintedCopy.append(text)
    write(bytes: Array(text.utf8)[...])
  }

  /// As ``write(_:)``, for bytes that need not be text.
  func write(bytes: ArraySlice<UInt8>) {
    var bytes = bytes
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { unsafe in
        #if canImport(Glibc)
          Glibc.write(descriptor, unsafe.baseAddress, unsafe.count)
        #else
          Darwin.write(descriptor, unsafe.baseAddress, unsafe.count)
        #endif
      }
      if written > 0 {
        bytes = bytes.dropFirst(written)
      } else {
        let code = errno
        if code == EINTR || code == EAGAIN { continue }
        if PrintedCopy.isActive || Self.outlivesItsOutput.load(ordering: .relaxed) { return }
        if code == EPIPE { exit(0) }
        if [ENOSPC, EDQUOT, EFBIG].contains(code) { Self.lostOutput.store(code, ordering: .relaxed) }
        return
      }
    }
  }

  /// Reads everything up to the end of the input.
  func readAll() -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { unsafe in read(descriptor, unsafe.baseAddress, unsafe.count) }
      if count > 0 { bytes += buffer[..<count] }
      if count == 0 || (count < 0 && errno != EINTR) { return bytes }
    }
  }

  /// Reads one line without its line feed; nil at the end of the input.
  func readLine() -> String? { Swift.readLine(strippingNewline: true) }
}
