import OrchDomain

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

  /// Writes all of `text`; a reader that has gone away ends the program quietly, as it does for other Unix tools, but
  /// not a run whose log nobody has to watch.
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
      } else if errno == EPIPE, !PrintedCopy.isActive {
        exit(0)
      } else if errno != EINTR && errno != EAGAIN {
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
